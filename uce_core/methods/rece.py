"""Reliable and Efficient Concept Erasure (Gong et al. 2024, arXiv 2407.12383): UCE, and then again of the vectors that
would bring back what is erased.

The algebra is in edits/closed_form.py and edits/reviving.py, its derivation in docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.edits.spec import LARGEST, LEAST, EditSpec
from uce_core.methods import uce
from uce_core.methods.method import Method
from uce_core.specs import setting

if TYPE_CHECKING:
    from torch import Tensor

    from uce_core.edits.edit import Edit
    from uce_core.methods.inputs import EditInputs, SpaceInputs


@dataclass(frozen=True, kw_only=True)
class ReceSpec(EditSpec):
    """As EditSpec. revive_lam: λ of edits/reviving.py. epochs: how often what would revive is erased."""

    kind: ClassVar[str] = "rece"

    revive_lam: float = setting(
        1e-3, help="λ of the vectors that would revive what is erased.", least=LEAST, most=LARGEST
    )
    epochs: int = setting(1, help="How often what would revive is erased.", least=1, most=100)


def solve(inputs: "EditInputs", spec: ReceSpec) -> "Edit":
    """Raises ValueError if the equations cannot be solved."""
    from uce_core.edits.closed_form import Retained, fold, product, solve_from
    from uce_core.edits.reviving import reviving

    def factors(space: "SpaceInputs") -> "tuple[Tensor, Tensor]":
        erased, guides = space.erased
        kept = Retained(space.retained, spec.lam, spec.retain_scale)
        u, v = solve_from(kept, erased, guides, spec.erase_scale)
        for _ in range(spec.epochs):
            revived = reviving(erased, u, v, space.spectrum, spec.revive_lam)
            u, v = product(u, v, *solve_from(kept, revived, guides, spec.erase_scale))
        return fold(u, v)

    return inputs.edited(factors)


PUBLISHED: dict[str, Any] = uce.PUBLISHED | {"guide": "", "span": "all", "lam": 0.1, "retain_scale": 0.1}


def published_style(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it for artistic styles."""
    return PUBLISHED | {"revive_lam": 1e-3, "epochs": 1}


def published_nudity(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it for nudity."""
    return PUBLISHED | {"revive_lam": 0.1, "epochs": 3}


METHOD = Method(
    title="RECE",
    source="Gong et al. 2024, arXiv 2407.12383",
    spec=ReceSpec,
    solve=solve,
    presets={"default": uce.default, "published-style": published_style, "published-nudity": published_nudity},
)
