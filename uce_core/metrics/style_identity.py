"""What an image shows of an artist: the style, the person, the subject, and who might have painted it.

Measures of CLIP's embeddings are differences of texts, so that what two texts share (a painting, a
man) doesn't count: a direction from “a painting” to “a painting in the style of X” for the style, from
“a photo of a man” to “a photo of X” for the person. The Gram distance is an opinion without CLIP. What
each can tell, and what not, is in docs/measures.md. Knows nothing about models or edits.
"""

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from uce_core.metrics.scorer import BATCH, Scorer, pixels

STYLE_WORDINGS = (
    ("a painting in the style of {}", "a painting"),
    ("an artwork by {}", "an artwork"),
    ("a picture in the style of {}", "a picture"),
)
PERSON_WORDINGS = (("a photo of {}", "a photo of a {}"), ("a portrait of {}", "a portrait of a {}"))
PEOPLE = ("man", "woman", "person")
NOBODY = ("a painting", "a photo")  # what an image in no one's style may be
TEMPERATURE = 100.0  # CLIP's own, at the end of its training (Radford et al. 2021)


def style_direction(scorer: Scorer, artist: str) -> Tensor:
    """(d,) of length 1: text(“a painting in the style of X”) − text(“a painting”), the mean over wordings."""
    named = scorer.text_vectors([named.format(artist) for named, _ in STYLE_WORDINGS])
    plain = scorer.text_vectors([plain for _, plain in STYLE_WORDINGS])
    return functional.normalize((named - plain).mean(0), dim=0)


def identity_direction(scorer: Scorer, artist: str) -> Tensor:
    """(d,) of length 1: text(“a photo of X”) − the mean of text(“a photo of a man”, “… woman”, “… person”)."""
    named = scorer.text_vectors([named.format(artist) for named, _ in PERSON_WORDINGS])
    anyone = [scorer.text_vectors([plain.format(person) for person in PEOPLE]).mean(0) for _, plain in PERSON_WORDINGS]
    return functional.normalize((named - torch.stack(anyone)).mean(0), dim=0)


def person_direction(scorer: Scorer, artist: str) -> Tensor:
    """(d,) of length 1: the identity direction without what it shares with the style direction. A text that names X
    asks for some of the style, whatever else it says."""
    style, identity = style_direction(scorer, artist), identity_direction(scorer, artist)
    return functional.normalize(identity - (identity @ style) * style, dim=0)


def style_scores(scorer: Scorer, images: Sequence[Image.Image], artist: str) -> Tensor:
    """Cosine (n,) in [−1, 1] of each image with the style direction; higher shows more of the style."""
    return scorer.image_vectors(images) @ style_direction(scorer, artist)


def identity_scores(scorer: Scorer, images: Sequence[Image.Image], artist: str) -> Tensor:
    """Cosine (n,) in [−1, 1] of each image with the person direction; higher looks more like the person."""
    return scorer.image_vectors(images) @ person_direction(scorer, artist)


def zero_shot(scorer: Scorer, images: Sequence[Image.Image], texts: Sequence[str]) -> Tensor:
    """Probabilities (n, t) of the texts for each image: CLIP as a classifier (Radford et al. 2021, section 3.1)."""
    return (TEMPERATURE * scorer.image_vectors(images) @ scorer.text_vectors(texts).T).softmax(1)


def artist_probabilities(scorer: Scorer, images: Sequence[Image.Image], catalog: Sequence[str]) -> Tensor:
    """Probabilities (n, a + 1) of the catalogue's artists, and last of nobody."""
    texts = [*(STYLE_WORDINGS[0][0].format(artist) for artist in catalog), *NOBODY]
    found = zero_shot(scorer, images, texts)
    return torch.cat([found[:, : len(catalog)], found[:, len(catalog) :].sum(1, keepdim=True)], 1)


@torch.inference_mode()
def grams(scorer: Scorer, images: Sequence[Image.Image]) -> list[Tensor]:
    """For each layer of the perceptual trunk the images' Gram matrices (n, c, c) of length 1, an image of which
    features go together, wherever they are (Gatys et al. 2016, section 2.2)."""
    layers: list[list[Tensor]] = []
    for start in range(0, len(images), BATCH):
        maps = scorer.distance.net(scorer.distance.scaling_layer(pixels(images[start : start + BATCH])))
        layers.append([_gram(features) for features in maps])
    return [torch.cat(parts) for parts in zip(*layers, strict=True)]


def _gram(features: Tensor) -> Tensor:
    flat = features.flatten(2)  # (n, c, h·w)
    gram = flat @ flat.mT  # (n, c, c)
    unit: Tensor = gram / gram.flatten(1).norm(dim=1)[:, None, None]
    return unit


def gram_distance(own: Sequence[Tensor], others: Sequence[Tensor]) -> Tensor:
    """Style distance (n,) of images to others row by row, by their Gram matrices; the mean over layers; 0 for the same,
    √2 for nothing in common."""
    found = [(one - other).flatten(1).norm(dim=1) for one, other in zip(own, others, strict=True)]
    return torch.stack(found).mean(0)


def nearest_by_gram(own: Sequence[Tensor], others: Sequence[Tensor]) -> Tensor:
    """gram_distance (n,) of each image to the nearest of the others; both by layer, (n, c, c) and (m, c, c). By
    ‖a‖² + ‖b‖² − 2ab, which is a matrix product."""
    found = [torch.cdist(one.flatten(1), other.flatten(1)) for one, other in zip(own, others, strict=True)]
    return torch.stack(found).mean(0).amin(1)


def gram_distances(scorer: Scorer, images: Sequence[Image.Image], references: Sequence[Image.Image]) -> Tensor:
    """Style distance (n,) from each image to the references' mean Gram matrices."""
    return gram_distance(grams(scorer, images), [layer.mean(0, keepdim=True) for layer in grams(scorer, references)])
