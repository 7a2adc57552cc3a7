"""The log, on standard error, as JSON or as text; and the errors in it, counted.

Nothing in it is what a visitor typed. An exception's text may be, so of exceptions the log has the kind and the place;
nor are other packages' messages filled in.
"""

import logging
import traceback
from collections.abc import Iterator
from copy import copy
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from app.studio.jobs import ASKER
from app.studio.telemetry import ERRORS

JSON, TEXT, OFF = LOGS = ("json", "text", "off")
OURS = ("app", "uce_core", "__main__")
MOMENT = "%Y-%m-%dT%H:%M:%S%z"
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Untold(logging.Formatter):
    """For other formatters: nothing that anybody typed."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_without_texts(record))

    def formatException(self, ei: ExcInfo) -> str:
        return "\n\n".join(map(_place_and_kind, reversed(list(_chain(ei[1])))))


class TextLines(Untold):
    """With the facts behind the message, as name=value."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in _flat(_facts_of(record)))
        return f"{super().formatMessage(record)} {facts}".rstrip()


class JsonLines(Untold, JsonFormatter):
    """An object on each line, with the facts in it."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        facts: dict[str, Any] = log_data.pop("facts", {})
        return log_data | facts


def formatter(kind: str) -> logging.Formatter:
    if kind == TEXT:
        return TextLines("%(asctime)s %(levelname)s %(message)s", MOMENT)
    return JsonLines(
        "{asctime}{levelname}{name}{message}",
        datefmt=MOMENT,
        style="{",
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "traceback"},
        json_ensure_ascii=False,
    )


class Counted(logging.Handler):
    """Every exception in the log, whether it is written or not."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0]:
            ERRORS.labels(record.exc_info[0].__name__).inc()


def start(kind: str) -> None:
    """kind: one of LOGS. In place of what was there."""
    handlers: list[logging.Handler] = [Counted()]
    if kind != OFF:
        lines = logging.StreamHandler()
        lines.setFormatter(formatter(kind))
        handlers.append(lines)
    logging.basicConfig(handlers=handlers, level=logging.WARNING, force=True)
    logging.getLogger("app").setLevel(logging.INFO)


def take_over(name: str) -> None:
    """What a package that has set up its own log says goes into this one."""
    package = logging.getLogger(name)
    package.handlers.clear()
    package.propagate = True


def _without_texts(record: logging.LogRecord) -> logging.LogRecord:
    """Another package's message not filled in; with the request that it belongs to."""
    told = copy(record)
    told.exc_text = None  # of another handler
    told.facts = ({"request": ASKER.get().request} if ASKER.get().request else {}) | _facts_of(record)
    if record.name.split(".")[0] not in OURS:
        told.msg, told.args = next(iter(str(record.msg).splitlines()), ""), ()
    return told


def _facts_of(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = getattr(record, "facts", {})
    return facts


def _flat(facts: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from value.items()
        elif value != "":
            yield name, value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, and what it came of."""
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place_and_kind(error: BaseException) -> str:
    kind = type(error)
    text = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""  # the system's own words
    return "".join(traceback.format_tb(error.__traceback__)) + text + reason
