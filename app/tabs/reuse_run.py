"""What fills the fields of Compare or Debias when a recorded run is continued."""

from functools import singledispatch
from typing import Any

import uce_core
from app.tabs.compare_fields import fields_of_comparison
from app.tabs.debias import fields_of
from app.tabs.ids import COMPARE, DEBIAS
from uce_core.edits.spec import ErasureSpec
from uce_core.problems import Problem
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun
from uce_core.runs.store import Store


@singledispatch
def fields_to_reuse(run: AnyRun, store: Store) -> tuple[str, dict[str, Any]]:
    """The tab that continues a run, and its fields; the run's model is not among them.

    Raises ValueError with one sentence if the edit is gone or does not say what it erases, or the run is of another
    version of this program.
    """
    raise Problem(
        "run_of_other_version",
        "The settings of run {run} come from another version of this program and cannot be reused.",
        run=run.id,
    )


@fields_to_reuse.register
def _(run: DebiasingRun, store: Store) -> tuple[str, dict[str, Any]]:
    return DEBIAS, fields_of(run.request.edit)


@fields_to_reuse.register
def _(run: ComparisonRun, store: Store) -> tuple[str, dict[str, Any]]:
    _erasure(run, store)
    return COMPARE, fields_of_comparison(run.spec, run.generations, run.request.strength)


@fields_to_reuse.register
def _(run: EvaluationRun, store: Store) -> tuple[str, dict[str, Any]]:
    """The edit, with the first prompt that asks for a style."""
    spec, strength = _erasure(run, store)
    facets = [image.facet for image in run.outcome.images]
    first = facets.index("style") if "style" in facets else 0
    return COMPARE, fields_of_comparison(spec, [run.generations[first]], strength)


def _erasure(run: AnyRun, store: Store) -> tuple[ErasureSpec, float]:
    """What the run's edit was asked, and its strength."""
    edit = uce_core.edit_of(store, run)
    if not isinstance(edit.spec, ErasureSpec):
        raise Problem(
            "run_edit_without_spec",
            "The edit of run {run} does not say what it erases: save it, then use it from Edits.",
            run=run.id,
        )
    return edit.spec, edit.strength
