"""From nothing to a pipeline on disk: every stage, in order, each resumable, by steps or by the clock.

By steps, all pictures are painted first. By the clock, for a machine that one has for minutes, painting goes on in the
background and every stage learns from what is there. Work in progress (painted pictures, checkpoints) lies in a work
folder; what ships is written to an output folder in StableDiffusionPipeline's layout, with the scorers beside it.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPTextModel, CLIPTokenizer

from atelier.denoiser import new_scheduler
from atelier.tokenizer import new_tokenizer
from atelier.train import save_tokenizer, use_published_names
from atelier2.autoencoder import fidelity, train_autoencoder
from atelier2.captions import vocabulary
from atelier2.clip import save_scorer, train_clip
from atelier2.dataset import Easel, PaintedSet
from atelier2.denoiser import Lessons, train_denoiser
from atelier2.recognition import judge_pictures, load_trunk, save_network, train_judge, train_trunk
from atelier2.training import Schedule, device
from atelier2.world import ARTISTS

WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """Of one stage: steps by steps, or its share of the minutes by the clock; the batch; the peak learning rate."""

    steps: int
    share: float
    batch: int
    lr: float
    ema: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of everything. minutes: for all stages of this slice together, 0 to go by steps. first: how many
    pictures there are before anything is trained by the clock."""

    seed: int = 1
    pictures: int = 60_000
    held_out: int = 256
    minutes: float = 0.0
    first: int = 1_500
    amounts: dict[str, Amount] = field(
        default_factory=lambda: {
            "trunk": Amount(steps=1_200, share=0.10, batch=256, lr=5e-4),
            "autoencoder": Amount(steps=16_000, share=0.52, batch=64, lr=1e-3, ema=0.998),
            "clip": Amount(steps=3_000, share=0.25, batch=512, lr=1e-3),
            "judge": Amount(steps=1_500, share=0.13, batch=256, lr=2e-3),
            "denoiser": Amount(steps=24_000, share=1.0, batch=256, lr=1e-3, ema=0.9995),
        }
    )

    def scaled(self, batch: float, steps: float = 1.0) -> "Plan":
        """With so many times the pictures in a batch, at least four, and so many times the steps, at least one. The
        learning rate goes with the batch's root, as Adam's does (Malladi et al. 2022, arXiv 2205.10287)."""
        amounts = {
            name: replace(
                one,
                batch=max(4, int(one.batch * batch)),
                steps=max(1, int(one.steps * steps)),
                lr=one.lr * batch**0.5,
            )
            for name, one in self.amounts.items()
        }
        return replace(self, amounts=amounts)

    def schedule(self, stage: str, stages: list[str]) -> Schedule:
        amount = self.amounts[stage]
        share = amount.share / sum(self.amounts[name].share for name in stages)
        return Schedule(
            steps=amount.steps, lr=amount.lr, seed=self.seed, seconds=60 * self.minutes * share, ema=amount.ema
        )


@dataclass(frozen=True)
class Studio:
    """What every stage works with. painted: the pictures that are there by now. held_out: others, for figures."""

    plan: Plan
    work: Path
    out: Path
    painted: Callable[[], PaintedSet]
    held_out: Callable[[], PaintedSet]


def trunk_stage(studio: Studio, schedule: Schedule, batch: int) -> None:
    trunk = train_trunk(studio.painted, schedule, batch, studio.work)
    save_network(trunk, studio.out / "lpips.safetensors")


def autoencoder_stage(studio: Studio, schedule: Schedule, batch: int) -> None:
    trunk = load_trunk(studio.out / "lpips.safetensors")
    model = train_autoencoder(studio.painted, trunk, schedule, batch, studio.work)
    decibels, fine = fidelity(model.to(device()), studio.held_out())
    print(f"autoencoder: {decibels:.2f} dB on held-out pictures, {fine:.2f} of their fine energy", flush=True)
    model.cpu().half().save_pretrained(studio.out / "vae")


