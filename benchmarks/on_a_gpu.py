"""python -m benchmarks.on_a_gpu: what there is to measure on a GPU, in six minutes.

Solving, switching edits, comparing against the plain pipeline, half precision against full, batches, memory, and last,
as it takes longest to begin, a compiled UNet; at the true shapes of Stable Diffusion 1.4 and XL, and of FLUX.1 with few
blocks, with random weights that are made on the device. Each table is printed when it is measured; what there is no
more time for is named. --dry does the same with small shapes and few steps, on whatever device there is: a rehearsal,
whose figures mean nothing.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)

from atelier.tokenizer import new_tokenizer
from benchmarks.true_shapes import PROMPT, SPEC, T5_XXL, t5_tokenizer, text_config
from uce_core import GenerationSpec, erase, generate
from uce_core.bench.generate import plain_pair
from uce_core.bench.shapes import UNETS
from uce_core.edits.closed_form import projector, solve
from uce_core.edits.edit import Edit, Factors
from uce_core.models.applying import restore, write_edit
from uce_core.models.loading import pick_device, pick_dtype
from uce_core.models.model import Model, prepare
from uce_core.runtime import best, give_back_memory, seconds

MINUTES = 6.0
COMPILING = 100.0  # seconds that the last table may take to begin
SIZES = (1, 10, 100, 1000)
RETAINED = 1000
BATCHES = (1, 2, 4, 8, 16, 32)
BATCH_HEAD = "| images together | time | images a second | largest memory |"
SMALLER = 8  # by what --dry divides channels
FLUX_BLOCKS = {"num_layers": 2, "num_single_layers": 4}  # of 19 and 38


@dataclass(frozen=True)
class Scale:
    """device, dtype: of pipelines. dry: small shapes. steps: of an image. runs: of which the best counts."""

    device: torch.device
    dtype: torch.dtype
    dry: bool
    steps: int
    runs: int


def random_of(make: Callable[[], Any], scale: Scale, dtype: torch.dtype) -> Any:
    """A module whose weights are made where they stay."""
    with torch.device("meta"):
        module = make()
    torch.nn.Module.to(module, dtype)  # diffusers' own .to() warns of fp32 layers, even of none
    module.to_empty(device=scale.device)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.fill_(1.0) if "norm" in name and name.endswith("weight") else parameter.normal_(0, 0.02)
        for name, buffer in module.named_buffers():
            if "position_ids" in name:
                buffer.copy_(torch.arange(buffer.shape[-1]).expand_as(buffer))
    return module.eval()


def unet_configuration(shape: str, scale: Scale) -> dict[str, Any]:
    found = dict(UNETS[shape])
    if not scale.dry:
        return found
    channels = found.get("block_out_channels", (320, 640, 1280, 1280))
    small = {"sample_size": 8, "block_out_channels": tuple(c // SMALLER for c in channels), "norm_num_groups": 8}
    more = {"transformer_layers_per_block": 1} if shape == "sdxl" else {}
    return found | small | more


def autoencoder(scale: Scale, **more: Any) -> AutoencoderKL:
    wide = (16, 16, 16, 16) if scale.dry else (128, 256, 512, 512)
    return AutoencoderKL(
        block_out_channels=wide,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        norm_num_groups=8 if scale.dry else 32,
        **more,
    )


def text_model(name: str, scale: Scale) -> CLIPTextConfig:
    found = text_config(name)
    found.num_hidden_layers = 2 if scale.dry else found.num_hidden_layers
    return found


def stable_diffusion(shape: str, scale: Scale, dtype: torch.dtype) -> Model:
    make = partial(random_of, scale=scale, dtype=dtype)
    parts: dict[str, Any] = {
        "vae": make(lambda: autoencoder(scale)),
        "unet": make(lambda: UNet2DConditionModel(**unet_configuration(shape, scale))),
        "tokenizer": new_tokenizer(),
        "scheduler": DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False, steps_offset=1),
        "text_encoder": make(lambda: CLIPTextModel(text_model("ViT-L/14", scale))),
    }
    if shape == "sdxl":
        second = make(lambda: CLIPTextModelWithProjection(text_model("ViT-bigG/14", scale)))
        pipeline: Any = StableDiffusionXLPipeline(
            **parts, text_encoder_2=second, tokenizer_2=new_tokenizer(), add_watermarker=False
        )
    else:
        nothing: dict[str, Any] = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
        pipeline = StableDiffusionPipeline(**parts, **nothing)
    return prepare(shape, pipeline, scale.device, dtype)


def flux(scale: Scale) -> Model:
    dtype = torch.bfloat16 if scale.device.type == "cuda" else torch.float32
    make = partial(random_of, scale=scale, dtype=dtype)
    few = {"num_layers": 2, "d_ff": 64} if scale.dry else {"num_layers": 4}
    heads = {"num_attention_heads": 2, "attention_head_dim": 128} if scale.dry else {}
    pipeline = FluxPipeline(
        transformer=make(lambda: FluxTransformer2DModel(**FLUX_BLOCKS, **heads, guidance_embeds=True)),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=make(lambda: autoencoder(scale, latent_channels=16, shift_factor=0.1159, scaling_factor=0.3611)),
        text_encoder=make(lambda: CLIPTextModel(text_model("ViT-L/14", scale))),
        tokenizer=new_tokenizer(),
        text_encoder_2=make(lambda: T5EncoderModel(T5Config(**T5_XXL | few))),
        tokenizer_2=t5_tokenizer(),
    )
    if scale.dry:
        pipeline.default_sample_size = 8
    return prepare("flux", pipeline, scale.device, dtype)


def vectors(count: int, width: int, seed: int) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def solving(model: Model, scale: Scale) -> Iterator[str]:
    """With vectors given; the equations are solved on the CPU in float64, the weights computed where they are."""
    width = model.text.width
    for erased in SIZES:
        c, g = vectors(erased, width, 1), vectors(erased, width, 2)
        p = vectors(RETAINED, width, 3)
        whole = best(lambda: solve(c, g, p, 0.5, 1.0, 1.0), scale.runs)  # noqa: B023 (called at once)
        edited = projector(*solve(c, g, p, 0.5, 1.0, 1.0), next(iter(model.masters.values())).device)
        weights = [weight[:, :width] for weight in model.masters.values() if weight.shape[1] == width]
        applying = best(lambda: [edited(weight) for weight in weights], scale.runs)  # noqa: B023
        yield f"| {model.name} | {erased:,} + {RETAINED:,} | {1e3 * whole:.1f} ms | {1e3 * applying:.1f} ms |"


def an_edit(model: Model) -> Edit:
    """Of rank 1 in each text space."""
    u, v = (vectors(1, model.text.width, seed) / model.text.width for seed in (4, 5))
    pooled = model.text.pooled_width
    factors = Factors(*(vectors(1, pooled, seed) / pooled for seed in (6, 7))) if pooled else None
    return Edit(spec=SPEC, u=u, v=v, pooled=factors, text_encoder=model.text.fingerprint)


def switching(model: Model, scale: Scale) -> str:
    edit, weights = an_edit(model), [model.denoiser.get_parameter(name) for name in model.masters]
    copies = [torch.empty_like(weight) for weight in weights]

    @torch.no_grad()
    def copied() -> None:
        for copy, weight in zip(copies, weights, strict=True):
            copy.copy_(weight)

    there = best(lambda: write_edit(model, edit), scale.runs)
    back, bare = best(lambda: restore(model), scale.runs), best(copied, scale.runs)
    restored = sum(weight.nbytes for weight in weights)
    return (
        f"| {model.name} | {len(weights)} | {restored / 1e6:,.0f} MB | {1e3 * there:.2f} ms | {1e3 * back:.2f} ms | "
        f"{1e3 * bare:.2f} ms |"
    )


def comparing(model: Model, scale: Scale) -> str:
    """Each after a first time that does not count; the best of as many turns."""
    edit = erase(model, SPEC)
    assert isinstance(edit, Edit)
    spec = GenerationSpec(PROMPT, 0, scale.steps, model.family.guidance_scale)
    plain, ours = partial(plain_pair, model, spec), partial(generate, model, [spec] * 2, edits=[None, edit])
    for action in (plain, ours):
        action()
    turns = [(seconds(plain), seconds(ours)) for _ in range(scale.runs)]
    one, other = (min(times) for times in zip(*turns, strict=True))
    return f"| {model.name} | {scale.steps} | {one:.2f} s | {other:.2f} s | {other / one:.3f}× |"


def batches(model: Model, scale: Scale) -> Iterator[str]:
    """Images a second, by images that are denoised together; as many as fit."""
    for count in BATCHES:
        specs = [GenerationSpec(PROMPT, seed, scale.steps) for seed in range(count)]
        taken = seconds(lambda: plain_batch(model, specs))  # noqa: B023
        memory = torch.cuda.max_memory_allocated() / 1e6 if scale.device.type == "cuda" else 0
        yield f"| {count} | {taken:.2f} s | {count / taken:.2f} | {memory:,.0f} MB |"


def plain_batch(model: Model, specs: list[GenerationSpec]) -> None:
    with torch.inference_mode():
        model.pipeline(
            [spec.prompt for spec in specs],
            num_inference_steps=specs[0].steps,
            generator=[torch.Generator("cpu").manual_seed(spec.seed) for spec in specs],
            output_type="latent",
        )


def memory_of(model: Model) -> str:
    held = sum(master.nbytes for master in (*model.masters.values(), *model.originals.values()))
    whole = sum(
        weight.nbytes
        for part in (model.denoiser, model.pipeline.vae, model.pipeline.text_encoder)
        for weight in part.parameters()
    )
    on_device = sum(master.nbytes for master in model.masters.values() if master.device.type == "cuda")
    return f"| {model.name} | {whole / 1e6:,.0f} MB | {held / 1e6:,.0f} MB | {on_device / 1e6:,.0f} MB |"


def precision(scale: Scale) -> Iterator[str]:
    """An image of Stable Diffusion 1.4's shape, 50 steps, in each dtype; the second one counts."""
    for dtype in dict.fromkeys((torch.float32, scale.dtype)):
        model = stable_diffusion("sd-1.4", scale, dtype)
        spec = GenerationSpec(PROMPT, 0, 2 if scale.dry else 50)
        generate(model, [GenerationSpec(PROMPT, 0, 2)])
        taken = seconds(lambda: generate(model, [spec]))  # noqa: B023
        yield f"| {str(dtype).removeprefix('torch.')} | {taken:.2f} s |"


