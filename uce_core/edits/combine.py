"""Several edits in one: added, or one after the other.

Knows nothing about how an edit was solved or where it will be applied.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor

from uce_core.checks import normalised
from uce_core.concepts.fingerprint import Kinship, kinship
from uce_core.edits.closed_form import fold, product
from uce_core.edits.edit import AnyEdit, Edit
from uce_core.edits.spec import ErasureSpec, MethodSpec
from uce_core.problems import Problem


def stack(*edits: AnyEdit) -> Edit:
    """Edits that were solved apart, added: M = I + Σ (Mᵢ − I).

    Not the same as solving them together, where each knows what the others retain and erase (see
    docs/derivation.md). Raises ValueError for dense edits, or if they are for different text encoders
    or want the same concept to become two things.
    """
    parts = _combinable(edits)
    return _combined(parts, torch.cat([edit.u for edit in parts]).double(), torch.cat([e.v for e in parts]).double())


def compose(*edits: AnyEdit) -> Edit:
    """Edits applied one after the other, the first one first: M = M₁·M₂·…, exactly.

    Raises ValueError as stack does.
    """
    parts = _combinable(edits)
    u, v = parts[0].u.double(), parts[0].v.double()
    for edit in parts[1:]:
        u, v = product(u, v, edit.u.double(), edit.v.double())
    return _combined(parts, u, v)


def same_encoder(ours: AnyEdit, theirs: AnyEdit) -> bool:
    """Whether both are for one text encoder, in whatever precision each was solved."""
    return (
        ours.text_encoder == theirs.text_encoder or kinship(ours.encoder_sample, theirs.encoder_sample) is Kinship.SAME
    )


def _combinable(edits: Sequence[AnyEdit]) -> list[Edit]:
    parts = []
    for edit in edits:
        if not edit.low_rank:
            raise Problem(
                "dense_not_stackable",
                "A dense edit cannot be stacked: solve it again with --method uce.",
            )
        parts.append(cast(Edit, edit))
    if not all(same_encoder(edit, parts[0]) for edit in parts):
        raise Problem(
            "text_encoders_differ", "These edits are for different text encoders: stack edits of one model only."
        )
    return parts


def _combined(parts: Sequence[Edit], u: Tensor, v: Tensor) -> Edit:
    specs = tuple(spec for edit in parts for spec in edit.specs)
    u, v = fold(u, v)
    first = parts[0]
    return Edit(
        spec=_together(specs),
        u=u.float(),
        v=v.float(),
        text_encoder=first.text_encoder,
        encoder_sample=first.encoder_sample,
        stacked=specs,
    )


def _together(specs: Sequence[MethodSpec]) -> MethodSpec | None:
    """One spec that names all that is erased and retained; its other choices are the first's."""
    erasures = [spec for spec in specs if isinstance(spec, ErasureSpec)]
    if not erasures or len(erasures) < len(specs):
        return None
    erase = tuple(concept for spec in erasures for concept in spec.erase)
    guides = tuple(guide for spec in erasures for guide in spec.guides)
    gone = {normalised(concept) for concept in erase}
    retain = tuple(c for spec in erasures for c in spec.retain if normalised(c) not in gone)
    return replace(erasures[0], erase=erase, guide=guides, retain=retain)
