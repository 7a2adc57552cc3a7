"""Who else is hit by an edit, said before any picture is drawn."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from uce_core.checks import normalised, unique
from uce_core.concepts import concept_vectors
from uce_core.edit import AnyEdit
from uce_core.models import Model, check_fits

WORDING, SPAN = "style", "rest"  # where a prompt carries a style: from the artist's name to the end


@dataclass(frozen=True)
class Impact:
    """drift: ‖(W' − W)c‖ / ‖Wc‖, the mean over a concept's vectors c and all projections W; 0 for untouched."""

    concept: str
    drift: float


@torch.no_grad()
def impact(model: Model, edit: AnyEdit, concepts: Iterable[str]) -> list[Impact]:
    """The drift of every concept, the most hit first.

    Raises ValueError if the edit is for another model or a concept's text is too long.
    """
    check_fits(model, edit)
    names = unique(concepts)
    with model.lock:
        vectors = [concept_vectors(model.text, [name], WORDING, SPAN) for name in names]
    if not vectors:
        return []
    rows = torch.cat(vectors).T.to(next(iter(model.masters.values())))  # (d, n)
    drifts = torch.zeros(rows.shape[1])
    for name, edited in edit.projections(model.masters):
        master = model.masters[name]
        drifts += ((edited - master) @ rows).norm(dim=0).cpu() / (master @ rows).norm(dim=0).cpu()
    parts = (drifts / len(model.masters)).split([len(part) for part in vectors])
    found = [Impact(name, float(part.mean())) for name, part in zip(names, parts, strict=True)]
    return sorted(found, key=lambda one: -one.drift)


def suggest_retain(model: Model, edit: AnyEdit, catalog: Iterable[str], count: int = 5) -> list[str]:
    """The catalogue's concepts most hit that the edit neither erases nor retains already."""
    named = {normalised(text) for text in (*edit.spec.edited, *edit.spec.retain)} if edit.spec else set()
    others = [text for text in catalog if normalised(text) not in named]
    return [one.concept for one in impact(model, edit, others)[:count]]
