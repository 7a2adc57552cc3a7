"""Recorded runs under the operator's limit: kept if that is possible, and taken from files."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from uce_core.problems import Problem
from uce_core.runs.archive import import_run
from uce_core.runs.store import Store


def kept_if_possible(kept: Store, limit: int, record: Callable[[], str]) -> str:
    """The recorded run's id; "" if it could not be recorded, which shall not lose what was drawn. limit: bytes."""
    try:
        return _within(kept, limit, record())
    except (OSError, ValueError, SQLAlchemyError):
        logging.getLogger(__name__).exception("the run could not be recorded")
        return ""


def age_out(kept: Store, limit: int) -> None:
    """What has done so while nobody looked. limit: bytes."""
    try:
        kept.prune(limit)
    except (OSError, SQLAlchemyError):
        logging.getLogger(__name__).exception("old runs could not be deleted")


@contextmanager
def changing() -> Iterator[None]:
    """What goes wrong with the files or the database is said in one sentence, and the rest is in the log."""
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        logging.getLogger(__name__).exception("the runs could not be changed")
        raise Problem("The runs could not be changed: ask whoever runs this app to look at its log.") from error


def taken(kept: Store, limit: int, file: Path, is_local: bool) -> str:
    """Keep an exported run; returns its id. own: whether the app is its owner's own. Raises ValueError if the file is
    none, or it cannot be kept."""
    with changing():
        return _within(kept, limit, import_run(kept, file, is_local))


def _within(kept: Store, limit: int, run: str) -> str:
    """Raises ValueError if it alone, or with those that are pinned, takes more than may be kept."""
    kept.prune(limit)
    return kept.get(run).id
