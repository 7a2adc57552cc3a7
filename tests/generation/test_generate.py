"""Drawing: seeds, batches, sizes, negative prompts, bad numbers and stopping."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
import torch
from diffusers import PNDMScheduler

import uce_core.generation.generate
from tests.tiny import tiny_flux_pipeline, tiny_pipeline, tiny_sd3_pipeline, tiny_xl_pipeline
from uce_core import Cancelled, EditSpec, GenerationSpec, applied, erase, generate, preset
from uce_core.edits.edit import TextEdit
from uce_core.generation.generate import StepState
from uce_core.generation.jobs import batch_size
from uce_core.generation.spec import negative_unread
from uce_core.models.model import Model, prepare


def pixels(model: Model, *specs: GenerationSpec) -> list[np.ndarray]:
    return [np.asarray(image).astype(int) for image in generate(model, specs)]


def test_an_image_depends_on_its_own_seed_only(tiny: Model) -> None:
    alone = pixels(tiny, GenerationSpec("a cat", seed=5, steps=3))[0]
    specs = [GenerationSpec("a cat", seed=seed, steps=3) for seed in (1, 2, 3, 4, 5, 6)]
    among = pixels(tiny, *specs)
    assert np.abs(among[4] - alone).max() <= 1
    assert np.abs(among[0] - alone).max() > 1


def test_specs_of_different_lengths_keep_their_order(tiny: Model) -> None:
    specs = [
        GenerationSpec("a cat", seed=1, steps=2),
        GenerationSpec("a cat", seed=1, steps=4),
        GenerationSpec("a dog", 1, 2),
    ]
    together = pixels(tiny, *specs)
    for spec, image in zip(specs, together, strict=True):
        assert np.abs(pixels(tiny, spec)[0] - image).max() <= 1


def test_a_prompt_is_encoded_once_for_edit_after_edit(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remembered embeddings are those that would be encoded anew: the images are the same to the last bit."""
    encode, encoded = tiny.pipeline.encode_prompt, list[list[str]]()

    def counted(prompts: list[str] | None, *more: object, **named: object) -> tuple[torch.Tensor, ...]:
        if prompts:  # not the pipeline, which asks again with embeddings
            encoded.append(prompts)
        return encode(prompts, *more, **named)

    monkeypatch.setattr(tiny.pipeline, "encode_prompt", counted)
    spec = GenerationSpec("a cat that nobody drew before", steps=2)
    edits = [erase(tiny, EditSpec(erase=(name,))) for name in ("Vincent van Gogh", "Claude Monet")]

    def generated() -> list[np.ndarray]:
        return [np.asarray(generate(tiny, [spec], edits=[edit])[0]) for edit in edits]

    first = generated()
    assert encoded == [[spec.prompt]]
    tiny.prompts.clear()
    again = generated()
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not np.array_equal(*first)


def test_progress_counts_every_step(tiny: Model) -> None:
    seen: list[tuple[int, int]] = []
    specs = [GenerationSpec("a cat", seed=seed, steps=2) for seed in range(batch_size(tiny) + 1)]
    generate(tiny, specs, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_batches_have_about_the_same_area() -> None:
    model = prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)
    sizes = []
    for side in (8, 64, 96, 128):
        model.pipeline.unet.register_to_config(sample_size=side)
        sizes.append(batch_size(model))
    assert sizes == [16, 4, 1, 1]
    scale = model.pipeline.vae_scale_factor
    assert [batch_size(model, side * scale, side * scale) for side in (8, 64, 96, 128)] == sizes
    assert [batch_size(model, 64 * scale, height * scale) for height in (32, 64, 128)] == [8, 4, 2]


