"""Model files that are cut off, damaged or another model's, before they are loaded and afterwards."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from uce_core import EditSpec, GenerationSpec, compare, erase, generate, load_model
from uce_core.concepts import tower
from uce_core.concepts.catalog import catalog_of
from uce_core.metrics.scorer import scorer_for

UNET, TEXT, VAE = (
    f"{part}/{name}.safetensors"
    for part, name in (
        ("unet", "diffusion_pytorch_model"),
        ("text_encoder", "model"),
        ("vae", "diffusion_pytorch_model"),
    )
)
CLIP, LPIPS = "scorer/open_clip_model.safetensors", "lpips.safetensors"
SPEC = GenerationSpec("a cat", seed=1, steps=1)


def cut_off(content: bytes) -> bytes:
    return content[: 2 * len(content) // 3]


def empty(content: bytes) -> bytes:
    return b""


def promising(content: bytes) -> bytes:
    """A header of a terabyte."""
    return (10**12).to_bytes(8, "little") + content[8:]


def garbled(content: bytes) -> bytes:
    """In the middle of its header."""
    middle = 8 + int.from_bytes(content[:8], "little") // 2
    return content[:middle] + b"\xff" * 20 + content[middle + 20 :]


@pytest.fixture
def folder(scored_folder: Path, tmp_path: Path) -> Path:
    """With files of its own."""
    return shutil.copytree(scored_folder, tmp_path / "model")


def damage(path: Path, how: Callable[[bytes], bytes]) -> None:
    path.write_bytes(how(path.read_bytes()))


@pytest.mark.parametrize(
    ("file", "how"),
    [*((UNET, how) for how in (cut_off, empty, promising, garbled)), (TEXT, cut_off), (TEXT, garbled), (VAE, cut_off)],
)
def test_damaged_weights_are_said(file: str, how: Callable[[bytes], bytes], folder: Path) -> None:
    damage(folder / file, how)
    with pytest.raises(ValueError, match=f"{file} is damaged or was not downloaded completely") as error:
        load_model(str(folder)).ready()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("file", "other", "sentence"),
    [
        (UNET, TEXT, "does not read its text in a way that is known here"),
        (VAE, UNET, "is no complete Stable Diffusion model"),
        (TEXT, UNET, "The text encoder of model is neither CLIP nor T5, or not whole"),
    ],
)
def test_weights_of_something_else_are_said(file: str, other: str, sentence: str, folder: Path) -> None:
    """What a file lacks would be random."""
    shutil.copy(folder / other, folder / file)
    with pytest.raises(ValueError, match=sentence):
        load_model(str(folder)).ready()


@pytest.mark.parametrize(("file", "how"), [(CLIP, cut_off), (LPIPS, garbled)])
def test_a_damaged_scorer_is_said_and_images_are_generated_without(
    file: str, how: Callable[[bytes], bytes], folder: Path
) -> None:
    damage(folder / file, how)
    model = load_model(str(folder))
    with pytest.raises(ValueError, match="The scorer of model is damaged or another model's"):
        scorer_for(model.folder)
    [pair] = compare(model, erase(model, EditSpec(erase=("Claude Monet",))), [SPEC])
    assert pair.scores is None


def test_a_scorer_of_something_else_is_said(folder: Path) -> None:
    shutil.copy(folder / LPIPS, folder / CLIP)
    with pytest.raises(ValueError, match="The scorer of model is damaged or another model's"):
        scorer_for(folder)


@pytest.mark.parametrize("text", ["", "[]", '{"artists": 5}', '{"indirect": {}}'])
def test_a_damaged_catalogue_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text(text)
    with pytest.raises(ValueError, match=r"catalog.json is damaged: download the model's folder again"):
        catalog_of(tmp_path)


def test_what_is_loaded_does_not_change_with_its_files(folder: Path) -> None:
    """Though safetensors reads pages of the files themselves, where nothing has to be converted."""
    model = load_model(str(folder), "cpu", "fp32")
    edit = erase(model, EditSpec(erase=("Claude Monet",)))
    [before] = generate(model, [SPEC])
    for file in (UNET, TEXT, VAE):
        os.truncate(folder / file, 1000)
    [after] = generate(model, [SPEC])
    assert after.tobytes() == before.tobytes()
    assert erase(model, EditSpec(erase=("Edvard Munch",))).text_encoder == edit.text_encoder


def test_what_is_read_later_must_be_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large text encoders are read whenever texts are encoded, and what generates when it first does."""
    monkeypatch.setattr(tower, "KEPT_PARAMETERS", 0)
    model = load_model(str(folder), "cpu", "fp32")
    edit = erase(model, EditSpec(erase=("Claude Monet",)))
    for file in (TEXT, VAE):
        aside = (folder / file).rename(folder / "aside")
        shutil.copy(folder / UNET, folder / file)
        with pytest.raises(ValueError, match=f"{Path(file).name} was changed or removed after the model was opened"):
            erase(model, EditSpec(erase=("Edvard Munch",))) if file == TEXT else generate(model, [SPEC])
        aside.rename(folder / file)
    assert erase(model, EditSpec(erase=("Edvard Munch",))).digest != edit.digest
    assert generate(model, [SPEC])
