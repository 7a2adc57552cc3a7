"""Measures against the same arithmetic done by hand, and against images whose painter is known."""

import numpy as np
import pytest
import torch
from PIL import Image

from atelier.painter import paint
from atelier.world import PHOTO, cast
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.metrics.style_identity import (
    artist_probabilities,
    gram_distances,
    identity_scores,
    style_direction,
    style_scores,
    zero_shot,
)
from uce_core.models.sources import ATELIER

ARTISTS = ("Claude Monet", "Piet Mondrian", "Gustav Klimt")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return scorer_for(ATELIER)


def painted(rendering: str, subject: str, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(paint(cast(rendering, subject, rng), rng))


def encoded(scorer: Scorer, *texts: str) -> np.ndarray:
    """CLIP's own text embeddings, normalised in float64."""
    with torch.no_grad():
        found = scorer.clip.encode_text(scorer.tokenize(list(texts))).double().numpy()
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def looked_at(scorer: Scorer, image: Image.Image) -> np.ndarray:
    with torch.no_grad():
        found = scorer.clip.encode_image(scorer.preprocess(image)[None])[0].double().numpy()
    return found / np.linalg.norm(found)


def test_style_score_is_the_cosine_with_a_difference_of_texts(scorer: Scorer) -> None:
    named = encoded(
        scorer,
        "a painting in the style of Claude Monet",
        "an artwork by Claude Monet",
        "a picture in the style of Claude Monet",
    )
    way = (named - encoded(scorer, "a painting", "an artwork", "a picture")).mean(0)
    image = painted("Claude Monet", "boat", 1)
    expected = looked_at(scorer, image) @ way / np.linalg.norm(way)
    assert style_scores(scorer, [image], "Claude Monet").item() == pytest.approx(expected, abs=1e-4)


def test_identity_score_is_the_cosine_with_a_difference_from_anyone_less_the_style(scorer: Scorer) -> None:
    ways = []
    for medium in ("a photo of", "a portrait of"):
        [named] = encoded(scorer, f"{medium} Pablo Picasso")
        ways.append(named - encoded(scorer, *(f"{medium} a {one}" for one in ("man", "woman", "person"))).mean(0))
    style = style_direction(scorer, "Pablo Picasso").double().numpy()
    [[_, way]] = np.linalg.qr(np.stack([style, np.mean(ways, axis=0)], 1))[0].T[None]
    way *= np.sign(way @ np.mean(ways, axis=0))
    image = painted(PHOTO, "Pablo Picasso", 2)
    expected = looked_at(scorer, image) @ way / np.linalg.norm(way)
    assert identity_scores(scorer, [image], "Pablo Picasso").item() == pytest.approx(expected, abs=1e-4)


def test_style_and_identity_are_told_apart(scorer: Scorer) -> None:
    """A photograph of Picasso shows the man and not the style; a cubist cat the style and not the man."""
    man, style = painted(PHOTO, "Pablo Picasso", 3), painted("Pablo Picasso", "cat", 4)
    of_style, of_man = (f(scorer, [man, style], "Pablo Picasso").tolist() for f in (style_scores, identity_scores))
    assert of_style[1] > of_style[0] + 0.1
    assert of_man[0] > of_man[1] + 0.1


def test_probabilities_are_a_softmax_and_find_the_painter(scorer: Scorer) -> None:
    images = [painted(artist, "house", seed) for seed, artist in enumerate(ARTISTS)] + [painted(PHOTO, "house", 9)]
    found = artist_probabilities(scorer, images, ARTISTS)
    assert found.shape == (4, 4)
    torch.testing.assert_close(found.sum(1), torch.ones(4))
    assert found.argmax(1).tolist() == [0, 1, 2, 3], "the last column is nobody"
    texts = ["a house", "a cat"]
    logits = 100 * encoded(scorer, *texts) @ looked_at(scorer, images[0])
    expected = np.exp(logits - logits.max())
    assert zero_shot(scorer, images[:1], texts)[0].tolist() == pytest.approx(expected / expected.sum(), abs=1e-3)


def test_gram_distance_by_hand(scorer: Scorer) -> None:
    image, *references = (
        painted("Claude Monet", subject, seed) for seed, subject in enumerate(("cat", "boat", "tree"))
    )

    def grams(one: Image.Image) -> list[np.ndarray]:
        values = torch.from_numpy(np.array(one)).permute(2, 0, 1)[None] / 127.5 - 1
        with torch.no_grad():
            maps = scorer.distance.net(scorer.distance.scaling_layer(values))
        found = [np.einsum("ihw,jhw->ij", *(m[0].double().numpy(),) * 2) for m in maps]
        return [gram / np.sqrt((gram**2).sum()) for gram in found]

    means = [np.mean(layer, axis=0) for layer in zip(*map(grams, references), strict=True)]
    expected = np.mean([np.linalg.norm(a - b) for a, b in zip(grams(image), means, strict=True)])
    assert gram_distances(scorer, [image], references).item() == pytest.approx(expected, rel=1e-3)


def test_gram_distance_is_smallest_within_a_style(scorer: Scorer) -> None:
    references = [painted("Piet Mondrian", subject, 20 + i) for i, subject in enumerate(("house", "cat", "apple"))]
    own, other = painted("Piet Mondrian", "boat", 30), painted("Claude Monet", "boat", 31)
    near, far = gram_distances(scorer, [own, other], references).tolist()
    assert near < far
    assert gram_distances(scorer, references[:1], references[:1]).item() == 0
