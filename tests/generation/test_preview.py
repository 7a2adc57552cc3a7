"""Live previews: what a deterministic step is heading for, and colours without the autoencoder."""

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
)
from PIL import Image

from uce_core import GenerationSpec, Model, generate
from uce_core.generation.generate import StepState
from uce_core.generation.preview import LatentPreview, predicted_x0
from uce_core.generation.samplers import as_variance_preserving


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
        before, after = StepState((0,), latents, signal[now]), StepState((0,), step.prev_sample, signal[now + 1])
        assert torch.allclose(predicted_x0(before, after), step.pred_original_sample, atol=1e-5)


@pytest.mark.parametrize("karras", [False, True])
def test_what_a_step_of_dpm_solver_is_heading_for_is_its_extrapolated_prediction(karras: bool) -> None:
    """D = (1 + 1/2r)·x₀ − 1/2r·x₀', of algorithm 2 in Lu et al. 2022; r = h'/h, h the step of λ = log(a/σ)."""
    scheduler = DPMSolverMultistepScheduler(beta_schedule="scaled_linear", use_karras_sigmas=karras)
    scheduler.set_timesteps(10)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(2, 4, 8, 8, generator=generator)
    states, predictions = [StepState((0,), *as_variance_preserving(scheduler, 0, latents))], []
    for step, timestep in enumerate(scheduler.timesteps):
        noise = torch.randn(latents.shape, generator=generator)
        latents = scheduler.step(noise, timestep, latents).prev_sample
        states.append(StepState((0,), *as_variance_preserving(scheduler, step + 1, latents)))
        predictions.append(scheduler.model_outputs[-1])
    steps = (-scheduler.sigmas.log()).diff()
    for now in (3, 6):
        half = steps[now] / steps[now - 1] / 2
        expected = (1 + half) * predictions[now] - half * predictions[now - 1]
        torch.testing.assert_close(predicted_x0(states[now], states[now + 1]), expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(predicted_x0(*states[-2:]), predictions[-1], rtol=1e-3, atol=1e-3)


def test_what_a_step_of_flow_matching_is_heading_for_is_its_own_prediction() -> None:
    """x_t = (1 − σ)·x₀ + σ·ε, and the network predicts ε − x₀ (Lipman et al. 2023)."""
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0)
    scheduler.set_timesteps(6)
    generator = torch.Generator().manual_seed(0)
    x_0, noise = (torch.randn(2, 4, 8, 8, generator=generator) for _ in range(2))
    for step, timestep in enumerate(scheduler.timesteps[:-1]):
        sigma = scheduler.sigmas[step]
        latents = (1 - sigma) * x_0 + sigma * noise
        after = scheduler.step(noise - x_0, timestep, latents).prev_sample
        before, now = (
            StepState((0,), *as_variance_preserving(scheduler, number, some))
            for number, some in ((step, latents), (step + 1, after))
        )
        torch.testing.assert_close(predicted_x0(before, now), x_0, rtol=1e-3, atol=1e-3)


def test_where_it_cannot_be_told_the_latents_are_shown() -> None:
    latents = torch.ones(1, 4, 8, 8)
    now = StepState((0,), latents, 0.5)
    for before in (StepState((0,), latents, None), StepState((0,), latents, 0.5)):
        assert torch.equal(predicted_x0(before, now), latents)


def test_previews_of_atelier_come_nearer_to_the_image_and_end_in_its_colours(atelier: Model) -> None:
    preview = LatentPreview(atelier)
    preview.see(StepState((0,), torch.zeros(1, 16, 8, 8), 0.1))
    preview.see(StepState((2, 3), torch.zeros(2, 16, 8, 8), 0.1))
    assert preview.images() == {}, "after the first step of a batch"
    preview.see(StepState((2, 3), torch.zeros(2, 16, 8, 8), 0.2))
    assert list(preview.images()) == [2, 3], "those of the batch that has moved"
    assert preview.images() == {}, "each once"
    preview = LatentPreview(atelier)
    shown: list[Image.Image] = []

    def see(step_state: StepState) -> None:
        preview.see(step_state)
        shown.extend(preview.images().values())

    [image] = generate(atelier, [GenerationSpec("a house by Claude Monet", seed=3)], on_latents=see)
    assert {one.size for one in shown} == {image.size}
    small = [np.asarray(one.resize((8, 8), Image.Resampling.BOX)).astype(float).ravel() for one in (*shown, image)]
    likeness = [np.corrcoef(one, small[-1])[0, 1] for one in small[:-1]]
    assert len(likeness) == 9, "one for each step but the first"
    assert np.all(np.diff(likeness[:5]) > 0), "nearer step by step"
    assert min(likeness[4:]) > 0.9


def test_every_step_of_every_batch_is_told(tiny: Model) -> None:
    seen: list[StepState] = []
    specs = [GenerationSpec("a cat", seed=seed, steps=2 + seed) for seed in range(2)]
    generate(tiny, specs, on_latents=seen.append)
    assert [one.places for one in seen] == [(0,), (0,), (1,), (1,), (1,)]
    assert seen[-1].alpha_bar == 1.0
    assert seen[0].latents.shape[0] == 1


def test_what_a_step_of_euler_is_heading_for_is_its_own_prediction() -> None:
    """Its latents are x₀ + σ·ε; diffusers says itself which x₀ it predicts."""
    scheduler = EulerDiscreteScheduler(beta_schedule="scaled_linear", timestep_spacing="trailing")
    scheduler.set_timesteps(10)
    generator = torch.Generator().manual_seed(0)
    latents = scheduler.init_noise_sigma * torch.randn(2, 4, 8, 8, generator=generator)
    states, predictions = [StepState((0,), *as_variance_preserving(scheduler, 0, latents))], []
    for step, timestep in enumerate(scheduler.timesteps):
        scheduler.scale_model_input(latents, timestep)
        found = scheduler.step(torch.randn(latents.shape, generator=generator), timestep, latents)
        latents = found.prev_sample
        states.append(StepState((0,), *as_variance_preserving(scheduler, step + 1, latents)))
        predictions.append(found.pred_original_sample)
    for now in (3, 6, 9):
        torch.testing.assert_close(predicted_x0(states[now], states[now + 1]), predictions[now], rtol=1e-3, atol=1e-3)


def test_a_preview_has_the_size_of_its_image(tiny: Model) -> None:
    preview, shown = LatentPreview(tiny), dict[int, tuple[int, int]]()

    def see(step_state: StepState) -> None:
        preview.see(step_state)
        shown.update({number: image.size for number, image in preview.images().items()})

    specs = [GenerationSpec("a cat", steps=3), GenerationSpec("a cat", steps=3, width=96, height=64)]
    assert [image.size for image in generate(tiny, specs, on_latents=see)] == [(16, 16), (96, 64)]
    assert shown == {0: (16, 16), 1: (96, 64)}
