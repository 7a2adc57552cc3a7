"""Where the parts of a model lie: variants, shards, single files, the hub's cache; and what is told where they lack."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
from safetensors.torch import load_file, save_file

from app.html.runs import facts_of
from tests.original_layout import UNET as NAMES
from tests.original_layout import (
    cache_configuration,
    named,
    small_pipeline,
    small_xl_pipeline,
    with_resnet_named,
    write_single_file,
)
from tests.tiny import tiny_pipeline
from uce_core import EditSpec, GenerationSpec, compare, erase, export, generate, impact, load_model
from uce_core.bench.shapes import unet_of
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.methods.debias_search import debias
from uce_core.models.families import family_of
from uce_core.models.model import Model, prepare
from uce_core.models.original_names import UNET, projection
from uce_core.models.parts import Folder
from uce_core.models.sources import family_in, title_of
from uce_core.runs.record import comparison_record, environment

CPU = torch.device("cpu")
SPEC = EditSpec(erase=("Vincent van Gogh",), retain=("Piet Mondrian",), lam=0.1)
ONE = GenerationSpec("a house by Claude Monet", seed=2, steps=1)


def given(pipeline: Any) -> Model:
    return prepare("given", pipeline, CPU, torch.float32)


def assert_same(model: Model, other: Model) -> None:
    """Vectors, masters and images, to the last bit."""
    assert torch.equal(erase(model, SPEC).u, erase(other, SPEC).u)
    assert model.text.fingerprint == other.text.fingerprint
    assert {name: master.tolist() for name, master in model.masters.items()} == {
        name: master.tolist() for name, master in other.masters.items()
    }
    assert generate(model, [ONE])[0].tobytes() == generate(other, [ONE])[0].tobytes()


@pytest.mark.parametrize(("kind", "make"), [("sd", small_pipeline), ("sdxl", small_xl_pipeline)])
def test_a_single_file_is_the_model_that_it_was_made_of(
    kind: str, make: Callable[[], Any], tmp_path: Path, hub: Path
) -> None:
    cache_configuration(make(), hub, kind)
    file = write_single_file(make(), tmp_path / "model.safetensors")
    assert family_in(str(file)) == family_of(16 if kind == "sd" else 40)
    model = load_model(str(file), "cpu", "fp32")
    assert_same(model, given(make()))
    assert (model.stored, model.folder, model.title) == (torch.float32, None, "model")
    half = load_model(str(file), "cpu", "bf16")
    parts = (half.pipeline.unet, half.pipeline.vae, half.pipeline.text_encoder)
    assert {value.dtype for part in parts for value in part.parameters()} == {torch.bfloat16}
    assert all(torch.equal(half.masters[name], master) for name, master in model.masters.items())


def test_a_single_file_in_half_precision_says_so(tmp_path: Path, hub: Path) -> None:
    cache_configuration(small_pipeline(), hub, "sd")
    model = load_model(str(write_single_file(small_pipeline(), tmp_path / "half.safetensors", torch.float16)))
    assert (model.stored, model.has_fp32_source) == (torch.float16, False)
    assert {master.dtype for master in model.masters.values()} == {torch.float32}


@pytest.mark.parametrize(("name", "family"), [("xl", "Stable Diffusion XL"), ("sd", "Stable Diffusion 1.x")])
def test_the_family_of_a_single_file_is_known_before_it_is_loaded(name: str, family: str, tmp_path: Path) -> None:
    width = {"xl": 2048, "sd": 768}[name]
    key = f"{UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
    save_file({key: torch.zeros(1, width), f"{UNET}out.0.bias": torch.zeros(1)}, tmp_path / "model.safetensors")
    assert family_in(str(tmp_path / "model.safetensors")).name == family


@pytest.mark.parametrize("shape", ["sd-1.4", "sd-2.1", "sdxl"])
def test_projections_have_the_names_that_diffusers_gives_them(shape: str) -> None:
    """Its own conversion of the same keys, at the true shapes; it moves values about without looking at them."""
    unet = unet_of(shape)
    original = named({with_resnet_named(name): name for name in unet.state_dict()}, NAMES)  # type: ignore[arg-type]
    config = dict(unet.config)
    converted = convert_ldm_unet_checkpoint({UNET + name: UNET + name for name in original}, config)
    expected = {key: name for name, key in converted.items() if "attn2.to_k" in name or "attn2.to_v" in name}
    assert len(expected) == {"sd-1.4": 32, "sd-2.1": 32, "sdxl": 140}[shape]
    assert {key: projection(key) for key in expected} == expected


@pytest.mark.parametrize("shards", [{}, {"max_shard_size": "20KB"}])
def test_a_folder_of_half_precision_variants_works_throughout(
    shards: dict[str, str], tmp_path: Path, tiny_folder: Path
) -> None:
    tiny_pipeline().to(dtype=torch.float16).save_pretrained(tmp_path, variant="fp16", **shards)
    assert not list(tmp_path.rglob("*model.safetensors"))
    assert (len(list((tmp_path / "unet").glob("*.safetensors"))) > 1) == bool(shards)
    model = load_model(str(tmp_path), "cpu", "fp32")
    assert_same(model, given(tiny_pipeline().to(dtype=torch.float16).to(dtype=torch.float32)))
    assert (model.stored, model.has_fp32_source) == (torch.float16, False)
    assert environment(model)["stored"] == "float16"
    assert "stored" not in environment(load_model(str(tiny_folder)))


def test_the_record_of_a_comparison_says_in_what_precision_the_weights_were_stored(tmp_path: Path) -> None:
    tiny_pipeline().to(dtype=torch.float16).save_pretrained(tmp_path)
    model = load_model(str(tmp_path), "cpu", "fp32")
    edit = erase(model, SPEC)
    run = comparison_record(model, edit, compare(model, edit, [ONE], scored=False)).run
    for language, words in (("en", "float32 · cpu · weights stored as float16"), ("ko", "float16로 저장됨")):
        assert any(words in value for value in facts_of(run, language, UTC).values())


def test_shards_in_full_precision_are_read_together(tmp_path: Path) -> None:
    tiny_pipeline().save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list((tmp_path / "text_encoder").glob("*.safetensors"))) > 1
    assert_same(load_model(str(tmp_path), "cpu", "fp32"), given(tiny_pipeline()))
    next((tmp_path / "unet").glob("*-00002-of-*.safetensors")).unlink()
    with pytest.raises(ValueError, match=r"Of the \d+ files that hold the weights in unet only \d+ are there"):
        load_model(str(tmp_path))


def test_each_part_is_read_in_the_finest_variant_that_it_has(tiny_folder: Path, tmp_path: Path) -> None:
    """A text encoder in half only, a UNet in both, and a file that other programs leave there."""
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    for file in ("unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"):
        half = {name: value.half() for name, value in load_file(folder / file).items()}
        save_file(half, (folder / file).with_suffix(".fp16.safetensors"), {"format": "pt"})
    save_file({"other": torch.zeros(1)}, folder / "unet" / "some-lora.safetensors")
    (folder / "text_encoder" / "model.safetensors").unlink()
    model = load_model(str(folder), "cpu", "fp32")
    assert (model.source.stored, model.text.stored) == ("float32", "float16")
    assert not model.has_fp32_source, "an edit is made of the texts' vectors, too"
    reference = tiny_pipeline()
    reference.text_encoder.half().float()
    assert_same(model, given(reference))


def test_solving_reads_the_text_encoder_alone(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Impact and exports read the projections besides; nothing else of the model is touched."""

    def refuse(self: Folder, *arguments: object) -> None:
        raise AssertionError("the pipeline was loaded")

    monkeypatch.setattr(Folder, "pipeline", refuse)
    model = load_model(str(tiny_folder))
    edit = erase(model, SPEC)
    assert not model._masters
    assert impact(model, edit, ["Claude Monet"])[0].drift > 0
    for to in ("published", "kohya-lora"):
        export(model, edit, to, tmp_path / f"{to}.safetensors")
    assert model.loaded is None


