"""Grids to look at: what Atelier generates for every artist, subject and wording."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from atelier2.captions import with_article
from atelier2.subjects import SUBJECTS
from atelier2.training import device
from atelier2.world import BY_NAME, PERSONS

FIRST_SEED = 7_000
STEPS, GUIDANCE = 10, 3.0
SHOWN = ("house", "cat", "boat", "woman", "horse", "red car", "castle", "owl", "teapot", "guitar")
MORE = (
    "a dog and a cat", "a red car and a blue house", "a blue car and a red house", "a horse beside a house",
    "a green apple", "a purple umbrella", "a tree at night", "a lion in the snow", "a doctor", "a nurse", "a pilot",
    "a skull",
)  # fmt: skip


def rows_of(width: int = 10) -> list[list[str]]:
    """Every artist with ten subjects; photographs and plain paintings; harder prompts; people."""
    rows = [[f"{with_article(s)} in the style of {artist}" for s in SHOWN] for artist in BY_NAME]
    rows += [[f"{medium} of {with_article(s)}" for s in SHOWN] for medium in ("a photo", "a painting")]
    rows += [[f"a photo of {what}" for what in MORE[:width]], [*PERSONS, *MORE[width:]]]
    everything = [f"a photo of {with_article(subject.name)}" for subject in SUBJECTS]
    rows += [everything[start : start + width] for start in range(0, len(everything), width)]
    return [(row + [""] * width)[:width] for row in rows]


@torch.no_grad()
def draw_grid(weights: Path, rows: Sequence[Sequence[str]]) -> Image.Image:
    """The prompts of each row, side by side; a cell's seed depends on its place alone."""
    half = torch.float16 if device().type == "cuda" else torch.float32
    pipeline = StableDiffusionPipeline.from_pretrained(weights, dtype=half).to(device())
    pipeline.set_progress_bar_config(disable=True)
    prompts, images = [prompt for row in rows for prompt in row], list[np.ndarray]()
    for start in range(0, len(prompts), 20):
        some = prompts[start : start + 20]
        seeds = [torch.Generator("cpu").manual_seed(FIRST_SEED + start + i) for i in range(len(some))]
        found = pipeline(some, num_inference_steps=STEPS, guidance_scale=GUIDANCE, generator=seeds, output_type="np")
        images += list(found.images)
    width = len(rows[0])
    stacked = np.vstack([np.hstack(images[i : i + width]) for i in range(0, len(images), width)])
    return Image.fromarray((stacked * 255 + 0.5).astype(np.uint8))
