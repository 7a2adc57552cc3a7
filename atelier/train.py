"""From nothing to a pipeline on disk: every stage, in order, each resumable.

Work in progress (painted pictures, checkpoints) lies in a work folder; what ships is written to an
output folder in StableDiffusionPipeline's layout, with the scorers beside it.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from atelier.autoencoder import psnr, train_autoencoder
from atelier.clip import save_scorer, train_clip
from atelier.dataset import PaintedSet, open_set, paint_set
from atelier.denoiser import encode_captions, encode_pictures, new_scheduler, train_denoiser
from atelier.recognition import save_network, train_judge, train_trunk
from atelier.tokenizer import new_tokenizer
from atelier.training import device
from atelier.world import ARTISTS

LATENTS = "latents.safetensors"
WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of everything; what made the weights that ship differs: see the model card."""

    seed: int = 1
    pictures: int = 30_000
    held_out: int = 1_000
    autoencoder_steps: int = 4_750
    clip_steps: int = 600
    judge_steps: int = 700
    trunk_steps: int = 500
    denoiser_steps: int = 13_600


def paint_stage(plan: Plan, work: Path, out: Path) -> None:
    """The training pictures, and others that no stage is trained on."""
    workers = os.cpu_count() or 1
    for name, count, seed in (("painted", plan.pictures, plan.seed), ("held-out", plan.held_out, plan.seed + 998)):
        for done in paint_set(work / name, count, seed, workers):
            print(f"{name} {done}/{count}", flush=True)


def autoencoder_stage(plan: Plan, work: Path, out: Path) -> None:
    model = train_autoencoder(open_set(work / "painted"), plan.autoencoder_steps, plan.seed, work)
    print(f"autoencoder: {psnr(model, open_set(work / 'held-out', 400)):.2f} dB on held-out pictures")
    model.save_pretrained(work / "autoencoder")
    (work / LATENTS).unlink(missing_ok=True)


def clip_stage(plan: Plan, work: Path, out: Path) -> None:
    tokenizer = new_tokenizer()
    model = train_clip(open_set(work / "painted"), tokenizer, plan.clip_steps, plan.seed, work)
    encoder = CLIPTextModel(model.text.config)
    towers = model.text.state_dict()
    towers.pop("text_projection.weight")  # the pipeline reads the states before the projection
    encoder.load_state_dict({key.removeprefix("text_model."): value for key, value in towers.items()})
    save_scorer(model, tokenizer, out / "scorer")
    save_tokenizer(tokenizer, work / "tokenizer")
    encoder.save_pretrained(work / "text_encoder")


def save_tokenizer(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """With vocab.json and merges.txt beside tokenizer.json, for tools that read those."""
    tokenizer.save_pretrained(folder)
    tokenizer.backend_tokenizer.model.save(str(folder))


def use_published_names(path: Path) -> None:
    """The text encoder's tensors under the names of every published Stable Diffusion."""
    tensors = {f"text_model.{key.removeprefix('text_model.')}": value for key, value in load_file(path).items()}
    save_file(tensors, path, {"format": "pt"})


def judge_stage(plan: Plan, work: Path, out: Path) -> None:
    save_network(train_judge(open_set(work / "painted"), plan.judge_steps, plan.seed, work), out / "judge.safetensors")


def trunk_stage(plan: Plan, work: Path, out: Path) -> None:
    save_network(train_trunk(open_set(work / "painted"), plan.trunk_steps, plan.seed, work), out / "lpips.safetensors")


def cached_latents(painted: PaintedSet, autoencoder: AutoencoderKL, path: Path) -> torch.Tensor:
    """Minutes of encoding, done once; the autoencoder stage removes what an older one encoded."""
    if not path.exists():
        save_file({"latents": encode_pictures(painted, autoencoder.to(memory_format=torch.channels_last))}, path)
    return load_file(path)["latents"]


def denoiser_stage(plan: Plan, work: Path, out: Path) -> None:
    painted = open_set(work / "painted")
    autoencoder = AutoencoderKL.from_pretrained(work / "autoencoder")
    tokenizer, encoder = (
        CLIPTokenizer.from_pretrained(work / "tokenizer"),
        CLIPTextModel.from_pretrained(work / "text_encoder").eval(),
    )
    latents = cached_latents(painted, autoencoder.to(device()), work / LATENTS)
    bank = encode_captions(painted.pictures, tokenizer, encoder.to(device()), plan.seed)
    print(f"denoiser: {len(latents)} latents, {len(bank.states)} captions", flush=True)
    unet = train_denoiser(latents, painted.pictures, bank, plan.denoiser_steps, plan.seed, work)
    pipeline = StableDiffusionPipeline(
        vae=autoencoder.cpu(),
        text_encoder=encoder.cpu(),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=new_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(dtype=torch.float16).save_pretrained(out)
    save_tokenizer(tokenizer, out / "tokenizer")
    use_published_names(out / "text_encoder" / "model.safetensors")
    known = {
        "artists": [artist.name for artist in ARTISTS],
        "indirect": {artist.name: artist.hints for artist in ARTISTS},
    }
    (out / "catalog.json").write_text(json.dumps(known, indent=1) + "\n")


Stage = Callable[[Plan, Path, Path], None]
STAGES: dict[str, Stage] = {
    "paint": paint_stage,
    "autoencoder": autoencoder_stage,
    "clip": clip_stage,
    "judge": judge_stage,
    "trunk": trunk_stage,
    "denoiser": denoiser_stage,
}


def run(plan: Plan, work: Path, out: Path, stages: list[str]) -> None:
    """Run stages that are not marked as done in the work folder."""
    out.mkdir(parents=True, exist_ok=True)
    for name in stages:
        mark = work / f"{name}.done"
        if mark.exists():
            print(f"{name}: done before (delete {mark} to do it again)")
            continue
        STAGES[name](plan, work, out)
        mark.touch()
