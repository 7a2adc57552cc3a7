"""Names: of saved edits and files, of runs that a link asks for, of reviewers."""

import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from shutil import copyfile
from typing import Any, cast
from unicodedata import normalize

from hypothesis import strategies as st

from app.html.clock import COOKIE, zone_of
from app.studio.edit_library import DELETED, LONGEST, Library, file_stem, name_in
from tests.hostile.edit_files import FILES
from tests.hostile.material import NAMES, TEXTS
from tests.hostile.promises import Property
from uce_core import Edit
from uce_core.review.tasks import Rating, named
from uce_core.runs.store import Store

ACTS = ("save", "take", "rename", "rename from", "delete", "undelete", "file", "search")
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}  # of Windows
NAMED = st.one_of(st.sampled_from(NAMES), TEXTS)


def sent_as(name: str) -> str:
    """As Gradio leaves it of an uploaded file."""
    return os.path.basename(name.replace("\0", ""))[:60].encode(errors="ignore").decode()


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()
    first = folder / "first.safetensors"
    first.write_bytes(FILES[0])
    edit = Edit.load(first)
    library = Library(folder / "library")

    def act(case: tuple[str, str]) -> str:
        """The name in the library after something was done with a name."""
        what, name = case
        for path in [*library.folder.glob("*.safetensors"), *(library.folder / DELETED).glob("*")]:
            path.unlink()
        saved = library.save(edit, "there").stem
        if what == "save":
            return library.save(edit, name).stem
        if what == "take":  # a name that Gradio gave a file
            sent = folder / f"{sent_as(name) or 'x'}.safetensors"
            copyfile(first, sent)
            try:
                return library.take(sent)
            finally:
                sent.unlink()
        if what == "rename":
            return library.rename(saved, name)
        if what == "rename from":
            return library.rename(name, "elsewhere")
        if what == "delete":
            library.delete(name)
        if what == "undelete":
            library.delete(saved)
            return library.undelete(name if name_in(name) else library.deleted()[-1])
        if what == "file":
            return library.file(name).stem
        library.search(name)
        return saved

    def use_name(case: tuple[str, str], stem: str) -> None:
        assert stem in library.names()
        assert library.file(stem).parent == library.folder
        assert library.read(stem).spec == edit.spec
        assert stem == file_stem(stem) != ""
        assert len(stem.encode()) <= LONGEST + 4
        assert stem.split(".")[0].split("-")[0].casefold() not in RESERVED or "-" in stem
        if case[0] == "save":
            for twin in (case[1].upper(), normalize("NFC", case[1]), normalize("NFD", case[1])):
                if twin.casefold() == case[1].casefold() or normalize("NFC", twin) == normalize("NFC", case[1]):
                    assert library.save(edit, twin).stem == stem, "a twin that a person does not tell apart"
        for path in library.folder.rglob("*"):
            assert path.parent in (library.folder, library.folder / DELETED)

    def rate(case: tuple[Any, ...]) -> Rating:
        reviewer, comment, score, mode = case
        return Rating(item="0-edited", reviewer=reviewer, style=score, content=1, quality=1, comment=comment, mode=mode)

    def use_rating(case: tuple[Any, ...], rating: Rating) -> None:
        assert named(rating.reviewer) == rating.reviewer
        f"{rating.reviewer}{rating.comment}".encode()

    class Request:  # of which zone_of reads the cookies
        def __init__(self, zone: str) -> None:
            self.cookies = {COOKIE: zone}

    store = Store(folder / "runs")

    def ask(case: str) -> str:
        """For a run, in a time zone."""
        assert UTC.utcoffset(None) is not None
        zone_of(cast(Any, Request(case)))
        assert store.count(case, pinned=True) == 0
        store.get(case)
        return case

    common: dict[str, Any] = {"folder": folder}
    rated = st.tuples(TEXTS, TEXTS, st.integers(-1, 5), st.sampled_from(("single", "pair", "", "x")))
    acts = st.tuples(st.sampled_from(ACTS), NAMED)
    yield Property(name="names of edits", cases=acts, parse=act, use=use_name, weight=8, **common)
    yield Property(name="ratings", cases=rated, parse=rate, use=use_rating, weight=3, **common)
    yield Property(name="ids and zones", cases=NAMED, parse=ask, use=lambda case, found: None, weight=4, **common)
