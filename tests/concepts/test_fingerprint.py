"""Which text encoders are the same: what rounding explains, and nothing else."""

import copy
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.tiny import tiny_pipeline
from uce_core import Edit, EditSpec, erase, load_model, stack
from uce_core.models.fits import check_fits
from uce_core.models.model import Model, prepare

SPEC = EditSpec(erase=("Vincent van Gogh",), lam=0.1)
DTYPES = (torch.float32, torch.float16, torch.bfloat16)


@cache
def pipeline_of(seed: int) -> StableDiffusionPipeline:
    return tiny_pipeline(seed)


def with_encoder(change: Callable[[torch.nn.Module], object] = lambda encoder: None, seed: int = 0) -> Model:
    parts = pipeline_of(seed).components
    encoder = copy.deepcopy(parts["text_encoder"])
    with torch.no_grad():
        change(encoder)
    pipeline = StableDiffusionPipeline(**parts | {"text_encoder": encoder}, requires_safety_checker=False)
    return prepare("model", pipeline, torch.device("cpu"), torch.float32)


def rounded(*dtypes: torch.dtype) -> Model:
    def change(encoder: torch.nn.Module) -> None:
        for dtype in (*dtypes, torch.float32):
            encoder.to(dtype)

    return with_encoder(change)


@pytest.mark.parametrize(("solved", "used"), list(product(DTYPES, DTYPES)))
def test_an_edit_fits_the_same_encoder_in_any_precision(solved: torch.dtype, used: torch.dtype, tmp_path: Path) -> None:
    edit, other = erase(rounded(solved), SPEC), rounded(used)
    saved = Edit.load(edit.save(tmp_path / "edit.safetensors"))
    check_fits(other, saved)
    again = erase(other, SPEC)
    assert (again.text_encoder == edit.text_encoder) == (solved is used)
    change = (edit.u.T @ edit.v - again.u.T @ again.v).norm() / (again.u.T @ again.v).norm()
    assert change < 0.05, "which is why it may be used"
    assert stack(saved, again).rank


def test_files_in_half_precision_take_edits_of_the_files_in_float32(tiny_folder: Path, tmp_path: Path) -> None:
    edit = erase(load_model(str(tiny_folder)), SPEC)
    for dtype, variant in ((torch.float16, "fp16"), (torch.bfloat16, "bf16")):
        tiny_pipeline().to(dtype=dtype).save_pretrained(tmp_path / variant, variant=variant)
        check_fits(load_model(str(tmp_path / variant)), edit)


def test_another_encoder_is_refused() -> None:
    with pytest.raises(ValueError, match="another text encoder than that of model: solve it again"):
        check_fits(with_encoder(seed=1), erase(with_encoder(), SPEC))


@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-5])
def test_a_fine_tuned_encoder_is_named_as_such(step: float) -> None:
    """Down to ten steps of Adam at a learning rate of 1e-6, on float32 as on files in half precision."""

    def tuned(encoder: torch.nn.Module) -> None:
        generator = torch.Generator().manual_seed(5)
        for value in encoder.parameters():
            value.add_(step * torch.randn(value.shape, generator=generator).sign())

    edit = erase(with_encoder(), SPEC)
    for model in (with_encoder(tuned), with_encoder(lambda encoder: (tuned(encoder), encoder.half().float()))):
        with pytest.raises(ValueError, match=r"^model has a fine-tuned text encoder.*solve the same again"):
            check_fits(model, edit)
        check_fits(model, erase(model, edit.spec))
    with pytest.raises(ValueError, match="different text encoders"):
        stack(edit, erase(with_encoder(tuned), EditSpec(erase=("Claude Monet",))))


def test_files_of_version_0_1_fit_what_they_fitted(tmp_path: Path) -> None:
    """They hold the hash alone."""
    path = erase(with_encoder(), SPEC).save(tmp_path / "edit.safetensors")
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert len(metadata.pop("text_encoder_sample")) < 3000
    save_file(load_file(path), path, metadata)
    old = Edit.load(path)
    check_fits(with_encoder(), old)
    for other in (rounded(torch.float16), with_encoder(seed=1)):
        with pytest.raises(ValueError, match="another text encoder"):
            check_fits(other, old)


@pytest.mark.parametrize("sample", ["!", "AAAA", "AADAfw=="])
def test_a_sample_that_is_none_is_refused(sample: str, tmp_path: Path) -> None:
    path = erase(with_encoder(), SPEC).save(tmp_path / "edit.safetensors")
    with safe_open(path, "pt") as file:
        metadata = file.metadata() | {"text_encoder_sample": sample}
    save_file(load_file(path), path, metadata)
    with pytest.raises(ValueError, match="no readable settings"):
        Edit.load(path)
