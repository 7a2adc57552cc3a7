"""python -m benchmarks.packing: what it saves to lay weights out for oneDNN once, on an x86 CPU with bf16 instructions.

Drawings on Atelier, and one step of a UNet of Stable Diffusion 1.4's shape with random weights; plain and packed
layers take turns. Memory: about 8 GB.
"""

from collections.abc import Callable
from functools import partial
from statistics import median

import torch

from app.studio.request import DEFAULT_SPEC, first_generation
from uce_core import Edit, compare, erase, generate, load_model
from uce_core.bench.shapes import unet_of
from uce_core.models import onednn
from uce_core.runtime import seconds

TURNS = 15


def row(what: str, action: Callable[[], object], largest: int, turns: int) -> str:
    times: list[list[float]] = []
    for _ in range(turns + 1):  # in the first one whatever is slow once
        times.append([])
        for onednn.LARGEST in (0, largest):
            times[-1].append(seconds(action))
    del times[0]
    ratio = median(packed / plain for plain, packed in times)
    return "| {} | {:.2f} s | {:.2f} s | {:.3f} |".format(what, *map(median, zip(*times, strict=True)), ratio)


def main() -> None:
    model = load_model("atelier").ready()
    edit, spec = erase(model, DEFAULT_SPEC), first_generation(model.family)
    assert isinstance(edit, Edit)
    print("| medians | plain | packed | ratio |\n|---|---|---|---|")
    ways: dict[str, Callable[[], object]] = {
        "the edited image alone": partial(generate, model, [spec], edits=[edit]),
        "original and edited, one batch": partial(generate, model, [spec] * 2, edits=[None, edit]),
        "by swapping weights, with scores": partial(compare, model, edit, [spec], path="swap"),
    }
    for what, action in ways.items():
        print(row(what, action, onednn.LARGEST, TURNS), flush=True)
    unet = unet_of("sd-1.4")
    torch.nn.Module.to(unet, torch.bfloat16)  # diffusers' own .to() warns of fp32 layers, even of none
    unet.to_empty(device="cpu").to(memory_format=torch.channels_last)
    with torch.inference_mode():
        for parameter in unet.parameters():
            parameter.normal_(std=0.02)
    inputs = torch.randn(2, 4, 64, 64, dtype=torch.bfloat16), torch.tensor(500), torch.randn(2, 77, 768).bfloat16()

    @torch.inference_mode()
    def step() -> None:
        with onednn.packed(unet):
            unet(*inputs)

    print(row("one step at Stable Diffusion 1.4's shape", step, 2**32, 3))  # too large to be packed otherwise


if __name__ == "__main__":
    main()
