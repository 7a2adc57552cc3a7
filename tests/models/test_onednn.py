"""Packed layers against torch's own, bit for bit."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from uce_core import GenerationSpec, generate
from uce_core.models import onednn
from uce_core.models.model import Model
from uce_core.models.onednn import PackedConv2d, PackedLinear, packed

CAN = torch.cpu.get_capabilities()
FASTER = bool(CAN.get("amx_bf16") or CAN.get("avx512_bf16"))

LAYERS: tuple[tuple[Callable[[], nn.Module], tuple[int, ...]], ...] = (
    (lambda: nn.Conv2d(4, 64, 3, padding=1), (2, 4, 16, 16)),
    (lambda: nn.Conv2d(64, 64, 3, stride=2, padding=1, bias=False), (1, 64, 16, 16)),
    (lambda: nn.Conv2d(64, 96, 1), (3, 64, 8, 8)),
    (lambda: nn.Conv2d(32, 32, 3, padding=1, groups=4), (2, 32, 8, 8)),
    (lambda: nn.Linear(192, 128, bias=False), (2, 77, 192)),
    (lambda: nn.Linear(64, 256), (2, 64)),
)


def twins(number: int) -> tuple[nn.Module, nn.Module, Tensor]:
    """A layer, its twin to be packed, and what to put into them."""
    torch.manual_seed(number)
    layer, shape = LAYERS[number]
    plain = layer().to(torch.bfloat16).to(memory_format=torch.channels_last)
    return plain, copy.deepcopy(plain), torch.randn(shape, dtype=torch.bfloat16)


def called(layer: nn.Module, x: Tensor) -> Tensor:
    with packed(layer), torch.no_grad():
        return layer(x)


@pytest.mark.parametrize("number", range(len(LAYERS)))
@torch.no_grad()
def test_a_packed_layer_gives_the_same_bits(number: int) -> None:
    plain, twin, x = twins(number)
    for _ in range(2):
        with packed(twin):
            assert isinstance(twin, PackedConv2d | PackedLinear) == FASTER
            for batch in (x, torch.cat([x, x]), x[:1]):
                assert torch.equal(twin(batch), plain(batch))
                assert twin(batch).stride() == plain(batch).stride()


CHANGES: dict[str, Callable[[nn.Module], object]] = {
    "in place": lambda layer: layer.weight.mul_(2),
    "behind the version's back": lambda layer: layer.weight.data.mul_(2),
    "by another tensor": lambda layer: setattr(layer.weight, "data", layer.weight.data * 2),
    "by another parameter": lambda layer: setattr(layer, "weight", nn.Parameter(layer.weight * 2)),
    "to NaN": lambda layer: layer.weight.fill_(float("nan")),
    "in another dtype": lambda layer: layer.float(),
}


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("number", [0, 5])
@torch.no_grad()
def test_a_changed_weight_counts(number: int, how: str) -> None:
    plain, twin, x = twins(number)
    assert torch.equal(called(twin, x), plain(x))
    for layer in (plain, twin):
        CHANGES[how](layer)
    x = x.to(plain.weight.dtype)
    assert torch.equal(called(twin, x).isnan(), plain(x).isnan())
    assert torch.equal(called(twin, x).nan_to_num(), plain(x).nan_to_num())


def test_a_layer_is_laid_out_once() -> None:
    _, twin, x = twins(4)
    called(twin, x)
    before = onednn._layouts.get(twin)
    called(twin, x)
    assert onednn._layouts.get(twin) is before
    assert (before is not None) == FASTER


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_afterwards_the_layer_is_plain(number: int) -> None:
    plain, twin, x = twins(number)
    with pytest.raises(RuntimeError), packed(twin), torch.no_grad():
        twin(twin(x).reshape(-1, 1, 1, 1, 1))
    assert type(twin) is type(plain)
    assert twin.__dict__.keys() == plain.__dict__.keys()
    for layer in (plain, twin):
        layer(x).float().square().sum().backward()
    assert torch.equal(plain.weight.grad, twin.weight.grad)
    assert torch.equal(copy.deepcopy(twin)(x), plain(x))


def test_what_would_not_gain_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = nn.Linear(64, 64).to(torch.bfloat16)
    monkeypatch.setattr(onednn, "LARGEST", layer.weight.nbytes - 1)
    others = (layer, nn.Conv2d(4, 4, 3, padding="same"), nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"))
    for one in others:
        kind = type(one)
        with packed(one.bfloat16()):
            assert type(one) is kind


def test_atelier_generates_the_same_with_plain_layers(atelier: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = set[type]()
    spec = GenerationSpec("a house by Vincent van Gogh", 7, 3)

    def look(*_: object) -> None:
        kinds.update(type(layer) for part in (atelier.denoiser, atelier.pipeline.vae) for layer in part.modules())

    [faster] = generate(atelier, [spec], look)
    assert ({PackedConv2d, PackedLinear} <= kinds) == FASTER
    assert (nn.Linear in kinds) != FASTER
    kinds.clear()
    monkeypatch.setattr(onednn, "LARGEST", 0)
    [plain] = generate(atelier, [spec], look)
    assert PackedLinear not in kinds
    assert np.array_equal(np.asarray(faster), np.asarray(plain))


@torch.no_grad()
def test_weights_that_are_others_for_a_while_count_within_an_open_block() -> None:
    """As when an edit is written into the weights between two steps of others' images."""
    plain, twin, x = twins(4)
    weight = twin.get_parameter("weight")
    with packed(twin):
        expected = twin(x).clone()
        was = weight.clone()
        weight.mul_(2)
        with packed(twin):
            assert torch.equal(twin(x), 2 * expected)
        weight.copy_(was)
        assert torch.equal(twin(x), expected)
    assert torch.equal(called(twin, x), plain(x))
