"""What fills the fields of Compare or Debias when a recorded run is continued."""

from dataclasses import asdict
from typing import Any

from app.tabs.compare_fields import fields_of_run
from app.tabs.debias import fields_of
from uce_core import EditSpec
from uce_core.problems import Problem
from uce_core.runs.replay import edit_of
from uce_core.runs.store import Run, Store


def fields_to_continue(kept: Store, run: Run) -> dict[str, Any]:
    """Of a debiasing those of the Debias tab, else of the Compare tab; the run's model is not among them.

    Raises ValueError with one sentence if the edit is gone or does not say what it erases, or the run is of another
    version of this program.
    """
    try:
        return fields_of(run.request["edit"]) if run.kind == "debias" else _to_compare(kept, run)
    except Problem:
        raise
    except (ValueError, TypeError, KeyError, IndexError):
        raise Problem("The settings of run {run} are of another version of this program.", run=run.id) from None


def _to_compare(kept: Store, run: Run) -> dict[str, Any]:
    """Of an evaluation its edit, with the first prompt that asks for a style."""
    asked, edit = run.request, edit_of(kept, run)
    if not isinstance(edit.spec, EditSpec):
        raise Problem("The edit of run {run} does not say what it erases: save it, and use it from Edits.", run=run.id)
    if run.kind == "compare":
        return fields_of_run(asked["edit"], asked["drawings"], asked.get("strength", 1.0))
    pictures = run.outcome["pictures"]
    first = next((one for one in pictures if one["facet"] == "style"), pictures[0])
    drawing = {name: first[name] for name in ("prompt", "seed")}
    drawing |= {name: asked[name] for name in ("steps", "guidance_scale")}
    return fields_of_run(asdict(edit.spec), [drawing], edit.strength)
