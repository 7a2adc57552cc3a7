"""Requests that the engine works for, each told at its end in one line of the log, and counted for the operator.

No line has what a visitor typed: no prompt, no concept, no title, no address; visitors are short hashes that mean
nothing outside of this process.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import blake2b

from app.studio import telemetry
from uce_core.generation.progress import Cancelled
from uce_core.problems import Problem
from uce_core.stages import Stages, watched

KEY = secrets.token_bytes(16)
LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asker:
    """request: the id of the request by which somebody asked. visitor: who that is."""

    request: str = ""
    visitor: str = ""


NOBODY = Asker()
ASKER: ContextVar[Asker] = ContextVar("asker", default=NOBODY)

_JOB: ContextVar["Job | None"] = ContextVar("job", default=None)


class Failed(Exception):
    """What nobody foresaw; the log has it already. request: under whose id."""

    def __init__(self, request: str = "") -> None:
        super().__init__(request)
        self.request = request


@dataclass
class Job:
    """action: what is done. model: as offered. finished: whether it came to its end. error: what ended it else."""

    action: str
    asker: Asker = field(default_factory=ASKER.get)
    model: str = ""
    stages: Stages = field(default_factory=Stages)
    asked: float = field(default_factory=time.monotonic)
    begun: float | None = None
    finished: bool = False
    error: BaseException | None = None

    @property
    def outcome(self) -> str:
        if self.finished:
            return "done"
        if isinstance(self.error, Problem):
            return "refused"
        return "stopped" if isinstance(self.error, Cancelled | GeneratorExit) else "failed"

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """While the engine works for it."""
        self.begun = time.monotonic()
        asker, job = ASKER.set(self.asker), _JOB.set(self)
        try:
            with watched(self.stages):
                yield
            self.finished = True
        except BaseException as error:
            self.error = error
            raise
        finally:
            ASKER.reset(asker)
            _JOB.reset(job)

    @contextmanager
    def told(self) -> Iterator[None]:
        """From the asking to the end. Raises Failed for what nobody foresaw."""
        try:
            yield
        except (Problem, Cancelled, GeneratorExit) as error:
            self.error = self.error or error
            raise
        except Exception as error:
            self.error = self.error or error
            raise Failed(self.asker.request) from error
        else:
            self.finished = True
        finally:
            self._tell()

    def _tell(self) -> None:
        total = time.monotonic() - self.asked
        waiting = total if self.begun is None else self.begun - self.asked
        seconds = {"waiting": waiting} | self.stages.seconds
        telemetry.ENDED.labels(self.action, self.outcome).inc()
        telemetry.SECONDS.labels(self.action).observe(total)
        for stage, took in seconds.items():
            telemetry.STAGES.labels(stage).observe(took)
        facts = {
            "request": self.asker.request,
            "visitor": short_hash(self.asker.visitor),
            "action": self.action,
            "outcome": self.outcome,
            "model": self.model,
            "images": self.stages.images,
            "seconds": {name: round(took, 3) for name, took in (seconds | {"total": total}).items()},
        }
        if isinstance(self.error, Problem):
            telemetry.ERRORS.labels(self.error.id).inc()
            facts["problem"] = self.error.id
        failed = self.outcome == "failed"
        level = logging.ERROR if failed else logging.INFO
        LOGGER.log(
            level, "%s %s", self.action, self.outcome, extra={"facts": facts}, exc_info=self.error if failed else None
        )


def works_with(model: str) -> None:
    """Of the job that the engine works for now: which model, as offered."""
    if job := _JOB.get():
        job.model = model


def short_hash(visitor: str) -> str:
    """Of one visitor the same, while the app is up."""
    return blake2b(visitor.encode(errors="replace"), key=KEY, digest_size=4).hexdigest() if visitor else ""
