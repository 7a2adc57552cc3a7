"""Original and edited, side by side: the same prompt and seed generated twice, and scored."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PIL import Image

from uce_core.checks import one_of
from uce_core.edits.edit import AnyEdit, TextEdit
from uce_core.generation.generate import OnLatents, generate
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import ALONE, BY_TEXT, PATHS, SWAPPED, GenerationSpec
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.metrics.scores import Scores
from uce_core.models.fits import check_fits
from uce_core.models.model import Model, applied
from uce_core.problems import Problem
from uce_core.stages import SCORING, stage


@dataclass(frozen=True)
class Pair:
    """scores is None where the scorers could not be had, or nobody asked."""

    spec: GenerationSpec
    original: Image.Image
    edited: Image.Image
    scores: Scores | None


def compare(
    model: Model,
    edit: AnyEdit,
    specs: Sequence[GenerationSpec],
    on_step: OnStep | None = None,
    path: str = "auto",
    on_latents: OnLatents | None = None,
    originals: list[Image.Image] | None = None,
    scored: bool = True,
) -> list[Pair]:
    """Generate every spec with the model as it is and as edited; the model is left as it was.

    path: "batch" edits the text and generates original and edited together; "apart" edits the text and generates
    the edited images by themselves, originals as "batch" does; "alone" edits the text and generates either by
    themselves; "swap" edits the weights; "auto" is "batch" where the edit allows it.
    They differ by rounding only. originals: of an earlier comparison of the same specs, by "batch" (or by
    "swap" for a dense edit), so that they are not generated again; "auto" is then "apart", and the pairs are those
    of "apart" to the last bit. on_latents: told of the steps of all but the swap path; of "batch" originals and
    edited images in turn. scored: False for pairs without scores, where nobody asks for them.

    Raises ValueError for a prompt that is too long, an edit for another model or a dense one where the text
    is edited; whatever on_step raises ends the generation.
    """
    one_of("path", path, PATHS)
    specs = [spec.resolved(model.family) for spec in specs]
    if not specs:
        return []
    check_fits(model, edit)
    if path in BY_TEXT and not edit.edits_text:
        raise Problem("dense_edits_no_text", "A dense edit cannot be applied to the text: use the path swap or auto.")
    if path == SWAPPED or not edit.edits_text:
        images = _swapped(model, edit, specs, originals, on_step)
    elif path == ALONE:
        images = _alone(model, cast(TextEdit, edit), specs, originals, on_step)
    elif originals or path == "apart":
        images = _apart(model, cast(TextEdit, edit), specs, originals, on_step, on_latents)
    else:
        images = _together(model, cast(TextEdit, edit), specs, on_step, on_latents)
    with stage(SCORING):
        scorer = _scorer(model) if scored else None
        scores = scorer.score([spec.prompt for spec in specs], *images) if scorer else [None] * len(specs)
    return [Pair(*parts) for parts in zip(specs, *images, scores, strict=True)]


ImagePair = tuple[list[Image.Image], list[Image.Image]]  # original and edited


def _together(
    model: Model, edit: TextEdit, specs: Sequence[GenerationSpec], on_step: OnStep | None, on_latents: OnLatents | None
) -> ImagePair:
    doubled = [spec for spec in specs for _ in range(2)]
    images = generate(model, doubled, on_step, [None, edit] * len(specs), on_latents)
    return images[::2], images[1::2]


def _apart(
    model: Model,
    edit: TextEdit,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image] | None,
    on_step: OnStep | None,
    on_latents: OnLatents | None,
) -> ImagePair:
    """Originals that are not there are generated as _together does: an image's last bits depend on how many are in its
    batch, though not on which."""
    if not originals:
        originals, _ = _together(model, edit, specs, _half(on_step, 0), None)
        on_step = _half(on_step, 1)
    return originals, generate(model, specs, on_step, [edit] * len(specs), on_latents)


def _alone(
    model: Model,
    edit: TextEdit,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image] | None,
    on_step: OnStep | None,
) -> ImagePair:
    if not originals:
        originals = generate(model, specs, _half(on_step, 0))
        on_step = _half(on_step, 1)
    return originals, generate(model, specs, on_step, [edit] * len(specs))


def _swapped(
    model: Model,
    edit: AnyEdit,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image] | None,
    on_step: OnStep | None,
) -> ImagePair:
    with model.lock:
        if not originals:
            originals = generate(model, specs, _half(on_step, 0))
            on_step = _half(on_step, 1)
        with applied(model, edit):
            return originals, generate(model, specs, on_step)


def _half(on_step: OnStep | None, half: int) -> OnStep | None:
    """Steps of one of two generations, as steps of both."""
    return on_step and (lambda done, total: on_step(done + half * total, 2 * total))


def _scorer(model: Model) -> Scorer | None:
    try:
        return scorer_for(model.folder)
    except ValueError as error:
        logging.getLogger(__name__).warning("No scores: %s", error)
        return None
