"""CURE (Biswas et al. 2025, arXiv 2505.12677): what the erased concepts' vectors span is projected away, but for what
the retained ones share with it.

M = I − P_f(I − P_r), with soft projections P = Σ f(ρᵢ)·xᵢxᵢᵀ onto the right singular vectors x of either side's
vectors. Nothing takes the erased concept's place, so there is no guide. Derivation in docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.edits.spec import LARGEST, LEAST, ErasureSpec
from uce_core.methods.method import Method
from uce_core.specs import setting

if TYPE_CHECKING:
    from torch import Tensor

    from uce_core.edits.edit import Edit
    from uce_core.methods.inputs import EditInputs, SpaceInputs


@dataclass(frozen=True, kw_only=True)
class CureSpec(ErasureSpec):
    """As ErasureSpec, without a guide. alpha: how far weak directions count, too: 1 leaves each its share of the whole,
    large values make both projections hard."""

    kind: ClassVar[str] = "cure"

    guide: str | tuple[str, ...] = ""  # no setting
    alpha: float = setting(2.0, help="How strongly weaker directions are projected, too.", least=LEAST, most=LARGEST)


def solve(inputs: "EditInputs", spec: CureSpec) -> "Edit":
    """Raises ValueError if the vectors are not finite."""

    def factors(space: "SpaceInputs") -> "tuple[Tensor, Tensor]":
        forget, gone = soft(space.erased[0], spec.alpha)  # (r, d), (r,)
        keep, kept = soft(space.retained, spec.alpha)
        u = -gone[:, None] * forget
        v = forget - (forget @ keep.T * kept) @ keep
        return u.float(), v.float()

    return inputs.edited(factors)


def soft(vectors: "Tensor", alpha: float) -> "tuple[Tensor, Tensor]":
    """The directions (r, d) of vectors (n, d), orthonormal rows, and how much of each is projected, f(ρ) (r,); float64.

    ρ = σ²/Σσ² is a direction's share, f(ρ) = αρ/((α − 1)ρ + 1).
    """
    from uce_core.edits.subspaces import principal

    values, directions = principal(vectors)
    shares = values.square() / values.square().sum()
    return directions, alpha * shares / ((alpha - 1) * shares + 1)


def published(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it for styles, objects and people."""
    return {
        "wording": "name",
        "retain_wording": "name",
        "retain_empty": False,
        "text_space": "tokens",
        "alpha": 2.0,
    }


def published_unsafe(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it for unsafe content."""
    return {**published(erase, retain), "alpha": 5.0}


METHOD = Method(
    title="CURE",
    source="Biswas et al. 2025, arXiv 2505.12677",
    spec=CureSpec,
    solve=solve,
    presets={
        "default": lambda erase, retain: {},
        "published": published,
        "published-unsafe": published_unsafe,
    },
)
