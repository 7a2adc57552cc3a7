"""The library of saved edits: files by name, in the operator's folder and, on a page for others, in one of each
visitor's. Knows nothing about models and rights."""

import logging
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import uce_core
from uce_core.edits.spec import MethodSpec
from uce_core.files import remove_old_parts, writing
from uce_core.problems import Problem
from uce_core.runs.run import AnyRun
from uce_core.runs.store import UNDO_WINDOW

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit

LONGEST = 150  # bytes of a file's name without its ending; file systems take 255
RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)\d")  # names that no file of Windows can have
DELETED, VISITORS = ".deleted", ".visitors"  # folders: of edits that can still be had back, and of others' edits
UNUSED = timedelta(days=30)  # after so long a visitor's edit goes
_SAVING = threading.Lock()


@dataclass(frozen=True)
class Room:
    """How much a visitor may save. edits: how many. bytes: of them. all_bytes: of all visitors' edits."""

    edits: int
    bytes: int
    all_bytes: int


class Library:
    """folder: the operator's. visitor: the id of whose edits are there, too, and are saved, renamed and deleted; "" for
    the operator's own library. room: for a visitor's edits."""

    def __init__(self, folder: Path, visitor: str = "", room: Room | None = None) -> None:
        self.folder, self._room = folder, room
        self.own = folder / VISITORS / visitor if visitor else folder

    def names(self) -> list[str]:
        """Names of the saved edits."""
        return [path.stem for path in self._files()]

    def search(self, text: str) -> list[str]:
        """Names of the saved edits where all words of a text are in the name or in what is erased or debiased."""
        words = text.casefold().split()
        return [path.stem for path in self._files() if not words or all(map(_described(path).__contains__, words))]

    def _files(self) -> list[Path]:
        by_name = {path.stem: path for folder in (self.folder, self.own) for path in folder.glob("*.safetensors")}
        return [by_name[name] for name in sorted(by_name)]

    def save(self, edit: "AnyEdit", name: str) -> Path:
        """Save under a name, by default after what is erased; no edit of that name is overwritten."""
        erased = edit.spec.edited if edit.spec else ()
        what = "no" if edit.spec is None or edit.spec.erases else "fair"
        stem = file_stem(name) or file_stem("-".join((what, *erased)) if erased else "edit")
        with _SAVING:
            there = {path.stem: path for path in self._files()}
            for number in range(1, 1000):
                name = stem if number == 1 else f"{stem}-{number}"
                if name not in there:
                    self._make_room(edit)
                    return _written(edit, self.own / f"{name}.safetensors")
                if _is_same(there[name], edit):
                    return there[name]
        raise Problem(
            "too_many_edits_of_name", "There are a thousand edits named {name}: choose another name.", name=stem
        )

    def _make_room(self, edit: "AnyEdit") -> None:
        """Raises ValueError if a visitor has too many edits, or all visitors together have."""
        if not self._room:
            return
        size = len(edit.to_bytes())
        own = [path.stat().st_size for path in self.own.glob("*.safetensors")]
        if len(own) >= self._room.edits or sum(own) + size > self._room.bytes:
            raise Problem(
                "too_many_edits",
                "You have {count} saved edits of {size} MB, and the limit here is {most} of {megabytes} MB: "
                "delete one.",
                count=len(own),
                size=sum(own) // 10**6,
                most=self._room.edits,
                megabytes=self._room.bytes // 10**6,
            )
        sweep_visitors(self.folder)
        if sum(path.stat().st_size for path in _of_visitors(self.folder)) + size > self._room.all_bytes:
            raise Problem(
                "edits_full",
                "There is no room for more edits here: download this one, or ask the operator of this app.",
            )

    def file(self, name: str) -> Path:
        """Of a saved edit. Raises ValueError if there is none of that name."""
        found = next((path for path in self._files() if path.stem == name), None)
        if found is None:
            raise Problem(
                "no_saved_edit", "There is no saved edit named {name!r}: choose one from the list.", name=name
            )
        return found

    def erasing(self) -> list[str]:
        """Names of those that don't say that they debias."""
        return [path.stem for path in self._files() if not _debiases(path)]

    def spec(self, name: str) -> MethodSpec | None:
        """What a saved edit was asked, without its matrices being read. Raises ValueError if it is not sound."""
        return uce_core.Edit.spec_in(self.file(name))

    def read(self, name: str) -> "AnyEdit":
        """A saved edit, for whatever model. Raises ValueError if it is not sound."""
        path = self.file(name)
        if path.parent != self.folder:
            path.touch()  # in use
        return uce_core.Edit.load(path)

    def is_own(self, name: str) -> bool:
        """Whether it may be renamed and deleted here."""
        return self.file(name).parent == self.own

    def _own_file(self, name: str) -> Path:
        path = self.file(name)
        if not self.is_own(name):
            raise Problem(
                "edits_managed_locally",
                "Edits can only be renamed and deleted by whoever saved them: ask the operator of this app.",
            )
        return path

    def rename(self, name: str, to: str) -> str:
        """Returns the new name, made fit for a file. Raises ValueError if it is taken or nothing is left of it."""
        path, stem = self._own_file(name), file_stem(to)
        if not stem:
            raise Problem("edit_name_empty", "Enter a name with letters or digits: {name!r} has none.", name=to)
        if stem in self.names():
            raise Problem("edit_name_taken", "There is already an edit named {name}: choose another name.", name=stem)
        with writing(path.name):
            path.rename(path.with_name(f"{stem}.safetensors"))
        return stem

    def delete(self, name: str) -> None:
        """Set a saved edit aside, so that it can be brought back."""
        path, aside = self._own_file(name), self.own / DELETED
        with writing(path.name):
            aside.mkdir(exist_ok=True)
            os.utime(path)  # when: before, or what is interrupted here would be swept as deleted long ago
            path.rename(aside / f"{name}.{secrets.token_hex(8)}")

    def deleted(self) -> list[str]:
        """By what to bring back the edits that were deleted in the last hour and whose name is free, the last at the
        end."""
        found = sorted((path.stat().st_mtime, path.name) for path in (self.own / DELETED).glob("*"))
        since, taken = time.time() - UNDO_WINDOW.total_seconds(), self.names()
        return [key for when, key in found if when > since and name_in(key) not in taken]

    def undelete(self, key: str) -> str:
        """Undo a deletion; returns the name. Raises ValueError if it is too late."""
        path = next((path for path in (self.own / DELETED).glob("*") if path.name == key), None)
        name = name_in(key)
        if path is None or name in self.names():
            raise Problem(
                "edit_not_restorable",
                "{name} cannot be restored: its file is gone, or another edit has its name.",
                name=name,
            )
        with writing(path.name):
            path.rename(self.own / f"{name}.safetensors")
        return name

    def sweep(self) -> None:
        """Remove what was deleted too long ago to be had back, and what a crash has left."""
        try:
            for folder in (self.folder, *(self.folder / VISITORS).glob("*")):
                remove_old_parts(folder)
            for path in (self.folder / DELETED).glob("*"):
                if path.stat().st_mtime < time.time() - UNDO_WINDOW.total_seconds():
                    path.unlink()
            sweep_visitors(self.folder)
        except OSError:  # of a folder that cannot be written, or as an edit has just been brought back
            logging.getLogger(__name__).exception("old edits could not be deleted")

    def take(self, file: Path) -> str:
        """Save an uploaded edit file; returns its name here. Raises ValueError if it is not a sound edit."""
        return self.save(uce_core.Edit.load(file), file.stem).stem


