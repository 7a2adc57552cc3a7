"""One CLIP text tower: token ids to hidden states in float32, in groups of texts that are cut to what is needed.

Knows nothing about concepts, or what is remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from uce_core.concepts.clip_text import Batch, Kept, OnBatch, Weights, hidden_states, parameters

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec or an edit file
    from transformers import CLIPTextConfig, CLIPTokenizer

TOGETHER = 1024  # tokens of texts that go through a layer at a time: what they take in it is used again, not new memory
KEPT_PARAMETERS = 20_000_000  # 80 MB; Atelier's text encoder has 2.5 million, Stable Diffusion 1.x's 123


class Group(NamedTuple):
    """Texts that go through a network together, by their numbers. length: tokens that they are cut to."""

    texts: list[int]
    length: int


class States(NamedTuple):
    """Of a group. values: (s, width). of_text: which of them each token of each text has, (b, n). pooled: (b, p) of
    each text, None if it is not read."""

    values: Tensor
    of_text: Tensor
    pooled: Tensor | None

    def of(self, number: int, first: int, stop: int) -> Tensor:
        """Of some tokens of the text of a number in its group, (k, width)."""
        return self.values[self.of_text[number, first:stop]]


@dataclass(kw_only=True)
class Tower:
    """A tokenizer and a network in float32, of which small ones are kept in memory.

    projected: whether it has a text_projection. penultimate: whether the model reads the last hidden state but one.
    pools: whether it reads the pooled text. reads: whether it reads the token states. device: where it computes.
    """

    tokenizer: "CLIPTokenizer"
    config: "CLIPTextConfig"
    weights: Weights
    projected: bool = False
    penultimate: bool = False
    pools: bool = False
    reads: bool = True
    device: torch.device
    causal = True  # a token's state depends on no later one
    begin = 1  # tokens before a text's own

    def __post_init__(self) -> None:
        self.groups = parameters(self.config, self.projected)
        self.names = [name for group in self.groups for name in group]
        size = sum(torch.Size(self.weights.shapes[name]).numel() for name in self.names)
        if size <= KEPT_PARAMETERS and not isinstance(self.weights, Kept):
            stored = self.weights.read(self.names)
            whole = {name: tensor.to(torch.float32, copy=True) for name, tensor in stored.items()}
            self.weights = Kept(whole, self.weights.stored)

    @property
    def length(self) -> int:
        """Tokens that a text is padded to."""
        return int(self.tokenizer.model_max_length)

    @property
    def width(self) -> int:
        return int(self.config.hidden_size)

    @property
    def pooled_width(self) -> int:
        """Of the pooled text, 0 if that is not read."""
        return int(self.config.projection_dim if self.projected else self.width) if self.pools else 0

    def states(
        self, texts: Sequence[str], ends: Sequence[int], groups: Sequence[Group], on_batch: OnBatch
    ) -> list[States]:
        """Of each group of the texts, on the CPU. ends: the position of each text's end token, which the groups' length
        is beyond if pooled texts are read."""
        tokens = self.tokenizer(
            list(texts), padding="max_length", max_length=self.length, truncation=True, return_tensors="pt"
        ).input_ids
        batches = [Batch.of(tokens[group.texts, : group.length]) for group in groups]
        found = hidden_states(
            self.weights,
            self.config,
            batches,
            penultimate=self.penultimate,
            device=self.device,
            ends=[
                batch.of_text[range(len(group.texts)), [ends[i] for i in group.texts]]
                for batch, group in zip(batches, groups, strict=True)
            ]
            if self.pools
            else None,
            projected=self.projected,
            on_batch=on_batch,
        )
        return [States(one.tokens, batch.of_text, one.pooled) for one, batch in zip(found, batches, strict=True)]


def in_groups(lengths: Sequence[int]) -> list[Group]:
    """The shortest together, so that little is computed that nobody needs. lengths: how many tokens each text needs."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not groups or (len(groups[-1]) + 1) * lengths[i] > TOGETHER:
            groups.append([])
        groups[-1].append(i)
    return [Group(texts, lengths[texts[-1]]) for texts in groups]