def compiled(scale: Scale) -> Iterator[str]:
    model = stable_diffusion("sd-1.4", scale, scale.dtype)
    model.denoiser.compile()
    began = time.perf_counter()
    plain_batch(model, [GenerationSpec(PROMPT, 0, 1)])
    yield f"| to compile | {time.perf_counter() - began:.0f} s | | |"
    yield from batches(model, scale)


@dataclass(frozen=True)
class Clock:
    ends: float

    def left(self) -> float:
        return self.ends - time.monotonic()

    def table(self, title: str, head: str, rows: Callable[[], Iterator[str]], takes: float = 0.0) -> None:
        """Printed row by row, if there is so much time left, in seconds."""
        print(f"\n### {title}\n")
        if self.left() < takes:
            print("Left out: there was no more time.")
            return
        print(f"{head}\n|{'---|' * (head.count('|') - 1)}")
        for row in rows():
            print(row, flush=True)
            if self.left() < 0:
                print("\nThe rest was left out: there was no more time.")
                return


def tables_of(model: Model, scale: Scale, clock: Clock) -> None:
    """What is measured of every model."""
    clock.table(
        f"{model.name}: solving, vectors given",
        "| model | erased + retained | solving | weights of all layers |",
        lambda: solving(model, scale),
    )
    clock.table(
        f"{model.name}: switching edits",
        "| model | weights | size | to an edit | back | a copy of the same bytes |",
        lambda: iter([switching(model, scale)]),
    )
    clock.table(
        f"{model.name}: original and edited against two images of the plain pipeline",
        "| model | steps | plain | ours | ratio |",
        lambda: iter([comparing(model, scale)]),
    )
    clock.table(
        f"{model.name}: memory of the weights",
        "| model | denoiser, autoencoder, first text encoder | held for editing | of that on the GPU |",
        lambda: iter([memory_of(model)]),
    )
    if model.name == "sd-1.4":
        clock.table(f"{model.name}: batches, {scale.steps} steps", BATCH_HEAD, lambda: batches(model, scale))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry", action="store_true", help="small shapes, few steps, any device")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    chosen = parser.parse_args()
    device = pick_device()
    if device.type != "cuda" and not chosen.dry:
        raise SystemExit("There is no GPU here: rehearse with --dry.")
    scale = Scale(device, pick_dtype(device), chosen.dry, *((2, 2) if chosen.dry else (20, 5)))
    clock = Clock(time.monotonic() + 60 * chosen.minutes)
    card = torch.cuda.get_device_name() if device.type == "cuda" else device.type
    about = "a rehearsal at small shapes, " if chosen.dry else ""
    print(f"{about}{card}, PyTorch {torch.__version__}, {str(scale.dtype).removeprefix('torch.')}, random weights")
    kinds: tuple[Callable[[], Model], ...] = (
        lambda: stable_diffusion("sd-1.4", scale, scale.dtype),
        lambda: stable_diffusion("sdxl", scale, scale.dtype),
        lambda: flux(scale),
    )
    for make in kinds:
        if clock.left() > 0:
            tables_of(make(), scale, clock)
            give_back_memory()
            if device.type == "cuda":
                torch.cuda.empty_cache()
    clock.table("sd-1.4: an image", "| dtype | time |", partial(precision, scale))
    clock.table(
        "sd-1.4: batches with torch.compile", BATCH_HEAD, partial(compiled, scale), 0 if chosen.dry else COMPILING
    )


if __name__ == "__main__":
    main()
