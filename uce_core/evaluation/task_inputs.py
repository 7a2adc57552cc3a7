"""What is evaluated of a task: its edits, given, or solved as it says, and its cases on a model."""

from collections.abc import Sequence
from pathlib import Path

from uce_core.checks import normalised
from uce_core.evaluation.candidates import Candidate, as_candidate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.solving import path_of, solved
from uce_core.evaluation.task import ArtistSelection, Task, selected
from uce_core.evaluation.task_files import TaskFile
from uce_core.models.model import Model


def task_inputs(
    model: Model,
    file: TaskFile,
    given: Sequence[Candidate],
    folder: Path,
    *,
    erased: Sequence[str] = (),
    retained: Sequence[str] = (),
    images: int | None = None,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> EvaluationInputs:
    """What a task is on a model. given: edits; without any, the task's own are solved, or read from the folder, where
    they are saved. The rest, if it is given, is taken instead of what the task says. Raises ValueError if the model's
    catalogue is too small."""
    task = file.task
    named = list(dict.fromkeys(name for one in given for name in one.erased))
    artists = selected(task, model.catalog, erased or named, retained)
    prompts = file.prompts and file.prompts.checked(model.text.check_length)
    return EvaluationInputs(
        candidates=tuple(given or _solved(model, task, artists, folder)),
        cases=tuple(prompts.cases if prompts else task.cases(artists, model.known.indirect)),
        images=images or task.images,
        steps=task.steps if steps is None else steps,
        guidance_scale=task.guidance_scale if guidance_scale is None else guidance_scale,
        sampler=sampler,
        title=task.name,
        task=task.name,
        notes=(file.label, *(prompts.notes if prompts else ())),
    )


def _solved(model: Model, task: Task, artists: ArtistSelection, folder: Path) -> list[Candidate]:
    """An edit for each group of erased artists, saved beside the images, and the same for all who generate them."""
    found = []
    for erased in artists.groups(task.together):
        name = f"{len(erased)}-artists" if task.together else "-".join(normalised(erased[0]).split())
        spec = task.spec_for(erased, artists.others)
        found.append(as_candidate(name, solved(model, spec, path_of(folder, name))))
    return found