def _of_visitors(folder: Path) -> list[Path]:
    """Visitors' edits, those that can be had back, too."""
    return [path for path in (folder / VISITORS).rglob("*") if path.is_file()]


def sweep_visitors(folder: Path) -> None:
    """Delete visitors' edits that nobody has used for long, and those that can no longer be had back."""
    now = time.time()
    for path in _of_visitors(folder):
        lasts = UNDO_WINDOW if path.parent.name == DELETED else UNUSED
        if now - path.stat().st_mtime > lasts.total_seconds():
            path.unlink(missing_ok=True)


def _written(edit: "AnyEdit", path: Path) -> Path:
    try:
        return edit.save(path)
    except OSError as error:  # no path of this machine for visitors
        logging.getLogger(__name__).exception("the edit could not be saved")
        raise Problem(
            "edit_not_saved", "The edit could not be saved: ask the operator of this app to check its log."
        ) from error


def name_in(key: str) -> str:
    """Of a deleted edit. key: by what to bring it back."""
    return key.rsplit(".", 1)[0]


def file_stem(name: str) -> str:
    """A file name without folders, spaces or anything a file system dislikes, the same for all ways to write a name;
    "" if nothing is left."""
    plain = normalize("NFKC", normalize("NFKC", name).casefold())
    stem = re.sub(r"\W+", "-", plain).strip("-").encode()[:LONGEST].decode(errors="ignore").strip("-")
    return f"edit-{stem}" if RESERVED.fullmatch(stem) else stem


def named_file(run: AnyRun) -> str:
    """For a file about a run: what it is of, and so much of its id that it is not taken for another."""
    return f"{file_stem(run.title)[:60]}-{run.id[:6]}"


def _described(path: Path) -> str:
    """Its name and the concepts it is about, as far as it names them."""
    spec = _spec_in(path)
    concepts = (*spec.edited, *getattr(spec, "attributes", ())) if spec else ()
    return " ".join([path.stem, *concepts]).casefold()


def _debiases(path: Path) -> bool:
    spec = _spec_in(path)
    return spec is not None and not spec.erases


def _spec_in(path: Path) -> MethodSpec | None:
    """What a file says was asked; None if it does not say it. Remembered as long as the file is the same: a search
    looks at all of them at every letter."""
    try:
        there = path.stat()
        return _spec_read(path, there.st_mtime_ns, there.st_size)
    except (ValueError, OSError):  # whatever is wrong with it is said when it is used
        return None


@lru_cache(1000)
def _spec_read(path: Path, changed: int, size: int) -> MethodSpec | None:
    return uce_core.Edit.spec_in(path)


def _is_same(path: Path, edit: "AnyEdit") -> bool:
    """Matrices, words and strength."""
    try:
        there = uce_core.Edit.load(path)
    except ValueError:
        logging.getLogger(__name__).warning("an edit file of %d bytes is not sound", path.stat().st_size)
        return False
    return (there.digest, there.spec, there.strength) == (edit.digest, edit.spec, edit.strength)
