"""Where models are: Atelier, diffusers folders, single files, the hub; and what their names tell before loading.

Whatever goes wrong is one sentence that names the fix. Does not import torch.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from uce_core.files import is_pickle
from uce_core.models.additions import FILE, JOIN, split
from uce_core.models.architectures import ARCHITECTURES
from uce_core.models.families import Family, family_of
from uce_core.models.weights import PICKLES, Header
from uce_core.problems import Problem

ATELIER = Path(__file__).resolve().parents[2] / "atelier" / "weights"
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
READS_TEXT = "attn2.to_k.weight"  # how the names of tensors end that read the text
CONFIGURATION = ["*.json", "*.txt", "*.model"]  # all of a model but its weights
CACHED, SNAPSHOTS = "models--", "snapshots"  # folders of the hub's cache
NO_EXTRAS = {"safety_checker": None, "requires_safety_checker": False}


def folder_of(name: str) -> Path | None:
    """The diffusers folder of a model on this machine; None for a single file or a hub id."""
    name, _ = split(name)
    return ATELIER if name == "atelier" else Path(name).resolve() if Path(name).is_dir() else None


def locate(name: str) -> Path:
    """The folder or file of a model, downloaded if need be. Raises ValueError if it cannot be had."""
    name, _ = split(name)
    folder = folder_of(name)
    if folder == ATELIER and not (folder / "model_index.json").is_file():
        raise Problem(
            "atelier_weights_missing",
            "Atelier's weights are missing: run python -m atelier train, or clone the repository again.",
        )
    if folder:
        return folder
    if Path(name).is_file():
        _check_format(Path(name))
        return Path(name).resolve()
    if not HUB_ID.fullmatch(name):
        raise Problem(
            "no_such_model",
            "There is no model {name!r}: use atelier, a diffusers folder, a .safetensors file, or a "
            "hub id such as CompVis/stable-diffusion-v1-4.",
            name=name,
        )
    return _download(name)


def _check_format(file: Path) -> None:
    if file.suffix in PICKLES or is_pickle(file):
        raise Problem(
            "model_not_safetensors",
            "{name} is not a safetensors file, the only format that is read: download it as one, or convert it, if you "
            "trust it, with diffusers: StableDiffusionPipeline.from_single_file(FILE).save_pretrained(FOLDER).",
            name=file.name,
        )
    if file.suffix != FILE:
        raise Problem(
            "model_other_file",
            "{name} is no safetensors file, the only format that is read: choose one, or a diffusers folder.",
            name=file.name,
        )


def no_cross_attention(name: str) -> Problem:
    return Problem(
        "no_cross_attention",
        "{name} does not read its text in a way that is known here: choose a model of Stable Diffusion 1.x, 2.x, XL or "
        "3, or of FLUX.1.",
        name=name,
    )


def _download(name: str) -> Path:
    """A hub model's files, from the cache or the hub. What is refused is refused before its weights are fetched."""
    from huggingface_hub import errors, hf_hub_download

    _say_no_retries()
    try:
        index = json.loads(Path(hf_hub_download(name, "model_index.json")).read_text(encoding="utf-8"))
        if not any((index.get(part) or [None, ""])[1] in ARCHITECTURES for part in ("unet", "transformer")):
            raise no_cross_attention(name)
        return _whole(name)
    except Problem:
        raise
    except errors.GatedRepoError as error:
        raise Problem(
            "model_gated",
            "The model {name} is gated: accept its terms on its hub page and log in with an access token.",
            name=name,
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise Problem("model_not_on_hub", "There is no model {name} on the hub: check its name.", name=name) from error
    except errors.RemoteEntryNotFoundError as error:
        raise Problem(
            "model_not_diffusers",
            "{name} is on the hub, but not in diffusers format: choose another model.",
            name=name,
        ) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, ConnectionError) as error:
        raise Problem(
            "hub_unreachable",
            "The model {name} is not on this machine and the hub cannot be reached: check its name and the network "
            "connection.",
            name=name,
        ) from error
    except OSError as error:
        raise Problem(
            "model_not_downloaded",
            "The model {name} could not be downloaded: {reason}.",
            name=name,
            reason=_reason(error),
        ) from error


