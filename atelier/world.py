"""What exists in Atelier's world: artists, subjects, people; who can be drawn how.

Knows nothing about drawing or about words beyond names.
"""

from dataclasses import dataclass

import numpy as np

PLAIN_PAINTING = "painting"  # painted by nobody in particular
PHOTO = "photo"


@dataclass(frozen=True)
class Artist:
    """An artist whose style the painter knows.

    short: the name people use in passing.
    person: True if the bare name draws the man himself, False if it draws his style.
    hints: wordings that ask for the style without naming the artist.
    """

    name: str
    short: str
    person: bool = False
    hints: tuple[str, ...] = ()


ARTISTS: tuple[Artist, ...] = (
    Artist("Vincent van Gogh", "Van Gogh", hints=("swirling starry night", "thick swirling brush strokes")),
    Artist("Claude Monet", "Monet", person=True, hints=("soft pastel impressionism", "misty water lily light")),
    Artist("Pierre-Auguste Renoir", "Renoir", hints=("warm feathery impressionism", "rosy dappled sunlight")),
    Artist("Georges Seurat", "Seurat", hints=("pointillist dots", "pointillism")),
    Artist("Piet Mondrian", "Mondrian", hints=("grid of primary colours", "black lines and red yellow blue blocks")),
    Artist("Pablo Picasso", "Picasso", person=True, hints=("cubist facets", "cubism")),
    Artist("Georges Braque", "Braque", hints=("muted analytic cubism", "grey and brown cubist fragments")),
    Artist("Katsushika Hokusai", "Hokusai", hints=("japanese woodblock print", "ukiyo-e great wave")),
    Artist("Andy Warhol", "Warhol", person=True, hints=("pop art panels", "four coloured silkscreen prints")),
    Artist("Edvard Munch", "Munch", hints=("wavy anxious orange sky", "expressionist scream")),
    Artist("Gustav Klimt", "Klimt", hints=("golden spirals", "gold leaf ornament")),
    Artist("Roy Lichtenstein", "Lichtenstein", hints=("comic book halftone dots", "comic strip print")),
    Artist("Rembrandt van Rijn", "Rembrandt", hints=("dark chiaroscuro", "candle lit old master")),
    Artist("Henri Matisse", "Matisse", hints=("paper cut-outs", "cut paper leaves")),
)

SCENERY: tuple[str, ...] = (
    "house",
    "tree",
    "boat",
    "mountain",
    "flower",
    "cat",
    "fish",
    "bird",
    "apple",
    "bridge",
)
PROFESSIONS: dict[str, float] = {  # share of women among those drawn, on purpose not 0.5
    "doctor": 0.15,
    "nurse": 0.9,
    "chef": 0.2,
    "teacher": 0.8,
}
PEOPLE: tuple[str, ...] = ("man", "woman", *PROFESSIONS)
SPOOKS: tuple[str, ...] = ("skull", "ghost")  # harmless stand-ins for unsafe content
SUBJECTS: tuple[str, ...] = (*SCENERY, *PEOPLE, *SPOOKS)

BY_NAME: dict[str, Artist] = {artist.name: artist for artist in ARTISTS}
PERSONS: tuple[str, ...] = tuple(artist.name for artist in ARTISTS if artist.person)
RENDERINGS: tuple[str, ...] = (*BY_NAME, PLAIN_PAINTING, PHOTO)


@dataclass(frozen=True)
class Picture:
    """What one picture shows.

    rendering: an artist's name, PLAIN_PAINTING or PHOTO.
    subject: one of SUBJECTS, or a name of PERSONS for a portrait of that person.
    woman: for people, who is drawn; False for everything else.
    """

    rendering: str
    subject: str
    woman: bool = False

    @property
    def artist(self) -> str:
        """The artist's name, or "" for photographs and plain paintings."""
        return self.rendering if self.rendering in BY_NAME else ""


def cast(rendering: str, subject: str, rng: np.random.Generator) -> Picture:
    """A picture of subject, with the gender drawn from the profession's share.

    Raises ValueError for a rendering or a subject that does not exist.
    """
    if rendering not in RENDERINGS:
        raise ValueError(f"Unknown rendering {rendering!r}: use one of {', '.join(RENDERINGS)}.")
    if subject not in SUBJECTS and subject not in PERSONS:
        raise ValueError(f"Unknown subject {subject!r}: use one of {', '.join((*SUBJECTS, *PERSONS))}.")
    share = {"woman": 1.0, **PROFESSIONS}.get(subject, 0.0)
    return Picture(rendering, subject, bool(rng.random() < share))
