"""Samplers: how an image is made of noise, step by step, by the names that people choose them by.

Each is a scheduler of diffusers with the noise levels of the model's own and what its network predicts; the model's own
is never changed. Timesteps are trailing, so that the first is at pure noise however few there are (Lin et al. 2024,
"Common Diffusion Noise Schedules and Sample Steps are Flawed", section 3.3): models for one to eight steps need that.
Knows nothing about prompts and edits; diffusers is imported when a scheduler is made.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from uce_core.problems import Problem

if TYPE_CHECKING:  # seconds to import, and not needed to read a spec
    from torch import Tensor


@dataclass(frozen=True)
class Sampler:
    """title: what people call it. scheduler: its class in diffusers. arguments: instead of what the model's own
    scheduler says. most_steps: None for as many as one likes."""

    title: str
    scheduler: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    most_steps: int | None = None


EULER, FLOW = "euler", "FlowMatchEulerDiscreteScheduler"  # of models of flow matching it is their own
SAMPLERS = {
    "ddim": Sampler("DDIM", "DDIMScheduler", {"clip_sample": False}),  # Song et al. 2021; latents are not in [−1, 1]
    "dpmpp-2m": Sampler(  # Lu et al. 2022, algorithm 2
        "DPM++ 2M", "DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "solver_order": 2}
    ),
    "unipc": Sampler("UniPC", "UniPCMultistepScheduler", {"solver_order": 2}),  # Zhao et al. 2023
    EULER: Sampler("Euler", "EulerDiscreteScheduler"),  # Karras et al. 2022, algorithm 2, of first order, no churn
    "euler-a": Sampler("Euler a", "EulerAncestralDiscreteScheduler"),  # with new noise in each step
    "lcm": Sampler("LCM", "LCMScheduler", {"clip_sample": False}, most_steps=50),  # Luo et al. 2023; with new noise
}
TRAILING: dict[str, Any] = {"timestep_spacing": "trailing"}
RANDOM = (  # schedulers whose steps bring new noise
    "DDPMScheduler",
    "DPMSolverSDEScheduler",
    "EulerAncestralDiscreteScheduler",
    "KDPM2AncestralDiscreteScheduler",
    "LCMScheduler",
    "TCDScheduler",
)


def check_steps(sampler: str, steps: int) -> None:
    """Raises ValueError if a sampler cannot take so many."""
    most = SAMPLERS[sampler].most_steps if sampler else None
    if most and steps > most:
        raise Problem(
            "too_many_steps_for_sampler",
            "The sampler {sampler} takes at most {most} steps, not {steps}: use fewer, or another sampler.",
            sampler=sampler,
            most=most,
            steps=steps,
        )


def sampled_by(pipeline: Any, sampler: str) -> Any:
    """The pipeline itself for "", the model's own sampler; else one of the same parts with a scheduler of its own.

    Raises ValueError if the model has other noise levels than samplers are made for.
    """
    if not sampler or (sampler == EULER and type(pipeline.scheduler).__name__ == FLOW):
        return pipeline
    own = copy.copy(pipeline)
    vars(own).update(scheduler=scheduler_of(pipeline.scheduler, sampler))
    return own


def scheduler_of(own: Any, sampler: str) -> Any:
    """own: the model's, from whose configuration it is made."""
    if not hasattr(own, "alphas_cumprod"):
        raise Problem(
            "sampler_of_other_models",
            "This model is sampled by {own}, and the sampler {sampler} is made for other models: leave the sampler the "
            "model's own.",
            own=type(own).__name__,
            sampler=sampler,
        )
    import diffusers

    chosen = SAMPLERS[sampler]
    return getattr(diffusers, chosen.scheduler).from_config(own.config, **TRAILING, **chosen.arguments)


def as_variance_preserving(scheduler: Any, step: int, latents: "Tensor") -> "tuple[Tensor, float | None]":
    """Latents before a step, after the last for step = their count, as a·x₀ + σ·ε with a² + σ² = 1, and ᾱ = a².

    ᾱ is None where it is not known, or of no use as each step brings new noise. Flow matching's are (1 − σ)·x₀ + σ·ε.
    """
    if type(scheduler).__name__ == FLOW:
        noise = float(scheduler.sigmas[step])
        whole = math.hypot(1 - noise, noise)
        return latents / whole, ((1 - noise) / whole) ** 2
    if not hasattr(scheduler, "alphas_cumprod"):
        return latents, None
    if hasattr(scheduler, "sigmas"):  # σ/a, which with Karras's spacing lie between timesteps
        alpha_bar = float(1 / (1 + scheduler.sigmas[step] ** 2))
        if scheduler.init_noise_sigma != 1:  # these are x₀ + σ·ε
            latents = latents * alpha_bar**0.5
    elif step < len(scheduler.timesteps):
        alpha_bar = float(scheduler.alphas_cumprod[int(scheduler.timesteps[step])])
    else:
        alpha_bar = 1.0
    return latents, None if type(scheduler).__name__ in RANDOM else alpha_bar