def test_a_scheduler_with_more_timesteps_still_counts_to_steps(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = PNDMScheduler.from_config(tiny.pipeline.scheduler.config, skip_prk_steps=True)
    monkeypatch.setattr(tiny.pipeline, "scheduler", scheduler)
    seen: list[tuple[int, int]] = []
    generate(tiny, [GenerationSpec("a cat", steps=4)], lambda done, total: seen.append((done, total)))
    assert len(seen) == 5
    assert seen[-1] == (4, 4)


def test_cancelling_stops_at_once_and_leaves_the_model_usable(tiny: Model) -> None:
    seen: list[int] = []

    def stop(done: int, total: int) -> None:
        seen.append(done)
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        generate(tiny, [GenerationSpec("a cat", steps=50)], stop)
    assert seen == [1, 2]
    assert len(generate(tiny, [GenerationSpec("a cat", steps=1)])) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": "a", "steps": 0}, "steps is 0"),
        ({"prompt": "a", "steps": 10_000}, "steps is 10000"),
        ({"prompt": "a", "steps": 2.5}, "steps is 2.5"),
        ({"prompt": "a", "guidance_scale": float("nan")}, "guidance scale is nan"),
        ({"prompt": "a", "guidance_scale": -1.0}, "guidance scale is -1"),
        ({"prompt": "a", "seed": -1}, "seed is -1"),
        ({"prompt": "a", "negative_prompt": None}, "negative prompt must be a text"),
        ({"prompt": "a", "width": 63}, "width is 63: use a whole number of pixels from 64 to 4096"),
        ({"prompt": "a", "height": 4097}, "height is 4097"),
        ({"prompt": "a", "height": 128.0}, "height is 128.0"),
        ({"prompt": "a", "sampler": []}, "sampler must be a text"),
        ({"prompt": "a", "seed": 2**63}, "seed is 9223372036854775808"),
    ],
)
def test_bad_requests_are_refused_with_one_sentence(fields: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        GenerationSpec(**fields)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompt": "cat " * 100}, "too long"),
        ({"prompt": "a cat", "negative_prompt": "cat " * 100}, "too long"),
        ({"prompt": "a cat", "width": 100}, "width is 100: this model takes multiples of 8, such as 96"),
        ({"prompt": "a cat", "width": 96, "height": 71}, "height is 71: .*such as 72"),
    ],
)
def test_what_the_model_does_not_take_is_refused_before_generating(fields: dict, sentence: str, tiny: Model) -> None:
    with pytest.raises(ValueError, match=sentence):
        generate(tiny, [GenerationSpec("a cat"), GenerationSpec(**fields)], lambda done, total: pytest.fail("drew"))


ASKED = {
    "nothing more": {},
    "a negative prompt": {"negative_prompt": "a dog"},
    "a size": {"width": 96, "height": 64},
    "a width": {"width": 64},
    "all": {"negative_prompt": "a dog", "width": 64, "height": 128},
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("make", [tiny_pipeline, tiny_xl_pipeline])
def test_images_are_those_of_the_plain_pipeline(make: Any, asked: dict[str, Any]) -> None:
    """To the last bit, where the size is the model's own; and an edit that changes nothing changes nothing of the
    text."""
    model, plain = prepare("tiny", make(), torch.device("cpu"), torch.float32), make()
    plain.set_progress_bar_config(disable=True)
    nothing = erase(model, EditSpec(erase=("Claude Monet",))).at_strength(0)
    native = {"width": 16, "height": 16} if "width" in asked and "height" not in asked else {}
    expected = plain(
        "a cat", num_inference_steps=3, guidance_scale=3.0, generator=torch.Generator().manual_seed(5), **native | asked
    ).images[0]
    spec = GenerationSpec("a cat", 5, 3, 3.0, **asked)
    for edits in (None, [nothing]):
        [image] = generate(model, [spec], edits=edits)
        assert image.size == expected.size
        apart = np.abs(np.asarray(image).astype(int) - np.asarray(expected)).max()
        assert apart <= (1 if "width" in asked else 0)


def test_images_of_atelier_are_those_of_the_plain_pipeline(atelier: Model) -> None:
    expected = atelier.pipeline(
        "a house by Claude Monet", num_inference_steps=4, guidance_scale=3.0, generator=torch.Generator().manual_seed(5)
    ).images[0]
    assert np.array_equal(generate(atelier, [GenerationSpec("a house by Claude Monet", 5, 4, 3.0)])[0], expected)


@pytest.mark.parametrize("make", [tiny_pipeline, tiny_xl_pipeline])
def test_what_is_asked_of_one_image_is_nothing_to_the_others(make: Any) -> None:
    """Stable Diffusion XL reads zeros where there is no negative prompt, and not the empty text."""
    model = prepare("tiny", make(), torch.device("cpu"), torch.float32)
    asked = [{}, {"negative_prompt": "a dog"}, {"negative_prompt": "a house"}, {"width": 64}, {"sampler": "euler"}]
    specs = [GenerationSpec("a cat", 5, 3, 3.0, **one) for one in asked]
    edit = erase(model, EditSpec(erase=("a dog",), wording="object")).at_strength(20)
    shapes, seen = list[tuple[int, ...]](), list[list[float]]()

    def look(unet: object, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        shapes.append(tuple(arguments[0].shape))
        seen.extend((named["added_cond_kwargs"] or {}).get("time_ids", torch.zeros(0, 6)).tolist())

    for edits in ([None] * len(specs), [edit] * len(specs)):
        alone = [pixels_of(generate(model, [spec], edits=[one])) for spec, one in zip(specs, edits, strict=True)]
        hook = model.denoiser.register_forward_pre_hook(look, with_kwargs=True)
        together = generate(model, specs, edits=edits)
        hook.remove()
        assert max(np.abs(np.asarray(a).astype(int) - b).max() for a, b in zip(together, alone, strict=True)) <= 1
        assert len({one.tobytes() for one in alone}) == len(specs), "each is another image"
    assert set(shapes) == {(2, 4, 8, 8), (4, 4, 8, 8), (2, 4, 8, 32)}
    if seen:
        assert {tuple(one) for one in seen} == {(16, 16, 0, 0, 16, 16), (16, 64, 0, 0, 16, 64)}, "height, then width"


def pixels_of(images: list[Any]) -> np.ndarray:
    return np.asarray(images[0]).astype(int)


def test_a_negative_prompt_is_encoded_with_its_prompt(tiny: Model) -> None:
    """What is remembered of one negative prompt is not another's, nor nobody's."""
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))

    def image(negative_prompt: str) -> bytes:
        spec = GenerationSpec("a cat", 1, 2, 3.0, negative_prompt=negative_prompt)
        return generate(tiny, [spec], edits=[edit])[0].tobytes()

    first = [image(text) for text in ("", "a dog", "a house")]
    assert [image(text) for text in ("", "a dog", "a house")] == first
    assert len(set(first)) == 3
    assert GenerationSpec("a cat", negative_prompt=" \n") == GenerationSpec("a cat")


