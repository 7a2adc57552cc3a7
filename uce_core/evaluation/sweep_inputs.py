"""What is evaluated of a sweep: an edit for each of its points, and the cases that show what it leaves and keeps."""

from collections.abc import Sequence
from pathlib import Path

from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import facet_prompts, numbered
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.solving import path_of, solved
from uce_core.evaluation.sweep import Point, shown_artists
from uce_core.grids.axes import STRENGTH
from uce_core.models.model import Model


def sweep_inputs(
    model: Model,
    points: Sequence[Point],
    artists: Sequence[str],
    folder: Path,
    *,
    asked: int | None = None,
    images: int = 1,
    steps: int | None = None,
    guidance_scale: float | None = None,
    sampler: str = "",
) -> EvaluationInputs:
    """A grid of edits, solved, or read from the folder, where they are saved. artists: of whom each erases the first
    and retains the others. asked: how many are asked for, the first and the last of them; None for all. Raises
    ValueError for a point that cannot be solved."""
    specs = [point.spec(artists) for point in points]
    most = max(len(spec.edited) for spec in specs)
    candidates = tuple(
        as_candidate(point.name, solved(model, spec, path_of(folder, point.name), point.get(STRENGTH, 1.0)))
        for point, spec in zip(points, specs, strict=True)
    )
    shown = (artist for some in shown_artists(artists, most, asked) for artist in some)
    asks = ((artist, *prompt) for artist in shown for prompt in facet_prompts(artist)["style"])
    cases = numbered((prompt, artist, "style", subject) for artist, prompt, subject in asks)
    return EvaluationInputs(
        candidates=candidates,
        cases=tuple(cases),
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
        sampler=sampler,
        title=f"Sweep over {', '.join(name for name, _ in points[0].values)}",
        task="sweep",
    )
