"""The technique "tensor" of the first published UCE code: what is left of the guide's outputs without their component
along the erased outputs.

Its targets depend on each projection, so the edit is a whole new weight for every one of them
(edits/closed_form.py, tensor_projection).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from uce_core.concepts.text_spaces import TOKENS, space_of
from uce_core.edits.spec import EditSpec
from uce_core.methods import uce
from uce_core.methods.method import Method

if TYPE_CHECKING:
    from uce_core.edits.dense import DenseEdit
    from uce_core.methods.inputs import EditInputs


@dataclass(frozen=True, kw_only=True)
class TensorSpec(EditSpec):
    """As EditSpec."""

    kind: ClassVar[str] = "uce-tensor"


def solve(inputs: "EditInputs", spec: TensorSpec) -> "DenseEdit":
    """Raises ValueError if the equations cannot be solved."""
    from uce_core.edits.closed_form import right_factor, tensor_projection
    from uce_core.edits.dense import DenseEdit

    erased, _ = inputs.erased
    right = right_factor(erased, inputs.retained, spec.lam, spec.erase_scale, spec.retain_scale)
    weights = {
        name: tensor_projection(weight.double(), inputs.concepts, inputs.guides, right).float().cpu()
        for name, weight in inputs.masters.items()
        if space_of(name) == TOKENS
    }
    return DenseEdit(weights=weights, spec=spec, text_encoder=inputs.text_encoder)


METHOD = Method(
    title="UCE, “tensor”",
    source="github.com/rohitgandikota/unified-concept-editing, train_erase.py of 2023",
    spec=TensorSpec,
    solve=solve,
    presets=uce.METHOD.presets,
)