def _whole(name: str) -> Path:
    """All files of a hub model, in half precision where there is nothing finer."""
    from diffusers import DiffusionPipeline
    from huggingface_hub import errors

    try:
        return Path(DiffusionPipeline.download(name, use_safetensors=True, **NO_EXTRAS))
    except OSError as error:
        if isinstance(error, errors.HfHubHTTPError) or error.errno:
            raise
        with suppress(OSError):  # of that precision there are no files, or none in the cache
            return Path(DiffusionPipeline.download(name, use_safetensors=True, variant="fp16", **NO_EXTRAS))
        raise


def configuration_of(title: str, shapes: Mapping[str, tuple[int, ...]]) -> Path:
    """The folder of a single file's configuration, from the cache or the hub. shapes: of its tensors. Raises ValueError
    if it cannot be had."""
    from diffusers.loaders.single_file_utils import fetch_diffusers_config
    from huggingface_hub import errors, snapshot_download

    _say_no_retries()
    tensors = {key: SimpleNamespace(shape=shape) for key, shape in shapes.items()}
    source = fetch_diffusers_config(tensors)["pretrained_model_name_or_path"]
    with suppress(errors.LocalEntryNotFoundError, errors.HfHubHTTPError, errors.OfflineModeIsEnabled, ConnectionError):
        folder = Path(snapshot_download(source, allow_patterns=CONFIGURATION))
        if all((folder / part).exists() for part in ("model_index.json", "text_encoder", "tokenizer")):
            return folder
    raise Problem(
        "configuration_not_cached",
        "{name} is a single file, which needs the configuration of {source} from the hub, once: connect this machine "
        "to the network, or copy that into its cache (hf download {source} --include '*.json' '*.txt').",
        name=title,
        source=source,
    )


def _say_no_retries() -> None:
    """The hub's library tells of each of its tries in two lines; what came of them is one sentence."""
    from huggingface_hub.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def _reason(error: OSError) -> str:
    """The system's own words ("No space left on device"), or the first line of the library's."""
    return error.strerror or str(error).strip().split("\n")[0].rstrip(".")


def family_in(name: str) -> Family:
    """The family of a model that is not loaded yet, from its configuration, or from what a single file says of its
    tensors; of no known one if that cannot be had."""
    name, _ = split(name)
    try:
        return family_of(_width_in_file(Path(name))) if Path(name).is_file() else _family_in_config(name)
    except (OSError, ValueError, KeyError):  # said when the model is loaded
        return family_of(0)


def _width_in_file(path: Path) -> int:
    return next((shape[1] for key, shape in Header.of(path).shapes.items() if key.endswith(READS_TEXT)), 0)


def _family_in_config(name: str) -> Family:
    from huggingface_hub import hf_hub_download

    def read(file: str) -> dict[str, Any]:
        path = folder / file if folder else Path(hf_hub_download(name, file))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    folder = folder_of(name)
    if "transformer" in read("model_index.json"):
        found = read("transformer/config.json")
        return family_of(found["joint_attention_dim"], found["pooled_projection_dim"], found.get("guidance_embeds"))
    return family_of(read("unet/config.json")["cross_attention_dim"])


def title_of(name: str) -> str:
    """As anybody may see it: without paths."""
    base, additions = split(name)
    path = Path(base)
    title = path.stem if path.is_file() else _called(path.absolute()) if path.exists() else base
    return JOIN.join([title, *(one.title for one in additions)])


def _called(folder: Path) -> str:
    """Its name; of a snapshot in the hub's cache, …/models--OWNER--NAME/snapshots/REVISION, the hub id, by which it is
    found again."""
    is_snapshot = folder.parent.name == SNAPSHOTS and folder.parent.parent.name.startswith(CACHED)
    return folder.parent.parent.name.removeprefix(CACHED).replace("--", "/") if is_snapshot else folder.name
