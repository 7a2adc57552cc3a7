"""python -m benchmarks.true_shapes: what holding a model for editing costs in memory, and comparing in time, at the
true shapes of Stable Diffusion 1.4, 2.1 or XL with random weights.

Writes a whole model of random weights into a temporary folder (sd-1.4: 4 GB) and loads it in processes of their
own: as a plain half-precision pipeline, with this engine, and as the published code works, with a float32 copy of
the whole UNet beside it. Then one process generates the same prompt and seed twice with the plain pipeline and once
original and edited with this engine, without scores. On a GPU, memory is what PyTorch has allocated there.
"""

import argparse
import copy
import gc
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
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
    T5Tokenizer,
)

from atelier.tokenizer import new_tokenizer
from uce_core import EditSpec, GenerationSpec, erase, generate, load_model
from uce_core.bench.generate import plain_pair
from uce_core.bench.shapes import UNETS
from uce_core.models.loading import pick_device, pick_dtype
from uce_core.runtime import seconds

TEXT: dict[str, dict[str, Any]] = {
    "ViT-L/14": {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12},
    "ViT-H/14": {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23, "num_attention_heads": 16},
    "ViT-bigG/14": {
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "num_hidden_layers": 32,
        "num_attention_heads": 20,
        "projection_dim": 1280,
    },
}
T5_XXL: dict[str, Any] = {
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "feed_forward_proj": "gated-gelu",
}
FLUX = "flux-dev"
TOWERS = {"sd-1.4": ("ViT-L/14",), "sd-2.1": ("ViT-H/14",), "sdxl": ("ViT-L/14", "ViT-bigG/14")}
SPEC = EditSpec(erase=("Vincent van Gogh",), retain=("Claude Monet", "Piet Mondrian"))
PROMPT = "a house in the style of Vincent van Gogh"


@dataclass(frozen=True)
class Timing:
    """Seconds for the same two images' worth of work, and the largest memory that it took on a GPU."""

    plain: float
    ours: float
    peak_bytes: int


def text_config(name: str) -> CLIPTextConfig:
    tokenizer = new_tokenizer()
    return CLIPTextConfig(
        vocab_size=49408, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, **TEXT[name]
    )


def write_model(shape: str, folder: Path) -> None:
    """A whole diffusers folder in float32. The tokenizer is Atelier's: CLIP's own cannot be made up."""
    torch.manual_seed(0)
    parts: dict[str, Any] = {
        "vae": AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            sample_size=8 * UNETS[shape]["sample_size"],
        ),
        "tokenizer": new_tokenizer(),
        "unet": UNet2DConditionModel(**UNETS[shape]),
        "scheduler": DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
        ),
    }
    if shape == "sdxl":
        second = CLIPTextModelWithProjection(text_config("ViT-bigG/14"))
        first = CLIPTextModel(text_config("ViT-L/14"))
        two = {"text_encoder": first, "text_encoder_2": second, "tokenizer_2": new_tokenizer()}
        StableDiffusionXLPipeline(**parts, **two, add_watermarker=False).save_pretrained(folder)
        return
    encoder = CLIPTextModel(text_config(*TOWERS[shape]))
    nothing: dict[str, Any] = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    StableDiffusionPipeline(**parts, text_encoder=encoder, **nothing).save_pretrained(folder)


def t5_tokenizer() -> T5Tokenizer:
    """Of letters: T5's own vocabulary cannot be made up."""
    letters = [("▁", -1.0), *((letter, -2.0) for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")]
    return T5Tokenizer(vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *letters], extra_ids=0)


def write_flux(folder: Path) -> None:
    """A diffusers folder of FLUX.1's text encoders, T5 in bf16, and a transformer of two blocks in place of 57: what is
    edited reads the text before the first."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    t5 = T5EncoderModel(T5Config(**T5_XXL))
    torch.set_default_dtype(torch.float32)
    FluxPipeline(
        transformer=FluxTransformer2DModel(num_layers=1, num_single_layers=1, guidance_embeds=True),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=AutoencoderKL(latent_channels=16, shift_factor=0.1159, scaling_factor=0.3611),
        text_encoder=CLIPTextModel(text_config("ViT-L/14")),
        tokenizer=new_tokenizer(),
        text_encoder_2=t5,
        tokenizer_2=t5_tokenizer(),
    ).save_pretrained(folder)


def plain_pipeline(folder: str) -> Any:
    device = pick_device()
    kind = StableDiffusionXLPipeline if (Path(folder) / "text_encoder_2").is_dir() else StableDiffusionPipeline
    pipeline = kind.from_pretrained(folder, dtype=pick_dtype(device)).to(device)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def hold_plain(folder: str) -> Any:
    return plain_pipeline(folder)


def hold_ours(folder: str) -> Any:
    """After an edit was solved, so that the text encoder's own needs are in it."""
    model = load_model(folder).ready()
    return model, erase(model, SPEC)


def hold_published(folder: str) -> Any:
    pipeline = plain_pipeline(folder)
    return pipeline, copy.deepcopy(pipeline.unet).float()


def memory(hold: Callable[[str], Any], folder: str) -> int:
    """Bytes of tensors and modules that are alive while something is held; on a GPU what is allocated there."""
    held = hold(folder)
    gc.collect()
    if torch.cuda.is_available():
        return torch.cuda.memory_allocated()
    storages = {}
    for one in gc.get_objects():
        if isinstance(one, torch.Tensor) and one.device.type == "cpu":
            storages[one.untyped_storage().data_ptr()] = one.untyped_storage().nbytes()
    del held
    return sum(storages.values())


def generated(folder: str, steps: int, rounds: int = 2) -> Timing:
    """The best of some rounds each, in turn."""
    model = load_model(folder)
    edit: Any = erase(model, SPEC)
    spec = GenerationSpec(PROMPT, 0, steps, model.family.guidance_scale)
    plain = partial(plain_pair, model, spec)
    ours = partial(generate, model, [spec] * 2, edits=[None, edit])
    generate(model, [GenerationSpec(PROMPT, 0, 1)] * 2)  # what is slow the first time only
    times = [(seconds(plain), seconds(ours)) for _ in range(rounds)]
    peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    return Timing(min(first for first, _ in times), min(second for _, second in times), peak)


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """In a process that does nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=list(UNETS), default="sd-1.4")
    parser.add_argument("--steps", type=int, default=50 if torch.cuda.is_available() else 2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        alone(write_model, chosen.shape, Path(folder))
        plain, ours, published = (alone(memory, hold, folder) for hold in (hold_plain, hold_ours, hold_published))
        times = alone(generated, folder, chosen.steps)
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    print(f"{chosen.shape}, random weights, {where}, PyTorch {torch.__version__}\n\n| what | measured |\n|---|---|")
    print(f"| plain half-precision pipeline, tensors in memory | {plain / 1e6:,.0f} MB |")
    print(f"| held for editing by this engine: that and | {(ours - plain) / 1e6:+,.0f} MB |")
    print(
        f"| with a float32 copy of the UNet, as the published code: that and | {(published - plain) / 1e6:+,.0f} MB |"
    )
    print(f"| plain pipeline, two images in a batch, {chosen.steps} steps | {times.plain:.2f} s |")
    print(f"| original and edited by this engine | {times.ours:.2f} s, {times.ours / times.plain:.3f}× |")
    if times.peak_bytes:
        print(f"| memory at its peak while generating | {times.peak_bytes / 1e6:,.0f} MB |")


if __name__ == "__main__":
    main()
