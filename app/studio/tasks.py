"""The package's tasks for a saved edit: what one will generate, before any model is loaded, and what is evaluated.

Knows nothing about who asks, or how much is allowed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import uce_core
from app.studio.offered import OfferedModels
from uce_core.checks import one_of
from uce_core.concepts.catalog import Catalog
from uce_core.edits.spec import MethodSpec
from uce_core.evaluation.task import selected
from uce_core.evaluation.task_files import TaskFile, names, read_task
from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit, Model
    from uce_core.evaluation.inputs import EvaluationInputs


@dataclass(frozen=True, kw_only=True)
class TaskPlan:
    """erased, others: artists. prompts: how many. each: images of a prompt, by each model. images: in all, original and
    edited. seeds: the first and the last."""

    erased: tuple[str, ...]
    others: tuple[str, ...]
    prompts: int
    each: int
    images: int
    seeds: tuple[int, int]


def own(name: str) -> TaskFile:
    """One of the package's; no path. Raises ValueError if it has no such."""
    one_of("task", name, names())
    return read_task(name)


def plan_of(edit: str, spec: MethodSpec | None, file: TaskFile, known: Catalog) -> TaskPlan:
    """edit: its name. known: the model's catalogue. Raises ValueError if the edit does not say whom it erases, or the
    catalogue is too small."""
    task = file.task
    artists = selected(task, known.artists, _erased_by(edit, spec))
    cases = task.cases(artists, known.indirect)
    seeds = [case.evaluation_seed for case in cases]
    return TaskPlan(
        erased=artists.erased,
        others=artists.others,
        prompts=len(cases),
        each=task.images,
        images=2 * task.images * len(cases),
        seeds=(min(seeds), max(seeds) + task.images - 1),
    )


def inputs_of(name: str, file: TaskFile, models: OfferedModels, model: "Model", edit: "AnyEdit") -> "EvaluationInputs":
    """With no more steps than are allowed. Raises ValueError as plan_of does."""
    from uce_core.evaluation.candidates import as_candidate  # it has PyTorch

    family = model.family if file.task.steps is None else replace(model.family, steps=file.task.steps)
    given = [as_candidate(name, edit, _erased_by(name, edit.spec))]
    return uce_core.task_inputs(model, file, given, Path(), steps=models.within_limits(family).steps)


def _erased_by(edit: str, spec: MethodSpec | None) -> tuple[str, ...]:
    if not (spec and spec.edited):
        raise Problem(
            "task_without_artists",
            "{name} does not say which artists it erases: choose another edit.",
            name=edit,
        )
    return spec.edited
