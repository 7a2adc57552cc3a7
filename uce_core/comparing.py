"""Original and edited, side by side: the same prompt and seed drawn twice, and scored."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from uce_core.checks import one_of
from uce_core.edit import AnyEdit, DenseEdit, Edit
from uce_core.generate import GenerationSpec, OnLatents, OnStep, draw
from uce_core.models import Model, applied, check_fits
from uce_core.problems import Problem
from uce_core.scores import Scorer, Scores, scorer_for


@dataclass(frozen=True)
class Pair:
    """scores is None where the scorers could not be had."""

    spec: GenerationSpec
    original: Image.Image
    edited: Image.Image
    scores: Scores | None


PATHS = ("auto", "batch", "swap")


def compare(
    model: Model,
    edit: AnyEdit,
    specs: Sequence[GenerationSpec],
    on_step: OnStep | None = None,
    path: str = "auto",
    on_latents: OnLatents | None = None,
) -> list[Pair]:
    """Draw every spec with the model as it is and as edited; the model is left as it was.

    path: "batch" edits the text and draws original and edited together; "swap" edits the weights;
    "auto" is "batch" where the edit allows it. They differ by rounding only. on_latents: told of the
    batch path's steps, originals and edited pictures in turn.

    Raises ValueError for a prompt that is too long, an edit for another model or one that has no
    batch path; whatever on_step raises ends the drawing.
    """
    one_of("path", path, PATHS)
    specs = list(specs)
    if not specs:
        return []
    check_fits(model, edit)
    if path == "batch" and isinstance(edit, DenseEdit):
        raise Problem("A dense edit has no batch path: use swap or auto.")
    if isinstance(edit, Edit) and path != "swap":
        doubled = [spec for spec in specs for _ in range(2)]
        images = draw(model, doubled, on_step, [None, edit] * len(specs), on_latents)
        originals, edited = images[::2], images[1::2]
    else:
        with model.lock:
            originals = draw(model, specs, _half(on_step, 0))
            with applied(model, edit):
                edited = draw(model, specs, _half(on_step, 1))
    scorer = _scorer(model)
    scores = scorer.score([spec.prompt for spec in specs], originals, edited) if scorer else [None] * len(specs)
    return [Pair(*parts) for parts in zip(specs, originals, edited, scores, strict=True)]


def _half(on_step: OnStep | None, half: int) -> OnStep | None:
    """Steps of one of two drawings of the same length, as steps of both."""
    return on_step and (lambda done, total: on_step(done + half * total, 2 * total))


def _scorer(model: Model) -> Scorer | None:
    try:
        return scorer_for(model.folder)
    except ValueError as error:
        logging.getLogger(__name__).warning("No scores: %s", error)
        return None
