"""Where evaluations are generated, in the home: what was interrupted is gone on with when the same is asked for again.

Knows nothing about what is generated.
"""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from app.studio.downloads import last_change
from uce_core.files import writing
from uce_core.runs.home import home

OLD = 7 * 24 * 3600  # seconds in which somebody may go on
RESTING = 3600  # seconds: whoever generates into a folder changes it sooner


class WorkFolders:
    """most: bytes of all together, beyond which the oldest go."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lent: set[Path] = set()
        self._changing = threading.Lock()

    @property
    def folder(self) -> Path:
        return home() / "work"

    @contextmanager
    def lent(self, key: str) -> Iterator[Path]:
        """The folder of a piece of work as it was left, for one at a time: whoever asks for the same meanwhile has one
        of their own. Raises ValueError if it cannot be made."""
        with self._changing:
            path = next(path for i in count() if (path := self.folder / f"{key}-{i}") not in self._lent)
            self._lent.add(path)
        try:
            with writing(self.folder.name):
                path.mkdir(parents=True, exist_ok=True)
            yield path
        finally:
            self._lent.discard(path)

    def sweep(self) -> None:
        """Delete what nobody has gone on with, and of the rest the oldest, if it is too much."""
        changed = {path: last_change(path) for path in self.folder.glob("*") if path not in self._lent}
        now, total = time.time(), 0
        for path in sorted(changed, key=changed.__getitem__, reverse=True):
            total += _size(path)
            age = now - changed[path]
            if age > OLD or (total > self.most and age > RESTING):
                shutil.rmtree(path, ignore_errors=True)


def _size(folder: Path) -> int:
    """In bytes, as far as it is still there."""
    found = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            found += path.stat().st_size
    return found