def test_tokenizers_that_promise_more_than_the_encoder_takes(tiny_folder: Path, tmp_path: Path) -> None:
    for number, length in enumerate((8192, 10**30)):
        folder = shutil.copytree(tiny_folder, tmp_path / str(number))
        config = folder / "tokenizer" / "tokenizer_config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | {"model_max_length": length}))
        model = load_model(str(folder), "cpu", "fp32")
        assert_same(model, given(tiny_pipeline()))
        with pytest.raises(ValueError, match="of at most 77"):
            generate(model, [GenerationSpec("cat " * 80, steps=1)])
    pipeline = tiny_pipeline()
    pipeline.tokenizer.model_max_length = 10**30
    assert_same(given(pipeline), given(tiny_pipeline()))


def test_inpainting_models_are_edited_and_exported_but_not_generated_with(tmp_path: Path, hub: Path) -> None:
    small_pipeline(channels=9).save_pretrained(tmp_path / "folder")
    cache_configuration(small_pipeline(channels=9), hub, "inpainting")
    file = write_single_file(small_pipeline(channels=9), tmp_path / "single.safetensors")
    for path in (tmp_path / "folder", file):
        model = load_model(str(path), "cpu", "fp32")
        edit = erase(model, SPEC)
        assert impact(model, edit, ["Claude Monet"])
        assert export(model, edit, "published", tmp_path / "edit.safetensors").is_file()
        for attempt in (generate, lambda model, specs: compare(model, edit, specs)):  # noqa: B023 (called at once)
            with pytest.raises(ValueError, match=rf"^{path.stem} takes an image besides the prompt"):
                attempt(model, [ONE])
        assert model.loaded is None, "told before anything is loaded"
        assert model.pipeline.unet.config.in_channels == 9, "for whoever generates with it by a program of their own"


