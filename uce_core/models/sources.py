"""Where models are: Atelier, diffusers folders, single files, the hub; and what their names tell before loading.

Whatever goes wrong is one sentence that names the fix. Does not import torch.
"""

import json
import re
from pathlib import Path

from uce_core.models.families import Family, family_of
from uce_core.problems import Problem

ATELIER = Path(__file__).resolve().parents[2] / "atelier" / "weights"


HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


NO_EXTRAS = {"safety_checker": None, "requires_safety_checker": False}


def folder_of(name: str) -> Path | None:
    """The diffusers folder of a model on this machine; None for a single file or a hub id."""
    return ATELIER if name == "atelier" else Path(name).resolve() if Path(name).is_dir() else None


def locate(name: str) -> Path:
    """The folder or file of a model, downloaded if need be. Raises ValueError if it cannot be had."""
    folder = folder_of(name)
    if folder == ATELIER and not (folder / "model_index.json").is_file():
        raise Problem(
            "atelier_weights_missing",
            "Atelier's weights are missing: run python -m atelier train, or clone the repository again.",
        )
    if folder:
        return folder
    if Path(name).is_file():
        if Path(name).suffix != ".safetensors":
            raise Problem(
                "model_not_safetensors",
                "{name} is not a safetensors file, the only format that is read: convert it first.",
                name=name,
            )
        return Path(name).resolve()
    if not HUB_ID.fullmatch(name):
        raise Problem(
            "no_such_model",
            "There is no model {name!r}: use atelier, a diffusers folder, a .safetensors file, or a "
            "hub id such as CompVis/stable-diffusion-v1-4.",
            name=name,
        )
    return _download(name)


def no_cross_attention(name: str) -> Problem:
    return Problem(
        "no_cross_attention",
        "{name} does not read its text through cross-attention layers (attn2): "
        "choose a Stable Diffusion 1.x, 2.x or XL model.",
        name=name,
    )


def _download(name: str) -> Path:
    """A hub model's files, from the cache or the hub. What is refused is refused before its weights are fetched."""
    from diffusers import DiffusionPipeline
    from huggingface_hub import errors, hf_hub_download

    try:
        index = json.loads(Path(hf_hub_download(name, "model_index.json")).read_text(encoding="utf-8"))
        if "unet" not in index:
            raise no_cross_attention(name)
        return Path(DiffusionPipeline.download(name, use_safetensors=True, **NO_EXTRAS))
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


def _reason(error: OSError) -> str:
    """The system's own words ("No space left on device"), or the first line of the library's."""
    return error.strerror or str(error).strip().split("\n")[0].rstrip(".")


def family_in(name: str) -> Family:
    """The family of a model that is not loaded yet, from its configuration; of no known one if that cannot be had."""
    from huggingface_hub import hf_hub_download

    try:
        folder = folder_of(name)
        config = folder / "unet" / "config.json" if folder else Path(hf_hub_download(name, "unet/config.json"))
        width = json.loads(config.read_text(encoding="utf-8"))["cross_attention_dim"]
    except (OSError, ValueError, KeyError):  # said when the model is loaded
        width = 0
    return family_of(width)


def title_of(name: str) -> str:
    path = Path(name)
    return path.stem if path.is_file() else path.name if path.exists() else name
