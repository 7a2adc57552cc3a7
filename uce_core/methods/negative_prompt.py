"""The negative prompt: guidance leads away from what is to be erased. No weights change, and nothing is solved.

Ho and Salimans 2022 (arXiv 2207.12598) guide away from the unconditional prediction; that of the erased concepts takes
its place. What every method has to be better than, as it costs nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from uce_core.edits.weightless_spec import NEGATIVE, WeightlessSpec
from uce_core.methods.method import Method
from uce_core.problems import Problem

if TYPE_CHECKING:
    from uce_core.edits.weightless import WeightlessEdit
    from uce_core.edits.weightless_spec import Encode, States
    from uce_core.methods.inputs import EditInputs

BETWEEN = ", "  # as people write several things in one


@dataclass(frozen=True, kw_only=True)
class NegativePromptSpec(WeightlessSpec):
    """As WeightlessSpec."""

    kind: ClassVar[str] = "negative-prompt"
    needs_guidance: ClassVar[bool] = True

    def on_prompt(self, states: "States", encode: "Encode", negative_prompt: str, strength: float) -> "States":
        """Between the states of the negative prompt that was asked for and those of one that names the erased
        concepts, too; at strength 1 they are the latter's."""
        import torch

        encoded = encode([self.negative_prompt(negative_prompt)])
        moved = {
            name: torch.lerp(rows.float(), encoded[name.removeprefix(NEGATIVE)][0].float(), strength).to(rows)
            for name, rows in states.items()
            if name.startswith(NEGATIVE)
        }
        return {**states, **moved}

    def negative_prompt(self, before: str = "") -> str:
        """The erased concepts behind a negative prompt."""
        return BETWEEN.join(filter(None, (before.strip(), *self.texts)))


def solve(inputs: "EditInputs", spec: NegativePromptSpec) -> "WeightlessEdit":
    """Raises ValueError if the negative prompt is too long, or the model computes no unconditional pass."""
    model = inputs.model
    if not model.source.architecture.guided:
        raise Problem(
            "no_negative_prompt",
            "{name} takes no negative prompt, as it computes no unconditional pass: leave it empty.",
            name=model.title,
        )
    model.text.check_length(spec.negative_prompt())
    return inputs.weightless()


METHOD = Method(
    title="Negative prompt",
    source="Ho and Salimans 2022, arXiv 2207.12598",
    spec=NegativePromptSpec,
    solve=solve,
    presets={"default": lambda erase, retain: {}},
)
