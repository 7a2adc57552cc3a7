"""Pairs by both paths: the edit in the weights, and on the text in one batch."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tiny import tiny_pipeline, tiny_xl_pipeline
from uce_core import Cancelled, EditSpec, GenerationSpec, Model, Pair, compare, compare_all, erase, preset
from uce_core.images import mean_pixel_difference
from uce_core.models.model import prepare

SPECS = [
    GenerationSpec("a house by Claude Monet", seed=1, steps=3),
    GenerationSpec("a cat", seed=2, steps=3),
    GenerationSpec("Claude Monet", seed=3, steps=2, guidance_scale=1.0),
]
MORE = [
    GenerationSpec("a cat", seed=4, steps=3, guidance_scale=5.0, negative_prompt="a house by Claude Monet"),
    GenerationSpec("Claude Monet", seed=5, steps=3, width=96, height=64, sampler="euler-a"),
]


def pixels(pair: Pair) -> np.ndarray:
    return np.stack([np.asarray(image).astype(int) for image in (pair.original, pair.edited)])


@pytest.mark.parametrize("pipeline", [tiny_pipeline, tiny_xl_pipeline])
def test_both_paths_draw_the_same_pairs(pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uce_core.generation.compare._scorer", lambda model: None)
    model = prepare("tiny", pipeline(), torch.device("cpu"), torch.float32)
    edit = erase(model, EditSpec(erase=("Claude Monet",), retain=("Piet Mondrian",), lam=0.1)).at_strength(20)
    specs = [*SPECS, *MORE]
    for batch, swap in zip(*(compare(model, edit, specs, path=path) for path in ("batch", "swap")), strict=True):
        assert batch.spec == swap.spec
        assert np.abs(pixels(batch) - pixels(swap)).max() <= 1
        assert np.abs(np.diff(pixels(swap), axis=0)).max() > 1, "the edit changed nothing"


@pytest.mark.parametrize("path", ["batch", "apart", "alone", "swap"])
def test_the_negative_prompt_is_edited_like_the_prompt(tiny: Model, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """W' reads both: the pair is that of embeddings that were multiplied by M before the pipeline saw them."""
    monkeypatch.setattr("uce_core.generation.compare._scorer", lambda model: None)
    edit = erase(tiny, EditSpec(erase=("Claude Monet",), lam=0.1)).at_strength(20)
    [pair] = compare(tiny, edit, MORE[:1], path=path)
    positive, negative = tiny.pipeline.encode_prompt(
        "a cat", tiny.device, 1, do_classifier_free_guidance=True, negative_prompt=MORE[0].negative_prompt
    )
    with torch.no_grad():
        [expected], [other] = (
            tiny.pipeline(
                prompt_embeds=edit.on_text(positive),
                negative_prompt_embeds=one,
                num_inference_steps=3,
                guidance_scale=5.0,
                generator=torch.Generator().manual_seed(4),
            ).images
            for one in (edit.on_text(negative), negative)
        )
    assert np.abs(np.asarray(pair.edited).astype(int) - np.asarray(expected)).max() <= 1
    assert np.abs(np.asarray(other).astype(int) - np.asarray(expected)).max() > 1


def test_both_paths_agree_on_atelier(atelier: Model) -> None:
    """In half precision they round differently; the images must look the same."""
    edit = erase(atelier, EditSpec(erase=("Vincent van Gogh",), retain=("Claude Monet", "Edvard Munch")))
    specs = [GenerationSpec(f"a {what} in the style of Vincent van Gogh", seed=4) for what in ("house", "cat")]
    for batch, swap in zip(*(compare(atelier, edit, specs, path=path) for path in ("batch", "swap")), strict=True):
        apart = np.abs(np.diff(pixels(swap), axis=0)).mean()
        assert np.abs(pixels(batch) - pixels(swap)).mean() < apart / 10
        assert abs(batch.scores.clip_edited - swap.scores.clip_edited) < 2
        assert abs(batch.scores.lpips - swap.scores.lpips) < 0.05


@pytest.mark.parametrize("path", ["batch", "apart", "alone", "swap"])
@pytest.mark.parametrize("pipeline", [tiny_pipeline, tiny_xl_pipeline])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_edit_at_strength_0_is_none(pipeline: Any, path: str, dtype: torch.dtype) -> None:
    model = prepare("tiny", pipeline(), torch.device("cpu"), dtype)
    edit = erase(model, EditSpec(erase=("Vincent van Gogh",))).at_strength(0)
    [pair] = compare(model, edit, [GenerationSpec("a house", 1, 2)], path=path, scored=False)
    assert pair.edited.tobytes() == pair.original.tobytes()


