"""Edits in other programs' formats, read by those programs' own loaders."""

import re
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.tiny import tiny_pipeline, tiny_xl_pipeline
from uce_core import DenseEdit, Edit, EditSpec, GenerationSpec, applied, erase, export, generate, preset
from uce_core.methods.export import exported
from uce_core.models.model import Model, prepare
from uce_core.models.original_names import original_name

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
    with pytest.raises(ValueError, match="not of low rank"):
        export(tiny, edit, "kohya-lora", tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="Unknown format 'pickle'"):
        export(tiny, edit, "pickle", tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="Only a LoRA has a rank"):
        export(tiny, edit, "published", tmp_path / "x.safetensors", rank=2)
    with pytest.raises(ValueError, match="The rank is 0"):
        export(tiny, edit, "kohya-lora", tmp_path / "x.safetensors", rank=0)
    with pytest.raises(ValueError, match="Unknown dtype 'fp8'"):
        export(tiny, edit, "kohya-lora", tmp_path / "x.safetensors", dtype="fp8")
    assert list(tmp_path.iterdir()) == []


def changes(model: Model, edit: Edit | DenseEdit) -> dict[str, torch.Tensor]:
    return {name: (new.double() - model.masters[name].double()) for name, new in edit.projections(model.masters)}


def products(path: Path, model: Model) -> dict[str, torch.Tensor]:
    """up·down of a diffusers LoRA, by the projections' names."""
    tensors = {name: tensor.double() for name, tensor in load_file(path).items()}
    key = "unet.{}.lora_{}.weight".format
    names = {name: name.removesuffix(".weight") for name in model.masters}
    return {name: tensors[key(short, "B")] @ tensors[key(short, "A")] for name, short in names.items()}


@pytest.mark.parametrize("rank", [1, 3])
def test_a_smaller_rank_is_the_nearest_of_that_rank(tiny: Model, tmp_path: Path, rank: int) -> None:
    """By the singular values of the whole change, which is made and decomposed here."""
    edit = erase(tiny, EditSpec(erase=("Claude Monet", "Edvard Munch"), span="all"))
    done = exported(tiny, edit, "diffusers-lora", tmp_path / "small.safetensors", rank=rank)
    assert done.rank == rank
    errors = []
    for name, change in changes(tiny, edit).items():
        s = torch.linalg.svdvals(change)
        errors.append(float(s[rank:].norm() / s.norm()))
        found = products(done.path, tiny)[name]
        assert torch.linalg.matrix_rank(found.float()) <= rank
        torch.testing.assert_close((change - found).norm(), s[rank:].norm(), rtol=1e-4, atol=1e-6)
    assert done.error == pytest.approx(max(errors), rel=1e-4)


def test_an_edit_of_no_more_rank_is_written_as_it_is(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC)
    exact, same = (tmp_path / f"{name}.safetensors" for name in ("exact", "same"))
    assert exported(tiny, edit, "kohya-lora", exact).error == 0
    assert exported(tiny, edit, "kohya-lora", same, rank=edit.rank).rank == edit.rank
    assert load_file(exact).keys() == load_file(same).keys()
    assert all(torch.equal(tensor, load_file(same)[name]) for name, tensor in load_file(exact).items())


def test_a_published_file_of_low_rank_is_a_lora(tiny: Model, tmp_path: Path) -> None:
    """The published code saves whole weights, whose change has the rank of what was erased."""
    edit = erase(tiny, EditSpec(erase=("Claude Monet",), span="last"))
    published = Edit.load(export(tiny, edit, "published", tmp_path / "published.safetensors"))
    done = exported(tiny, published, "diffusers-lora", tmp_path / "lora.safetensors")
    assert done.rank == 1
    assert done.error < 1e-3
    for name, change in changes(tiny, edit).items():
        torch.testing.assert_close(products(done.path, tiny)[name], change, rtol=1e-3, atol=1e-5)
    nothing = Edit.load(export(tiny, edit.at_strength(0), "published", tmp_path / "nothing.safetensors"))
    assert exported(tiny, nothing, "kohya-lora", tmp_path / "nothing-lora.safetensors").rank == 1


