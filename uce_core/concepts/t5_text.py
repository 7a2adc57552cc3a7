"""T5's encoder in float32 (Raffel et al. 2020, arXiv 1910.10683), one layer after the other, as clip_text.py does it.

Attention sees the whole text and its padding, as the pipelines of Stable Diffusion 3 and FLUX hand over no mask: a text
cannot be cut, and its states depend on how far it is padded. Layers are transformers' own.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from uce_core.concepts.clip_text import OnBatch, Weights
from uce_core.concepts.tower import Group, States

if TYPE_CHECKING:  # seconds to import
    from transformers import PreTrainedTokenizerBase, T5Config

TOKENS, FINAL = "shared.weight", "encoder.final_layer_norm.weight"
AT_ONCE = 16  # groups of texts whose states are in memory: of 512 tokens by 4096, 16 MB a group


@dataclass(kw_only=True)
class T5Tower:
    """length: tokens that a text is padded to. device: where it computes."""

    tokenizer: "PreTrainedTokenizerBase"
    config: "T5Config"
    weights: Weights
    length: int
    device: torch.device
    causal = False
    begin = 0  # tokens before a text's own
    reads = True  # its states are token states of the model
    pooled_width = 0

    def __post_init__(self) -> None:
        self.layers = [
            tuple(sorted(name for name in self.weights.shapes if name.startswith(f"encoder.block.{number}.")))
            for number in range(self.config.num_layers)
        ]
        self.groups = [(TOKENS,), *self.layers, (FINAL,)]
        self.names = [name for group in self.groups for name in group]

    @property
    def width(self) -> int:
        return int(self.config.d_model)

    def states(
        self, texts: Sequence[str], ends: Sequence[int], groups: Sequence[Group], on_batch: OnBatch
    ) -> list[States]:
        """Of each group of the texts, on the CPU, up to their end tokens. ends: the positions of those."""
        tokens = self.tokenizer(
            list(texts), padding="max_length", max_length=self.length, truncation=True, return_tensors="pt"
        ).input_ids
        found: list[States] = []
        for start in range(0, len(groups), AT_ONCE):
            some = groups[start : start + AT_ONCE]
            for group, states in zip(some, self._through([tokens[group.texts] for group in some]), strict=True):
                own = states[:, : max(ends[i] for i in group.texts) + 1].contiguous()
                count, kept = own.shape[:2]
                found.append(States(own.flatten(0, 1), torch.arange(count * kept).view(count, kept), None))
                on_batch(len(found), len(groups))
        return found

    @torch.no_grad()
    def _through(self, batches: Sequence[Tensor]) -> list[Tensor]:
        """Token ids (b, n) to states (b, n, d)."""
        from transformers.models.t5.modeling_t5 import T5Block, T5LayerNorm

        config = copy.copy(self.config)
        config._attn_implementation = "eager"  # layers by themselves are not told by a model
        table = self.weights.read([TOKENS])[TOKENS]
        states = [table[batch].to(self.device, torch.float32) for batch in batches]
        bias = None  # of positions, which the first layer knows and all use
        for number, names in enumerate(self.layers):
            with torch.device("meta"):
                block = T5Block(config, has_relative_attention_bias=number == 0, layer_idx=number)
            prefix = f"encoder.block.{number}."
            stored = self.weights.read(names)
            own = {name.removeprefix(prefix): value.to(self.device, torch.float32) for name, value in stored.items()}
            block.load_state_dict(own, assign=True)
            block.eval()
            with torch.autocast(self.device.type, enabled=False):
                for i, x in enumerate(states):
                    states[i], bias, *_ = block(x, position_bias=bias)
        norm = T5LayerNorm(self.width, eps=self.config.layer_norm_epsilon)
        norm.weight.data = self.weights.read([FINAL])[FINAL].to(self.device, torch.float32)
        return [norm(x).cpu() for x in states]