def no_memory() -> None:
    torch.empty(1 << 50)


def refuse_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")


def no_more() -> None:
    raise MemoryError


@pytest.mark.parametrize("run_out", [no_memory, refuse_gpu, no_more])
def test_running_out_of_memory_is_told_as_such(
    run_out: Callable[[], None], tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UNet2DConditionModel, "from_pretrained", lambda *arguments, **options: run_out())
    model = load_model(str(tiny_folder))
    with pytest.raises(ValueError, match=r"^There is not enough memory for .*: use half precision"):
        generate(model, [ONE])
    monkeypatch.undo()
    assert generate(model, [ONE]), "it is tried again when it is needed again"


def test_whatever_else_goes_wrong_is_told_without_a_path(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, **options: object) -> None:
        raise OSError(f"Error no file named config.json found in directory {folder}.")

    monkeypatch.setattr(UNet2DConditionModel, "from_pretrained", fail)
    with pytest.raises(ValueError, match="is no complete Stable Diffusion model") as error:
        load_model(str(tiny_folder)).ready()
    assert str(tiny_folder.parent) not in str(error.value)


def test_scorers_are_asked_for_before_a_debiasing_begins(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise ValueError("there is no scorer")

    monkeypatch.setattr("uce_core.methods.debias_search.scorer_for", refuse)
    model = load_model(str(tiny_folder))
    with pytest.raises(ValueError, match="there is no scorer"):
        debias(model, DebiasSpec(concepts=("doctor",), images=100))
    assert model.loaded is None


def cached(name: str, cache: Path, **how: str) -> Path:
    """A snapshot as the hub's library lays it down: links to what the files hold, by their hashes."""
    repository = cache / f"models--{name.replace('/', '--')}"
    snapshot = repository / "snapshots" / "a1"
    tiny_pipeline().save_pretrained(snapshot, **how)
    (repository / "blobs").mkdir()
    for number, file in enumerate([one for one in snapshot.rglob("*") if one.is_file()]):
        blob = file.rename(repository / "blobs" / f"{number:064x}")
        file.symlink_to(os.path.relpath(blob, file.parent))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a1")
    return snapshot


@pytest.mark.parametrize("how", [{}, {"variant": "fp16"}])
def test_without_a_network_a_model_is_found_in_the_hubs_cache(how: dict[str, str], hub: Path) -> None:
    """By its hub id and by its snapshot's path, which is called by the hub id, too, and not by a revision."""
    snapshot = cached("some-one/a.model", hub, **how)
    for name in ("some-one/a.model", str(snapshot), f"{snapshot}/"):
        assert_same(load_model(name, "cpu", "fp32"), given(tiny_pipeline()))
        assert title_of(name) == "some-one/a.model"


def test_a_path_may_have_spaces_and_letters_of_any_script(
    tmp_path: Path, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "모델 폴더" / "내 모델 (1)"
    tiny_pipeline().save_pretrained(folder)
    assert_same(load_model(str(folder), "cpu", "fp32"), given(tiny_pipeline()))
    cache_configuration(small_pipeline(), hub, "sd")
    file = write_single_file(small_pipeline(), tmp_path / "모델 폴더" / "É 하나.safetensors")
    assert_same(load_model(str(file), "cpu", "fp32"), given(small_pipeline()))
    monkeypatch.chdir(folder)
    assert title_of(".") == "내 모델 (1)"


@pytest.mark.parametrize("reason", ["Could not find the necessary `safetensors` weights", "not fully cached"])
def test_a_hub_model_in_half_precision_only_is_fetched_so(
    reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_pipeline().save_pretrained(tmp_path, variant="fp16")

    def download(name: str, variant: str | None = None, **options: object) -> str:
        if variant is None:
            raise OSError(reason)
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *arguments: str(tmp_path / "model_index.json"))
    monkeypatch.setattr("diffusers.DiffusionPipeline.download", download)
    assert erase(load_model("some/model"), SPEC).rank
