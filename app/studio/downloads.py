"""Folders for files that are made when a visitor asks for them; old ones are deleted."""

import shutil
import tempfile
import time
from pathlib import Path

OLD = 3600  # seconds; Gradio has copied a file long before
_HERE = tempfile.TemporaryDirectory(prefix="uce-studio-")  # gone when the app ends


def fresh_folder() -> Path:
    """A new folder for one download."""
    for folder in Path(_HERE.name).iterdir():
        if _last_change(folder) < time.time() - OLD:
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=_HERE.name))


def _last_change(folder: Path) -> float:
    """Of anything in it: an evaluation generates into its folder for longer than OLD."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:  # another visitor's request has just deleted it
        return time.time()
