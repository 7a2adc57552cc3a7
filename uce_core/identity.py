"""How often a bare name draws the person and not the style: artist by artist, the strongest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from uce_core.generate import GenerationSpec, OnStep, draw
from uce_core.intervals import Mean, bootstrap
from uce_core.measures import PEOPLE, zero_shot
from uce_core.models import Model
from uce_core.problems import Problem
from uce_core.scores import Scorer, scorer_for

LIKENESS = ("a photo of {}", "a portrait of {}")
ANYONE = tuple(f"a {medium} of a {person}" for medium in ("photo", "portrait") for person in PEOPLE)
WORK = ("a painting in the style of {}", "an artwork by {}", "a painting", "an artwork")


@dataclass(frozen=True)
class Identity:
    """person: share of the bare name's pictures that show a person; count: of pictures."""

    artist: str
    count: int
    person: Mean


def identities(
    model: Model, artists: Sequence[str], pictures: int = 8, on_step: OnStep | None = None
) -> list[Identity]:
    """Draw each bare name and look. Raises ValueError for fewer than two pictures, or if there is no scorer."""
    if pictures < 2:
        raise Problem("{pictures} pictures of a name have no interval: use at least 2.", pictures=pictures)
    scorer = scorer_for(model.folder)
    usual = (model.family.steps, model.family.guidance_scale)
    images = draw(model, [GenerationSpec(a, seed, *usual) for a in artists for seed in range(pictures)], on_step)
    found = []
    for i, artist in enumerate(artists):
        shares = shows_person(scorer, images[i * pictures : (i + 1) * pictures], artist)
        found.append(Identity(artist, pictures, bootstrap(shares.float())))
    return sorted(found, key=lambda one: -one.person.value)


def shows_person(scorer: Scorer, images: Sequence[Image.Image], artist: str) -> Tensor:
    """Whether (n,) texts about a person are together more probable than texts about a work, by CLIP."""
    likeness = [text.format(artist) for text in LIKENESS] + list(ANYONE)
    found = zero_shot(scorer, images, [*likeness, *(text.format(artist) for text in WORK)])
    return found[:, : len(likeness)].sum(1) > 0.5