def test_a_request_of_before_is_the_same_request(tiny: Model) -> None:
    """Nothing is said of what nobody asked for, so that records and their digests stay what they were."""
    spec = GenerationSpec("a cat", 7, 5, 3.0)
    facts = {"kind": "generation", "version": 1, "prompt": "a cat", "seed": 7, "steps": 5, "guidance_scale": 3.0}
    assert spec.facts() == facts
    assert GenerationSpec.from_facts(facts) == spec
    more = GenerationSpec("a cat", 7, 5, 3.0, negative_prompt="a dog", height=96, sampler="unipc")
    assert more.facts() == facts | {"negative_prompt": "a dog", "height": 96, "sampler": "unipc"}
    assert GenerationSpec.from_json(more.to_json()) == more == more.resolved(tiny.family)
    for wrong in ({"width": "96"}, {"width": 96.0}, {"sampler": None}, {"negative_prompt": ["a dog"]}):
        with pytest.raises(ValueError, match="not settings of generation"):
            GenerationSpec.from_facts(facts | wrong)


def test_batches_shrink_when_memory_is_short(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [GenerationSpec("a cat", seed=seed, steps=2) for seed in range(5)]
    expected = pixels(tiny, *specs)
    sizes: list[int] = []
    whole = uce_core.generation.generate._denoised

    def draw_at_most(most: int) -> None:
        def denoised(model: Model, batch: list, report: object) -> list:
            sizes.append(len(batch))
            if len(batch) > most:
                raise torch.OutOfMemoryError
            return whole(model, batch, report)

        monkeypatch.setattr("uce_core.generation.generate._denoised", denoised)

    draw_at_most(2)
    seen: list[tuple[int, int]] = []
    images = generate(tiny, specs, lambda done, total: seen.append((done, total)))
    assert sizes == [5, 2, 3, 1, 2]
    assert seen[-1][0] == seen[-1][1]
    for image, pixel in zip(images, expected, strict=True):
        assert np.abs(np.asarray(image).astype(int) - pixel).max() <= 1
    draw_at_most(0)
    with pytest.raises(ValueError, match="memory is too small"):
        generate(tiny, specs[:1])


@pytest.mark.parametrize("pipeline", [tiny_pipeline, tiny_xl_pipeline, tiny_sd3_pipeline, tiny_flux_pipeline])
@pytest.mark.parametrize("guidance_scale", [0.0, 5.0])
@pytest.mark.parametrize("room", [0, 2**26])
def test_each_image_has_its_own_edit_wherever_that_is_applied(
    pipeline: Any, guidance_scale: float, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """room: for edited weights beside the model's; without any, they are swapped."""
    monkeypatch.setattr("uce_core.models.applying.ROOM", room)
    model = prepare("tiny", pipeline(), torch.device("cpu"), torch.float32)
    before = {name: weight.clone() for name, weight in model.denoiser.state_dict().items()}
    of_values = [("oce", "Claude Monet"), ("adavd", "Claude Monet")] if hasattr(model.pipeline, "unet") else []
    chosen = [("uce-tensor", "Claude Monet"), ("uce", "Claude Monet"), ("uce-tensor", "Edvard Munch"), *of_values]
    made = [erase(model, preset("default", [name], method=kind)).at_strength(2) for kind, name in chosen]
    edits = [made[0], None, *made[1:], made[0]]
    specs = [GenerationSpec("Claude Monet, Edvard Munch", 1, 2, guidance_scale) for edit in edits]
    specs[-1] = replace(specs[-1], seed=2)
    steps: list[tuple[int, int]] = []
    states: list[StepState] = []
    together = generate(model, specs, lambda *step: steps.append(step), edits, states.append)
    in_model = [place for place, edit in enumerate(edits) if edit and not edit.edits_text]
    adavd = [place for place, edit in enumerate(edits) if edit and not edit.changes_weights and not edit.edits_text]
    swapped = [(0, len(edits) - 1), *((place,) for place in in_model[1:-1] if place not in adavd)]
    expected = {tuple(range(len(edits)))} if room else {(1, 2, *adavd), *swapped}
    assert {state.places for state in states} == expected
    assert steps[-1][0] == steps[-1][1]
    alone = []
    for spec, edit in zip(specs, edits, strict=True):
        by_text = cast(TextEdit, edit) if edit and edit.edits_text else None
        with applied(model, None if by_text else edit):
            alone += generate(model, [spec], edits=[by_text])
    for one, other in zip(together, alone, strict=True):
        assert np.abs(np.asarray(one).astype(int) - np.asarray(other)).max() <= 1
    assert len({image.tobytes() for image in alone}) == len(edits), "each edit changes it"
    after = model.denoiser.state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in before.items())


def test_an_edit_is_applied_once_for_all_of_its_images(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that may not stand beside each other, asked for in turns, in batches of one."""
    written: list[object] = []
    write = uce_core.models.applying.write_edit
    monkeypatch.setattr(
        "uce_core.models.applying.write_edit", lambda model, edit: (written.append(edit), write(model, edit))
    )
    monkeypatch.setattr("uce_core.models.applying.ROOM", 0)
    monkeypatch.setattr("uce_core.generation.jobs.batch_size", lambda *asked: 1)
    edits = [erase(tiny, preset("default", [name], method="uce-tensor")) for name in ("Claude Monet", "Edvard Munch")]
    specs = [GenerationSpec("a house by Claude Monet", seed, 1) for seed in range(3) for _ in edits]
    images = generate(tiny, specs, edits=edits * 3)
    assert [edit is edits[0] for edit in written] == [True, False]
    for image, spec, edit in zip(images, specs, edits * 3, strict=True):
        assert image.tobytes() == generate(tiny, [spec], edits=[edit])[0].tobytes()


def test_edits_that_do_not_fit_are_refused_before_anything_is_generated(tiny: Model) -> None:
    other = prepare("other", tiny_pipeline(seed=1), torch.device("cpu"), torch.float32)
    spec, steps = GenerationSpec("a house", steps=1), list[int]()
    for method in ("uce", "uce-tensor"):
        edit = erase(other, preset("default", ["Claude Monet"], method=method))
        with pytest.raises(ValueError, match="another text encoder"):
            generate(tiny, [spec, spec], lambda done, total: steps.append(done), [None, edit])
    assert not steps
    edit = erase(tiny, preset("default", ["Claude Monet"], method="uce-tensor"))
    with applied(tiny, edit), pytest.raises(ValueError, match="An edit is applied to tiny already"):
        generate(tiny, [spec], edits=[edit])


@pytest.mark.parametrize(
    ("negative_prompt", "method", "scales", "unread"),
    [
        ("", "uce", (0.0, 1.0), False),
        ("fog", "uce", (None, 1.5), False),
        ("fog", "uce", (1.0, 7.5), True),
        ("", "negative-prompt", (7.5,), False),
        ("", "negative-prompt", (1.0,), True),
    ],
)
def test_negative_prompts_are_read_with_guidance_only(
    negative_prompt: str, method: str, scales: tuple[float | None, ...], unread: bool
) -> None:
    specs = [GenerationSpec("a house", guidance_scale=scale, negative_prompt=negative_prompt) for scale in scales]
    assert negative_unread(specs, [None, preset("default", ["Claude Monet"], (), method)]) == unread
