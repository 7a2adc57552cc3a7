"""CLIP's text encoder in float32 (Radford et al. 2021, arXiv 2103.00020), one layer after the other.

A layer is read, all texts go through it, and it is forgotten: however large the encoder, only a layer of it is in
memory, and it is read once for any number of texts. Attention is causal: a token's state depends on no later token, so
that texts may be cut behind the last one that is wanted. Knows tokens and weights, nothing about words and files.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:  # seconds to import
    from transformers import CLIPTextConfig

ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], float]] = {  # f and s of f(s·x) / s: scaling a product is free
    "quick_gelu": (partial(functional.silu, inplace=True), 1.702),  # x·σ(1.702 x)
    "gelu": (functional.gelu, 1.0),
}
SHARED = 0.05  # of a batch's tokens: if fewer have the state of another text, to look for them takes longer
OF_LAYER = (
    "layer_norm1",
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.out_proj",
    "layer_norm2",
    "mlp.fc1",
    "mlp.fc2",
)
TOKENS, POSITIONS = "embeddings.token_embedding.weight", "embeddings.position_embedding.weight"
FINAL, PROJECTION = "final_layer_norm", "text_projection.weight"
OnBatch = Callable[[int, int], None]  # batches done, of how many


class Weights(Protocol):
    """A network's tensors by name, wherever they lie. stored: the coarsest dtype among them, as torch names it."""

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def stored(self) -> str: ...
    def read(self, names: Iterable[str]) -> Mapping[str, Tensor]: ...


class Kept:
    """Weights in memory."""

    def __init__(self, tensors: Mapping[str, Tensor], stored: str) -> None:
        self.tensors, self.stored = tensors, stored
        self.shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}

    def read(self, names: Iterable[str]) -> dict[str, Tensor]:
        return {name: self.tensors[name] for name in names}


def parameters(config: "CLIPTextConfig", projected: bool) -> list[tuple[str, ...]]:
    """The names of all tensors, those that are read together side by side. projected: whether there is a
    text_projection, which no UNet reads."""
    layers = [_layer(number) for number in range(config.num_hidden_layers)]
    return [(TOKENS,), (POSITIONS,), *layers, _both(FINAL), *[(PROJECTION,)] * projected]


def _layer(number: int) -> tuple[str, ...]:
    return tuple(name for one in OF_LAYER for name in _both(f"encoder.layers.{number}.{one}"))


def _both(name: str) -> tuple[str, str]:
    return f"{name}.weight", f"{name}.bias"


@dataclass(frozen=True)
class Batch:
    """Texts that go through a layer together. A token's state depends on what is before it alone, so that texts that
    begin alike share the states of their beginning, which are computed once.

    of_text: which of the batch's states each token of each text has, (b, n). first: where each state comes first among
    all tokens, text by text, (s,). tokens, places: of each state, and its position in a text, (s,).
    """

    of_text: Tensor
    first: Tensor
    tokens: Tensor
    places: Tensor

    @property
    def shares(self) -> bool:
        return len(self.first) < self.of_text.numel()

    @staticmethod
    def of(tokens: Tensor) -> "Batch":
        """tokens: (b, n)."""
        length, kinds, count = tokens.shape[1], int(tokens.max()) + 1, 0
        before = np.zeros(len(tokens), np.int64)  # each text's state at the place before
        states, firsts = [], []
        for place, column in enumerate(tokens.T.numpy()):
            _, texts, own = np.unique(before * kinds + column, return_index=True, return_inverse=True)
            before = count + own
            count += len(texts)
            states.append(before)
            firsts.append(texts * length + place)
        if count > (1 - SHARED) * tokens.numel():
            every = torch.arange(tokens.numel())
            return Batch(every.view_as(tokens), every, tokens.flatten(), every % length)
        first = torch.from_numpy(np.concatenate(firsts))
        return Batch(torch.from_numpy(np.stack(states, 1)), first, tokens.flatten()[first], first % length)


class Hidden(NamedTuple):
    """Of a batch, float32 on the CPU. tokens: (s, d) of its states. pooled: (b, p) of its texts, None if not wanted."""

    tokens: Tensor
    pooled: Tensor | None


