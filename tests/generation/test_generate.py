"""Drawing: seeds, batches, bad numbers and stopping."""

import numpy as np
import pytest
import torch
from diffusers import PNDMScheduler

import uce_core.generation.generate
from tests.tiny import tiny_pipeline
from uce_core import Cancelled, EditSpec, GenerationSpec, erase, generate
from uce_core.generation.generate import batch_size
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
        ({"prompt": "a", "seed": 2**63}, "seed is 9223372036854775808"),
    ],
)
def test_bad_requests_are_refused_with_one_sentence(fields: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        GenerationSpec(**fields)


def test_a_prompt_too_long_is_refused_before_generating(tiny: Model) -> None:
    with pytest.raises(ValueError, match="too long"):
        generate(tiny, [GenerationSpec("cat " * 100)], lambda done, total: pytest.fail("drew"))


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
