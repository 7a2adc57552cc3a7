"""Folders for files that are made when a visitor asks for them; old ones are deleted."""

import shutil
import tempfile
import time
from pathlib import Path
from shutil import copy

from app.studio.edit_library import file_stem
from uce_core.runs.run import EvaluationRun

OLD = 3600  # seconds; Gradio has copied a file long before
_HERE = tempfile.TemporaryDirectory(prefix="uce-studio-")  # gone when the app ends


def fresh_folder() -> Path:
    """A new folder for one download."""
    for folder in Path(_HERE.name).iterdir():
        if _last_change(folder) < time.time() - OLD:
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=_HERE.name))


def clear_downloads() -> None:
    """When the app ends."""
    _HERE.cleanup()


def report_to_download(run: EvaluationRun, page: Path) -> Path:
    """A copy of an evaluation's page under a name that says of what it is."""
    path = fresh_folder() / f"{run.kind_name}-{file_stem(run.title)[:80]}.html"
    copy(page, path)
    return path


def _last_change(folder: Path) -> float:
    """Of anything in it: an evaluation generates into its folder for longer than OLD."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:  # another visitor's request has just deleted it
        return time.time()
