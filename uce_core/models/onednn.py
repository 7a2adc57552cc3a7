"""Weights of convolutions and linear layers in the layout that oneDNN computes in.

On a CPU torch lays a bf16 weight out anew in every call, which for small images takes a fifth of the time. Packed
layers do so once, and again when their weights are others; what they compute is the same, bit for bit. Knows nothing
about models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

LARGEST = 2**26  # bytes of weights: three copies are kept, and the larger a model and its images, the less it saves
_layouts: WeakKeyDictionary[nn.Module, tuple[np.ndarray, Tensor]] = WeakKeyDictionary()  # each weight, and its layout


class PackedConv2d(nn.Conv2d):
    _packed: Tensor | None

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to (n, d, h', w'), like Conv2d."""
        if torch.compiler.is_compiling():  # a compiler lays out by itself
            return super().forward(x)
        how = (self.padding, self.stride, self.dilation, self.groups)
        if self._packed is None:
            weight = self.weight.detach()
            self._packed = torch.ops.mkldnn._reorder_convolution_weight(weight, *how, list(x.shape))
        y: Tensor = torch.ops.mkldnn._convolution_pointwise(x, self._packed, self.bias, *how, "none", [], "")
        return y


class PackedLinear(nn.Linear):
    _packed: Tensor | None

    def forward(self, x: Tensor) -> Tensor:
        """(..., c) to (..., d), like Linear."""
        if torch.compiler.is_compiling():
            return super().forward(x)
        if self._packed is None:
            rows = x.numel() // x.shape[-1]
            self._packed = torch.ops.mkldnn._reorder_linear_weight(self.weight.detach(), rows)
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, self._packed, self.bias, "none", [], "")
        return y


PACKED: dict[type[nn.Module], type[nn.Module]] = {nn.Conv2d: PackedConv2d, nn.Linear: PackedLinear}


@contextmanager
def packed(*modules: nn.Module) -> Iterator[None]:
    """Modules on the CPU with packed layers, to be called without gradients while nobody changes weights.

    Afterwards the modules are what they were, and may be changed by whoever likes: next time the weights are compared
    with those that were laid out. Does nothing but on x86 CPUs with bf16 instructions, to layers of other types and
    dtypes, and to modules whose layers have more than LARGEST bytes. Within another such block, whose weights may have
    been changed since it began, and will be back when this one has ended, layers are laid out anew, and again after it.
    """
    kinds = {layer: type(layer) for layer in _packable(modules)}
    again = [layer for module in modules for layer in module.modules() if type(layer) in PACKED.values()]
    _forget(again)
    try:
        for layer, kind in kinds.items():
            layer.__dict__["_packed"] = _known(layer)
            layer.__class__ = PACKED[kind]
        yield
    finally:
        _forget(again)
        for layer, kind in kinds.items():
            layer.__class__ = kind
            _keep(layer, layer.__dict__.pop("_packed", None))


def _packable(modules: tuple[nn.Module, ...]) -> list[nn.Module]:
    abilities = torch.cpu.get_capabilities()
    if not torch.backends.mkldnn.is_available() or not (abilities.get("amx_bf16") or abilities.get("avx512_bf16")):
        return []
    layers = [layer for module in modules for layer in module.modules() if type(layer) in PACKED]
    weights = [layer.get_parameter("weight") for layer in layers]
    if sum(weight.nbytes for weight in weights) > LARGEST:
        return []
    pairs = zip(layers, weights, strict=True)
    return [layer for layer, weight in pairs if weight.dtype == torch.bfloat16 and _plainly_padded(layer)]


def _forget(layers: list[nn.Module]) -> None:
    for layer in layers:
        layer.__dict__["_packed"] = None


def _plainly_padded(layer: nn.Module) -> bool:
    return not isinstance(layer, nn.Conv2d) or (layer.padding_mode == "zeros" and not isinstance(layer.padding, str))


def _known(layer: nn.Module) -> Tensor | None:
    """The layout of the weight, unless the weight is another one by now."""
    weight, layout = _layouts.get(layer, (None, None))
    return layout if weight is not None and np.array_equal(weight, _bits(layer)) else None


def _keep(layer: nn.Module, layout: Tensor | None) -> None:
    if layout is not None and layout is not _layouts.get(layer, (None, None))[1]:
        _layouts[layer] = _bits(layer).copy(order="K"), layout


def _bits(layer: nn.Module) -> np.ndarray:
    """A bf16 weight as whole numbers, which NaN can be compared by, too."""
    return layer.get_parameter("weight").detach().view(torch.int16).numpy()
