"""The images of a grid are those that a comparison generates, solved once, in few batches, and none of them twice."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.tiny import tiny_model
from uce_core import AnyEdit, Axis, Cancelled, Edit, EditSpec, GenerationSpec, Grid, Model, compare, erase, preset
from uce_core.edits.spec import MethodSpec
from uce_core.generation import generate as generating
from uce_core.grids import tiles as tiles_module
from uce_core.grids.plan import SavedEdit, edits_of
from uce_core.grids.tiles import tiles_of
from uce_core.models.model import fingerprint_of

MONET = EditSpec(erase=("Claude Monet",), retain=("Piet Mondrian",), lam=0.1)
HOUSE = GenerationSpec("a house by Claude Monet", seed=3, steps=2)
STRENGTHS = Axis("strength", (0.0, 1.0, 20.0))


def gap(first: Image.Image, second: Image.Image) -> int:
    return int(np.abs(np.asarray(first).astype(int) - np.asarray(second).astype(int)).max())


def expected(model: Model, edit: AnyEdit, generation: GenerationSpec, path: str = "auto") -> list[Image.Image]:
    """Original and edited."""
    [pair] = compare(model, edit, [generation], path=path, scored=False)
    return [pair.original, pair.edited]


def test_cells_are_what_a_comparison_generates(tiny: Model) -> None:
    prompts = HOUSE.prompt, "a cat"
    found = tiles_of(tiny, Grid(x=STRENGTHS, y=Axis("prompt", prompts), generation=HOUSE, edits=(MONET,)))
    edit = erase(tiny, MONET)
    assert found.digests == (edit.digest,)
    for prompt, row in zip(prompts, found.rows, strict=True):
        asked = GenerationSpec(prompt, seed=3, steps=2)
        for strength, image in zip(STRENGTHS.values, row, strict=True):
            original, edited = expected(tiny, edit.at_strength(strength or 1), asked)
            assert gap(image, edited if strength else original) <= 1, (prompt, strength)
    assert gap(found.rows[0][0], found.rows[0][2]) > 1, "the edit changed nothing"


def test_edits_of_weights_are_drawn_in_them_beside_the_others(tiny: Model) -> None:
    before = fingerprint_of(dict(tiny.denoiser.state_dict()))
    methods = "original", "uce", "negative-prompt", "uce-tensor", "adavd"
    specs = edits_of(methods[1:], MONET.erase, MONET.retain)
    asked = Grid(x=Axis("method", methods), y=Axis("strength", (0.5, 10.0)), generation=HOUSE, edits=specs)
    found = tiles_of(tiny, asked)
    solved = [erase(tiny, spec) for spec in specs]
    assert found.digests == tuple(edit.digest for edit in solved)
    assert [edit.edits_text for edit in solved] == [True, True, False, False]
    for strength, (original, *edited) in zip((0.5, 10.0), found.rows, strict=True):
        for edit, image in zip(solved, edited, strict=True):
            both = expected(tiny, edit.at_strength(strength), HOUSE, "swap" if edit.changes_weights else "auto")
            assert max(gap(original, both[0]), gap(image, both[1])) <= 1, edit
    assert gap(found.rows[1][0], found.rows[1][1]) > 1, "the edit changed nothing"
    assert fingerprint_of(dict(tiny.denoiser.state_dict())) == before


def test_an_axis_may_be_whatever_is_asked_of_an_image(tiny: Model) -> None:
    texts = "", "a house"
    asked = Grid(
        x=Axis("guidance_scale", (1.0, 5.0)),
        y=Axis("negative_prompt", texts),
        generation=HOUSE,
        edits=(MONET,),
        strength=20.0,
    )
    edit = erase(tiny, MONET).at_strength(20)
    for text, row in zip(texts, tiles_of(tiny, asked).rows, strict=True):
        for scale, image in zip((1.0, 5.0), row, strict=True):
            spec = GenerationSpec(HOUSE.prompt, 3, 2, scale, negative_prompt=text)
            assert gap(image, expected(tiny, edit, spec)[1]) <= 1, spec


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """What is solved, and how many images each batch has."""
    found: dict[str, list[Any]] = {"solved": [], "batches": []}
    solve, denoise = tiles_module.erase, generating._denoised

    def solving(model: Model, spec: MethodSpec, *more: Any) -> AnyEdit:
        found["solved"].append(spec)
        return solve(model, spec, *more)

    def denoising(model: Model, batch: Sequence[Any], *more: Any) -> list[Image.Image]:
        found["batches"].append(len(batch))
        return denoise(model, batch, *more)

    monkeypatch.setattr(tiles_module, "erase", solving)
    monkeypatch.setattr(generating, "_denoised", denoising)
    return found


def test_each_edit_is_solved_once_and_each_image_generated_once(tiny: Model, counted: dict[str, list[Any]]) -> None:
    asked = Grid(x=Axis("lam", (0.1, 5.0, "original")), y=STRENGTHS, generation=HOUSE, edits=(MONET,))
    found = tiles_of(tiny, asked)
    assert [spec.lam for spec in counted["solved"]] == [0.1, 5.0]
    assert counted["batches"] == [5], "two edits at two strengths, and the original"
    originals = [*found.rows[0], *(row[2] for row in found.rows)]
    assert all(gap(image, originals[0]) == 0 for image in originals)


def test_what_fits_into_one_batch_is_generated_in_one(tiny: Model, counted: dict[str, list[Any]]) -> None:
    asked = Grid(x=Axis("steps", (1, 2)), y=Axis("seed", (1, 2, 3)), generation=HOUSE, edits=(MONET,))
    found = tiles_of(tiny, asked)
    assert counted["batches"] == [3, 3]
    edit = erase(tiny, MONET)
    for seed, row in zip((1, 2, 3), found.rows, strict=True):
        for steps, image in zip((1, 2), row, strict=True):
            assert gap(image, expected(tiny, edit, GenerationSpec(HOUSE.prompt, seed, steps))[1]) <= 1


def test_steps_of_all_images_are_told(tiny: Model) -> None:
    told: list[tuple[int, int]] = []
    specs = (MONET, preset("default", MONET.erase, MONET.retain, "uce-tensor"))
    asked = Grid(x=Axis("method", ("uce", "uce-tensor")), y=Axis("seed", (1, 2)), generation=HOUSE, edits=specs)
    tiles_of(tiny, asked, on_step=lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {4 * 2}, "four images of two steps"
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[0][0] == 0, "told while edits are solved"
    assert told[-1] == (8, 8)


@pytest.mark.parametrize("at", [0, 3, 7])
def test_it_can_be_stopped_at_any_time_and_leaves_the_model_as_it_was(at: int) -> None:
    model = tiny_model()
    before = fingerprint_of(dict(model.denoiser.state_dict()))
    specs = (MONET, preset("default", MONET.erase, MONET.retain, "uce-tensor"))
    asked = Grid(x=Axis("method", ("uce-tensor", "uce")), y=Axis("seed", (1, 2)), generation=HOUSE, edits=specs)

    def stop(done: int, total: int) -> None:
        if done >= at:
            raise Cancelled

    with pytest.raises(Cancelled):
        tiles_of(model, asked, on_step=stop)
    assert fingerprint_of(dict(model.denoiser.state_dict())) == before


def of_saved(edit: AnyEdit, x: Axis = STRENGTHS) -> Grid:
    return Grid(x=x, generation=HOUSE, edits=edit.specs, saved=SavedEdit(edit.digest, edit.strength))


@pytest.mark.parametrize("method", ["uce", "uce-tensor"])
def test_strengths_of_a_saved_edit_are_of_what_was_saved(tiny: Model, method: str) -> None:
    spec = preset("default", MONET.erase, MONET.retain, method, lam=0.1)
    saved = erase(tiny, spec).at_strength(0.5)
    found = tiles_of(tiny, of_saved(saved), saved)
    assert found.digests == ()
    original, once, most = found.rows[0]
    whole = erase(tiny, spec)
    assert gap(original, expected(tiny, whole, HOUSE)[0]) <= 1
    assert gap(once, expected(tiny, whole.at_strength(0.5), HOUSE)[1]) <= 1
    assert gap(most, expected(tiny, whole.at_strength(10), HOUSE)[1]) <= 1


def test_another_edit_than_the_saved_one_is_refused(tiny: Model) -> None:
    saved = erase(tiny, MONET)
    for other in (None, saved.at_strength(2)):
        with pytest.raises(ValueError, match="first made with"):
            tiles_of(tiny, of_saved(saved), other)
    assert isinstance(saved, Edit)
    stranger = Edit(spec=MONET, u=saved.u, v=saved.v, text_encoder="another")
    with pytest.raises(ValueError, match="another text encoder"):
        tiles_of(tiny, of_saved(stranger), stranger)
