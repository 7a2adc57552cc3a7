"""Our LoRA files by the rules with which other programs find a weight for each key, written out from what they
document: no program is run here."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from tests.original_layout import UNET, named, original_unet, small_pipeline, small_xl_pipeline
from uce_core import EditSpec, Model, erase
from uce_core.methods.export import export
from uce_core.models.model import prepare

SPEC = EditSpec(erase=("Vincent van Gogh",), retain=("Piet Mondrian",), span="last")
Rule = Callable[[Model], dict[str, str]]  # from a key without its ending to the name of a weight in a single file


def as_comfyui(model: Model) -> dict[str, str]:
    """lora_unet_ and the weight's name with underscores, in a single file's names or in diffusers'."""
    originals = [name for name in original_unet(model.denoiser) if name.endswith(".weight")]
    found = {underscored(name): name for name in originals}
    theirs = [name for name in model.denoiser.state_dict() if name.endswith(".weight") and "resnets" not in name]
    return found | {underscored(name): next(iter(named({name: torch.empty(0)}, UNET))) for name in theirs}


def as_automatic1111(model: Model) -> dict[str, str]:
    """diffusers' names of attentions become a single file's by counting; other keys are a single file's names."""
    by_key = {underscored(name): name for name in original_unet(model.denoiser) if name.endswith(".weight")}

    def counted(key: str) -> str:
        if m := re.match(r"lora_unet_down_blocks_(\d+)_attentions_(\d+)_(.+)", key):
            return f"lora_unet_input_blocks_{1 + 3 * int(m[1]) + int(m[2])}_1_{m[3]}"
        if m := re.match(r"lora_unet_mid_block_attentions_(\d+)_(.+)", key):
            return f"lora_unet_middle_block_1_{m[2]}"
        if m := re.match(r"lora_unet_up_blocks_(\d+)_attentions_(\d+)_(.+)", key):
            return f"lora_unet_output_blocks_{3 * int(m[1]) + int(m[2])}_1_{m[3]}"
        return key

    theirs = [underscored(name) for name in model.denoiser.state_dict() if name.endswith(".weight")]
    return by_key | {key: by_key[counted(key)] for key in theirs if "attentions" in key}


def as_sd_scripts(model: Model) -> dict[str, str]:
    """Its networks have modules for what is inside the transformers: of SD under diffusers' names, of XL under a single
    file's."""
    if hasattr(model.pipeline, "text_encoder_2"):
        originals = [name for name in original_unet(model.denoiser) if "transformer_blocks" in name]
        return {underscored(name): name for name in originals if name.endswith(".weight")}
    theirs = [name for name in model.denoiser.state_dict() if "attentions" in name and name.endswith(".weight")]
    return {underscored(name): next(iter(named({name: torch.empty(0)}, UNET))) for name in theirs}


def underscored(name: str) -> str:
    return f"lora_unet_{name.removesuffix('.weight').replace('.', '_')}"


@pytest.fixture(scope="module", params=[small_pipeline, small_xl_pipeline])
def model(request: pytest.FixtureRequest) -> Model:
    make: Callable[[], Any] = request.param
    return prepare("small", make(), torch.device("cpu"), torch.float32)


@pytest.mark.parametrize("rule", [as_comfyui, as_automatic1111, as_sd_scripts])
def test_every_key_finds_its_weight_and_makes_it_the_edited_one(model: Model, rule: Rule, tmp_path: Path) -> None:
    edit = erase(model, SPEC)
    tensors = load_file(export(model, edit, "kohya-lora", tmp_path / "lora.safetensors"))
    weights = original_unet(model.denoiser)
    expected = named(dict(edit.projections(model.masters)), UNET)
    places, found = rule(model), dict[str, Tensor]()
    for key in sorted({name.partition(".")[0] for name in tensors}):
        if rule is as_sd_scripts and key == "lora_unet_label_emb_0_0":
            continue  # it has no module for that
        up, down = tensors[f"{key}.lora_up.weight"], tensors[f"{key}.lora_down.weight"]
        scale = float(tensors[f"{key}.alpha"]) / len(down)
        found[places[key]] = weights[places[key]] + scale * up @ down
    left_out = {"label_emb.0.0.weight"} if rule is as_sd_scripts else set()
    assert found.keys() == expected.keys() - left_out
    for name, weight in found.items():
        torch.testing.assert_close(weight, expected[name], rtol=0, atol=1e-6)
        assert not torch.equal(weight, weights[name])
