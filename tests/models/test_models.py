"""Loading, applying and restoring, on a tiny random pipeline."""

import shutil
from pathlib import Path

import pytest
import torch
from httpx import Request, Response
from huggingface_hub import errors
from safetensors.torch import load_file

from tests.tiny import tiny_pipeline, tiny_unet, tiny_xl_pipeline
from uce_core import Edit, EditSpec, GenerationSpec, applied, erase, export, generate, load_model
from uce_core.concepts.clip_text import Kept
from uce_core.concepts.encoded_text import Text
from uce_core.models.families import family_of
from uce_core.models.fits import check_fits
from uce_core.models.loading import pick_dtype
from uce_core.models.model import Model, prepare
from uce_core.models.sources import family_in

SPEC = EditSpec(erase=("Vincent van Gogh", "Claude Monet"), retain=("Piet Mondrian",), lam=0.1)


def weights(model: Model) -> dict[str, torch.Tensor]:
    return {key: value.detach().clone() for key, value in model.pipeline.unet.state_dict().items()}


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_applied_restores_bit_for_bit(tiny_folder: Path, dtype: str) -> None:
    model = load_model(str(tiny_folder), "cpu", dtype)
    before, identities = weights(model), {key: id(value) for key, value in model.pipeline.unet.named_parameters()}
    changed: set[str] = set()

    def change_and_fail() -> None:
        with applied(model, erase(model, SPEC)):
            changed.update(key for key, value in weights(model).items() if not torch.equal(value, before[key]))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        change_and_fail()
    assert changed == set(model.masters)
    assert all(torch.equal(value, before[key]) for key, value in weights(model).items())
    assert identities == {key: id(value) for key, value in model.pipeline.unet.named_parameters()}


def test_weights_are_computed_from_the_float32_master(tiny_folder: Path) -> None:
    half, full = (load_model(str(tiny_folder), "cpu", dtype) for dtype in ("bf16", "fp32"))
    edit = erase(full, SPEC)
    with applied(half, edit), applied(full, edit):
        for key in full.masters:
            assert torch.equal(half.pipeline.unet.get_parameter(key), full.pipeline.unet.get_parameter(key).bfloat16())


def test_only_cross_attention_is_held_twice(tiny: Model) -> None:
    assert tiny.masters
    assert all(key.endswith(("attn2.to_k.weight", "attn2.to_v.weight")) for key in tiny.masters)
    expected = sum("attn2.to_k" in key or "attn2.to_v" in key for key in tiny.pipeline.unet.state_dict())
    assert len(tiny.masters) == expected


def test_applying_the_edit_to_the_text_gives_the_same_image(tiny: Model) -> None:
    """W'c = W(Mc): the edit on the embeddings equals the edit in the weights."""
    edit = erase(tiny, SPEC)
    context = torch.randn(2, 77, 16, generator=torch.Generator().manual_seed(1))
    latent = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        by_text = tiny.pipeline.unet(latent, 10, edit.on_text(context)).sample
        with applied(tiny, edit):
            by_weights = tiny.pipeline.unet(latent, 10, context).sample
        plain = tiny.pipeline.unet(latent, 10, context).sample
    torch.testing.assert_close(by_text, by_weights, rtol=1e-4, atol=1e-5)
    assert (plain - by_weights).abs().max() > 1e-3


def test_strength_zero_changes_nothing(tiny: Model) -> None:
    spec = GenerationSpec("a house", seed=1, steps=2)
    plain = generate(tiny, [spec])[0]
    with applied(tiny, erase(tiny, SPEC).at_strength(0.0)):
        equal_after_cast = generate(tiny, [spec])[0]
    assert plain.tobytes() == equal_after_cast.tobytes()


def test_a_reloaded_edit_generates_the_same_image(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC)
    loaded = Edit.load(edit.save(tmp_path / "edit.safetensors"))
    spec = GenerationSpec("a house by Claude Monet", seed=3, steps=2)
    images = []
    for one in (edit, loaded):
        with applied(tiny, one):
            images.append(generate(tiny, [spec])[0].tobytes())
    assert images[0] == images[1]


def test_an_edit_for_another_text_encoder_is_refused(tiny: Model) -> None:
    other = prepare("other", tiny_pipeline(seed=1), torch.device("cpu"), torch.float32)
    edit = erase(other, SPEC)
    with pytest.raises(ValueError, match="another text encoder"):
        check_fits(tiny, edit)
    with pytest.raises(ValueError, match="another text encoder"), applied(tiny, edit):
        pass


