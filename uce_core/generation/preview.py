"""What an image becomes, while it is generated: latents to small images, without the autoencoder.

An autoencoder's latents are nearly an affine code of the colours beneath them, so one small matrix,
fitted once for a model, shows them in a thousandth of the time that decoding takes. What is shown is
the image that the last step was heading for, not the noise that is still in it.
"""

from typing import Any
from weakref import WeakKeyDictionary

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from uce_core.generation.generate import StepState
from uce_core.models.model import Model

FIELD = 8  # colours of the fitted image, in a row
SIDE = 16  # its latents, in a row
_colours: "WeakKeyDictionary[Any, Tensor]" = WeakKeyDictionary()  # fitted, by autoencoder


class LatentPreview:
    """Of one generation: told of its steps, of several batches in turn, it shows the last ones when asked."""

    def __init__(self, model: Model) -> None:
        if model.pipeline.vae not in _colours:
            _colours[model.pipeline.vae] = fit_latent_to_rgb(model)
        self.colours = _colours[model.pipeline.vae]
        self.scale = model.pipeline.vae_scale_factor
        self._seen: dict[tuple[int, ...], tuple[StepState | None, StepState]] = {}  # the last two of each batch
        self._news: set[tuple[int, ...]] = set()

    def see(self, step_state: StepState) -> None:
        _, before = self._seen.get(step_state.places, (None, None))
        self._seen[step_state.places] = before, step_state
        self._news.add(step_state.places)

    def images(self) -> dict[int, Image.Image]:
        """What the images that have moved since the last time are heading for, by their place, in the size that they
        will have; none after a batch's first step, when most of what could be shown is noise."""
        shown: dict[int, Image.Image] = {}
        for places in self._news:
            before, now = self._seen[places]
            if before:
                shown |= dict(zip(places, self._decoded(before, now), strict=True))
        self._news.clear()
        return shown

    def _decoded(self, before: StepState, now: StepState) -> list[Image.Image]:
        latents = predicted_x0(before, now).float().cpu()
        pixels = torch.cat([latents, torch.ones_like(latents[:, :1])], 1).movedim(1, -1) @ self.colours
        small = (pixels.clamp(0, 1) * 255).byte().numpy()
        size = self.scale * small.shape[2], self.scale * small.shape[1]  # of (n, h, w, 3)
        return [Image.fromarray(one).resize(size, Image.Resampling.BICUBIC) for one in small]


def predicted_x0(before: StepState, now: StepState) -> Tensor:
    """x₀ as a deterministic step from x_t to x_s sees it; the latents as they are where that cannot be told.

    With a = √ᾱ and σ = √(1 − ᾱ), such a step keeps x = a·x₀ + σ·ε with the same x₀ and ε (Song et al. 2021,
    DDIM, equation 12), so that x₀ = (σ_s·x_t − σ_t·x_s) / (σ_s·a_t − σ_t·a_s). A step of DPM-Solver++ (2M) is the
    same step towards D, the network's x₀ extrapolated to the middle of the step from this one and the one before
    (Lu et al. 2022, algorithm 2). D is what is then found here, and on Atelier is nearer to the image than x₀.
    """
    if before.alpha_bar is None or now.alpha_bar is None or before.alpha_bar >= now.alpha_bar:
        return now.latents
    a_t, s_t = before.alpha_bar**0.5, (1 - before.alpha_bar) ** 0.5
    a_s, s_s = now.alpha_bar**0.5, (1 - now.alpha_bar) ** 0.5
    x_0: Tensor = (s_s * before.latents - s_t * now.latents) / (s_s * a_t - s_t * a_s)
    return x_0


@torch.inference_mode()
def fit_latent_to_rgb(model: Model) -> Tensor:
    """(c + 1, 3) float32 on the CPU, from latents and 1 to red, green and blue in [0, 1]: by least squares between an
    image of random colours and its own latents."""
    vae = model.pipeline.vae
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(1, 3, FIELD, FIELD, generator=generator)
    side = SIDE * model.pipeline.vae_scale_factor
    image = functional.interpolate(small, (side, side), mode="bilinear")
    with model.lock:
        code = vae.encode((2 * image - 1).to(vae.device, vae.dtype)).latent_dist.mode()
    latents = (code.float().cpu() - (vae.config.get("shift_factor") or 0)) * vae.config.scaling_factor
    seen = functional.interpolate(image, latents.shape[-2:], mode="area")
    known = torch.cat([latents, torch.ones_like(latents[:, :1])], 1)[0].flatten(1).T  # (h·w, c + 1)
    solution: Tensor = torch.linalg.lstsq(known, seen[0].flatten(1).T).solution
    return solution
