"""Original and edited, side by side: the same prompt and seed generated with the model as it is and as one or several
edits make it, and scored."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from PIL import Image

from uce_core.checks import one_of
from uce_core.edits.edit import AnyEdit, TextEdit
from uce_core.generation.generate import OnLatents, generate
from uce_core.generation.progress import OnStep, Parts
from uce_core.generation.spec import ALONE, APART, AUTO, BY_TEXT, PATHS, SWAPPED, GenerationSpec
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.metrics.scores import Scores
from uce_core.models.applying import applied
from uce_core.models.fits import check_fits
from uce_core.models.model import Model
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
    path: str = AUTO,
    on_latents: OnLatents | None = None,
    originals: list[Image.Image] | None = None,
    scored: bool = True,
) -> list[Pair]:
    """Generate every spec with the model as it is and as edited; the model is left as it was.

    path: "auto" generates original and edited together where it can; "apart" generates the edited images by
    themselves, originals as "auto" does; "batch" is "auto" for edits of the text alone; "alone" edits the text and
    generates either by themselves; "swap" swaps the weights. They differ by rounding only. originals: of an earlier
    comparison of the same specs by "auto", so that they are not generated again; "auto" is then "apart", and the pairs
    are those of "apart" to the last bit. on_latents: as of compare_all, told of the steps of "auto", "batch" and
    "apart". scored: False for pairs without scores, where nobody asks for them.

    Raises ValueError for a prompt that is too long, an edit for another model or one that is none of the text where
    the text is edited; whatever on_step raises ends the generation.
    """
    one_of("path", path, PATHS)
    check_fits(model, edit)
    if path in BY_TEXT and not edit.edits_text:
        raise Problem("edit_not_on_text", "This edit cannot be applied to the text: use the path auto, apart or swap.")
    if path in (ALONE, SWAPPED):
        specs = [spec.resolved(model.family) for spec in specs]
        images = _one_by_one(model, edit, specs, originals, on_step, path == SWAPPED)
        return _pairs(model, specs, *images, scored)
    if path == APART and not originals:  # an image's last bits depend on how many are in its batch, though not on which
        parts = Parts(on_step, (1, 1))
        both = compare_all(model, [edit], specs, parts.next(), scored=False)[0]
        originals, on_step = [pair.original for pair in both], parts.next()
    return compare_all(model, [edit], specs, on_step, on_latents, originals, scored)[0]


def compare_all(
    model: Model,
    edits: Sequence[AnyEdit],
    specs: Sequence[GenerationSpec],
    on_step: OnStep | None = None,
    on_latents: OnLatents | None = None,
    originals: list[Image.Image] | None = None,
    scored: bool = True,
) -> list[list[Pair]]:
    """Every spec with the model as it is, once, and as each of several edits makes it: for each edit a pair of each
    spec, as compare has it.

    Edits that are applied to the text are generated together, with the originals; the others together where generate
    can. The rest as in compare. on_latents: the places of images are counted row by row, each spec a row of its
    original and one image for each edit.
    """
    specs = [spec.resolved(model.family) for spec in specs]
    if not specs:
        return [[] for _ in edits]
    drawn: dict[int, AnyEdit | None] = {} if originals else {0: None}
    drawn |= dict(enumerate(edits, 1))
    places = [row * (len(edits) + 1) + column for row in range(len(specs)) for column in drawn]
    asked = [spec for spec in specs for _ in drawn]
    images = generate(model, asked, on_step, [*drawn.values()] * len(specs), _placed(on_latents, places))
    columns = {column: images[n :: len(drawn)] for n, column in enumerate(drawn)}
    columns[0] = originals or columns[0]
    return [_pairs(model, specs, columns[0], columns[column], scored) for column in range(1, len(edits) + 1)]


def _placed(on_latents: OnLatents | None, places: Sequence[int]) -> OnLatents | None:
    """Told of the steps of some images by their places among all."""
    if on_latents is None:
        return None
    tell = on_latents
    return lambda state: tell(replace(state, places=tuple(places[place] for place in state.places)))


def _one_by_one(
    model: Model,
    edit: AnyEdit,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image] | None,
    on_step: OnStep | None,
    swapped: bool,
) -> tuple[list[Image.Image], list[Image.Image]]:
    """Originals, and edited images with the edit in the weights or applied to the text."""
    with model.lock:
        if not originals and specs:
            parts = Parts(on_step, (1, 1))
            originals, on_step = generate(model, specs, parts.next()), parts.next()
        with applied(model, edit if swapped else None):
            by_text = None if swapped else [cast(TextEdit, edit)] * len(specs)
            return originals or [], generate(model, specs, on_step, by_text)


def _pairs(
    model: Model,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image],
    edited: list[Image.Image],
    scored: bool,
) -> list[Pair]:
    with stage(SCORING):
        scorer = _scorer(model) if scored and specs else None
        prompts = [spec.prompt for spec in specs]
        scores = scorer.score(prompts, originals, edited) if scorer else [None] * len(specs)
    return [Pair(*parts) for parts in zip(specs, originals, edited, scores, strict=True)]


def _scorer(model: Model) -> Scorer | None:
    try:
        return scorer_for(model.folder)
    except ValueError as error:
        logging.getLogger(__name__).warning("No scores: %s", error)
        return None