def clip_stage(studio: Studio, schedule: Schedule, batch: int) -> None:
    tokenizer = new_tokenizer(vocabulary())
    model = train_clip(studio.painted, tokenizer, schedule, batch, studio.work)
    encoder = CLIPTextModel(model.text.config)
    towers = model.text.state_dict()
    towers.pop("text_projection.weight")  # the pipeline reads the states before the projection
    encoder.load_state_dict({key.removeprefix("text_model."): value for key, value in towers.items()})
    save_scorer(model, tokenizer, studio.out / "scorer")
    save_tokenizer(tokenizer, studio.out / "tokenizer")
    encoder.half().save_pretrained(studio.out / "text_encoder")
    use_published_names(studio.out / "text_encoder" / "model.safetensors")


def judge_stage(studio: Studio, schedule: Schedule, batch: int) -> None:
    judge = train_judge(studio.painted, schedule, batch, studio.work)
    save_network(judge, studio.out / "judge.safetensors")
    truth = studio.held_out()
    seen = judge_pictures(judge.to(device()), truth.images)
    pairs = list(zip(seen, truth.pictures, strict=True))
    for what in ("rendering", "subject", "other", "colour"):
        right = sum(getattr(a, what) == getattr(b, what) for a, b in pairs) / len(pairs)
        print(f"judge: {what} right on {right:.3f} of held-out pictures", flush=True)


def denoiser_stage(studio: Studio, schedule: Schedule, batch: int) -> None:
    autoencoder = AutoencoderKL.from_pretrained(studio.out / "vae").float().to(device()).eval()
    tokenizer = CLIPTokenizer.from_pretrained(studio.out / "tokenizer")
    encoder = CLIPTextModel.from_pretrained(studio.out / "text_encoder").float()
    lessons = Lessons(studio.painted, autoencoder, tokenizer, studio.plan.seed)
    print(f"denoiser: {len(lessons.latents)} pictures to begin with", flush=True)
    before = studio.out / "unet"
    start = before if (before / "config.json").exists() else None
    unet = train_denoiser(lessons, tokenizer, encoder, schedule, batch, studio.work, start)
    print(f"denoiser: {len(lessons.latents)} pictures in the end", flush=True)
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
    save_pipeline(pipeline, tokenizer, studio.out)


def save_pipeline(pipeline: StableDiffusionPipeline, tokenizer: CLIPTokenizer, out: Path) -> None:
    """In half precision, with all that the engine wants to know beside it."""
    pipeline.to(dtype=torch.float16).save_pretrained(out)
    save_tokenizer(tokenizer, out / "tokenizer")
    use_published_names(out / "text_encoder" / "model.safetensors")
    known = {
        "artists": [artist.name for artist in ARTISTS],
        "indirect": {artist.name: artist.hints for artist in ARTISTS},
    }
    (out / "catalog.json").write_text(json.dumps(known, indent=1) + "\n")


Stage = Callable[[Studio, Schedule, int], None]
STAGES: dict[str, Stage] = {
    "trunk": trunk_stage,
    "autoencoder": autoencoder_stage,
    "clip": clip_stage,
    "judge": judge_stage,
    "denoiser": denoiser_stage,
}


def run(plan: Plan, work: Path, out: Path, stages: list[str]) -> None:
    """Run stages, by steps those that are not marked as done in the work folder."""
    out.mkdir(parents=True, exist_ok=True)
    workers = max(1, (os.cpu_count() or 1) - (1 if plan.minutes else 0))
    with (
        Easel(work / "held-out", plan.held_out, plan.seed + 998, workers) as aside,
        Easel(work / "painted", plan.pictures, plan.seed, workers) as easel,
    ):
        aside.wait(plan.held_out)
        print(f"painted: {easel.wait(plan.first if plan.minutes else plan.pictures)}", flush=True)
        studio = Studio(plan, work, out, easel.painted, aside.painted)
        for name in stages:
            mark = work / f"{name}.done"
            if mark.exists() and not plan.minutes:
                print(f"{name}: done before (delete {mark} to do it again)")
                continue
            STAGES[name](studio, plan.schedule(name, stages), plan.amounts[name].batch)
            mark.touch()
            print(f"painted: {easel.ready()}", flush=True)
