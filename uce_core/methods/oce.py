"""Orthogonal Concept Erasure (Sun et al. 2026, arXiv 2605.28902): every value projection is turned, W' = R·W, so that
lengths and angles of all outputs stay.

R depends on each projection, so the edit is a whole new weight for every one of them (edits/rotation.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.concepts.wordings import SPANS
from uce_core.edits.spec import LARGEST, LEAST, ErasureSpec
from uce_core.methods.method import Method
from uce_core.specs import setting

if TYPE_CHECKING:
    from uce_core.edits.dense import DenseEdit
    from uce_core.methods.inputs import EditInputs


@dataclass(frozen=True, kw_only=True)
class OceSpec(ErasureSpec):
    """As ErasureSpec. erase_scale, retain_scale, caption_scale, lam: e, r, m and λ of edits/rotation.py."""

    kind: ClassVar[str] = "oce"
    reads_captions: ClassVar[bool] = True

    guide: str | tuple[str, ...] = setting("real", help="Concept that erased ones become: one for all or one each.")
    span: str = setting("last", help="Token positions that are a concept's vectors.", choices=SPANS)
    erase_scale: float = setting(500.0, help="Weight of erasing.", least=LEAST, most=LARGEST)
    retain_scale: float = setting(1.0, help="Weight of each retained concept.", least=0.0, most=LARGEST)
    caption_scale: float = setting(10.0, help="Weight of what captions in general need.", least=0.0, most=LARGEST)
    lam: float = setting(10.0, help="λ, weight of leaving the model's weights as they are.", least=LEAST, most=LARGEST)


def solve(inputs: "EditInputs", spec: OceSpec) -> "DenseEdit":
    """Raises ValueError if the model has no value projections that read the text, or the vectors are not finite."""
    import torch

    from uce_core.edits.dense import DenseEdit
    from uce_core.edits.rotation import Weights, rotated

    erased, guides = (torch.cat(rows) for rows in zip(*inputs.tokens.spans, strict=True))
    weights = Weights(spec.erase_scale, spec.retain_scale, spec.caption_scale, spec.lam)
    moment = inputs.tokens.second_moment
    turned = {
        name: rotated(weight, erased, guides, inputs.retained, moment, weights).float().cpu()
        for name, weight in inputs.value_projections.items()
    }
    return DenseEdit(weights=turned, spec=spec, text_encoder=inputs.text_encoder)


def published_style(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it for artistic styles."""
    return {
        "guide": "real",
        "wording": "name",
        "retain_wording": "name",
        "span": "last",
        "retain_empty": False,
        "text_space": "tokens",
        "erase_scale": 500.0,
        "retain_scale": 1.0,
        "caption_scale": 10.0,
        "lam": 10.0,
    }


METHOD = Method(
    title="OCE",
    source="Sun et al. 2026, arXiv 2605.28902",
    spec=OceSpec,
    solve=solve,
    presets={"default": lambda erase, retain: {}, "published-style": published_style},
)
