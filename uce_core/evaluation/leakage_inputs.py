"""What is evaluated of leakage: what edits leave of artists, facet by facet, and what they change of others."""

from collections.abc import Sequence

from uce_core.edits.edit import AnyEdit
from uce_core.evaluation.candidates import as_candidate, control_artists
from uce_core.evaluation.cases import LEAKAGE, facet_cases
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.models.model import Model
from uce_core.problems import Problem

CONTROLS = 6  # artists besides the erased ones


def leakage_inputs(
    model: Model,
    edits: Sequence[tuple[str, AnyEdit]],
    *,
    artists: Sequence[str] = (),
    controls: int = CONTROLS,
    images: int = 1,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> EvaluationInputs:
    """What edits leave of artists, facet by facet.

    edits: by name. artists: by default all that the edits erase. controls: how many artists that no edit erases are
    looked at, too. Raises ValueError if an edit does not say what it erases and no artists are named.
    """
    candidates = tuple(as_candidate(name, edit, artists) for name, edit in edits)
    for one in candidates:
        if not one.erased:
            raise Problem(
                "edit_without_artists",
                "{name} does not say which artists it erases: choose the artist to measure.",
                name=one.name,
            )
    erased = list(dict.fromkeys(name for one in candidates for name in one.erased))
    cases = facet_cases(erased, control_artists(candidates, model.catalog, controls), model.known.indirect)
    return EvaluationInputs(
        candidates=candidates,
        cases=tuple(cases),
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        sampler=sampler,
        title=", ".join(erased),
        task=LEAKAGE,
    )
