"""Settings as other programs have them in their images: the text “parameters” that AUTOMATIC1111 writes and most
programs read, and what sd-parsers finds in images of AUTOMATIC1111, ComfyUI, Fooocus, InvokeAI and NovelAI."""

import json
import re
from collections.abc import Mapping
from typing import Any

from PIL import Image

from uce_core.checks import sound_json
from uce_core.generation.samplers import SAMPLERS
from uce_core.generation.spec import SIZE, GenerationSpec

PARAMETERS, WORKFLOW = "parameters", "workflow"
SIZED = re.compile(r"(\d{1,5})x(\d{1,5})")
LONGEST = 1_000_000  # characters of an image's texts: ComfyUI's hold whole workflows
OF_SCHEDULER = {  # a model's own, by its class in diffusers, as those programs call it
    "DDIMScheduler": "DDIM",
    "PNDMScheduler": "PLMS",
    "DPMSolverMultistepScheduler": "DPM++ 2M",
    "UniPCMultistepScheduler": "UniPC",
    "EulerDiscreteScheduler": "Euler",
    "FlowMatchEulerDiscreteScheduler": "Euler",
    "EulerAncestralDiscreteScheduler": "Euler a",
    "LCMScheduler": "LCM",
}
OF_COMFYUI = {"dpmpp_2m": "dpmpp-2m", "uni_pc": "unipc", "euler_ancestral": "euler-a"}  # others are called as here


def parameters_of(spec: GenerationSpec, model: str, scheduler: str, size: tuple[int, int]) -> str:
    """AUTOMATIC1111's text for an image. spec: with steps and guidance scale. model: its title. scheduler: the class of
    the model's own, which is named where the spec names no sampler. size: in pixels."""
    sampler = SAMPLERS[spec.sampler].title if spec.sampler else OF_SCHEDULER.get(scheduler, scheduler)
    scale = "" if spec.guidance_scale is None else f"CFG scale: {spec.guidance_scale:g}, "
    lines = [
        spec.prompt,
        *([f"Negative prompt: {spec.negative_prompt}"] if spec.negative_prompt else []),
        f"Steps: {spec.steps}, Sampler: {sampler}, {scale}Seed: {spec.seed}, Size: {size[0]}x{size[1]}, "
        f"Model: {re.sub('[,:]', ' ', model)}",
    ]
    return "\n".join(lines)


def generation_in(image: Image.Image) -> GenerationSpec | None:
    """What an image of another program was asked to be, as far as it applies here: a number out of range or a sampler
    that is not here is left to the model's family. None if it says nothing. Only texts of its header are read."""
    if sum(len(str(text)) for text in image.info.values()) > LONGEST:
        return None
    found = _parsed(image)
    if found is None or not found.samplers or not found.full_prompt:
        return None
    first = found.samplers[0]
    values: dict[str, Any] = {"negative_prompt": found.full_negative_prompt, "sampler": _sampler(first.name)}
    for name, keys, kind in (
        ("seed", ("seed", "noise_seed"), int),
        ("steps", ("steps",), int),
        ("guidance_scale", ("cfg_scale",), float),
    ):
        values[name] = next((_number(first.parameters, key, kind) for key in keys if key in first.parameters), None)
    values |= dict(zip(SIZE, _size(found.metadata) or image.size, strict=True)) | _distilled(found)
    return _fitting(found.full_prompt, {name: value for name, value in values.items() if value is not None})


def _parsed(image: Image.Image) -> Any:
    """By the library, which raises whatever it stumbles over in files that anybody may have made."""
    from sd_parsers import Eagerness, ParserManager

    try:
        _add_links(image)
        return ParserManager(eagerness=Eagerness.FAST).parse(image)
    except Exception:
        return None


def _add_links(image: Image.Image) -> None:
    """What ComfyUI's API makes has no workflow, whose links the library goes by: those of the prompt are the same."""
    if WORKFLOW in image.info or "prompt" not in image.info:
        return
    nodes = sound_json(image.info["prompt"])
    links = [
        [0, source[0], source[1], name, 0, key.upper()]  # the kind of a link is called as the input, such as CLIP
        for name, node in nodes.items()
        for key, source in node["inputs"].items()
        if isinstance(source, list) and len(source) == 2
    ]
    image.info[WORKFLOW] = json.dumps({"links": links})


def _size(said: Mapping[str, Any]) -> tuple[int, int] | None:
    """What was generated, which an upscaler may have enlarged after that. said: all that does not belong to the
    sampler; of ComfyUI lists of nodes' inputs, by kind of node. None if it is not said, or in several ways."""
    if written := SIZED.fullmatch(str(said.get("Size"))):
        return int(written[1]), int(written[2])
    empty = [node for kind, nodes in said.items() if kind.startswith("Empty") for node in nodes]
    found = {(node.get("width"), node.get("height")) for node in empty if isinstance(node, dict)}
    width, height = found.pop() if len(found) == 1 else (None, None)
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None


def _distilled(found: Any) -> dict[str, Any]:
    """Of FLUX, whose guidance is an input of the model, as Forge and ComfyUI have it; beside it CFG scale and negative
    prompt do nothing."""
    nodes = [prompt.metadata.get("FluxGuidance", {}) for prompt in found.samplers[0].prompts]
    said = [found.metadata.get("Distilled CFG Scale"), *(node.get("guidance") for node in nodes)]
    scales = (_number({"guidance": one}, "guidance", float) for one in said)
    scale = next((one for one in scales if one is not None), None)
    return {} if scale is None else {"guidance_scale": scale, "negative_prompt": ""}


def _number(parameters: Mapping[str, Any], key: str, kind: type[int] | type[float]) -> int | float | None:
    try:
        return kind(parameters[key])
    except (TypeError, ValueError, OverflowError):
        return None


def _sampler(name: object) -> str:
    """Of this program, "" for one that is not here: "DPM++ 2M Karras" is "dpmpp-2m"."""
    plain = str(name).removesuffix(" Karras").lower()
    titles = {sampler.title.lower(): known for known, sampler in SAMPLERS.items()}
    here = titles.get(plain) or OF_COMFYUI.get(plain, plain)
    return here if here in SAMPLERS else ""


def _fitting(prompt: str, values: Mapping[str, Any]) -> GenerationSpec | None:
    """With those of the values that can be asked for, one by one."""
    try:
        spec = GenerationSpec(prompt)
    except ValueError:
        return None
    taken: dict[str, Any] = {}
    for name, value in values.items():
        try:
            spec = GenerationSpec(prompt, **(taken | {name: value}))
        except ValueError:
            continue
        taken[name] = value
    return spec
