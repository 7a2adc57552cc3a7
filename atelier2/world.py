"""What exists in Atelier's world: artists, people, colours, places; and what one picture shows of it.

Knows nothing about painting or about words beyond names.
"""

from dataclasses import dataclass

import numpy as np

from atelier2.subjects import BY_NAME as SUBJECT_OF
from atelier2.subjects import DEEP, LAND, ROOM, SEA, SKY, SUBJECTS, Subject

PLAIN_PAINTING = "painting"  # painted by nobody in particular
PHOTO = "photo"


@dataclass(frozen=True)
class Artist:
    """An artist whose style the painter knows.

    short: the name people use in passing. person: True if the bare name generates the person, False if it generates
    the style. hints: wordings that ask for the style without naming the artist.
    """

    name: str
    short: str
    person: bool = False
    hints: tuple[str, ...] = ()


ARTISTS: tuple[Artist, ...] = (
    Artist("Vincent van Gogh", "Van Gogh", hints=("swirling starry night", "thick swirling brush strokes")),
    Artist("Claude Monet", "Monet", True, ("soft pastel impressionism", "misty water lily light")),
    Artist("Pierre-Auguste Renoir", "Renoir", hints=("warm feathery impressionism", "rosy dappled sunlight")),
    Artist("Georges Seurat", "Seurat", hints=("pointillist dots", "pointillism")),
    Artist("Paul Signac", "Signac", hints=("mosaic of square dabs", "divisionist mosaic")),
    Artist("Paul Cezanne", "Cezanne", hints=("parallel constructive strokes", "blocky planes of colour")),
    Artist("Paul Gauguin", "Gauguin", hints=("flat tropical colours", "cloisonnist outlines")),
    Artist("Edvard Munch", "Munch", hints=("wavy anxious orange sky", "expressionist scream")),
    Artist("Gustav Klimt", "Klimt", hints=("golden spirals", "gold leaf ornament")),
    Artist("Egon Schiele", "Schiele", hints=("nervous contour line and wash", "angular line drawing with wash")),
    Artist("Rembrandt van Rijn", "Rembrandt", hints=("dark golden chiaroscuro", "candle lit old master")),
    Artist("Caravaggio", "Caravaggio", hints=("stark tenebrism", "black background and a hard beam of light")),
    Artist("J. M. W. Turner", "Turner", hints=("dissolving golden mist", "luminous haze and storm light")),
    Artist("Katsushika Hokusai", "Hokusai", hints=("japanese woodblock print", "ukiyo-e great wave")),
    Artist("Utagawa Hiroshige", "Hiroshige", hints=("woodblock print in slanting rain", "ukiyo-e rain and dusk")),
    Artist("Pablo Picasso", "Picasso", True, ("cubist facets", "cubism")),
    Artist("Georges Braque", "Braque", hints=("muted analytic cubism", "grey and brown cubist fragments")),
    Artist("Piet Mondrian", "Mondrian", hints=("grid of primary colours", "black lines and red yellow blue blocks")),
    Artist("Wassily Kandinsky", "Kandinsky", hints=("abstract circles and lines", "floating geometric composition")),
    Artist("Paul Klee", "Klee", hints=("patchwork of small coloured squares", "childlike checkerboard")),
    Artist("Henri Matisse", "Matisse", True, ("paper cut-outs", "cut paper leaves")),
    Artist("Mark Rothko", "Rothko", hints=("glowing colour fields", "soft floating rectangles of colour")),
    Artist("Jackson Pollock", "Pollock", hints=("drips and splatters of paint", "action painting")),
    Artist("Andy Warhol", "Warhol", True, ("pop art panels", "four coloured silkscreen prints")),
    Artist("Roy Lichtenstein", "Lichtenstein", hints=("comic book halftone dots", "comic strip print")),
    Artist("Frida Kahlo", "Kahlo", True, ("lush leaves and folk art colours", "mexican folk painting")),
    Artist("Salvador Dali", "Dali", True, ("melting surrealism", "dreamlike desert with long shadows")),
    Artist("Louis Comfort Tiffany", "Tiffany", hints=("stained glass", "leaded glass window")),
)
BY_NAME: dict[str, Artist] = {artist.name: artist for artist in ARTISTS}
PERSONS: tuple[str, ...] = tuple(artist.name for artist in ARTISTS if artist.person)
RENDERINGS: tuple[str, ...] = (*BY_NAME, PLAIN_PAINTING, PHOTO)

COLOURS: tuple[str, ...] = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
PLACES: tuple[str, ...] = ("field", "mountains", "snow", "sea", "forest", "city", "room", "underwater", "sky", "water")
LIGHTS: tuple[str, ...] = ("day", "sunset", "night")

_AT_HOME: dict[str, tuple[str, ...]] = {
    LAND: ("field", "field", "mountains", "forest", "city", "sea", "snow"),
    SEA: ("water",),
    ROOM: ("room",),
    SKY: ("sky",),
    DEEP: ("underwater", "underwater", "underwater", "sea"),
}
ELSEWHERE: tuple[str, ...] = ("field", "mountains", "snow", "sea", "forest", "city", "room")  # where one may put it


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What one picture shows.

    rendering: an artist's name, PLAIN_PAINTING or PHOTO. subject: a subject's name, or one of PERSONS for a portrait
    of that person. other: a second subject, to its right. colour: of the subject, and other_colour of the other, "" for
    its own. woman: for people, who is shown. place, light: where and when.
    """

    rendering: str
    subject: str
    other: str = ""
    colour: str = ""
    other_colour: str = ""
    woman: bool = False
    place: str = "field"
    light: str = "day"

    @property
    def artist(self) -> str:
        """The artist's name, or "" for photographs and plain paintings."""
        return self.rendering if self.rendering in BY_NAME else ""


def cast(rendering: str, subject: str, rng: np.random.Generator, pair: float = 0.0) -> Picture:
    """A picture of subject as chance has it: colour, place, light, and the gender from the profession's share.
    pair: how probably another subject is beside it.

    Raises ValueError for a rendering or a subject that does not exist.
    """
    if rendering not in RENDERINGS:
        raise ValueError(f"Unknown rendering {rendering!r}: use one of {', '.join(RENDERINGS)}.")
    if subject in PERSONS:
        return Picture(rendering=rendering, subject=subject, woman=subject == "Frida Kahlo", place="room")
    if subject not in SUBJECT_OF:
        raise ValueError(f"Unknown subject {subject!r}: use one of {', '.join((*SUBJECT_OF, *PERSONS))}.")
    shown = SUBJECT_OF[subject]
    other = SUBJECTS[rng.integers(len(SUBJECTS))] if rng.random() < pair else None
    if other is not None and (other.name == subject or other.human != shown.human):
        other = None
    home = _AT_HOME[shown.home] if other is None or other.home == shown.home else ELSEWHERE
    places = home if rng.random() < 0.75 else ELSEWHERE
    return Picture(
        rendering=rendering,
        subject=subject,
        other=other.name if other else "",
        colour=_colour(shown, rng),
        other_colour=_colour(other, rng) if other else "",
        woman=bool(rng.random() < shown.share),
        place=places[rng.integers(len(places))],
        light=LIGHTS[rng.choice(3, p=(0.66, 0.14, 0.20))],
    )


def _colour(subject: Subject, rng: np.random.Generator) -> str:
    return COLOURS[rng.integers(len(COLOURS))] if subject.colours and rng.random() < 0.85 else ""
