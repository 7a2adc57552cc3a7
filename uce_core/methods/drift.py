"""Impact: which other concepts an edit affects, known before any image is generated."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from uce_core.checks import normalised, unique
from uce_core.concepts.vectors import concept_vectors
from uce_core.edits.edit import AnyEdit
from uce_core.methods.impact import Impact
from uce_core.models.model import Model, check_fits

PROMPTS = tuple(
    f"{subject} in the style of {{}}" for subject in ("a tree", "a mountain", "a woman", "a bridge", "a fish")
)
SPAN = "last"  # the name's last token, inside prompts such as are generated: benchmarks/impact.py tries others


def impact(model: Model, edit: AnyEdit, concepts: Iterable[str]) -> list[Impact]:
    """The drift of every concept, the most affected first.

    Raises ValueError if the edit is for another model or a concept's text is too long.
    """
    check_fits(model, edit)
    names = unique(concepts)
    with model.lock:
        vectors = [
            torch.cat([concept_vectors(model.text, [name], prompt, SPAN) for prompt in PROMPTS]) for name in names
        ]
    found = [Impact(*pair) for pair in zip(names, drifts(model, edit, vectors), strict=True)]
    return sorted(found, key=lambda one: -one.drift)


@torch.no_grad()
def drifts(model: Model, edit: AnyEdit, vectors: Sequence[Tensor]) -> list[float]:
    """The mean drift of each set of vectors (n, d)."""
    if not vectors:
        return []
    rows = torch.cat(list(vectors)).T.to(next(iter(model.masters.values())))  # (d, n)
    total = torch.zeros(rows.shape[1])
    for name, edited in edit.projections(model.masters):
        master = model.masters[name]
        total += ((edited - master) @ rows).norm(dim=0).cpu() / (master @ rows).norm(dim=0).cpu()
    parts = (total / len(model.masters)).split([len(part) for part in vectors])
    return [float(part.mean()) for part in parts]


def suggest_retain(model: Model, edit: AnyEdit, catalog: Iterable[str], count: int = 5) -> list[str]:
    """The catalogue's concepts most affected that the edit neither erases nor retains already."""
    named = {normalised(text) for text in (*edit.spec.edited, *edit.spec.retain)} if edit.spec else set()
    others = [text for text in catalog if normalised(text) not in named]
    return [one.concept for one in impact(model, edit, others)[:count]]
