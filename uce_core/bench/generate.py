"""Switching edits, comparing, and whether either grows slower or larger round after round.

Switching is timed at Stable Diffusion 1.4's true shapes, without its weights; generation on a model that is at hand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from types import SimpleNamespace
from typing import Any

import psutil
import torch

from uce_core.bench.shapes import unet_of
from uce_core.concepts.catalog import Catalog
from uce_core.concepts.text_spaces import EDITED
from uce_core.edits.closed_form import projector
from uce_core.edits.edit import Edit
from uce_core.edits.spec import EditSpec
from uce_core.generation.compare import compare
from uce_core.generation.generate import generate
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.erase import erase
from uce_core.models.applying import restore, write_edit
from uce_core.models.loading import Given
from uce_core.models.model import Loaded, Model
from uce_core.runtime import best, seconds

RUNS = 9
EARLY = 20  # rounds after which memory should stay, and as many more after which time should


@dataclass(frozen=True, kw_only=True)
class Switching:
    """Seconds to write an edit of rank 1, to restore, and of the bare product and a copy of the same bytes."""

    dtype: str
    seconds: float
    seconds_back: float
    seconds_bare: float
    edited_bytes: int


@dataclass(frozen=True)
class Comparing:
    """Medians of several turns. ratio: to the plain pipeline generating two images in one batch, in the same turn."""

    what: str
    seconds: float
    ratio: float


@dataclass(frozen=True, kw_only=True)
class Endurance:
    """Rounds of edit → compare → other edit → compare. Bytes: resident, and on CUDA allocated and reserved,
    after round 20 and after the last. Seconds: means of rounds 21–40 and of the last 20."""

    rounds: int
    bytes_early: dict[str, int]
    bytes_late: dict[str, int]
    seconds_early: float
    seconds_late: float


def bench_switch() -> Iterator[Switching]:
    """In float32 and in bf16, on the CPU or, where there is one, in fp16 on a GPU."""
    cuda = torch.cuda.is_available()
    for dtype in (torch.float16,) if cuda else (torch.float32, torch.bfloat16):
        yield _switching(sd14_shapes(torch.device("cuda" if cuda else "cpu"), dtype))


def sd14_shapes(device: torch.device, dtype: torch.dtype) -> Model:
    """A Model of Stable Diffusion 1.4's UNet with random cross-attention; nothing else of it is ever read."""
    unet = unet_of("sd-1.4")
    torch.nn.Module.to(unet, dtype)  # diffusers' own .to() warns of fp32 layers, even of none
    unet.to_empty(device=device)
    generator = torch.Generator().manual_seed(0)
    masters = {}
    for name, parameter in unet.named_parameters():
        if name.endswith(EDITED):
            masters[name] = torch.randn(parameter.shape, generator=generator) / parameter.shape[1] ** 0.5
            parameter.data.copy_(masters[name])
    pipeline: Any = SimpleNamespace(unet=unet)
    nothing: Any = None
    return Model(
        name="sd14-shapes",
        source=Given(pipeline),
        text=nothing,
        device=device,
        dtype=dtype,
        known=Catalog(()),
        loaded=Loaded(pipeline, masters, {}),
    )


def _switching(model: Model) -> Switching:
    generator = torch.Generator().manual_seed(1)
    u, v = (torch.randn(1, 768, generator=generator) / 768**0.5 for _ in range(2))
    edit = Edit(spec=EditSpec(erase=("-",)), u=u, v=v, text_encoder="")
    copies = {name: torch.empty_like(model.pipeline.unet.get_parameter(name)) for name in model.masters}

    @torch.no_grad()
    def bare() -> None:
        edited = projector(u, v)
        for name, master in model.masters.items():
            copies[name].copy_(edited(master))

    return Switching(
        dtype=str(model.pipeline.unet.dtype).removeprefix("torch."),
        seconds=_best(lambda: write_edit(model, edit)),
        seconds_back=_best(lambda: restore(model)),
        seconds_bare=_best(bare),
        edited_bytes=sum(master.nbytes for master in model.masters.values()),
    )


def bench_compare(model: Model) -> list[Comparing]:
    """Two images by the plain pipeline, and one pair by this engine, on a model at hand."""
    family = model.family
    spec = GenerationSpec(f"a house in the style of {model.catalog[0]}", 0, family.steps, family.guidance_scale)
    edit: Any = erase(model, _specs(model)[0])
    ways: dict[str, Callable[[], object]] = {
        "plain pipeline, two images": partial(plain_pair, model, spec),
        "original and edited, one batch": partial(generate, model, [spec] * 2, edits=[None, edit]),
        "the same, with scores": partial(compare, model, edit, [spec], path="batch"),
        "by swapping weights, with scores": partial(compare, model, edit, [spec], path="swap"),
    }
    for action in ways.values():
        action()  # what is slow the first time only
    turns = [[seconds(action) for action in ways.values()] for _ in range(RUNS)]
    return [
        Comparing(what, median(turn[way] for turn in turns), median(turn[way] / turn[0] for turn in turns))
        for way, what in enumerate(ways)
    ]


def plain_pair(model: Model, spec: GenerationSpec) -> None:
    """What generating two images takes at least: the pipeline's own call."""
    with torch.inference_mode():
        model.pipeline(
            [spec.prompt] * 2,
            num_inference_steps=spec.steps,
            guidance_scale=spec.guidance_scale,
            generator=[torch.Generator("cpu").manual_seed(spec.seed) for _ in range(2)],
        )


def bench_rounds(model: Model, rounds: int = 200, steps: int = 4) -> Endurance:
    """Both paths in turn, two edits in turn, everything solved anew in every round."""
    sizes, times = [], []
    for number in range(rounds):
        times.append(seconds(partial(_round, model, number, steps)))
        sizes.append(_memory())
    early, late = times[EARLY : 2 * EARLY], times[-EARLY:]
    return Endurance(
        rounds=rounds,
        bytes_early=sizes[EARLY - 1],
        bytes_late=sizes[-1],
        seconds_early=sum(early) / EARLY,
        seconds_late=sum(late) / EARLY,
    )


def _round(model: Model, number: int, steps: int) -> None:
    for which, spec in enumerate(_specs(model)):
        generation = GenerationSpec(f"a house in the style of {spec.erase[0]}", number, steps)
        compare(model, erase(model, spec), [generation], path=("batch", "swap")[(number + which) % 2])


def _specs(model: Model) -> list[EditSpec]:
    first, second, *others = model.catalog
    return [EditSpec(erase=(name,), retain=tuple(others)) for name in (first, second)]


def _memory() -> dict[str, int]:
    found = {"resident": psutil.Process().memory_info().rss}
    if torch.cuda.is_available():
        found |= {"allocated": torch.cuda.memory_allocated(), "reserved": torch.cuda.memory_reserved()}
    return found


def _best(action: Callable[[], object]) -> float:
    action()  # what is slow the first time only
    return best(action, RUNS)