def test_fingerprint_follows_the_weights(tiny: Model, tiny_folder: Path) -> None:
    assert load_model(str(tiny_folder), "cpu", "bf16").text.fingerprint == tiny.text.fingerprint
    assert (
        prepare("other", tiny_pipeline(1), torch.device("cpu"), torch.float32).text.fingerprint != tiny.text.fingerprint
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nobody/no-such-model", "hub cannot be reached"),
        ("not a name at all", "There is no model 'not a name at all'"),
        ("nowhere/at/all", "There is no model 'nowhere/at/all'"),
        ("{empty}", "empty is no diffusers folder"),
        ("{pickle}", "not a safetensors file"),
        ("{damaged}", "damaged or was not downloaded completely"),
    ],
)
def test_models_that_cannot_be_had_are_one_sentence(
    name: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    files = {part: tmp_path / part for part in ("empty", "pickle.ckpt", "damaged.safetensors")}
    files["empty"].mkdir()
    for part in ("pickle.ckpt", "damaged.safetensors"):
        files[part].write_bytes(b"\x80\x04 no model")
    with pytest.raises(ValueError, match=sentence) as error:
        load_model(name.format(empty=files["empty"], pickle=files["pickle.ckpt"], damaged=files["damaged.safetensors"]))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (errors.GatedRepoError, "gated: accept its terms"),
        (errors.RepositoryNotFoundError, "no model some/model on the hub"),
        (errors.RemoteEntryNotFoundError, "not in diffusers format"),
        (errors.LocalEntryNotFoundError, "hub cannot be reached"),
        (None, "No space left on device"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(
    kind: type[Exception] | None, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> str:
        if kind is None:
            raise OSError(28, "No space left on device")
        if issubclass(kind, errors.HfHubHTTPError):
            raise kind("refused", response=Response(403, request=Request("GET", "https://hub.invalid")))
        raise kind("refused")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", refuse)
    with pytest.raises(ValueError, match=sentence) as error:
        load_model("some/model")
    assert "\n" not in str(error.value)


def test_a_model_that_is_first_asked_in_inference_mode_can_be_edited_later(tiny_folder: Path) -> None:
    model = load_model(str(tiny_folder), "cpu", "fp32")
    with torch.inference_mode():
        assert model.pipeline
    before = weights(model)
    with applied(model, erase(model, EditSpec(erase=("Vincent van Gogh",)))):
        pass
    assert all(torch.equal(value, before[key]) for key, value in weights(model).items())


def test_a_hub_model_of_another_kind_is_refused_before_its_weights_are_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "model_index.json"
    index.write_text('{"_class_name": "PixArtAlphaPipeline", "transformer": ["diffusers", "PixArtTransformer2DModel"]}')
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *arguments: str(index))
    for name in ("some/model", str(tmp_path)):
        with pytest.raises(ValueError, match="does not read its text in a way that is known here"):
            load_model(name)


def test_a_hub_model_loads_from_the_files_that_were_fetched(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *arguments: str(tiny_folder / "model_index.json"))
    monkeypatch.setattr("diffusers.DiffusionPipeline.download", lambda *arguments, **options: str(tiny_folder))
    model = load_model("some/model", "cpu", "fp32")
    assert len(generate(model, [GenerationSpec("a cat", steps=1)])) == 1


def test_masters_are_the_files_float32_whatever_the_pipelines_dtype(tiny_folder: Path) -> None:
    stored = load_file(tiny_folder / "unet" / "diffusion_pytorch_model.safetensors")
    model = load_model(str(tiny_folder), "cpu", "fp16")
    assert model.dtype == torch.float16
    for name, master in model.masters.items():
        assert master.dtype == torch.float32
        assert torch.equal(master, stored[name])
    assert model.originals == {}, "casting the masters gives them back"


def test_a_model_without_float32_weights_says_so(tiny_folder: Path, tmp_path: Path) -> None:
    pipeline = tiny_pipeline().to(dtype=torch.float16)
    pipeline.save_pretrained(tmp_path)
    half = load_model(str(tmp_path), "cpu")
    assert (half.stored, half.has_fp32_source) == (torch.float16, False)
    assert {master.dtype for master in half.masters.values()} == {torch.float32}
    assert load_model(str(tiny_folder), "cpu", "fp16").has_fp32_source
    assert load_model("atelier").has_fp32_source, "its half-precision weights are all there is"


def test_a_familys_defaults_are_known_before_the_model_is_loaded(tiny_folder: Path) -> None:
    assert family_in("atelier").name == "Atelier"
    assert family_in(str(tiny_folder)) == family_of(16)
    assert family_in("nobody/no-such-model") == family_of(0)


def test_pipeline_weights_that_are_no_cast_of_the_master_are_restored_bit_for_bit() -> None:
    pipeline = tiny_pipeline()
    stored = {name: value + 0.01 for name, value in pipeline.unet.named_parameters() if "attn2.to_" in name}
    model = prepare("odd", pipeline, torch.device("cpu"), torch.bfloat16, stored=stored)
    before = weights(model)
    with applied(model, erase(model, SPEC)):
        pass
    assert set(model.originals) == set(model.masters)
    assert all(torch.equal(value, before[key]) for key, value in weights(model).items())


def test_large_text_encoders_are_read_when_needed_and_give_the_same_vectors(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = erase(load_model(str(tiny_folder), "cpu", "bf16"), SPEC)
    monkeypatch.setattr("uce_core.concepts.tower.KEPT_PARAMETERS", 0)
    model = load_model(str(tiny_folder), "cpu", "bf16")
    assert not any(isinstance(tower.weights, Kept) for tower in model.text.towers)
    again = erase(model, SPEC)
    assert torch.equal(again.u, kept.u)
    assert again.text_encoder == kept.text_encoder


def test_pickled_weights_are_refused(tiny_folder: Path, tmp_path: Path) -> None:
    """The same folder loads with safetensors, and not when one part comes as a pickle instead."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    load_model(str(folder), "cpu")
    weights_file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(weights_file), folder / "unet" / "diffusion_pytorch_model.bin")
    weights_file.unlink()
    with pytest.raises(ValueError, match="safetensors"):
        load_model(str(folder), "cpu")


def test_a_device_that_is_not_there_is_refused(tiny_folder: Path) -> None:
    with pytest.raises(ValueError, match="There is no device 'abacus' here"):
        load_model(str(tiny_folder), "abacus")


def test_a_model_that_does_not_read_text_through_attn2_is_refused() -> None:
    pipeline = tiny_pipeline()
    pipeline.unet = tiny_unet(32)
    with pytest.raises(ValueError, match="does not read its text in a way that is known here"):
        prepare("other", pipeline, torch.device("cpu"), torch.float32)


def test_stable_diffusion_xl_reads_two_text_encoders() -> None:
    """The vectors are those that the pipeline itself hands to its UNet; edits restore bit for bit."""
    pipeline = tiny_xl_pipeline()
    model = prepare("xl", pipeline, torch.device("cpu"), torch.float32)
    prompt = "a house by Claude Monet"
    handed, *_ = pipeline.encode_prompt(prompt, do_classifier_free_guidance=False)
    [encoded] = model.text.encode([Text("Claude Monet", "a house by {}")])
    assert model.text.width == handed.shape[2] == 16 + 24
    torch.testing.assert_close(encoded.parts[0].states, handed[0], rtol=1e-4, atol=1e-5)
    spec = GenerationSpec(prompt, seed=2, steps=2)
    before = weights(model)
    plain = generate(model, [spec])[0]
    with applied(model, erase(model, EditSpec(erase=("Claude Monet",), lam=0.1))):
        edited = generate(model, [spec])[0]
    assert plain.tobytes() != edited.tobytes()
    assert all(torch.equal(value, before[key]) for key, value in weights(model).items())


def test_pipelines_that_would_not_read_the_edit_are_refused_by_name(tmp_path: Path) -> None:
    fused, adapted = (prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32) for _ in range(2))
    edit = erase(fused, SPEC)
    fused.pipeline.fuse_qkv_projections()
    path = export(adapted, edit, "diffusers-lora", tmp_path / "lora.safetensors")
    adapted.pipeline.load_lora_weights(tmp_path, weight_name=path.name)
    for model, sentence in ((fused, "projections of tiny are fused"), (adapted, "tiny has a LoRA")):
        with pytest.raises(ValueError, match=sentence), applied(model, edit):
            pass
    fused.pipeline.unfuse_qkv_projections()
    adapted.pipeline.unload_lora_weights()
    name, master = next(iter(fused.masters.items()))
    for model in (fused, adapted):
        with applied(model, edit):
            assert not torch.equal(master, model.denoiser.get_parameter(name))


def test_a_compiled_unet_is_edited_in_place() -> None:
    model = prepare("tiny", tiny_pipeline(), torch.device("cpu"), torch.float32)
    model.pipeline.unet = torch.compile(model.pipeline.unet, backend="eager")
    edit = erase(model, SPEC).at_strength(20)
    latent, context = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 16)
    with torch.no_grad():
        plain = model.pipeline.unet(latent, 10, context).sample
        with applied(model, edit):
            edited = model.pipeline.unet(latent, 10, context).sample
            expected = model.denoiser(latent, 10, context).sample
        again = model.pipeline.unet(latent, 10, context).sample
    torch.testing.assert_close(edited, expected)
    assert (edited - plain).abs().max() > 1e-3
    assert torch.equal(plain, again)


def test_dtype_follows_the_device() -> None:
    assert pick_dtype(torch.device("cuda")) == torch.float16
    assert pick_dtype(torch.device("cpu")) in (torch.bfloat16, torch.float32)
    assert pick_dtype(torch.device("cpu"), "fp16") == torch.float16
    with pytest.raises(ValueError, match="Unknown dtype"):
        pick_dtype(torch.device("cpu"), "fp8")


def test_unknown_artists_are_named(tiny: Model) -> None:
    assert tiny.unknown(("vincent  VAN gogh", "Nobody At All")) == ["Nobody At All"]
