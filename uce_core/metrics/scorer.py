"""CLIP score and LPIPS: how well an image fits its prompt, and how far two images are apart.

Atelier brings scorers of its own world; other models are scored with the published ones (CLIP
ViT-B/32 of OpenAI, LPIPS with AlexNet). Figures of different scorers must not be compared.
"""

import logging
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from uce_core.garbage import collection_paused
from uce_core.metrics.scores import Scores
from uce_core.problems import Problem
from uce_core.runtime import is_out_of_memory

if TYPE_CHECKING:  # seconds to import, and not needed before the first score
    import lpips
    import open_clip


BATCH = 16
TEXTS = 256  # at a time
OWN = "CLIP and LPIPS that come with the model"
PUBLISHED = "CLIP ViT-B/32 of OpenAI, LPIPS with AlexNet"


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """CLIP and LPIPS, loaded, in float32 on the CPU. name: to say beside every figure."""

    name: str
    clip: "open_clip.CLIP"
    preprocess: Callable[[Image.Image], Tensor]
    tokenize: Callable[[list[str]], Tensor]
    distance: "lpips.LPIPS"

    @torch.inference_mode()
    def image_vectors(self, images: Sequence[Image.Image]) -> Tensor:
        """CLIP's embeddings (n, d) of length 1."""
        batches = (images[start : start + BATCH] for start in range(0, len(images), BATCH))
        parts = [self.clip.encode_image(torch.stack([self.preprocess(image) for image in batch])) for batch in batches]
        return functional.normalize(torch.cat(parts), dim=1)

    @torch.inference_mode()
    def text_vectors(self, texts: Sequence[str]) -> Tensor:
        """CLIP's embeddings (n, d) of length 1."""
        parts = [self.tokenize(list(texts[start : start + TEXTS])) for start in range(0, len(texts), TEXTS)]
        return functional.normalize(torch.cat([self.clip.encode_text(tokens) for tokens in parts]), dim=1)

    def clip_scores(self, images: Sequence[Image.Image], prompts: Sequence[str]) -> Tensor:
        """100 × cosine (n,) of each image's and its prompt's embedding (Hessel et al. 2021, without the rescaling)."""
        return 100 * (self.image_vectors(images) * self.text_vectors(prompts)).sum(1)

    def nearest(self, images: Sequence[Image.Image], texts: Sequence[str]) -> Tensor:
        """For each image the number (n,) of the text whose embedding is nearest by cosine: CLIP as a classifier."""
        return (self.image_vectors(images) @ self.text_vectors(texts).T).argmax(1)

    @torch.inference_mode()
    def lpips_distances(self, originals: list[Image.Image], edited: list[Image.Image]) -> Tensor:
        """LPIPS (n,) of pairs at their own size (Zhang et al. 2018)."""
        first, second = pixels(originals), pixels(edited)
        distances: Tensor = self.distance(first, second)
        return distances.flatten()

    def score(self, prompts: list[str], originals: list[Image.Image], edited: list[Image.Image]) -> list[Scores]:
        """Scores of pairs, computed a few at a time."""
        scores: list[Scores] = []
        for start in range(0, len(prompts), BATCH):
            part = slice(start, start + BATCH)
            seen = self.image_vectors([*originals[part], *edited[part]]).unflatten(0, (2, -1))
            fits = (100 * (seen * self.text_vectors(prompts[part])).sum(2)).tolist()
            distances = self.lpips_distances(originals[part], edited[part]).tolist()
            scores += [Scores(*values) for values in zip(*fits, distances, strict=True)]
        return scores


def pixels(images: Sequence[Image.Image]) -> Tensor:
    """(n, 3, h, w) float32 in [-1, 1]."""
    stacked = np.stack([np.asarray(image.convert("RGB")) for image in images])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 127.5 - 1


_loaded: dict[Path | None, Scorer] = {}
_loading = threading.Lock()


def scorer_for(folder: Path | None) -> Scorer:
    """The scorer that lies in a model's folder, or else the published one; loaded once.

    Raises ValueError if its weights cannot be had.
    """
    home = folder if folder and (folder / "scorer").is_dir() else None
    with _loading:
        if home not in _loaded:
            _loaded[home] = _local_scorer(home) if home else _published_scorer()
        return _loaded[home]


@collection_paused()
def _local_scorer(folder: Path) -> Scorer:
    import lpips
    import open_clip

    for path in (folder / "scorer" / "open_clip_model.safetensors", folder / "lpips.safetensors"):
        if not path.is_file():  # open_clip would go on with random weights
            raise Problem(
                "scorer_weights_missing",
                "The scorer's weights {file} are missing: download the model's folder again.",
                file=path.name,
            )
    source = f"local-dir:{folder / 'scorer'}"
    try:
        clip, _, preprocess = open_clip.create_model_and_transforms(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # lpips builds its AlexNet by torchvision's old arguments
            distance = lpips.LPIPS(net="alex", pretrained=False, pnet_rand=True, verbose=False)
        distance.load_state_dict(load_file(folder / "lpips.safetensors"))
        tokenize = open_clip.get_tokenizer(source)
    except Exception as error:  # files can be wrong in many ways; each means the same to a person
        if is_out_of_memory(error):
            raise
        raise Problem(
            "scorer_damaged",
            "The scorer of {name} is damaged or another model's: download the model's folder again.",
            name=folder.name,
        ) from error
    return Scorer(name=OWN, clip=clip.eval(), preprocess=preprocess, tokenize=tokenize, distance=distance.eval())


def _silent(record: logging.LogRecord) -> bool:
    """open_clip tells the root logger of what it cannot download, which is one sentence here."""
    return False


@collection_paused()
def _published_scorer() -> Scorer:
    import lpips
    import open_clip

    root = logging.getLogger()
    root.addFilter(_silent)
    try:
        clip, _, preprocess = open_clip.create_model_and_transforms("ViT-B-32-quickgelu", pretrained="openai")
        distance = lpips.LPIPS(net="alex", verbose=False)
    except Exception as error:  # download errors come in many classes; each means the same to a person
        raise Problem(
            "scorers_not_downloaded",
            "The published scorers (CLIP ViT-B/32, LPIPS) could not be downloaded: check the network connection.",
        ) from error
    finally:
        root.removeFilter(_silent)
    return Scorer(
        name=PUBLISHED,
        clip=clip.eval(),
        preprocess=preprocess,
        tokenize=open_clip.get_tokenizer("ViT-B-32-quickgelu"),
        distance=distance.eval(),
    )
