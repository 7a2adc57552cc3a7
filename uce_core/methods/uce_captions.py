"""UCE that retains what captions in general consist of, too: ours, between UCE and what OCE asks of its rotations.

UCE leaves alone what it is told to retain, and all directions alike by λ. Texts lie in few directions, which λ protects
no more than those that no text has. Here the outputs of everyday captions are retained as well, by their second moment
alone (concepts/captions.py). Derivation and figures in docs/methods.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from uce_core.concepts.wordings import SPANS
from uce_core.edits.spec import LARGEST, LEAST, EditSpec
from uce_core.methods import uce
from uce_core.methods.method import Method
from uce_core.specs import setting

if TYPE_CHECKING:
    from uce_core.edits.edit import Edit
    from uce_core.methods.inputs import EditInputs


@dataclass(frozen=True, kw_only=True)
class CaptionsSpec(EditSpec):
    """As EditSpec; the span is from the concept's last token on and λ is larger unless said otherwise. caption_scale:
    m, the weight of captions, of all their tokens together."""

    kind: ClassVar[str] = "uce-captions"
    reads_captions: ClassVar[bool] = True

    span: str = setting("rest", help="Token positions that are a concept's vectors.", choices=SPANS)
    lam: float = setting(20.0, help="λ, weight of leaving the model's weights as they are.", least=LEAST, most=LARGEST)
    caption_scale: float = setting(30.0, help="Weight of what captions in general need.", least=0.0, most=LARGEST)


def solve(inputs: "EditInputs", spec: CaptionsSpec) -> "Edit":
    """Raises ValueError if the equations cannot be solved."""
    from uce_core.edits.closed_form import solve

    weights = spec.lam, spec.erase_scale, spec.retain_scale
    return inputs.edited(
        lambda space: solve(*space.erased, space.retained, *weights, spec.caption_scale * space.second_moment)
    )


METHOD = Method(
    title="UCE with captions",
    source="ours, on Gandikota et al. 2023, arXiv 2308.14761",
    spec=CaptionsSpec,
    solve=solve,
    presets={"default": uce.default},
)
