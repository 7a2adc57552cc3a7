"""Whatever is no model is told by what it is, and what to do instead, in one sentence without a path."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.original_layout import small_pipeline, small_unet, write_single_file
from tests.tiny import tiny_pipeline, tiny_xl_pipeline
from uce_core import load_model
from uce_core.models.original_names import UNET


def without(part: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        tiny_pipeline().save_pretrained(path)
        shutil.rmtree(path / part)
        return path

    return make


def truncated(name: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        tiny_pipeline().save_pretrained(path)
        (path / name).write_bytes((path / name).read_bytes()[:-100])
        return path

    return make


def file_of(keys: list[str], metadata: dict[str, str] | None = None) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        save_file({key: torch.zeros(2, 2) for key in keys}, path.with_suffix(".safetensors"), metadata)
        return path.with_suffix(".safetensors")

    return make


def cut_file(path: Path) -> Path:
    file = write_single_file(small_pipeline(), path.with_suffix(".safetensors"))
    file.write_bytes(file.read_bytes()[:-100])
    return file


def whole_file(path: Path) -> Path:
    return write_single_file(small_pipeline(), path.with_suffix(".safetensors"))


def pickled_part(path: Path) -> Path:
    tiny_pipeline().save_pretrained(path)
    (path / "vae" / "diffusion_pytorch_model.safetensors").rename(path / "vae" / "diffusion_pytorch_model.bin")
    return path


def folder_of(name: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.mkdir()
        (path / name).write_bytes(b"\x80\x04 no model")
        return path

    return make


def renamed_pickle(path: Path) -> Path:
    torch.save({"weight": torch.zeros(1)}, path.with_suffix(".safetensors"))
    return path.with_suffix(".safetensors")


def renamed_text(path: Path) -> Path:
    path.with_suffix(".safetensors").write_text("<!DOCTYPE html> Sign in to go on.")
    return path.with_suffix(".safetensors")


def empty(path: Path) -> Path:
    path.mkdir()
    return path


def other_file(path: Path) -> Path:
    path.with_suffix(".gguf").write_bytes(b"GGUF")
    return path.with_suffix(".gguf")


def part_of_folder(part: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        tiny_pipeline().save_pretrained(path)
        return path / part

    return make


def refiner(path: Path) -> Path:
    """As diffusers has it: only the second text encoder."""
    pipeline = tiny_xl_pipeline()
    pipeline.save_pretrained(path)
    index = json.loads((path / "model_index.json").read_text())
    (path / "model_index.json").write_text(json.dumps(index | {"text_encoder": [None, None]}))
    return path


def another_encoder(path: Path) -> Path:
    tiny_pipeline().save_pretrained(path)
    config = path / "text_encoder" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"hidden_act": "swish"}))
    return path


def wider_unet(path: Path) -> Path:
    pipeline = tiny_pipeline()
    pipeline.unet = small_unet(24)
    pipeline.save_pretrained(path)
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (file_of(["lora_unet_down_blocks_0_attentions_0.lora_up.weight"]), "it is a LoRA, no model"),
        (file_of(["unet.down_blocks.0.attn2.to_k.lora_A.weight"]), "it is a LoRA, no model"),
        (file_of(["u", "v"], {"format": "uce-studio-edit/1"}), "it is an edit, no model"),
        (file_of(["down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_v.weight"]), "it is an edit, no model"),
        (file_of(["conditioner.embedders.0.model.ln_final.weight", f"{UNET}out.2.bias"]), "it is a refiner"),
        (file_of(["double_blocks.0.img_attn.qkv.weight"]), "it is a single file of Stable Diffusion 3"),
        (file_of([f"{UNET}out.2.bias", f"{UNET}middle_block.1.attn2.to_k.weight"]), "it has no text encoder"),
        (file_of(["cond_stage_model.transformer.text_model.final_layer_norm.weight"]), "it has no unet"),
        (file_of(["lycoris_unet_mid_block.lokr_w1"]), "it is a LoRA, no model"),
        (file_of(["first_stage_model.encoder.conv_in.weight"]), r"it is an autoencoder.*\(--vae\)"),
        (file_of(["decoder.conv_in.weight", "quant_conv.weight"]), r"it is an autoencoder.*\(--vae\)"),
        (file_of(["emb_params"]), r"it is an embedding.*\(--embedding\)"),
        (file_of(["<cat>"]), r"it is an embedding.*\(--embedding\)"),
        (file_of(["clip_l", "clip_g"]), r"it is an embedding.*\(--embedding\)"),
        (file_of(["control_model.zero_convs.0.0.weight"]), "it is a ControlNet"),
        (file_of(["controlnet_cond_embedding.conv_in.weight", "down_blocks.0.bias"]), "it is a ControlNet"),
        (file_of(["down_blocks.0.resnets.0.norm1.weight", "conv_in.weight"]), "it is only the unet of a model"),
        (file_of(["transformer_blocks.0.attn.to_q.weight"]), "it is only the transformer of a model"),
        (file_of(["encoder.block.0.layer.0.SelfAttention.q.weight"]), "it is only the text encoder of a model"),
        (file_of(["model.0.weight"]), "it holds no part of Stable Diffusion"),
        (file_of([]), "it holds no part of Stable Diffusion"),
        (renamed_pickle, "it.safetensors is not a safetensors file, the only format"),
        (renamed_text, "it.safetensors is damaged or was not downloaded completely"),
        (other_file, "it.gguf is no safetensors file"),
        (part_of_folder("vae"), r"vae is an autoencoder.*\(--vae\)"),
        (part_of_folder("unet"), "unet is only the UNet2DConditionModel of a model"),
        (empty, "it is no diffusers folder"),
        (cut_file, r"it\.safetensors is damaged or was not downloaded completely"),
        (whole_file, "it is a single file, which needs the configuration of stable-diffusion-v1-5/"),
        (truncated("unet/diffusion_pytorch_model.safetensors"), r"^unet/diffusion_pytorch_model\.safetensors is"),
        (truncated("text_encoder/model.safetensors"), r"^text_encoder/model\.safetensors is damaged"),
        (without("unet"), "it has no unet"),
        (without("tokenizer"), "it has no tokenizer"),
        (without("scheduler"), "it has no scheduler"),
        (pickled_part, r"its weights as pickles \(diffusion_pytorch_model\.bin\)"),
        (folder_of("model.ckpt"), r"its weights as pickles \(model\.ckpt\)"),
        (folder_of("v1-5.safetensors"), r"a folder of single files.*such as v1-5\.safetensors"),
        (folder_of("readme.txt"), "it is no diffusers folder"),
        (refiner, "it is a refiner"),
        (another_encoder, "text encoder of it is neither CLIP nor T5"),
        (wider_unet, "it does not read its text in a way that is known here"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_told_by_name(
    make: Callable[[Path], Path], sentence: str, tmp_path: Path, hub: Path
) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        load_model(str(make(tmp_path / "it"))).ready()
    said = str(error.value)
    assert str(tmp_path) not in said
    assert "\n" not in said
    assert ": " in said, "what to do is said, too"


def test_of_a_folder_of_files_the_largest_is_named(tmp_path: Path) -> None:
    for name, size in (("a-lora", 1), ("model", 100), ("z-vae", 10)):
        save_file({"x": torch.zeros(size)}, tmp_path / f"{name}.safetensors")
    with pytest.raises(ValueError, match=r"such as model\.safetensors"):
        load_model(str(tmp_path))
