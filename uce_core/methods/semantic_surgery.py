"""Semantic Surgery (Xiong et al. 2025, arXiv 2510.22851): the direction of the erased concepts is taken out of a
prompt's states, as far as it is found in them. No weights change.

Of the paper the part that reads texts; what detects concepts in images, to go over them once more, is left out.
Derivation in docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.edits.spec import LEAST
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.methods.method import Method
from uce_core.methods.negative_prompt import BETWEEN
from uce_core.specs import setting

if TYPE_CHECKING:
    from torch import Tensor

    from uce_core.edits.weightless import WeightlessEdit
    from uce_core.edits.weightless_spec import Encode, States
    from uce_core.methods.inputs import EditInputs

PROMPT = "prompt_embeds"


@dataclass(frozen=True, kw_only=True)
class SurgerySpec(WeightlessSpec):
    """As WeightlessSpec. similarity: β of the paper, at which a concept counts half. gamma: γ, over how wide a range
    of similarities it goes from nothing to all. detected_from: how much it must count to be erased at all."""

    kind: ClassVar[str] = "semantic-surgery"

    similarity: float = setting(0.06, help="Similarity at which a concept counts half.", least=-1.0, most=1.0)
    gamma: float = setting(0.02, help="Width of the range in which a concept counts in part.", least=LEAST, most=10.0)
    detected_from: float = setting(0.5, help="How much a concept must count to be erased.", least=0.0, most=1.0)

    def on_prompt(self, states: "States", encode: "Encode", negative_prompt: str, strength: float) -> "States":
        """e − α(E(detected) − E("")): all that is detected in one text, α of the one that is detected most."""
        texts = self.texts
        empty = encode([""])
        alone = encode(texts)[PROMPT] - empty[PROMPT]
        counts = presence(states[PROMPT], alone, self.similarity, self.gamma).tolist()
        detected = [(count, text) for count, text in zip(counts, texts, strict=True) if count >= self.detected_from]
        if not detected:
            return states
        joint = encode([BETWEEN.join(text for _, text in detected)])
        alpha = strength * max(detected)[0]
        read = (name for name in states if name.endswith(PROMPT) and name in joint and not name.startswith("negative"))
        moved = {
            name: (states[name].float() - alpha * (joint[name][0] - empty[name][0]).float()).to(states[name])
            for name in read
        }
        return {**states, **moved}


def presence(states: "Tensor", directions: "Tensor", similarity: float, gamma: float) -> "Tensor":
    """How much of each concept is in a prompt: σ((s − β)/γ), with the mean s over all positions of the cosine between
    the concept's direction and the prompt's states. states: (T, d). directions: (n, T, d), E(c) − E(""). Returns
    (n,) float32."""
    import torch

    cosines = torch.cosine_similarity(directions.float(), states.float(), dim=-1)  # (n, T)
    return torch.sigmoid((cosines.mean(1) - similarity) / gamma)


def solve(inputs: "EditInputs", spec: SurgerySpec) -> "WeightlessEdit":
    """Raises ValueError if a concept is too long."""
    return inputs.weightless()


def published(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the paper has it."""
    return {"wording": "name", "similarity": 0.06, "gamma": 0.02, "detected_from": 0.5}


METHOD = Method(
    title="Semantic Surgery",
    source="Xiong et al. 2025, arXiv 2510.22851",
    spec=SurgerySpec,
    solve=solve,
    presets={"default": lambda erase, retain: {}, "published": published},
)
