"""Double Projections (Zhang et al. 2026, arXiv 2604.10032): token by token, each is sent to its projection onto the
guide, and moved only off what all retained tokens span.

The algebra is in edits/subspaces.py and edits/closed_form.py (in_sequence), its derivation in docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.concepts.wordings import SPANS
from uce_core.edits.spec import ErasureSpec
from uce_core.methods.method import Method
from uce_core.problems import Problem
from uce_core.specs import setting

if TYPE_CHECKING:
    from torch import Tensor

    from uce_core.edits.edit import Edit
    from uce_core.methods.inputs import EditInputs, SpaceInputs

FREE = 1e-10  # cᵀQc from which on a token is erased; below, it is as good as retained


@dataclass(frozen=True, kw_only=True)
class DoubleProjectionsSpec(ErasureSpec):
    """As ErasureSpec; the span is the concept's own words unless said otherwise."""

    kind: ClassVar[str] = "double-projections"

    span: str = setting("content", help="Token positions that are a concept's vectors.", choices=SPANS)


def solve(inputs: "EditInputs", spec: DoubleProjectionsSpec) -> "Edit":
    """Raises ValueError if all that is erased is in the span of what is retained."""
    return inputs.edited(factors)


def factors(space: "SpaceInputs") -> "tuple[Tensor, Tensor]":
    """U and V (k, d) float32 of one text space."""
    import torch

    from uce_core.edits.closed_form import in_sequence
    from uce_core.edits.subspaces import basis, off

    concepts = torch.cat([concept for concept, _ in space.spans]).double()  # (k, d)
    moves = torch.cat([proxies(*pair) for pair in space.spans]) - concepts
    free = off(concepts, basis(space.retained))  # Qc
    sizes = (concepts * free).sum(1, keepdim=True)  # cᵀQc
    some = sizes[:, 0] >= FREE
    if not some.any():
        raise Problem(
            "erased_in_retained",
            "All of what is erased is in the span of what is retained: retain less, or erase by fewer tokens.",
        )
    u, v = in_sequence(moves[some], free[some] / sizes[some])
    return u.float(), v.float()


def proxies(concept: "Tensor", guide: "Tensor") -> "Tensor":
    """c* (n, d) float64 of a concept's vectors (n, d): their projections onto the span of the guide's (m, d); of a
    single vector that itself."""
    from uce_core.edits.subspaces import basis, onto

    return guide.double().expand(len(concept), -1) if len(guide) == 1 else onto(concept.double(), basis(guide))


def published(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it: nothing is retained but what is named."""
    return {
        "wording": "name",
        "retain_wording": "name",
        "span": "content",
        "retain_empty": False,
        "text_space": "tokens",
    }


METHOD = Method(
    title="Double Projections",
    source="Zhang et al. 2026, arXiv 2604.10032",
    spec=DoubleProjectionsSpec,
    solve=solve,
    presets={"default": lambda erase, retain: {}, "published": published},
)
