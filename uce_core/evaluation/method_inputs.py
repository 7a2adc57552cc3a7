"""What is evaluated of methods on the same originals: their edits, solved one by one or read from where they are saved,
and the cases."""

from collections.abc import Sequence
from pathlib import Path

from uce_core.evaluation.candidates import Candidate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.method_study import Entry, retained, study_cases
from uce_core.evaluation.solving import SolvingCost, path_of, solved_with_cost
from uce_core.models.model import Model

NOTE = (
    "Edits are solved with the preset {preset}. Of the artists who are not erased every second is retained; where a "
    "method cannot be told to, they are looked at all the same."
)


def study_inputs(
    model: Model,
    entries: Sequence[Entry],
    artists: Sequence[str],
    folder: Path,
    *,
    preset: str = "default",
    asked: int | None = None,
    images: int = 1,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> tuple[EvaluationInputs, list[SolvingCost]]:
    """Methods on the same originals, and what solving each edit took. artists: of whom the first are erased. asked: of
    how many images are generated. Edits are solved, or read from the folder, where they are saved. Raises ValueError
    for an entry that cannot be solved."""
    specs = [entry.spec(artists, preset) for entry in entries]
    found = [
        solved_with_cost(model, spec, path_of(folder, entry.name)) for entry, spec in zip(entries, specs, strict=True)
    ]
    candidates = tuple(
        Candidate(entry.name, edit, tuple(artists[: entry.erased]), retained(artists, entry.erased))
        for entry, (edit, _) in zip(entries, found, strict=True)
    )
    inputs = EvaluationInputs(
        candidates=candidates,
        cases=tuple(study_cases(artists, max(entry.erased for entry in entries), asked, model.known.indirect)),
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        sampler=sampler,
        title="Methods that erase",
        task="methods",
        notes=(NOTE.format(preset=preset),),
    )
    return inputs, [cost for _, cost in found]
