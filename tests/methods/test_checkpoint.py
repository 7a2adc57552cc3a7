"""The finished checkpoint: the model's own files, of which only the edited projections change."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from tests.original_layout import cache_configuration, small_pipeline, small_xl_pipeline, write_single_file
from tests.tiny import tiny_pipeline
from uce_core import Edit, EditSpec, GenerationSpec, Model, erase, export, generate, load_model
from uce_core.methods import checkpoint
from uce_core.models.original_names import projection
from uce_core.models.weights import SUFFIXES

SPEC = EditSpec(erase=("Vincent van Gogh",), retain=("Piet Mondrian",), lam=0.1)
ONE = GenerationSpec("a house by Claude Monet", seed=2, steps=1)
UNET = "unet/diffusion_pytorch_model.safetensors"


def solved(model: Model) -> Edit:
    edit = erase(model, SPEC)
    assert isinstance(edit, Edit)
    return edit


def expected(weight: Tensor, edit: Edit) -> Tensor:
    """W + W·Uᵀ·V in float64, in the weight's own precision; of what reads the pooled text only its columns."""
    whole = weight.double()
    u, v = (edit.u, edit.v) if weight.shape[1] == edit.width else edit.spaces["pooled"]
    read = whole[:, : u.shape[1]]
    return torch.cat([read + read @ u.double().T @ v.double(), whole[:, u.shape[1] :]], 1).to(weight.dtype)


def assert_edited(before: Path, after: Path, edit: Edit, names: Callable[[str], str] = str) -> None:
    old, new = load_file(before), load_file(after)
    assert old.keys() == new.keys()
    ends = ("attn2.to_k.weight", "attn2.to_v.weight", "add_embedding.linear_1.weight")
    edited = {name for name in old if names(name).endswith(ends)}
    assert edited
    for name, value in old.items():
        assert new[name].dtype == value.dtype
        if name in edited:
            assert not torch.equal(new[name], value)
            torch.testing.assert_close(new[name], expected(value, edit))
        else:
            assert torch.equal(new[name], value)
    with safe_open(after, "pt") as file:
        assert json.loads(file.metadata()["uce_studio_edit"])["erase"] == ["Vincent van Gogh"]


@pytest.mark.parametrize("variant", [None, "fp16"])
def test_a_folder_with_an_edit_in_it_generates_what_the_edit_does(variant: str | None, tmp_path: Path) -> None:
    dtype = torch.float16 if variant else torch.float32
    tiny_pipeline().to(dtype=dtype).save_pretrained(tmp_path / "model", variant=variant)
    model = load_model(str(tmp_path / "model"), "cpu", "fp32")
    edit = solved(model)
    folder = export(model, edit, "checkpoint", tmp_path / "finished")
    unet = UNET.replace("model.", "model.fp16.") if variant else UNET
    assert_edited(tmp_path / "model" / unet, folder / unet, edit)
    files = {path.relative_to(tmp_path / "model") for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} == files
    same = [path for path in files if path != Path(unet)]
    assert all((tmp_path / "model" / path).read_bytes() == (folder / path).read_bytes() for path in same)
    [alone], [finished] = generate(model, [ONE], edits=[edit]), generate(load_model(str(folder), "cpu", "fp32"), [ONE])
    assert max(abs(a - b) for a, b in zip(alone.tobytes(), finished.tobytes(), strict=True)) <= (8 if variant else 2)
    assert StableDiffusionPipeline.from_pretrained(folder, variant=variant).unet is not None


@pytest.mark.parametrize(("kind", "make"), [("sd", small_pipeline), ("sdxl", small_xl_pipeline)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_single_file_stays_one(
    kind: str, make: Callable[[], Any], dtype: torch.dtype, tmp_path: Path, hub: Path
) -> None:
    cache_configuration(make(), hub, kind)
    source = write_single_file(make(), tmp_path / "model.safetensors", dtype)
    model = load_model(str(source), "cpu", "fp32")
    edit = solved(model)
    file = export(model, edit, "checkpoint", tmp_path / "finished.safetensors")
    assert_edited(source, file, edit, projection)
    finished = load_model(str(file), "cpu", "fp32")
    for name, weight in edit.projections(model.masters):
        assert torch.equal(finished.masters[name], weight.to(dtype).float())


def test_only_what_the_model_is_read_from_is_copied(tiny_folder: Path, tmp_path: Path) -> None:
    """Not its other variants, pickles or hidden files."""
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    for name in (UNET.replace("model.", "model.fp16."), "vae/diffusion_pytorch_model.bin"):
        shutil.copy(folder / UNET, folder / name)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x").write_text("x")
    model = load_model(str(folder), "cpu", "fp32")
    found = export(model, solved(model), "checkpoint", tmp_path / "finished")
    weights = sorted(str(path.relative_to(found)) for path in found.rglob("*") if path.suffix in SUFFIXES)
    assert weights == ["text_encoder/model.safetensors", UNET, "vae/diffusion_pytorch_model.safetensors"]
    assert not (found / ".cache").exists()


def test_nothing_is_replaced_and_nothing_is_half_there(
    tiny: Model, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(str(tiny_folder), "cpu", "fp32")
    edit = solved(model)
    (tmp_path / "model").mkdir()
    with pytest.raises(ValueError, match="model exists already"):
        export(model, edit, "checkpoint", tmp_path / "model")
    with pytest.raises(ValueError, match="given as a pipeline"):
        export(tiny, edit, "checkpoint", tmp_path / "other")
    with pytest.raises(ValueError, match="Only a LoRA has a rank"):
        export(model, edit, "checkpoint", tmp_path / "other", rank=1)
    with pytest.raises(ValueError, match="keeps the precision of its files"):
        export(model, edit, "checkpoint", tmp_path / "other", dtype="fp16")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.shutil, "copyfile", killed)
    with pytest.raises(KeyboardInterrupt):
        export(model, edit, "checkpoint", tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
