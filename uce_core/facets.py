"""An edit looked at facet by facet: the bare name, the style, the portrait, the content, and other artists.

A bare name often draws the person and not the style, so one number before and after says neither what
of the style nor what of the person is gone. Here each facet has its prompts, and each measure its
value before and after. Differences are paired: same prompt, same seed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from uce_core.edit import AnyEdit
from uce_core.generate import GenerationSpec, draw
from uce_core.intervals import Mean, bootstrap
from uce_core.measures import (
    artist_probabilities,
    identity_scores,
    person_direction,
    style_direction,
    style_scores,
    zero_shot,
)
from uce_core.models import Model, applied
from uce_core.problems import Problem
from uce_core.scores import Scorer, scorer_for
from uce_core.spec import normalised

FACETS = ("name", "style", "portrait", "content", "others")
SUBJECTS = ("a house", "a tree", "a boat", "a cat", "a flower")
MEDIA = ("a photo", "a painting")
OTHERS = 4  # artists besides the one that is looked at
PICTURES = 10  # of each facet

Images = list[Image.Image]


@dataclass(frozen=True)
class Change:
    """difference: of pairs, after − before; it is none if its interval holds 0."""

    before: Mean
    after: Mean
    difference: Mean

    @property
    def none(self) -> bool:
        return self.difference.low <= 0 <= self.difference.high


@dataclass(frozen=True)
class DropShares:
    """How much of the CLIP score's drop on the bare name lies along the identity and the style direction, and how
    much along neither: parts of the mean drop, in its units (100 × cosine), that add up to it."""

    drop: float
    identity: float
    style: float
    rest: float


@dataclass(frozen=True)
class Facet:
    """clip: of image and prompt. style, identity: of the artist, cosines. shown: share of pictures whose most
    probable painter in the catalogue is the artist. content: probability of the asked subject among SUBJECTS, None
    where none is asked for. lpips: between before and after. drop: on the bare name only."""

    name: str
    prompts: tuple[str, ...]
    clip: Change
    style: Change
    identity: Change
    shown: Change
    content: Change | None
    lpips: Mean
    drop: DropShares | None


def prompts_of(artist: str, others: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each facet its prompts, each with the subject that it asks for, or ""."""
    return {
        "name": ((artist, ""),),
        "style": tuple((f"{subject} in the style of {artist}", subject) for subject in SUBJECTS),
        "portrait": ((f"a portrait of {artist}", ""), (f"a photo of {artist}", "")),
        "content": tuple((f"{medium} of {subject}", subject) for subject in SUBJECTS for medium in MEDIA),
        "others": tuple((f"{subject} in the style of {other}", subject) for subject in SUBJECTS for other in others),
    }


def facets_of(model: Model, edit: AnyEdit, artist: str, pictures: int = PICTURES) -> Iterator[Facet]:
    """A report for each facet, one after the other.

    The other artists are the first of the catalogue that the edit does not erase; without any, that facet
    is left out. pictures: of each facet, at least 2. Raises ValueError for fewer, or if there is no scorer.
    """
    if pictures < 2:
        raise Problem("{pictures} pictures of a facet have no interval: use at least 2.", pictures=pictures)
    scorer = scorer_for(model.folder)
    named = {normalised(artist), *(normalised(text) for text in (edit.spec.edited if edit.spec else ()))}
    others = [name for name in model.catalog if normalised(name) not in named][:OTHERS]
    catalog = [artist, *(name for name in model.catalog if normalised(name) != normalised(artist))]
    for facet, prompts in prompts_of(artist, others).items():
        if not prompts:
            continue
        asked = [prompts[i % len(prompts)] for i in range(pictures)]
        drawings = [
            GenerationSpec(prompt, seed, model.family.steps, model.family.guidance_scale)
            for seed, (prompt, _) in enumerate(asked)
        ]
        before = draw(model, drawings)
        with applied(model, edit):
            after = draw(model, drawings)
        yield _facet(scorer, catalog, facet, asked, before, after)


def _facet(
    scorer: Scorer, catalog: Sequence[str], facet: str, asked: Sequence[tuple[str, str]], before: Images, after: Images
) -> Facet:
    """catalog: the artist that is looked at, and then all others."""
    artist, prompts, subjects = catalog[0], [prompt for prompt, _ in asked], [subject for _, subject in asked]

    def both(measure: Callable[[Images], Tensor]) -> Change:
        return change(measure(before), measure(after))

    return Facet(
        facet,
        tuple(dict.fromkeys(prompts)),
        both(lambda images: scorer.clip_scores(images, prompts)),
        both(lambda images: style_scores(scorer, images, artist)),
        both(lambda images: identity_scores(scorer, images, artist)),
        both(lambda images: (artist_probabilities(scorer, images, catalog).argmax(1) == 0).float()),
        both(lambda images: _subject_probabilities(scorer, images, subjects)) if all(subjects) else None,
        bootstrap(scorer.lpips_distances(before, after).tolist()),
        drop_shares(scorer, artist, before, after) if facet == "name" else None,
    )


def drop_shares(scorer: Scorer, artist: str, before: Images, after: Images) -> DropShares:
    """The text of the name is written as a·person + b·style + rest, which are orthogonal; each part's scalar product
    with how far the images' mean embedding moved is its share."""
    [text] = scorer.text_vectors([artist])
    parts = torch.stack([person_direction(scorer, artist), style_direction(scorer, artist)])  # (2, d)
    moved = 100 * (scorer.image_vectors(before) - scorer.image_vectors(after)).mean(0)
    drop = float(text @ moved)
    identity, style = ((parts @ text) * (parts @ moved)).tolist()
    return DropShares(drop, identity, style, drop - identity - style)


def _subject_probabilities(scorer: Scorer, images: Images, subjects: Sequence[str]) -> Tensor:
    """(n,) of each image's own subject."""
    found = zero_shot(scorer, images, [f"a picture of {subject}" for subject in SUBJECTS])
    return found[torch.arange(len(images)), torch.tensor([SUBJECTS.index(subject) for subject in subjects])]


def change(before: Tensor, after: Tensor) -> Change:
    """Of paired values (n,)."""
    return Change(*(bootstrap(values.tolist()) for values in (before, after, after - before)))
