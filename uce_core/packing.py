"""Weights of convolutions and linear layers in the layout that oneDNN computes in.

On a CPU torch lays a bf16 weight out anew in every call, which for small pictures takes a good part of the time. A
packed layer does so when its weight is first used, and again only when that has changed; what it computes is the
same, bit for bit. Knows nothing about models.
"""

import itertools
from typing import Any

import torch
from torch import Tensor, nn

LARGEST = (
    2**28
)  # bytes of weights: they are kept twice, and in large models, whose pictures are large, it saves nothing


class _Packed:
    """What both layers share: the weight's second layout, and of which state of the weight it is."""

    weight: Tensor
    _packed: tuple[Any, Tensor] | None = None

    def _weight_for(self, x: Tensor) -> Tensor | None:
        """The weight as oneDNN wants it; None for gradients, under torch.compile, and of other kinds than bf16."""
        weight = self.weight  # looked up once: of a small picture's time, looking up takes a part
        if torch.is_grad_enabled() or torch.compiler.is_compiling() or weight.is_inference():
            return None
        if not (x.is_cpu and x.dtype == weight.dtype == torch.bfloat16):
            return None
        state = (weight.data_ptr(), weight._version)
        if self._packed is None or self._packed[0] != state:
            self._packed = state, self._pack(weight.detach(), x)
        return self._packed[1]

    def _pack(self, weight: Tensor, x: Tensor) -> Tensor:
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        """For copies, which lay out their own: a tensor in oneDNN's layout cannot be copied."""
        return {name: value for name, value in self.__dict__.items() if name != "_packed"}


class PackedConv2d(_Packed, nn.Conv2d):
    def _pack(self, weight: Tensor, x: Tensor) -> Tensor:
        how = (self.padding, self.stride, self.dilation, self.groups)
        return torch.ops.mkldnn._reorder_convolution_weight(weight, *how, list(x.shape))

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to (n, d, h', w'), like Conv2d."""
        weight = self._weight_for(x)
        if weight is None:
            return super().forward(x)
        how = (self.padding, self.stride, self.dilation, self.groups)
        return torch.ops.mkldnn._convolution_pointwise(x, weight, self.bias, *how, "none", [], "")


class PackedLinear(_Packed, nn.Linear):
    def _pack(self, weight: Tensor, x: Tensor) -> Tensor:
        return torch.ops.mkldnn._reorder_linear_weight(weight, x.numel() // x.shape[-1])

    def forward(self, x: Tensor) -> Tensor:
        """(..., c) to (..., d), like Linear."""
        weight = self._weight_for(x)
        if weight is None:
            return super().forward(x)
        return torch.ops.mkldnn._linear_pointwise(x, weight, self.bias, "none", [], "")


def pack(*modules: nn.Module) -> None:
    """Make the layers of modules packed ones, where that is faster: on x86 CPUs with bf16 instructions, up to LARGEST.

    Names, parameters and hooks of the layers stay as they are.
    """
    abilities = torch.cpu.get_capabilities()
    size = sum(parameter.nbytes for module in modules for parameter in module.parameters())
    if size > LARGEST or not (abilities.get("amx_bf16") or abilities.get("avx512_bf16")):
        return
    for layer in itertools.chain.from_iterable(module.modules() for module in modules):
        if type(layer) is nn.Linear:
            layer.__class__ = PackedLinear
        elif type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
            layer.__class__ = PackedConv2d
