"""python -m benchmarks.samplers: how far Atelier's images with other samplers and fewer steps are from DDIM's.

Eight prompts, two seeds each. Difference: mean over the pixels of |a − b|, of 255; its mean and its largest over
the images.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from diffusers import DDIMScheduler

from atelier.denoiser import new_scheduler
from uce_core import GenerationSpec, Model, generate, load_model

PROMPTS = (
    "a house in the style of Vincent van Gogh",
    "a cat by Claude Monet",
    "a photo of a boat",
    "a painting of a flower by Georges Seurat",
    "a woman, Roy Lichtenstein style",
    "Pablo Picasso",
    "a painting of a bridge",
    "a man in the style of Rembrandt van Rijn",
)
SEEDS = (7, 1234)
DDIM = DDIMScheduler.from_config(new_scheduler().config, clip_sample=False, set_alpha_to_one=True)
OPTIONS: dict[str, dict[str, Any]] = {
    "Karras's σ": {"use_karras_sigmas": True},
    "ending at the least σ of training": {"final_sigmas_type": "sigma_min"},
    "solver type heun": {"solver_type": "heun"},
    "first order": {"solver_order": 1},
}


def samplers() -> Iterator[tuple[str, Any, int]]:
    """Name, scheduler and steps of each row."""
    yield from (("DDIM", DDIM, steps) for steps in (20, 10))
    yield from (("DPM-Solver++ (2M), as shipped", new_scheduler(), steps) for steps in (20, 10, 6))
    for name, options in OPTIONS.items():
        yield f"the same, {name}", type(new_scheduler()).from_config(new_scheduler().config, **options), 10


def pixels(model: Model, scheduler: Any, steps: int) -> np.ndarray:
    """(n, h, w, 3)"""
    model.pipeline.scheduler = scheduler
    specs = [GenerationSpec(prompt, seed, steps) for prompt in PROMPTS for seed in SEEDS]
    return np.stack([np.asarray(image, float) for image in generate(model, specs)])


def main() -> None:
    model = load_model("atelier")
    references = [pixels(model, DDIM, steps) for steps in (20, 50)]
    print("| sampler | steps | from 20 steps of DDIM: mean, largest | from 50 steps of DDIM: mean, largest |")
    print("|---|---|---|---|")
    for name, scheduler, steps in samplers():
        images = pixels(model, scheduler, steps)
        apart = [np.abs(images - reference).mean((1, 2, 3)) for reference in references]
        print(f"| {name} | {steps} | " + " | ".join(f"{d.mean():.2f}, {d.max():.2f}" for d in apart) + " |", flush=True)


if __name__ == "__main__":
    main()