@torch.no_grad()
def hidden_states(
    weights: Weights,
    config: "CLIPTextConfig",
    batches: Sequence[Batch],
    *,
    penultimate: bool,
    device: torch.device,
    ends: Sequence[Tensor] | None = None,
    projected: bool = False,
    on_batch: OnBatch = lambda done, total: None,
) -> list[Hidden]:
    """Of each batch.

    penultimate: the states that the last layer reads, instead of what the final norm makes of what it returns. ends:
    which of a batch's states each text's end token has, (b,), for the pooled text, which is what the final norm makes
    of that token, and if it is projected, the text_projection of that.
    """
    read = config.num_hidden_layers - penultimate
    depth = read if ends is None else config.num_hidden_layers
    states = list(_embedded(weights, batches))
    tokens: list[Tensor] = []
    for number in range(depth):
        layer = _on(device, weights.read(_layer(number)), f"encoder.layers.{number}.")
        if number == read:
            tokens = [x.clone() for x in states]  # layers work in place
        for i, batch in enumerate(batches):
            states[i] = _through(states[i].to(device), batch, layer, config).cpu()
            on_batch(number * len(batches) + i + 1, depth * len(batches))
    if penultimate and ends is None:
        return [Hidden(x, None) for x in states]
    final = _on(device, weights.read(_both(FINAL)), "")
    normed = [_normed(x.to(device), final, FINAL, config).cpu() for x in states]
    if ends is None:
        return [Hidden(x, None) for x in normed]
    pooled = [x[end] for x, end in zip(normed, ends, strict=True)]
    if projected:
        onto = weights.read([PROJECTION])[PROJECTION].to("cpu", torch.float32)
        pooled = [x @ onto.T for x in pooled]
    return [Hidden(*both) for both in zip(tokens or normed, pooled, strict=True)]


def _embedded(weights: Weights, batches: Sequence[Batch]) -> Iterator[Tensor]:
    """Only the rows of these tokens are read."""
    table, places = (weights.read([name])[name] for name in (TOKENS, POSITIONS))
    for batch in batches:
        yield table[batch.tokens].float() + places[batch.places].float()  # (s, d)


def _on(device: torch.device, tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor.to(device, torch.float32) for name, tensor in tensors.items()}


def _through(x: Tensor, batch: Batch, layer: Mapping[str, Tensor], config: "CLIPTextConfig") -> Tensor:
    """One layer: attention and a perceptron, each of what a norm makes of x, and added to it. (s, d)

    In place: new memory takes longer than the arithmetic.
    """
    activation, scale = ACTIVATIONS[config.hidden_act]
    with torch.autocast(x.device.type, enabled=False):
        seen = _seen(_normed(x, layer, "layer_norm1", config), batch, layer, config)
        x.add_(_linear(seen, layer, "self_attn.out_proj"))
        y = _linear(_normed(x, layer, "layer_norm2", config), layer, "mlp.fc1", scale, scale)
        return x.add_(_linear(activation(y), layer, "mlp.fc2", 1 / scale))


def _seen(y: Tensor, batch: Batch, layer: Mapping[str, Tensor], config: "CLIPTextConfig") -> Tensor:
    """What attention makes of each state, in the first of the texts that have it. (s, d)"""
    heads, of_text = (config.num_attention_heads, -1), batch.of_text.to(y.device)
    made = (_linear(y, layer, f"self_attn.{one}_proj") for one in "qkv")  # (s, d)
    rows = (functional.embedding(of_text, one) if batch.shares else one.unflatten(0, of_text.shape) for one in made)
    q, k, v = (one.unflatten(2, heads).transpose(1, 2) for one in rows)
    seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)  # (b, heads, n, d/heads)
    every = seen.transpose(1, 2).flatten(2).flatten(0, 1)
    return every.index_select(0, batch.first.to(y.device)) if batch.shares else every


def _linear(
    x: Tensor, tensors: Mapping[str, Tensor], name: str, of_product: float = 1.0, of_bias: float = 1.0
) -> Tensor:
    """of_product, of_bias: by what they are multiplied."""
    weight, bias = (tensors[one] for one in _both(name))
    return torch.addmm(bias, x, weight.T, beta=of_bias, alpha=of_product)


def _normed(x: Tensor, tensors: Mapping[str, Tensor], name: str, config: "CLIPTextConfig") -> Tensor:
    weight, bias = (tensors[one] for one in _both(name))
    return functional.layer_norm(x, weight.shape, weight, bias, config.layer_norm_eps)
