"""Samplers by name: diffusers' own steps, an image of its own seed whatever is generated beside it, any few steps."""

import copy
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from tests.tiny import tiny_flux_pipeline, tiny_pipeline, tiny_sd3_pipeline, tiny_xl_pipeline
from uce_core import EditSpec, GenerationSpec, Model, erase, generate
from uce_core.generation.batching import Batcher
from uce_core.generation.generate import StepState
from uce_core.generation.samplers import SAMPLERS
from uce_core.models.model import prepare

CPU = torch.device("cpu")
WITH_NOISE = ("euler-a", "lcm")


def pixels(images: list[Any]) -> np.ndarray:
    return np.stack([np.asarray(image).astype(int) for image in images])


@contextmanager
def unet_rows(model: Model) -> Iterator[list[int]]:
    """Of each call of the UNet."""
    rows: list[int] = []
    hook = model.denoiser.register_forward_hook(lambda unet, arguments, output: rows.append(len(output[0])))
    try:
        yield rows
    finally:
        hook.remove()


def side_by_side(model: Model, asked: list[tuple[GenerationSpec, Any]]) -> list[Any]:
    """Each asked for by somebody else, in batches that all share."""
    batcher, done = Batcher(), list[Future[Any]]()
    for number, (spec, edit) in enumerate(asked):
        done.append(Future())
        batcher.start(str(number), lambda spec=spec, edit=edit: generate(model, [spec], edits=[edit]), done[-1])
    while batcher.busy:
        batcher.step()
    torch.set_grad_enabled(True)
    return [one.result()[0] for one in done]


@pytest.mark.parametrize("make", [tiny_pipeline, tiny_xl_pipeline])
@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_is_diffusers_own_and_the_models_is_not_touched(make: Any, name: str) -> None:
    model, plain = (prepare("tiny", make(), CPU, torch.float32) for _ in range(2))
    before = copy.deepcopy(vars(model.pipeline.scheduler))
    spec = GenerationSpec("a cat", 7, 5, 3.0, sampler=name)
    found = pixels(generate(model, [spec]))
    assert vars(model.pipeline.scheduler).keys() == before.keys()
    assert str(vars(model.pipeline.scheduler)) == str(before)
    chosen = getattr(diffusers, SAMPLERS[name].scheduler)
    plain.pipeline.scheduler = chosen.from_config(
        plain.pipeline.scheduler.config, timestep_spacing="trailing", **SAMPLERS[name].arguments
    )
    expected = plain.pipeline(
        "a cat", num_inference_steps=5, guidance_scale=3.0, generator=torch.Generator().manual_seed(7)
    ).images
    assert np.array_equal(found, pixels(expected))
    own = pixels(generate(model, [GenerationSpec("a cat", 7, 5, 3.0)]))
    assert np.abs(found - own).max() > 1, "it is another one than the model's"


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_image_depends_on_its_own_seed_only(name: str, tiny: Model) -> None:
    """Also where each step brings new noise; in a batch of one request, and of many."""
    edit = erase(tiny, EditSpec(erase=("Claude Monet",))).at_strength(20)
    specs = [GenerationSpec("a cat by Claude Monet", seed, 4, 3.0, sampler=name) for seed in (5, 6, 7)]
    edits = [None, edit, None]
    alone = pixels([generate(tiny, [spec], edits=[one])[0] for spec, one in zip(specs, edits, strict=True)])
    together = pixels(generate(tiny, specs, edits=edits))
    assert np.abs(together - alone).max() <= 1
    others = [(GenerationSpec("a dog", seed, 6, 5.0, sampler=other), None) for seed, other in enumerate(("", "euler"))]
    shared = pixels(side_by_side(tiny, [*others, *zip(specs, edits, strict=True)])[2:])
    assert np.abs(shared - alone).max() <= 1
    assert np.abs(alone[0] - alone[2]).max() > 1


def test_samplers_without_noise_agree_when_steps_are_many(atelier: Model) -> None:
    def image(steps: int, **how: str) -> np.ndarray:
        return pixels(generate(atelier, [GenerationSpec("a house by Claude Monet", 3, steps, **how)]))

    fine = image(24)
    for name in set(SAMPLERS) - set(WITH_NOISE):
        apart = [np.abs(image(steps, sampler=name) - fine).mean() for steps in (4, 12)]
        assert apart[1] < 5 < apart[0], name
    assert np.array_equal(image(10, sampler="dpmpp-2m"), image(10)), "it is Atelier's own"


