"""Edits in other programs' formats, read by those programs' own loaders."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.tiny import tiny_pipeline
from uce_core import DenseEdit, Edit, EditSpec, GenerationSpec, applied, erase, export, generate, preset
from uce_core.models.model import Model, prepare

SPEC = EditSpec(erase=("Vincent van Gogh", "Claude Monet"), retain=("Piet Mondrian",), lam=0.1)
DRAWING = GenerationSpec("a house in the style of Vincent van Gogh", seed=3, steps=3)


def weights_of(model: Model, edit: Edit | DenseEdit) -> dict[str, torch.Tensor]:
    with applied(model, edit):
        return {name: model.pipeline.unet.get_parameter(name).clone() for name in model.masters}


def test_published_layout_is_the_edited_unet_by_its_own_names(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC)
    tensors = load_file(export(tiny, edit, "published", tmp_path / "edit.safetensors"))
    unet = tiny_pipeline().unet
    assert unet.load_state_dict(tensors, strict=False).unexpected_keys == []
    for name, weight in weights_of(tiny, edit).items():
        assert torch.equal(unet.get_parameter(name), weight)


def test_a_published_file_is_an_edit(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC)
    ours = export(tiny, edit, "published", tmp_path / "ours.safetensors")
    theirs = tmp_path / "theirs.safetensors"
    save_file(load_file(ours), theirs)  # as the published code writes it: no metadata
    for path, spec in ((ours, SPEC), (theirs, None)):
        loaded = Edit.load(path)
        assert isinstance(loaded, DenseEdit)
        assert loaded.spec == spec
        for name, weight in weights_of(tiny, edit).items():
            assert torch.equal(weights_of(tiny, loaded)[name], weight)
        again = Edit.load(loaded.at_strength(0.5).save(tmp_path / "half.safetensors"))
        half = weights_of(tiny, edit.at_strength(0.5))
        for name, weight in weights_of(tiny, again).items():
            torch.testing.assert_close(weight, half[name], rtol=1e-4, atol=1e-6)


def test_a_dense_edit_of_another_shape_is_refused(tiny: Model, tmp_path: Path) -> None:
    name = next(iter(tiny.masters))
    for weights in ({name: torch.zeros(3, 16)}, {"nowhere.attn2.to_k.weight": torch.zeros(16, 16)}):
        save_file(weights, tmp_path / "edit.safetensors")
        edit = Edit.load(tmp_path / "edit.safetensors")
        with pytest.raises(ValueError, match="no weight of that name and shape"), applied(tiny, edit):
            pass


@pytest.mark.parametrize("to", ["diffusers-lora", "kohya-lora"])
def test_lora_through_diffusers_own_loader_generates_the_same(tmp_path: Path, to: str) -> None:
    model = prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)
    edit = erase(model, SPEC)
    plain = generate(model, [DRAWING])[0]
    with applied(model, edit):
        direct = generate(model, [DRAWING])[0]
    path = export(model, edit, to, tmp_path / f"{to}.safetensors")
    pipeline = tiny_pipeline()
    pipeline.load_lora_weights(tmp_path, weight_name=path.name)
    pipeline.set_progress_bar_config(disable=True)
    by_lora = pipeline(
        DRAWING.prompt,
        num_inference_steps=DRAWING.steps,
        guidance_scale=model.family.guidance_scale,
        generator=torch.Generator("cpu").manual_seed(DRAWING.seed),
    ).images[0]
    difference = [abs(a - b) for a, b in zip(by_lora.tobytes(), direct.tobytes(), strict=True)]
    assert max(difference) <= 1, "not the edit's image"
    assert plain.tobytes() != direct.tobytes()


def test_a_dense_edit_cannot_be_a_lora(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, preset("published-2023", ("Claude Monet",), method="uce-tensor"))
    with pytest.raises(ValueError, match="no low-rank form"):
        export(tiny, edit, "kohya-lora", tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="Unknown format 'pickle'"):
        export(tiny, edit, "pickle", tmp_path / "x.safetensors")
    assert list(tmp_path.iterdir()) == []
