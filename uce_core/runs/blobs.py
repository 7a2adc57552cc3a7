"""Files of runs, each once, under the digest of its content.

Knows nothing about databases: which of them a run holds is said elsewhere.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from uce_core.files import ABANDONED, atomic_file
from uce_core.runs.run import StoredFile


@dataclass(frozen=True)
class NewFile:
    """A file to be kept with a run."""

    role: str
    suffix: str
    data: bytes

    @property
    def digest(self) -> str:
        """SHA-256."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Blobs:
    folder: Path

    def path(self, part: StoredFile) -> Path:
        return self.folder / part.digest[:2] / f"{part.digest}{part.suffix}"

    def write(self, content: NewFile) -> StoredFile:
        """If it is not there whole already; a crash leaves no half of it under its name."""
        stored = StoredFile(content.role, 0, content.digest, content.suffix)
        path = self.path(stored)
        if not path.is_file() or path.stat().st_size != len(content.data):  # cut off when the disk was full
            with atomic_file(path, f"{content.role}{content.suffix}") as part:
                part.write_bytes(content.data)
        return stored

    def old(self) -> list[Path]:
        """Files that nobody is about to record any more."""
        before = time.time() - ABANDONED
        return [path for path in self.folder.glob("*/*") if path.stat().st_mtime < before]