def test_a_dense_edit_is_swapped(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uce_core.generation.compare._scorer", lambda model: None)
    edit = erase(tiny, preset("published-2023", ("Claude Monet",), method="uce-tensor")).at_strength(5)
    [pair] = compare(tiny, edit, SPECS[:1])
    assert np.abs(np.diff(pixels(pair), axis=0)).max() > 1
    with pytest.raises(ValueError, match="cannot be applied to the text"):
        compare(tiny, edit, SPECS, path="batch")
    with pytest.raises(ValueError, match="Unknown path 'express'"):
        compare(tiny, edit, SPECS, path="express")


@pytest.mark.parametrize("path", ["batch", "swap"])
def test_progress_ends_at_the_total_and_cancelling_restores(tiny: Model, path: str) -> None:
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    seen: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        if done == total:
            raise Cancelled

    with pytest.raises(Cancelled):
        compare(tiny, edit, SPECS[:1], stop, path)
    assert [done for done, _ in seen] == list(range(1, seen[0][1] + 1))
    for name, master in tiny.masters.items():
        assert torch.equal(tiny.pipeline.unet.get_parameter(name), master)


def test_originals_that_are_at_hand_are_not_generated_again(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the edit they were first generated beside, the pairs are those of the path "apart", bit for bit."""
    monkeypatch.setattr("uce_core.generation.compare._scorer", lambda model: None)
    first, other = (erase(tiny, EditSpec(erase=(name,))).at_strength(20) for name in ("Claude Monet", "Edvard Munch"))
    originals = [pair.original for pair in compare(tiny, first, SPECS)]
    steps: list[tuple[int, int]] = []
    pairs = compare(tiny, other, SPECS, lambda *step: steps.append(step), originals=originals)
    assert steps[-1] == (5, 5), "two batches of edited images, of three steps and of two"
    for pair, again, together in zip(
        pairs, compare(tiny, other, SPECS, path="apart"), compare(tiny, other, SPECS), strict=True
    ):
        assert np.array_equal(pixels(pair), pixels(again))
        assert np.abs(pixels(pair) - pixels(together)).max() <= 1
    dense = erase(tiny, preset("published-2023", ("Claude Monet",), method="uce-tensor")).at_strength(5)
    swapped = compare(tiny, dense, SPECS[:1])
    [pair] = compare(tiny, dense, SPECS[:1], originals=[swapped[0].original])
    assert np.array_equal(pixels(pair), pixels(swapped[0]))


def test_edits_beside_each_other_have_the_images_that_each_has_alone(tiny: Model) -> None:
    """Of all kinds: in one batch on the text, in the weights, in the values; with one original for all."""
    specs = [GenerationSpec("a house by Claude Monet", seed=seed, steps=2) for seed in (1, 2)]
    kinds = ("uce", "uce-tensor", "semantic-surgery", "adavd", "rece")
    edits = [erase(tiny, preset("default", ["Claude Monet"], method=kind)) for kind in kinds]
    steps: list[tuple[int, int]] = []
    places: set[int] = set()
    found = compare_all(tiny, edits, specs, lambda *done: steps.append(done), lambda state: places.update(state.places))
    assert steps == sorted(set(steps))
    assert steps[-1][0] == steps[-1][1]
    assert places == set(range(2 * 6))
    for edit, pairs in zip(edits, found, strict=True):
        for alone, pair, first in zip(compare(tiny, edit, specs), pairs, found[0], strict=True):
            assert pair.spec == alone.spec
            assert pair.original is first.original
            assert mean_pixel_difference(pair.edited, alone.edited) < 1
            assert mean_pixel_difference(pair.original, alone.original) < 1


def test_originals_of_several_edits_are_shown_as_they_are_given(tiny: Model) -> None:
    specs = [GenerationSpec("a house by Claude Monet", seed=1, steps=2)]
    edits = [erase(tiny, preset("default", ["Claude Monet"], method=kind)) for kind in ("uce", "oce")]
    originals = [Image.new("RGB", (16, 16))]
    places: list[int] = []
    for pairs in compare_all(tiny, edits, specs, None, lambda state: places.extend(state.places), originals, False):
        assert pairs[0].original is originals[0]
    assert set(places) == {1, 2}
    assert compare_all(tiny, edits, []) == [[], []]
