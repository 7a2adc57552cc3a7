"""LoRAs, autoencoders and embeddings in a model: part of its weights before it is edited, as diffusers adds them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file

from tests.original_layout import original_vae
from tests.tiny import tiny_autoencoder, tiny_pipeline
from uce_core import EditSpec, GenerationSpec, Model, compare, erase, export, generate, load_model
from uce_core.cli import main
from uce_core.cli.additions import lora_of
from uce_core.concepts.encoded_text import Text
from uce_core.concepts.vectors import span_vectors
from uce_core.models.additions import Addition, joined, split
from uce_core.models.sources import family_in, title_of
from uce_core.runs.home import home, open_store
from uce_core.runs.record import comparison_record

MONET = EditSpec(erase=("Claude Monet",), span="last", lam=0.1)
GOGH = EditSpec(erase=("Vincent van Gogh",), retain=("Piet Mondrian",), span="last", lam=0.1)
SPEC = GenerationSpec("a house by Claude Monet", 1, 2)


@pytest.fixture(params=["diffusers-lora", "kohya-lora"])
def lora(request: pytest.FixtureRequest, tiny: Model, tmp_path: Path) -> Path:
    return export(tiny, erase(tiny, MONET), request.param, tmp_path / "monet.safetensors")


def plain(pipeline: StableDiffusionPipeline) -> np.ndarray:
    """The same image by the pipeline alone."""
    pipeline.set_progress_bar_config(disable=True)
    images: Any = pipeline(
        SPEC.prompt,
        num_inference_steps=2,
        guidance_scale=7.5,
        generator=[torch.Generator("cpu").manual_seed(1)],
    ).images
    return np.asarray(images[0]).astype(int)


def drawn(model: Model) -> np.ndarray:
    return np.asarray(generate(model, [SPEC])[0]).astype(int)


def test_a_lora_is_in_the_weights_that_are_edited(tiny: Model, tiny_folder: Path, lora: Path) -> None:
    model = load_model(f"{tiny_folder} + lora:{lora}@0.5", "cpu", "fp32")
    half = dict(erase(tiny, MONET).at_strength(0.5).projections(tiny.masters))
    for name, master in model.masters.items():
        torch.testing.assert_close(master, half[name], rtol=0, atol=1e-6)
    edit = erase(model, GOGH)
    assert edit.text_encoder == tiny.text.fingerprint, "which is as it was"
    for name, weight in edit.projections(model.masters):
        expected = dict(erase(tiny, GOGH).projections(half))[name]
        torch.testing.assert_close(weight, expected, rtol=0, atol=1e-5)
    pipeline = tiny_pipeline()
    pipeline.load_lora_weights(lora.parent, weight_name=lora.name, adapter_name="one")
    pipeline.set_adapters(["one"], [0.5])
    assert np.abs(drawn(model) - plain(pipeline)).max() <= 1
    assert not np.array_equal(drawn(model), plain(tiny_pipeline()))


def test_an_autoencoder_takes_the_other_s_place(tiny_folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    other = tiny_autoencoder()
    other.save_pretrained(tmp_path / "vae")
    save_file({k: v.contiguous() for k, v in original_vae(other).items()}, tmp_path / "vae.safetensors")
    pipeline = tiny_pipeline()
    pipeline.vae = other.eval()
    for name in ("vae", "vae.safetensors"):
        model = load_model(f"{tiny_folder} + vae:{tmp_path / name}", "cpu", "fp32")
        assert np.abs(drawn(model) - plain(pipeline)).max() <= 1, name


def test_an_embedding_is_called_by_its_file_s_name(tiny_folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(6)
    one, several = torch.randn(1, 16), torch.randn(3, 16)
    save_file({"emb_params": one}, tmp_path / "inkstyle.safetensors")
    save_file({"emb_params": several}, tmp_path / "badhands.safetensors")
    name = f"{tiny_folder} + embedding:{tmp_path / 'inkstyle'}.safetensors"
    model = load_model(f"{name} + embedding:{tmp_path / 'badhands'}.safetensors", "cpu", "fp32")
    pipeline = tiny_pipeline()
    pipeline.load_textual_inversion(one, token="inkstyle")
    states = pipeline.encode_prompt("a house, inkstyle", "cpu", 1, False)[0][0]
    [encoded] = model.text.encode([Text("inkstyle", "a house, {}", "last")])
    last = len(pipeline.tokenizer("a house, inkstyle").input_ids) - 2
    torch.testing.assert_close(span_vectors(encoded, "last")[0], states[last], rtol=1e-4, atol=1e-5)
    assert erase(model, EditSpec(erase=("inkstyle",), span="last")).rank == 1
    assert generate(model, [GenerationSpec("a house", 1, 1, negative_prompt="badhands")])
    with pytest.raises(ValueError, match="names the embedding badhands, which is several vectors: use it in prompts"):
        erase(model, EditSpec(erase=("badhands",)))


def test_names_say_what_is_in_a_model_and_no_path(tiny_folder: Path, tmp_path: Path) -> None:
    some = (
        Addition("lora", str(tmp_path / "a + b.safetensors"), 0.75),
        Addition("vae", "c"),
        Addition("embedding", "d"),
    )
    name = joined(str(tiny_folder), some)
    assert split(name) == (str(tiny_folder), some)
    assert title_of(name) == f"{tiny_folder.name} + lora:a + b.safetensors@0.75 + vae:c + embedding:d"
    assert family_in(name) == family_in(str(tiny_folder))
    assert split("a + b") == ("a + b", ()), "a folder may be called that"
    assert [lora_of(text) for text in ("x.safetensors", "x.safetensors:0.5", "C:\\x.safetensors")] == [
        Addition("lora", "x.safetensors"),
        Addition("lora", "x.safetensors", 0.5),
        Addition("lora", "C:\\x.safetensors"),
    ]


@pytest.mark.parametrize(
    ("addition", "sentence"),
    [
        ("lora:nowhere.safetensors", "There is no lora nowhere.safetensors"),
        ("lora:{folder}/other.txt", "There is no lora other.txt"),
        ("lora:{folder}/pickle.pt", "pickle.pt is a pickle, which may run code and is not read: download the lora as"),
        ("embedding:{folder}/renamed.safetensors", "renamed.safetensors is a pickle"),
        ("lora:{folder}/other.safetensors", "other.safetensors is damaged, or no lora for this model"),
        ("lora:{folder}/wide.safetensors", "wide.safetensors is damaged, or no lora for this model"),
        ("lora:{folder}/flux.safetensors", "flux.safetensors is damaged, or no lora for this model"),
        ("embedding:{folder}/other.safetensors", "other.safetensors is damaged, or no embedding for this model"),
        ("vae:{folder}/other.safetensors", "other.safetensors is damaged, or no vae for this model"),
        ("lora:x.safetensors@much", "The weight 'much' of a LoRA is no number"),
    ],
)
def test_what_is_none_is_said(addition: str, sentence: str, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("x")
    for name in ("pickle.pt", "renamed.safetensors"):
        torch.save({"string_to_param": {"*": torch.zeros(1, 16)}}, tmp_path / name)
    save_file({"a": torch.zeros(2, 3)}, tmp_path / "other.safetensors")
    block = "transformer.transformer_blocks.0.attn.to_q"
    flux = {f"{block}.lora_A.weight": torch.zeros(1, 32), f"{block}.lora_B.weight": torch.zeros(32, 1)}
    save_file(flux, tmp_path / "flux.safetensors")
    place = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k"
    wide = {f"{place}.lora_A.weight": torch.zeros(1, 7), f"{place}.lora_B.weight": torch.zeros(32, 1)}
    save_file(wide, tmp_path / "wide.safetensors")
    with pytest.raises(ValueError, match=sentence):
        load_model(f"{tiny_folder} + {addition.format(folder=tmp_path)}", "cpu", "fp32")


def test_commands_take_them(
    tiny: Model, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    lora = export(tiny, erase(tiny, MONET), "diffusers-lora", tmp_path / "monet.safetensors")
    asked = ["--prompt", SPEC.prompt, "--steps", "2", "--seed", "1", "--model", str(tiny_folder), "--dtype", "fp32"]
    for out, more in (("plain", []), ("with", ["--lora", f"{lora}:0.5"])):
        assert main(["generate", *asked, *more, "--out", str(tmp_path / out), "--json"]) == 0
        json.loads(capsys.readouterr().out)
    one, other = ((tmp_path / out / "image_0.png").read_bytes() for out in ("plain", "with"))
    assert one != other
    assert main(["generate", *asked, "--lora", "nowhere.safetensors", "--out", str(tmp_path / "no")]) == 2
    assert "There is no lora nowhere.safetensors" in capsys.readouterr().err


def test_a_run_of_a_model_with_a_lora_is_replayed_where_the_file_is_named(
    tiny: Model, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record has its name only; the weight counts."""
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    edit = erase(tiny, MONET)
    lora = export(tiny, edit, "diffusers-lora", tmp_path / "monet.safetensors")
    model = load_model(f"{tiny_folder} + lora:{lora}@0.5", "cpu", "fp32")
    pairs = compare(model, edit, [GenerationSpec("Claude Monet", 1, steps=2)], scored=False)
    run = comparison_record(model, edit, pairs).keep(open_store(home()))
    asked = ["runs", "replay", run, "--model", str(tiny_folder), "--dtype", "fp32", "--device", "cpu", "--lora"]
    assert main([*asked, f"{lora}:0.5"]) == 0
    assert capsys.readouterr().out.startswith("identical")
    assert main([*asked, f"{lora}:0.4"]) == 0
    assert not capsys.readouterr().out.startswith("identical")
