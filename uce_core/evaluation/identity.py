"""How often a bare name generates the person and not the style: artist by artist, the strongest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from uce_core.checks import normalised
from uce_core.generation.generate import generate
from uce_core.generation.progress import OnStep
from uce_core.generation.spec import GenerationSpec
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.metrics.style_identity import PEOPLE, artist_probabilities, zero_shot
from uce_core.models.model import Model
from uce_core.problems import Problem
from uce_core.statistics import Mean, bootstrap

PERSON = ("a photo of {}", *(f"a photo of a {person}" for person in PEOPLE))
WORK = ("a painting in the style of {}", "an artwork by {}", "a painting", "an artwork")


@dataclass(frozen=True)
class Identity:
    """person: share of the bare name's images that show a person in place of the style; count: of images."""

    artist: str
    count: int
    person: Mean


def identities(model: Model, artists: Sequence[str], count: int = 8, on_step: OnStep | None = None) -> list[Identity]:
    """Generate each bare name and look. Raises ValueError for fewer than two images, or if there is no scorer."""
    if count < 2:
        raise Problem(
            "too_few_images_for_interval",
            "{images} images of a name give no interval: use at least 2.",
            images=count,
        )
    scorer = scorer_for(model.folder)
    usual = (model.family.steps, model.family.guidance_scale)
    images = generate(model, [GenerationSpec(a, seed, *usual) for a in artists for seed in range(count)], on_step)
    found = []
    for i, artist in enumerate(artists):
        shares = shows_person(scorer, images[i * count : (i + 1) * count], artist, model.catalog)
        found.append(Identity(artist, count, bootstrap(shares.float())))
    return sorted(found, key=lambda one: -one.person.value)


def shows_person(scorer: Scorer, images: Sequence[Image.Image], artist: str, catalog: Sequence[str]) -> Tensor:
    """Whether (n,) each image is a photograph of a person: by CLIP, texts of such are together more probable than
    texts of a work, and the artist is not the most probable painter among the catalogue's."""
    texts = [text.format(artist) for text in (*PERSON, *WORK)]
    person = zero_shot(scorer, images, texts)[:, : len(PERSON)].sum(1) > 0.5
    painters = [artist, *(name for name in catalog if normalised(name) != normalised(artist))]
    return person & (artist_probabilities(scorer, images, painters).argmax(1) != 0)
