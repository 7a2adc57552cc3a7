"""Impact: which other concepts an edit affects, known before any image is generated."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from uce_core.checks import normalised, unique
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.text_encoder import OnText
from uce_core.concepts.text_spaces import TOKENS, space_of
from uce_core.concepts.vectors import span_vectors
from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import EditSpec
from uce_core.methods.impact import Impact
from uce_core.models.fits import check_fits
from uce_core.models.model import Model

PROMPTS = tuple(
    f"{subject} in the style of {{}}" for subject in ("a tree", "a mountain", "a woman", "a bridge", "a fish")
)
TOO_FAR = 3.0  # drift of what is erased: on Atelier images fade at 2.5 and are noise at 3.7
HEAVY = 1e3  # times λ: from 1e5 on erasing may overshoot, of concepts that have much in common (tests/methods)
LOOKED_AT = 4  # concepts, of which each takes some texts to encode
SPAN = "last"  # the name's last token, inside prompts such as are generated: benchmarks/impact.py tries others


def impact(model: Model, edit: AnyEdit, concepts: Iterable[str], on_text: OnText | None = None) -> list[Impact]:
    """The drift of every concept, the most affected first.

    on_text: told how many texts have been encoded, and of how many, of which a concept has several; raise Cancelled
    from it to stop. Raises ValueError if the edit is for another model or a concept's text is too long.
    """
    check_fits(model, edit)
    names = unique(concepts)
    with model.lock:
        encoded = model.text.encode([Text(name, prompt, SPAN) for name in names for prompt in PROMPTS], on_text)
    rows = [span_vectors(one, SPAN) for one in encoded]
    vectors = [torch.cat(rows[start : start + len(PROMPTS)]) for start in range(0, len(rows), len(PROMPTS))]
    found = [Impact(*pair) for pair in zip(names, drifts(model, edit, vectors), strict=True)]
    return sorted(found, key=lambda one: -one.drift)


@torch.no_grad()
def drifts(model: Model, edit: AnyEdit, vectors: Sequence[Tensor]) -> list[float]:
    """The mean drift of each set of vectors (n, d)."""
    if not vectors:
        return []
    rows = torch.cat(list(vectors)).T.to(next(iter(model.masters.values())))  # (d, n)
    total = torch.zeros(rows.shape[1])
    masters = {name: master for name, master in model.masters.items() if space_of(name) == TOKENS}
    for name, edited in edit.projections(masters):
        master = masters[name]
        total += ((edited - master) @ rows).norm(dim=0).cpu() / (master @ rows).norm(dim=0).cpu()
    parts = (total / len(masters)).split([len(part) for part in vectors])
    return [float(part.mean()) for part in parts]


def overshoot(model: Model, edit: AnyEdit) -> float:
    """By how many times its own size the edit moves what it erases, if that is so far that images turn to noise; else
    0. An erasure as it was solved moves it about once, unless erasing weighs far more than λ: nothing is computed but
    then, and of an edit that was strengthened or stacked; nor of one that changes no weights. Of many concepts some are
    looked at.

    Raises ValueError as impact does.
    """
    heavy = any(isinstance(spec, EditSpec) and spec.erase_scale > HEAVY * spec.lam for spec in edit.specs)
    if not edit.changes_weights or (abs(edit.strength) <= 1 and not edit.stacked and not heavy):
        return 0.0
    erased = [concept for spec in edit.specs if spec.erases for concept in spec.edited][:LOOKED_AT]
    most = max((one.drift for one in impact(model, edit, erased)), default=0.0)
    return most if most > TOO_FAR else 0.0


def suggest_retain(model: Model, edit: AnyEdit, catalog: Iterable[str], count: int = 5) -> list[str]:
    """The catalogue's concepts most affected that the edit neither erases nor retains already."""
    return most_affected(edit, impact(model, edit, catalog), count)


def most_affected(edit: AnyEdit, found: Iterable[Impact], count: int) -> list[str]:
    """Of concepts whose impact is known, the first that the edit does not name; none for an edit that does not say what
    it erases, as that is what it affects most."""
    if not edit.specs:
        return []
    named = {normalised(text) for spec in edit.specs for text in (*spec.edited, *spec.retain)}
    return [one.concept for one in found if normalised(one.concept) not in named][:count]
