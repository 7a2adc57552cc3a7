"""AdaVD (Wang et al. 2024, arXiv 2412.06143): adaptive value decomposition. While a model generates, the values of
every cross-attention lose their component along the values of the erased concepts, the more the more alike they are.
No weights change. Derivation in docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.edits.spec import LARGEST, LEAST
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.methods.method import Method
from uce_core.specs import setting

if TYPE_CHECKING:
    from torch import Tensor

    from uce_core.edits.weightless import WeightlessEdit
    from uce_core.edits.weightless_spec import OnValues
    from uce_core.methods.inputs import EditInputs


SAME = 1e-4  # of the largest singular value: below it targets are the same, but for the encoder's rounding


@dataclass(frozen=True, kw_only=True)
class AdaVdSpec(WeightlessSpec):
    """As WeightlessSpec. wording: within a phrase by default, as prompts have the concept. sharpness, alike_from, most:
    a, b and c of the shift factor c·σ(a(cos − b))."""

    kind: ClassVar[str] = "adavd"
    edits_text: ClassVar[bool] = False

    wording: str = setting("expanded", help="How a concept is written: name, style, portrait, … or a text with one {}.")
    alike_from: float = setting(0.5, help="Cosine of values at which half is taken away.", least=-1.0, most=1.0)
    sharpness: float = setting(100.0, help="How suddenly it is taken away around that.", least=LEAST, most=LARGEST)
    most: float = setting(1.0, help="How much of the common component is taken away at most.", least=0.0, most=LARGEST)

    def on_values(self, targets: "Tensor", strength: float) -> "OnValues":
        """v − Σ aᵢsᵢtᵢ, with the coefficients a of v's projection onto the span of the targets and each target's shift
        factor s; targets that are the same share theirs. The first token, which begins every text, is spared."""
        import torch

        onto = torch.linalg.pinv(targets.double(), rtol=SAME).float()  # (out, n)
        directions = torch.nn.functional.normalize(targets, dim=1)

        def changed(values: "Tensor") -> "Tensor":
            if values.ndim > 2:  # image by image: sharp factors enlarge last bits, which depend on how many there are
                return torch.stack([changed(one) for one in values])
            cosines = torch.nn.functional.normalize(values, dim=-1) @ directions.T  # (T, n)
            factors = self.most * torch.sigmoid(self.sharpness * (cosines - self.alike_from))
            erased = (values @ onto * factors) @ targets
            erased[0] = 0
            left: Tensor = values - strength * erased
            return left

        return changed


def solve(inputs: "EditInputs", spec: AdaVdSpec) -> "WeightlessEdit":
    """Raises ValueError if the model has no value projections that read text."""
    from uce_core.concepts.vectors import concept_vectors

    assert inputs.value_projections  # raises
    return inputs.weightless(concept_vectors(inputs.model.text, spec.erase, spec.wording, spec.span))


def published(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it."""
    return {"wording": "name", "alike_from": 0.93, "sharpness": 100.0, "most": 2.0}


METHOD = Method(
    title="AdaVD",
    source="Wang et al. 2024, arXiv 2412.06143",
    spec=AdaVdSpec,
    solve=solve,
    presets={"default": lambda erase, retain: {}, "published": published},
)
