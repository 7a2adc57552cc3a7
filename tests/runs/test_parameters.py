"""Settings in images of other programs: written as AUTOMATIC1111 does, read as far as they apply."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sd_parsers import ParserManager

from uce_core import GenerationSpec
from uce_core.problems import Problem
from uce_core.runs.parameters import LONGEST, parameters_of
from uce_core.runs.png_metadata import facts_in, image_facts, png_of

A1111 = (  # as its own documentation shows it
    "a house by a river, (detailed:1.2)\nNegative prompt: blurry, text\nSteps: 20, Sampler: DPM++ 2M Karras, "
    "CFG scale: 7, Seed: 3548953112, Size: 512x768, Model hash: 44bf0551d1, Model: dreamlike, Version: v1.10.1"
)


def comfyui(sampler: str = "euler_ancestral", **more: Any) -> dict[str, str]:
    """The two texts of its default workflow."""
    inputs = {"seed": 42, "steps": 25, "cfg": 6.5, "sampler_name": sampler, "scheduler": "normal", "denoise": 1} | more
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    prompt = {
        "3": {"class_type": "KSampler", "inputs": inputs | links},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a glass bottle", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["4", 1]}},
    }
    wires = [("4", "3", "MODEL"), ("6", "3", "CONDITIONING"), ("7", "3", "CONDITIONING"), ("5", "3", "LATENT")]
    workflow = {"links": [[i, int(a), 0, int(b), 0, kind] for i, (a, b, kind) in enumerate(wires)]}
    return {"prompt": json.dumps(prompt), "workflow": json.dumps(workflow)}


def written(path: Path, texts: dict[str, str], size: tuple[int, int] = (512, 768)) -> Path:
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", size).save(path, pnginfo=info)
    return path


def test_settings_of_automatic1111_are_taken(tmp_path: Path) -> None:
    facts = facts_in(written(tmp_path / "a.png", {"parameters": A1111}))
    assert facts.generation == GenerationSpec(
        "a house by a river, (detailed:1.2)",
        seed=3548953112,
        steps=20,
        guidance_scale=7,
        negative_prompt="blurry, text",
        width=512,
        height=768,
        sampler="dpmpp-2m",
    )
    assert (facts.model, facts.spec, facts.edited) == ("", None, False)


def test_settings_of_comfyui_are_taken(tmp_path: Path) -> None:
    assert facts_in(written(tmp_path / "a.png", comfyui())).generation == GenerationSpec(
        "a glass bottle",
        seed=42,
        steps=25,
        guidance_scale=6.5,
        negative_prompt="watermark",
        width=512,
        height=768,
        sampler="euler-a",
    )


def test_what_does_not_apply_is_left_to_the_model(tmp_path: Path) -> None:
    texts = comfyui("dpmpp_3m_sde_gpu", steps=5000, seed=-3, cfg="high")
    texts["prompt"] = texts["prompt"].replace('"height": 768', '"height": 8')
    found = facts_in(written(tmp_path / "a.png", texts, (8, 8))).generation
    assert found == GenerationSpec("a glass bottle", negative_prompt="watermark", width=512)


def test_the_size_is_what_was_generated_whatever_an_upscaler_made_of_it(tmp_path: Path) -> None:
    hires = A1111.replace("Version", "Denoising strength: 0.4, Hires upscale: 2, Hires upscaler: Latent, Version")
    for texts in ({"parameters": hires}, comfyui()):
        found = facts_in(written(tmp_path / "a.png", texts, (1024, 1536))).generation
        assert (found.width, found.height) == (512, 768)
    several = json.loads(comfyui()["prompt"])
    several["9"] = {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
    texts = comfyui() | {"prompt": json.dumps(several)}
    found = facts_in(written(tmp_path / "a.png", texts, (1024, 1536))).generation
    assert (found.width, found.height) == (1024, 1536), "that of the image, if it could be either"


def test_guidance_of_flux_is_what_the_model_is_told(tmp_path: Path) -> None:
    """In Forge beside CFG scale, in ComfyUI by a node of its own."""
    forge = "a cat\nSteps: 20, Sampler: Euler, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 5, Size: 512x768"
    nodes = json.loads(comfyui("euler", cfg=1)["prompt"])
    nodes["26"] = {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}}
    nodes["3"]["inputs"]["positive"] = ["26", 0]
    for texts in ({"parameters": forge}, {"prompt": json.dumps(nodes)}):
        found = facts_in(written(tmp_path / "a.png", texts)).generation
        assert (found.guidance_scale, found.negative_prompt, found.sampler) == (3.5, "", "euler")


def test_images_of_comfyuis_api_have_no_workflow(tmp_path: Path) -> None:
    whole = facts_in(written(tmp_path / "a.png", comfyui())).generation
    assert facts_in(written(tmp_path / "b.png", {"prompt": comfyui()["prompt"]})).generation == whole
    found = facts_in(written(tmp_path / "c.png", {"prompt": documented_workflow()})).generation
    assert found.prompt == "a house in the style of Vincent van Gogh"
    assert (found.seed, found.steps, found.guidance_scale, found.sampler) == (7, 30, 7.5, "dpmpp-2m")


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"parameters": "a house"},
        {"parameters": f"{A1111}{' ' * LONGEST}"},
        {"prompt": "[" * 100_000, "workflow": "{}"},
        {"prompt": '{"3": {"inputs": 7}}', "workflow": '{"links": [[1]]}'},
        {"prompt": '{"3": {"inputs": 7}}'},
        {"prompt": '{"3": {"inputs": {"a": [[1], 2]}}}'},
        {"prompt": "[" * 100_000},
        {"uce-studio": "{}", "parameters": A1111},
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, texts: dict[str, str]) -> None:
    with pytest.raises(Problem, match="has no settings that can be read"):
        facts_in(written(tmp_path / "a.png", texts))


def documented_workflow() -> str:
    page = (Path(__file__).parents[2] / "docs" / "other-programs.md").read_text(encoding="utf-8")
    return page.split("```json\n")[1].split("```")[0]


def test_the_workflow_in_the_documentation_holds_together() -> None:
    """Every input comes from a node that is there, and the edit lies between checkpoint and sampler."""
    nodes = json.loads(documented_workflow())
    comes_from = {name: [i[0] for i in node["inputs"].values() if isinstance(i, list)] for name, node in nodes.items()}
    assert {source for sources in comes_from.values() for source in sources} == set(nodes) - {"image"}
    assert (nodes["sampler"]["inputs"]["model"], nodes["edit"]["inputs"]["model"]) == (["edit", 0], ["checkpoint", 0])


@pytest.mark.parametrize("sampler", ["", "euler-a", "dpmpp-2m"])
def test_other_programs_read_what_is_written(sampler: str, tmp_path: Path) -> None:
    """As one of them does, and by hand."""
    spec = GenerationSpec("a house, red", 7, 20, 7.5, negative_prompt="a dog", sampler=sampler)
    said = parameters_of(spec, "some: model, 1.5", "DDIMScheduler", (64, 96))
    content = png_of(Image.new("RGB", (64, 96)), image_facts("some: model, 1.5", spec), said)
    with Image.open(io.BytesIO(content)) as image:
        text = image.info["parameters"]
        found = ParserManager().parse(image)
    assert text.split("\n")[:2] == ["a house, red", "Negative prompt: a dog"]
    title = {"": "DDIM", "euler-a": "Euler a", "dpmpp-2m": "DPM++ 2M"}[sampler]
    assert text.split("\n")[2] == (
        f"Steps: 20, Sampler: {title}, CFG scale: 7.5, Seed: 7, Size: 64x96, Model: some  model  1.5"
    )
    assert found is not None
    assert (found.full_prompt, found.full_negative_prompt) == ("a house, red", "a dog")
    assert found.samplers[0].parameters == {"cfg_scale": "7.5", "seed": "7", "steps": "20"}
    (tmp_path / "a.png").write_bytes(content)
    assert facts_in(tmp_path / "a.png").generation == spec, "ours are read before theirs"
