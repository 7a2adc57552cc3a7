"""Recorded runs that ship in app/examples, as python -m scripts.examples made them: what a tab can show before anything
was generated in it.

In the store each belongs to a visitor of its own, who is called after the archive's digest: nobody is that visitor, and
those of another version are told by it.
"""

import hashlib
from functools import cache
from pathlib import Path

from uce_core.runs.archive import import_run
from uce_core.runs.run import EXAMPLE, AnyRun
from uce_core.runs.store import Store

FOLDER = Path(__file__).parent.parent / "examples"
COMPARISON, DEBIASING, LEAKAGE = NAMES = ("comparison", "debiasing", "leakage")


def examples(store: Store) -> dict[str, AnyRun]:
    """By name; the store takes what it does not have yet. Raises what it raises if it cannot."""
    known = {run.visitor: run for run in store.examples()}
    return {name: known.get(visitor) or _taken(store, name, visitor) for name, visitor in _visitors().items()}


def remove_old_examples(store: Store) -> None:
    """Those that another version of this program came with."""
    shipped = _visitors().values()
    old = [run.id for run in store.examples() if run.visitor not in shipped]
    if old:
        store.delete(old)


def archive(name: str) -> Path:
    return FOLDER / f"{name}.zip"


@cache
def _visitors() -> dict[str, str]:
    """Whose the examples are, by name."""
    return {name: EXAMPLE + hashlib.sha256(archive(name).read_bytes()).hexdigest()[:24] for name in NAMES}


def _taken(store: Store, name: str, visitor: str) -> AnyRun:
    return store.get(import_run(store.for_visitor(visitor), archive(name)))
