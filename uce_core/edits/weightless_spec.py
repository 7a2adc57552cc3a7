"""What is asked of a method that changes no weights, and what it does while images are generated.

Such a method is one class: its settings, and how it changes what a model reads of a prompt, or the values that a
projection makes of it. Knows nothing about models; importing it does not import torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from uce_core.concepts.wordings import templates
from uce_core.edits.spec import ErasureSpec

if TYPE_CHECKING:  # seconds to import
    from torch import Tensor

    States = Mapping[str, Tensor]  # of a prompt, by diffusers' names: prompt_embeds (T, d), negative_prompt_embeds, …
    Encode = Callable[[Sequence[str]], States]  # of several texts, under the same names, each with a row of its own
    OnValues = Callable[[Tensor], Tensor]  # from a projection's outputs (n, T, out) to others

NEGATIVE = "negative_"  # how the names of the unconditional pass's states begin


@dataclass(frozen=True, kw_only=True)
class WeightlessSpec(ErasureSpec):
    """As ErasureSpec, of which such a method takes erase and wording. Raises ValueError if something is to be retained.

    edits_text: whether it changes the states of prompts, by on_prompt; if not, values, by on_values.
    """

    retains: ClassVar[bool] = False
    edits_text: ClassVar[bool] = True

    # no settings
    guide: str | tuple[str, ...] = ""
    span: str = "last"
    retain_empty: bool = False
    retain_wording: str = ""
    retain_span: str = ""
    empty_token: str = "end"
    text_space: str = "all"

    def __post_init__(self) -> None:
        super().__post_init__()
        unused = ("span", "retain_empty", "retain_wording", "retain_span", "empty_token", "text_space")
        self._set(**{name: getattr(WeightlessSpec, name) for name in unused})  # as a form of all methods fills them

    @property
    def texts(self) -> tuple[str, ...]:
        """The erased concepts as they are written for the encoder."""
        return tuple(template.format(concept) for template in templates(self.wording) for concept in self.erase)

    def on_prompt(self, states: "States", encode: "Encode", negative_prompt: str, strength: float) -> "States":
        """The states of a prompt, changed. encode: gives those of other texts. negative_prompt: what the prompt's
        unconditional pass reads."""
        raise NotImplementedError

    def on_values(self, targets: "Tensor", strength: float) -> "OnValues":
        """What is made of a value projection's outputs. targets: (n, out), the same projection's of the erased
        concepts' last tokens."""
        raise NotImplementedError
