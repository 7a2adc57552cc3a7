"""Packed layers against torch's own, bit for bit."""

import copy

import pytest
import torch
from torch import Tensor, nn

from uce_core import packing
from uce_core.models import Model
from uce_core.packing import PackedConv2d, PackedLinear, pack

CAN = torch.cpu.get_capabilities()
FASTER = bool(CAN.get("amx_bf16") or CAN.get("avx512_bf16"))

LAYERS = (
    (lambda: nn.Conv2d(4, 64, 3, padding=1), (2, 4, 16, 16)),
    (lambda: nn.Conv2d(64, 64, 3, stride=2, padding=1, bias=False), (1, 64, 16, 16)),
    (lambda: nn.Conv2d(64, 96, 1), (3, 64, 8, 8)),
    (lambda: nn.Conv2d(32, 32, 3, padding=1, groups=4), (2, 32, 8, 8)),
    (lambda: nn.Linear(192, 128, bias=False), (2, 77, 192)),
    (lambda: nn.Linear(64, 256), (2, 64)),
)


def twins(number: int) -> tuple[nn.Module, nn.Module, Tensor]:
    """A layer, its packed twin, and what to put into them."""
    torch.manual_seed(number)
    layer, shape = LAYERS[number]
    plain = layer().to(torch.bfloat16).to(memory_format=torch.channels_last)
    packed = copy.deepcopy(plain)
    pack(packed)
    return plain, packed, torch.randn(shape, dtype=torch.bfloat16)


@pytest.mark.parametrize("number", range(len(LAYERS)))
@torch.no_grad()
def test_a_packed_layer_gives_the_same_bits(number: int) -> None:
    plain, packed, x = twins(number)
    assert isinstance(packed, PackedConv2d | PackedLinear) == FASTER
    for batch in (x, torch.cat([x, x]), x[:1]):
        assert torch.equal(packed(batch), plain(batch))
        assert packed(batch).stride() == plain(batch).stride()


@pytest.mark.parametrize("number", range(len(LAYERS)))
@torch.no_grad()
def test_a_changed_weight_is_packed_again(number: int) -> None:
    plain, packed, x = twins(number)
    packed(x)
    for layer in (plain, packed):
        layer.weight.copy_(layer.weight * 2)
    assert torch.equal(packed(x), plain(x))
    for layer in (plain, packed):
        layer.weight.data = layer.weight.data * 3
    assert torch.equal(packed(x), plain(x))
    for layer in (plain, packed):
        layer.float()
    assert torch.equal(packed(x.float()), plain(x.float()))


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_gradients_copies_and_files_are_those_of_a_plain_layer(number: int) -> None:
    plain, packed, x = twins(number)
    with torch.inference_mode():
        packed(x)
    for layer in (plain, packed):
        layer(x).float().square().sum().backward()
    assert torch.equal(plain.weight.grad, packed.weight.grad)
    assert list(packed.state_dict()) == list(plain.state_dict())
    with torch.no_grad():
        assert torch.equal(copy.deepcopy(packed)(x), plain(x))


def test_a_large_model_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = nn.Linear(64, 64).to(torch.bfloat16)
    monkeypatch.setattr(packing, "LARGEST", layer.weight.nbytes)  # its bias is over it
    pack(layer)
    assert type(layer) is nn.Linear


def test_what_the_layout_does_not_know_is_left_as_it_is() -> None:
    for layer in (nn.Conv2d(4, 4, 3, padding="same"), nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect")):
        pack(layer)
        assert type(layer) is nn.Conv2d


def test_atelier_draws_with_packed_layers(atelier: Model) -> None:
    kinds = {type(layer) for part in (atelier.unet, atelier.pipeline.vae) for layer in part.modules()}
    assert ({PackedConv2d, PackedLinear} <= kinds) == FASTER
    assert (nn.Linear in kinds) != FASTER