@pytest.mark.parametrize("name", ["", *SAMPLERS])
def test_few_steps_without_guidance_make_an_image_in_one_pass_each(name: str, tiny: Model) -> None:
    """As Turbo, Lightning, LCM and Hyper are asked: no unconditional row is computed, whatever the negative prompt,
    edited or not, alone or side by side with others."""
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    specs = [GenerationSpec("a cat", 1, n, n % 2, negative_prompt="a dog", sampler=name) for n in range(1, 9)]
    for spec in specs:
        with unet_rows(tiny) as rows:
            images = generate(tiny, [spec] * 2, edits=[None, edit])
        assert rows == [2] * (spec.steps or 0), "of the original and the edited image one each"
        assert np.asarray(images[0]).std() > 1
    with unet_rows(tiny) as rows:
        side_by_side(tiny, [(spec, one) for spec in specs for one in (None, edit)])
    assert sum(rows) == 2 * sum(range(1, 9))
    with unet_rows(tiny) as rows:
        generate(tiny, [GenerationSpec("a cat", 1, 2, 1.5, sampler=name)])
    assert rows == [2, 2], "with guidance there are both"


def test_steps_that_a_sampler_does_not_take_are_refused() -> None:
    assert GenerationSpec("a cat", steps=50, sampler="lcm")
    with pytest.raises(ValueError, match="lcm takes at most 50 steps, not 51"):
        GenerationSpec("a cat", steps=51, sampler="lcm")
    with pytest.raises(ValueError, match="Unknown sampler 'heun': use one of ddim, dpmpp-2m, unipc"):
        GenerationSpec("a cat", sampler="heun")


def test_a_model_of_flow_matching_keeps_its_own() -> None:
    """Images of as many tokens, but of another shape, share no batch: where a token lies is said once for all rows."""
    model = prepare("tiny", tiny_flux_pipeline(), CPU, torch.float32)
    with pytest.raises(ValueError, match="sampled by FlowMatchEulerDiscreteScheduler, and the sampler ddim"):
        generate(model, [GenerationSpec("a cat", steps=2, sampler="ddim")])
    own, named = (generate(model, [GenerationSpec("a cat", steps=2, sampler=name)])[0] for name in ("", "euler"))
    assert own.tobytes() == named.tobytes(), "as Euler's steps are of flow matching, images of other programs restore"
    asked = [GenerationSpec("a cat", 1, 2, 3.0, width=w, height=h) for w, h in ((64, 128), (128, 64), (64, 128))]
    alone = [generate(model, [spec])[0] for spec in asked]
    for image, one in zip(side_by_side(model, [(spec, None) for spec in asked]), alone, strict=True):
        assert image.size == one.size
        assert np.abs(pixels([image]) - pixels([one])).max() <= 1
    with unet_rows(model) as rows:
        side_by_side(model, [(spec, None) for spec in asked])
    assert sorted(rows) == [1, 1, 2, 2]


def test_sizes_beyond_what_a_transformer_has_places_for_are_refused() -> None:
    model = prepare("tiny", tiny_sd3_pipeline(), CPU, torch.float32)
    with pytest.raises(ValueError, match="width is 96: this model takes at most 32 pixels"):
        generate(model, [GenerationSpec("a cat", steps=2, width=96)])


@pytest.mark.parametrize("name", SAMPLERS)
def test_previews_know_how_much_of_the_latents_is_noise(name: str, atelier: Model) -> None:
    """Or say that they do not; latents have variance 1 whatever the sampler scales them to."""
    seen: list[StepState] = []
    generate(atelier, [GenerationSpec("a cat", steps=6, sampler=name)], on_latents=seen.append)
    known = [one.alpha_bar for one in seen]
    if name in WITH_NOISE:
        assert known == [None] * 6
    else:
        assert known == sorted(known)
        assert 0 < known[0] < 0.1
        assert known[-1] == 1
    assert all(0.7 < float(one.latents.std()) < 1.4 for one in seen)
