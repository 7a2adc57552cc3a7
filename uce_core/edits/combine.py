"""Several edits in one: added, or one after the other.

Knows nothing about how an edit was solved or where it will be applied.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce

import torch

from uce_core.checks import normalised
from uce_core.concepts.fingerprint import Kinship, kinship
from uce_core.concepts.text_spaces import POOLED, TOKENS
from uce_core.edits.closed_form import fold, product
from uce_core.edits.edit import AnyEdit, Edit, Factors
from uce_core.edits.spec import ErasureSpec, MethodSpec, guided
from uce_core.problems import Problem


def stack(*edits: AnyEdit) -> Edit:
    """Edits that were solved apart, added: M = I + Σ (Mᵢ − I).

    Not the same as solving them together, where each knows what the others retain and erase (see
    docs/derivation.md). Raises ValueError for dense edits, or if they are for different text encoders
    or want the same concept to become two things.
    """
    return _combined(_combinable(edits), lambda one, other: Factors(*map(torch.cat, zip(one, other, strict=True))))


def compose(*edits: AnyEdit) -> Edit:
    """Edits applied one after the other, the first one first: M = M₁·M₂·…, exactly.

    Raises ValueError as stack does.
    """
    return _combined(_combinable(edits), lambda one, then: Factors(*product(*one, *then)))


def same_encoder(ours: AnyEdit, theirs: AnyEdit) -> bool:
    """Whether both are for one text encoder, in whatever precision each was solved."""
    return (
        ours.text_encoder == theirs.text_encoder or kinship(ours.encoder_sample, theirs.encoder_sample) is Kinship.SAME
    )


def _combinable(edits: Sequence[AnyEdit]) -> list[Edit]:
    parts = []
    for edit in edits:
        if not isinstance(edit, Edit):
            raise Problem(
                "not_stackable",
                "Only edits of one matrix for all projections can be stacked: solve it again with --method uce.",
            )
        parts.append(edit)
    if not all(same_encoder(edit, parts[0]) for edit in parts):
        raise Problem(
            "text_encoders_differ", "These edits are for different text encoders: stack edits of one model only."
        )
    return parts


def _combined(parts: Sequence[Edit], join: Callable[[Factors, Factors], Factors]) -> Edit:
    """join: of two edits' factors of the same text space, float64."""
    specs = tuple(spec for edit in parts for spec in edit.specs)
    first, widths = parts[0], {space: width for edit in parts for space, width in edit.widths.items()}
    joined = {space: reduce(join, (_factors(edit, space, width) for edit in parts)) for space, width in widths.items()}
    folded = {space: Factors(*(factor.float() for factor in fold(*factors))) for space, factors in joined.items()}
    return Edit(
        spec=_together(specs),
        u=folded[TOKENS].u,
        v=folded[TOKENS].v,
        pooled=folded.get(POOLED),
        text_encoder=first.text_encoder,
        encoder_sample=first.encoder_sample,
        stacked=specs,
    )


def _factors(edit: Edit, space: str, width: int) -> Factors:
    """float64, (k, width) each; without rows where it changes nothing."""
    nothing = Factors(torch.zeros(0, width), torch.zeros(0, width))
    return Factors(*(factor.double() for factor in edit.spaces.get(space, nothing)))


def _together(specs: Sequence[MethodSpec]) -> MethodSpec | None:
    """One spec that names all that is erased and retained; its other choices are the first's, or, where only others say
    what the erased become, the first of those's."""
    erasures = [spec for spec in specs if isinstance(spec, ErasureSpec)]
    if not erasures or len(erasures) < len(specs):
        return None
    erase = tuple(concept for spec in erasures for concept in spec.erase)
    guides = tuple(guide for spec in erasures for guide in spec.guides)
    gone = {normalised(concept) for concept in erase}
    retain = tuple(c for spec in erasures for c in spec.retain if normalised(c) not in gone)
    first = next((spec for spec in erasures if guided(type(spec))), erasures[0])
    return replace(first, erase=erase, guide=guides, retain=retain)
