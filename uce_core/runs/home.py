"""Where runs are kept: the folder of a user's own things, and the store in it."""

import os
import threading
from functools import cache
from pathlib import Path

from uce_core.runs.store import Store


def home() -> Path:
    """The folder for what a user makes: UCE_STUDIO_HOME, by default ~/.uce-studio."""
    return Path(os.environ.get("UCE_STUDIO_HOME") or Path.home() / ".uce-studio")


def open_store(folder: Path, url: str = "") -> Store:
    """The store of a home, one for all threads; url: of another database, by default UCE_STUDIO_DATABASE or SQLite in
    the home. Raises ValueError if it cannot be opened."""
    with _OPENING:  # a cache lets two threads open it at a time, and Alembic does not
        return _opened(folder, url or os.environ.get("UCE_STUDIO_DATABASE", ""))


_OPENING = threading.Lock()


@cache
def _opened(folder: Path, url: str) -> Store:
    return Store(folder / "runs", url)
