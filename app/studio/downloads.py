"""Folders for files that are made when a visitor asks for them; old ones are deleted."""

import os
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from shutil import copy

import psutil

from app.studio.edit_library import file_stem
from app.studio.grids import Sheet
from uce_core.files import write, writing
from uce_core.problems import Problem
from uce_core.runs.run import EvaluationRun

OLD = 3600  # seconds; Gradio has copied a file long before
PREFIX = "uce-studio-"
GRADIO = "gradio"


@cache
def _temporary() -> "tempfile.TemporaryDirectory[str]":
    """Gone when the app ends; it says which process's it is, so that a later one removes it if this one is killed."""
    try:
        with writing(Path(tempfile.gettempdir()).name):
            return tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
    except FileNotFoundError as error:
        raise Problem(
            "no_temporary_folder",
            "No temporary folder can be written: free some space, or set TMPDIR to a folder that can be.",
        ) from error


def fresh_folder() -> Path:
    """A new folder for one download. Raises ValueError if there is no space for it."""
    here = Path(_temporary().name)
    for folder in here.iterdir():
        if folder.name != GRADIO and last_change(folder) < time.time() - OLD:
            shutil.rmtree(folder, ignore_errors=True)
    with writing(here.parent.name):
        return Path(tempfile.mkdtemp(dir=here))


def gradio_folder() -> Path:
    """For what Gradio keeps for a while."""
    return Path(_temporary().name, GRADIO)


def clear_downloads() -> None:
    """When the app ends."""
    _temporary().cleanup()


def remove_abandoned() -> None:
    """What processes left that were killed: an hour ago, as others may have the same numbers elsewhere."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)) and last_change(folder) < time.time() - OLD:
            shutil.rmtree(folder, ignore_errors=True)


def report_to_download(run: EvaluationRun, page: Path) -> Path:
    """A copy of an evaluation's page under a name that says of what it is. Raises ValueError if there is no space for
    it."""
    title, kind = file_stem(run.title)[:80], run.kind_name
    path = fresh_folder() / (f"{title}.html" if kind in title else f"{kind}-{title}.html")
    with writing(path.name):
        copy(page, path)
    return path


def sheet_to_download(sheet: Sheet) -> Path:
    """The sheet of a grid under a name that says what differs in it. Raises ValueError if there is no space for it."""
    axes = "-".join(axis.name.replace("_", "-") for axis in sheet.grid.axes)
    return write(fresh_folder() / f"grid-{axes}.png", sheet.png)


def last_change(folder: Path) -> float:
    """Of anything in it: an evaluation generates into its folder for longer than OLD."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:  # another visitor's request has just deleted it
        return time.time()
