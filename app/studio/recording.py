"""Recorded runs under the operator's limit: kept if that is possible, and taken from files."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.studio.examples import remove_old_examples
from uce_core.problems import Problem
from uce_core.runs.archive import import_run
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store

if TYPE_CHECKING:  # seconds to import
    from uce_core.runs.record import Record


@dataclass(frozen=True)
class Recording:
    """limit: bytes that all files may take."""

    store: Store
    limit: int

    def keep(self, record: "Record") -> AnyRun:
        """The run as it is stored. Raises ValueError if it cannot be."""
        with changing():
            return self._within(record.keep(self.store))

    def take(self, file: Path) -> str:
        """Keep an exported run; returns its id. Raises ValueError if the file is none, or it cannot be kept."""
        with changing():
            return self._within(import_run(self.store, file)).id

    def age_out(self) -> None:
        """What has done so while nobody looked."""
        try:
            self.store.prune(self.limit)
            self.store.sweep()
            remove_old_examples(self.store)
        except (OSError, ValueError, SQLAlchemyError):
            logging.getLogger(__name__).exception("old runs could not be deleted")

    def _within(self, run: str) -> AnyRun:
        """Raises ValueError if it alone, or with those that are pinned, takes more than may be kept."""
        self.store.prune(self.limit)
        try:
            return self.store.get(run)
        except Problem as problem:
            if problem.id != "no_such_run":
                raise
            raise Problem(
                "storage_full",
                "It takes more than is left of the {most} MB for saved runs: unpin some, or start the app with a "
                "larger --keep.",
                most=self.limit // 10**6,
            ) from None


class Keeping:
    """For one piece of work: whatever it makes is not lost if it cannot be recorded. problem: why it was not."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.problem: ValueError | None = None

    def __call__(self, record: "Record") -> AnyRun:
        """The run as it is stored; without an id if it is not."""
        try:
            return self.recording.keep(record)
        except ValueError as error:
            logging.getLogger(__name__).exception("the run could not be recorded")
            self.problem = error
            return record.run


@contextmanager
def changing() -> Iterator[None]:
    """What goes wrong with the files or the database is said in one sentence, and the rest is in the log."""
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        logging.getLogger(__name__).exception("the runs could not be changed")
        raise Problem(
            "runs_not_writable", "The runs could not be changed: ask the operator of this app to check its log."
        ) from error
