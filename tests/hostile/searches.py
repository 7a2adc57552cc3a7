"""What is typed into the search of runs and of saved edits, where others have left much to look through."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import torch
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from app.studio.edit_library import Library
from app.tabs.run_list import PAGE
from tests.hostile.edit_files import SPEC
from tests.hostile.material import MARKUP, NAMES, ODD, TEXTS, at
from tests.hostile.promises import Property
from uce_core import Edit
from uce_core.checks import storable
from uce_core.runs.blobs import NewFile
from uce_core.runs.queries import MOST_WORDS
from uce_core.runs.run import KINDS
from uce_core.runs.store import LONGEST_NOTE, LONGEST_TITLE, Store

TYPED = 200  # characters that the fields take
RUNS, EDITS = 300, 40
TITLES = (
    "a" * LONGEST_TITLE,
    "ab " * 300,
    " ".join(ascii_lowercase) * 15,
    "a house in the style of Vincent van Gogh",
    "100% _ / \\",
    "별이 빛나는 밤",
    *MARKUP,
    *ODD,
    *NAMES,
)
SLOW = (
    ascii_lowercase,
    " ".join(ascii_lowercase),
    " ".join(map(str, range(70))),
    "a" * 199 + "b",
    "a " * 100,
    "ab " * 66,
    "%" * 200,
    "_" * 200,
    "/" * 200,
    "% a _ " * 33,
    "A" * 200,
    "별 " * 100,
)
SEARCHES = st.one_of(TEXTS.map(lambda text: text[:TYPED]), st.sampled_from(SLOW), st.sampled_from(TITLES), TEXTS)


@st.composite
def queries(draw: DrawFn) -> dict[str, Any]:
    kind = ("", "", *KINDS, "x")[at(draw, 6)]
    return {
        "search": draw(SEARCHES),
        "kind": kind,
        "pinned": bool(at(draw, 2)),
        "whose": ("", "somebody")[at(draw, 2)],
    }


def fill(store: Store) -> None:
    for number in range(RUNS):
        title = TITLES[number % len(TITLES)] if number % 2 else TITLES[0]
        image = NewFile("thumbnail", ".webp", b"x")
        run = store.add(KINDS[number % 3], title, {"number": number}, {}, {}, [image])
        if number % 3 == 0:
            store.write_note(run, "a" * LONGEST_NOTE)


def properties(folder: Path) -> Iterator[Property]:
    store, library = Store(folder / "runs"), Library(folder / "library")
    fill(store)
    listed = store.page(RUNS)
    for number in range(EDITS):
        spec = replace(SPEC, retain=tuple(f"artist {number} of {n}" for n in range(1000)))
        library.save(Edit(spec=spec, u=torch.ones(1, 4), v=torch.ones(1, 4), text_encoder=""), f"edit {number}")
    library.search("x")  # reads all files once, as the first visitor's does

    def look(query: dict[str, Any]) -> tuple[int, list[str]]:
        return store.count(**query), [run.id for run in store.page(PAGE, **query)]

    def check(query: dict[str, Any], found: tuple[int, list[str]]) -> None:
        """Against the same in Python."""
        words = sorted(dict.fromkeys(storable(query["search"]).split()), key=len, reverse=True)[:MOST_WORDS]
        words = [word.lower() for word in words]
        right = [
            run.id
            for run in listed
            if all(word in run.title.lower() or word in run.note.lower() for word in words)
            and query["kind"] in ("", run.kind)
            and not query["pinned"]
        ]
        assert found == (len(right), right[:PAGE])

    common: dict[str, Any] = {"folder": folder, "most": 100.0}
    yield Property(name="search of runs", cases=queries(), parse=look, use=check, weight=5, **common)
    yield Property(
        name="search of edits",
        cases=SEARCHES,
        parse=library.search,
        use=lambda text, found: all(name in library.names() for name in found),
        weight=3,
        **common,
    )
