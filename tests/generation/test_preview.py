"""Live previews: what a deterministic step is heading for, and colours without the autoencoder."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler
from PIL import Image

from uce_core import GenerationSpec, Model, generate
from uce_core.generation.generate import StepState
from uce_core.generation.preview import Preview, predicted_x0


def test_what_a_step_of_ddim_is_heading_for_is_its_own_prediction() -> None:
    """diffusers' DDIM says itself which x₀ it predicts."""
    scheduler = DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=True)
    scheduler.set_timesteps(10)
    generator = torch.Generator().manual_seed(0)
    latents, noise = (torch.randn(2, 4, 8, 8, generator=generator, dtype=torch.float64) for _ in range(2))
    steps = scheduler.timesteps.tolist()
    signal = [float(scheduler.alphas_cumprod[step]) for step in steps]
    for now in (3, 6):
        step = scheduler.step(noise, steps[now], latents)
        before, after = StepState(0, latents, signal[now]), StepState(0, step.prev_sample, signal[now + 1])
        assert torch.allclose(predicted_x0(before, after), step.pred_original_sample, atol=1e-5)


def test_where_it_cannot_be_told_the_latents_are_shown() -> None:
    latents = torch.ones(1, 4, 8, 8)
    now = StepState(0, latents, 0.5)
    for before in (StepState(0, latents, None), StepState(0, latents, 0.5)):
        assert torch.equal(predicted_x0(before, now), latents)


def test_the_last_preview_of_atelier_has_the_colours_of_the_picture(atelier: Model) -> None:
    preview = Preview(atelier)
    preview.see(StepState(0, torch.zeros(1, 4, 16, 16), 0.1))
    preview.see(StepState(2, torch.zeros(1, 4, 16, 16), 0.1))
    assert preview.pictures() == [], "after the first step of a batch"
    [image] = generate(atelier, [GenerationSpec("a house by Claude Monet", seed=3, steps=8)], on_latents=preview.see)
    [shown] = preview.pictures()
    assert shown.size == image.size
    small = [np.asarray(one.resize((8, 8), Image.Resampling.BOX)).astype(float).ravel() for one in (shown, image)]
    assert np.corrcoef(*small)[0, 1] > 0.9


def test_every_step_of_every_batch_is_told(tiny: Model) -> None:
    seen: list[StepState] = []
    specs = [GenerationSpec("a cat", seed=seed, steps=2 + seed) for seed in range(2)]
    generate(tiny, specs, on_latents=seen.append)
    assert [one.first for one in seen] == [0, 0, 1, 1, 1]
    assert seen[-1].signal == 1.0
    assert seen[0].latents.shape[0] == 1


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # diffusers' own, with NumPy 2
def test_a_scheduler_with_other_scales_is_not_asked(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiny.pipeline, "scheduler", EulerDiscreteScheduler.from_config(tiny.pipeline.scheduler.config))
    seen: list[StepState] = []
    generate(tiny, [GenerationSpec("a cat", steps=2)], on_latents=seen.append)
    assert [one.signal for one in seen] == [None, None]
