"""Original and edited, side by side: the same prompt and seed drawn twice, and scored."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from uce_core.checks import one_of
from uce_core.edits.edit import AnyEdit, DenseEdit, Edit
from uce_core.generation.generate import OnLatents, OnStep, generate
from uce_core.generation.spec import GenerationSpec
from uce_core.metrics.scorer import Scorer, Scores, scorer_for
from uce_core.models.model import Model, applied, check_fits
from uce_core.problems import Problem


@dataclass(frozen=True)
class Pair:
    """scores is None where the scorers could not be had, or nobody asked."""

    spec: GenerationSpec
    original: Image.Image
    edited: Image.Image
    scores: Scores | None


PATHS = ("auto", "batch", "apart", "swap")


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
    """Draw every spec with the model as it is and as edited; the model is left as it was.

    path: "batch" edits the text and draws original and edited together; "apart" edits the text and draws
    the edited pictures by themselves; "swap" edits the weights; "auto" is "batch" where the edit allows it.
    They differ by rounding only. originals: of an earlier comparison of the same specs, by "batch" (or by
    "swap" for a dense edit), that shall not be drawn again; "auto" is then "apart", and the pairs are those
    of "apart" to the last bit. on_latents: told of the steps of all but the swap path; of "batch" originals and
    edited pictures in turn. scored: False for pairs without scores, where nobody asks for them.

    Raises ValueError for a prompt that is too long, an edit for another model or a dense one where the text
    shall be edited; whatever on_step raises ends the drawing.
    """
    one_of("path", path, PATHS)
    specs = list(specs)
    if not specs:
        return []
    check_fits(model, edit)
    if path in ("batch", "apart") and isinstance(edit, DenseEdit):
        raise Problem("A dense edit edits no text: use swap or auto.")
    if isinstance(edit, DenseEdit) or path == "swap":
        pictures = _swapped(model, edit, specs, originals, on_step)
    elif originals or path == "apart":
        pictures = _apart(model, edit, specs, originals, on_step, on_latents)
    else:
        pictures = _together(model, edit, specs, on_step, on_latents)
    scorer = _scorer(model) if scored else None
    scores = scorer.score([spec.prompt for spec in specs], *pictures) if scorer else [None] * len(specs)
    return [Pair(*parts) for parts in zip(specs, *pictures, scores, strict=True)]


Pictures = tuple[list[Image.Image], list[Image.Image]]  # original and edited


def _together(
    model: Model, edit: Edit, specs: Sequence[GenerationSpec], on_step: OnStep | None, on_latents: OnLatents | None
) -> Pictures:
    doubled = [spec for spec in specs for _ in range(2)]
    images = generate(model, doubled, on_step, [None, edit] * len(specs), on_latents)
    return images[::2], images[1::2]


def _apart(
    model: Model,
    edit: Edit,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image] | None,
    on_step: OnStep | None,
    on_latents: OnLatents | None,
) -> Pictures:
    """Originals that are not there are drawn as _together does: a picture's last bits hang on how many are in its
    batch, though not on which."""
    if not originals:
        originals, _ = _together(model, edit, specs, _half(on_step, 0), None)
        on_step = _half(on_step, 1)
    return originals, generate(model, specs, on_step, [edit] * len(specs), on_latents)


def _swapped(
    model: Model,
    edit: AnyEdit,
    specs: Sequence[GenerationSpec],
    originals: list[Image.Image] | None,
    on_step: OnStep | None,
) -> Pictures:
    with model.lock:
        if not originals:
            originals = generate(model, specs, _half(on_step, 0))
            on_step = _half(on_step, 1)
        with applied(model, edit):
            return originals, generate(model, specs, on_step)


def _half(on_step: OnStep | None, half: int) -> OnStep | None:
    """Steps of one of two drawings, as steps of both."""
    return on_step and (lambda done, total: on_step(done + half * total, 2 * total))


def _scorer(model: Model) -> Scorer | None:
    try:
        return scorer_for(model.folder)
    except ValueError as error:
        logging.getLogger(__name__).warning("No scores: %s", error)
        return None