@pytest.mark.parametrize("to", ["published", "diffusers-lora", "kohya-lora"])
def test_a_file_in_half_precision_takes_half_the_room(tiny: Model, tmp_path: Path, to: str) -> None:
    edit = erase(tiny, SPEC)
    whole = load_file(export(tiny, edit, to, tmp_path / "whole.safetensors"))
    half = load_file(export(tiny, edit, to, tmp_path / "half.safetensors", dtype="fp16"))
    assert whole.keys() == half.keys()
    for name, tensor in half.items():
        assert tensor.dtype == (torch.float32 if name.endswith("alpha") else torch.float16)
        torch.testing.assert_close(tensor.float(), whole[name], rtol=1e-3, atol=1e-6)


def test_kohya_s_file_of_xl_has_the_original_names_and_says_what_it_is_for(tmp_path: Path) -> None:
    model = prepare("tiny", tiny_xl_pipeline(), torch.device("cpu"), torch.float32)
    edit = erase(model, SPEC)
    path = export(model, edit, "kohya-lora", tmp_path / "xl.safetensors")
    names = {name.split(".")[0] for name in load_file(path)}
    assert len(names) == len(model.masters)
    pattern = re.compile(
        r"lora_unet_((input_blocks|middle_block|output_blocks)_\d+_(1_)?transformer_blocks_|label_emb_0_0$)"
    )
    assert all(map(pattern.match, names)), names
    with safe_open(path, "pt") as file:
        about = file.metadata()
    assert about["ss_base_model_version"].startswith("sdxl_")
    assert about["modelspec.architecture"] == "stable-diffusion-xl-v1-base/lora"
    assert about["ss_network_dim"] == str(edit.rank)
    pipeline = tiny_xl_pipeline()
    pipeline.load_lora_weights(tmp_path, weight_name=path.name)
    loaded = {name for name, _ in pipeline.unet.named_parameters() if "lora_A" in name}
    assert len(loaded) == len(model.masters), "diffusers finds them all"


@pytest.mark.parametrize(
    ("name", "original"),
    [  # of Stable Diffusion XL's published checkpoint
        ("down_blocks.1.attentions.0", "input_blocks.4.1"),
        ("down_blocks.2.attentions.1", "input_blocks.8.1"),
        ("mid_block.attentions.0", "middle_block.1"),
        ("up_blocks.1.attentions.2", "output_blocks.5.1"),
    ],
)
def test_original_names(name: str, original: str) -> None:
    projection = "transformer_blocks.0.attn2.to_k"
    assert original_name(f"{name}.{projection}", 2) == f"{original}.{projection}"
    with pytest.raises(ValueError, match="no part"):
        original_name(original, 2)


def test_what_is_no_edit_is_said_to_be_what_it_is(tiny: Model, tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "edit.pt")
    torch.save({"a": torch.zeros(1)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    save_file({name: w.contiguous() for name, w in tiny.denoiser.state_dict().items()}, tmp_path / "unet.safetensors")
    save_file({f"{i}": torch.zeros(1) for i in range(1001)}, tmp_path / "many.safetensors")
    what = {"edit.pt": "is a pickle", "old.pt": "is a pickle", "unet.safetensors": "is a whole UNet"}
    for name, said in (what | {"many.safetensors": "1001 tensors"}).items():
        with pytest.raises(ValueError, match=said):
            Edit.load(tmp_path / name)
    weights, ends = load_file(tmp_path / "unet.safetensors"), ("attn2.to_k.weight", "attn2.to_v.weight")
    kept = {name: weight for name, weight in weights.items() if name.endswith(ends)}
    save_file(kept, tmp_path / "kept.safetensors")
    assert len(Edit.load(tmp_path / "kept.safetensors").weights) == len(tiny.masters)
