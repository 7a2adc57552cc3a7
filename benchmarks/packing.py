"""python -m benchmarks.packing: what it saves to lay weights out for oneDNN once, on an x86 CPU with bf16 instructions.

Drawings on Atelier, and one step of a UNet of Stable Diffusion 1.4's shape with random weights; plain and packed
layers take turns. Memory: about 6 GB.
"""

from collections.abc import Callable
from functools import partial
from statistics import median

import torch
from torch import nn

from app.fields import DEFAULT_SPEC, first_drawing
from uce_core import Edit, compare, draw, erase, load_model, packing
from uce_core.packing import PackedConv2d, PackedLinear, pack
from uce_core.shapes import unet_of
from uce_core.timing import seconds

TURNS = 15
PLAIN = {PackedConv2d: nn.Conv2d, PackedLinear: nn.Linear}


def unpack(module: nn.Module) -> None:
    for layer in module.modules():
        layer.__class__ = PLAIN.get(type(layer), type(layer))


def row(what: str, modules: list[nn.Module], action: Callable[[], object], turns: int) -> str:
    times: list[tuple[float, float]] = []
    for _ in range(turns + 1):  # in the first one whatever is slow once
        for module in modules:
            unpack(module)
        plain = seconds(action)
        pack(*modules)
        times.append((plain, seconds(action)))
    del times[0]
    ratio = median(packed / plain for plain, packed in times)
    return "| {} | {:.2f} s | {:.2f} s | {:.3f} |".format(what, *map(median, zip(*times, strict=True)), ratio)


def main() -> None:
    model = load_model("atelier")
    edit, drawing = erase(model, DEFAULT_SPEC), first_drawing(model.family)
    assert isinstance(edit, Edit)
    parts: list[nn.Module] = [model.unet, model.pipeline.vae]
    print("| medians | plain | packed | ratio |\n|---|---|---|---|")
    ways: dict[str, Callable[[], object]] = {
        "the edited picture alone": partial(draw, model, [drawing], edits=[edit]),
        "original and edited, one batch": partial(draw, model, [drawing] * 2, edits=[None, edit]),
        "by swapping weights, with scores": partial(compare, model, edit, [drawing], path="swap"),
    }
    for what, action in ways.items():
        print(row(what, parts, action, TURNS), flush=True)
    unet = unet_of("sd-1.4")
    torch.nn.Module.to(unet, torch.bfloat16)  # diffusers' own .to() warns of fp32 layers, even of none
    unet.to_empty(device="cpu").to(memory_format=torch.channels_last)
    with torch.inference_mode():
        for parameter in unet.parameters():
            parameter.normal_(std=0.02)
    inputs = torch.randn(2, 4, 64, 64, dtype=torch.bfloat16), torch.tensor(500), torch.randn(2, 77, 768).bfloat16()
    packing.LARGEST = 2**32  # it is over what is packed

    @torch.inference_mode()
    def step() -> None:
        unet(*inputs)

    print(row("one step at Stable Diffusion 1.4's shape", [unet], step, 3))


if __name__ == "__main__":
    main()
