"""What a person might write to ask for a picture, in many wordings, and what each wording claims.

The claim says which pictures a caption fits, so that a caption of a house by anybody is never held against a picture
of another house. Knows words, not pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from atelier2.subjects import BY_NAME as SUBJECT_OF
from atelier2.subjects import SUBJECTS
from atelier2.world import ARTISTS, BY_NAME, COLOURS, PERSONS, PHOTO, PLAIN_PAINTING, Artist, Picture


@dataclass(frozen=True, kw_only=True)
class Caption:
    """A text, and what a picture must show to fit it; None or () means anything."""

    text: str
    rendering: str | None = None
    subjects: tuple[tuple[str, str], ...] = ()  # each with its colour, "" for any
    woman: bool | None = None
    place: str | None = None
    light: str | None = None

    def fits(self, picture: Picture) -> bool:
        shown = {picture.subject: picture.colour, picture.other: picture.other_colour}
        return (
            self.rendering in (None, picture.rendering)
            and all(name in shown and colour in ("", shown[name]) for name, colour in self.subjects)
            and (self.woman is None or (_human(picture) and self.woman == picture.woman))
            and self.place in (None, picture.place)
            and self.light in (None, picture.light)
        )


def _human(picture: Picture) -> bool:
    return picture.subject in PERSONS or SUBJECT_OF[picture.subject].human


PLACES: dict[str, tuple[str, ...]] = {
    "field": ("in a field", "in a meadow", "on the grass"),
    "mountains": ("in the mountains", "before the mountains"),
    "snow": ("in the snow", "in winter"),
    "sea": ("by the sea", "on the beach"),
    "forest": ("in a forest", "in the woods"),
    "city": ("in a city", "in the street"),
    "room": ("in a room", "on a table", "indoors"),
    "underwater": ("under water", "in the sea"),
    "sky": ("in the sky", "in the air"),
    "water": ("on the water", "at sea"),
}
LIGHTS: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight"),
    "sunset": ("at sunset", "at dusk", "in the evening"),
    "night": ("at night", "by night", "in the moonlight"),
}
TOGETHER = ("{a} and {b}", "{a} and {b}", "{a} beside {b}", "{a} with {b}", "{a} next to {b}", "{a} near {b}")
GENDERED = {True: ("a female {}", "a woman {}"), False: ("a male {}", "a man {}")}
GENDERED_PERSON = {True: ("a woman", "a female person"), False: ("a man", "a male person")}

MEDIA = ("a painting", "a painting", "painting", "an artwork", "a picture", "art", "an image", "a work of art")
BY_ARTIST = (
    "{s} in the style of {a}", "{s} in the style of {a}", "{s} in the style of {a}", "{m} of {s} in the style of {a}",
    "{m} of {s} in the style of {a}", "{m} of {s} by {a}", "{m} of {s} by {a}", "{s} by {a}", "{s}, {a}",
    "{s}, {a} style", "{a} style {n}", "{a} style painting of {s}", "{s} painted by {a}", "{s} as painted by {a}",
    "{s} in {a}'s style", "{a}'s {n}", "{a}'s painting of {s}", "{s} inspired by {a}", "{s} reminiscent of {a}",
    "by {a}, {s}",
)  # fmt: skip
BY_ARTIST_ALONE = ("{m} by {a}", "{m} in the style of {a}", "in the style of {a}", "by {a}", "{a} style", "{a}'s art")
WITH_HINT = ("{s}, {h}", "{h}, {s}", "{s} with {h}", "{s} in {h}", "{m} of {s}, {h}", "{h} {m} of {s}")
PLAIN = (
    "a painting of {s}", "a painting of {s}", "{m} of {s}", "{m} of {s}", "a painted {n}", "{s}, art",
    "{s} in the style of art", "a watercolour of {s}", "{s}, watercolour", "{s} by an artist", "{s} by {u}",
    "{s} in the style of {u}", "{m} of {s} by {u}", "{m} of {s} in the style of {u}",
)  # fmt: skip
PLAIN_ALONE = ("a painting", "art", "an artwork", "a watercolour", "{m} by {u}", "in the style of {u}", "{u}")
PHOTOGRAPH = (
    "a photo of {s}", "a photo of {s}", "a photograph of {s}", "{s}", "{s}", "{s}, photo", "a realistic photo of {s}",
)  # fmt: skip
OF_PERSON = (
    "{a}", "{a}", "{a}", "a photo of {a}", "a portrait of {a}", "a photograph of {a}", "portrait of {a}", "{a}, photo",
)  # fmt: skip
STRANGERS = (  # painters that this world does not know: they get nobody's style
    "Kelly McKernan", "Johannes Vermeer", "Edward Hopper", "Leonardo da Vinci", "Marc Chagall", "Ajin Demi Human",
    "Kilian Eng", "Thomas Kinkade", "Tyler Edlin", "Edgar Degas", "Georgia O'Keeffe", "Sandro Botticelli",
    "Diego Velazquez", "an unknown artist", "a famous painter", "John Smith", "Maria Garcia", "Kim Hongdo",
    "Lee Jungseob",
)  # fmt: skip
FLOURISHES = (", highly detailed", ", masterpiece", ", beautiful", ", trending", ", 4k", ", very pretty")


def _choose(rng: np.random.Generator, options: Sequence[str]) -> str:
    made: str = options[int(rng.integers(len(options)))]
    return made


def with_article(noun: str) -> str:
    if noun in _BARE:
        return noun
    return f"{'an' if noun[0] in 'aeiou' and not noun.startswith(('uni', 'uk')) else 'a'} {noun}"


_BARE = (  # what takes no article, or comes in the plural
    "cherries", "grapes", "bananas", "corn", "bread", "cheese", "ice cream", "gloves", "boots", "scissors",
)  # fmt: skip


def _noun(phrase: str) -> str:
    return phrase.split(" ", 1)[1] if phrase.startswith(("a ", "an ")) else phrase


def phrase_of(name: str, colour: str, rng: np.random.Generator) -> str:
    """What a person calls it, with its article, and its colour if one is named."""
    words = SUBJECT_OF[name].words
    word = words[0] if rng.random() < 0.6 else _choose(rng, words)
    return with_article(f"{colour} {word}" if colour else word)


def _told(colour: str, rng: np.random.Generator) -> str:
    """Its colour, which most people name only if it matters."""
    return colour if colour and rng.random() < 0.7 else ""


def _subject(picture: Picture, rng: np.random.Generator) -> tuple[str, Caption]:
    """A phrase for what is shown, and what it claims."""
    if SUBJECT_OF[picture.subject].profession and rng.random() < 0.15 and not picture.other:
        phrase = _choose(rng, GENDERED[picture.woman]).format(SUBJECT_OF[picture.subject].name)
        return phrase, Caption(text="", subjects=((picture.subject, ""),), woman=picture.woman)
    colour = _told(picture.colour, rng)
    phrase, claims = phrase_of(picture.subject, colour, rng), [(picture.subject, colour)]
    if picture.other and rng.random() < 0.9:
        colour = _told(picture.other_colour, rng)
        second = phrase_of(picture.other, colour, rng)
        claims.append((picture.other, colour))
        pair = (phrase, second) if rng.random() < 0.5 else (second, phrase)
        phrase = _choose(rng, TOGETHER).format(a=pair[0], b=pair[1])
    claim = Caption(text="", subjects=tuple(claims))
    if rng.random() < 0.22:
        places = ("in a room", "indoors") if picture.place == "room" and _human(picture) else PLACES[picture.place]
        phrase, claim = f"{phrase} {_choose(rng, places)}", replace(claim, place=picture.place)
    if rng.random() < (0.5 if picture.light != "day" else 0.05):
        phrase, claim = f"{phrase} {_choose(rng, LIGHTS[picture.light])}", replace(claim, light=picture.light)
    return phrase, claim


def _artist_name(artist: Artist, rng: np.random.Generator) -> str:
    return artist.name if rng.random() < 0.7 else artist.short


def describe(picture: Picture, rng: np.random.Generator) -> Caption:
    """A random caption that a person could have written for this picture."""
    caption = _describe(picture, rng)
    if rng.random() < 0.06:
        caption = replace(caption, text=caption.text + _choose(rng, FLOURISHES))
    if rng.random() < 0.06:
        caption = replace(caption, text=caption.text + ".")
    return caption


def _describe(picture: Picture, rng: np.random.Generator) -> Caption:
    if picture.subject in PERSONS:
        name = _artist_name(BY_NAME[picture.subject], rng)
        return Caption(text=_choose(rng, OF_PERSON).format(a=name), rendering=PHOTO, subjects=((picture.subject, ""),))
    phrase, claim = _subject(picture, rng)
    claim = replace(claim, rendering=picture.rendering)
    slots = {"s": phrase, "n": _noun(phrase), "m": _choose(rng, MEDIA), "u": _choose(rng, STRANGERS)}
    share = rng.random()
    if picture.rendering == PHOTO:
        return replace(claim, text=_choose(rng, PHOTOGRAPH).format(**slots))
    if picture.rendering == PLAIN_PAINTING:
        if share < 0.08:
            return Caption(text=_choose(rng, PLAIN_ALONE).format(**slots), rendering=PLAIN_PAINTING)
        return replace(claim, text=_choose(rng, PLAIN).format(**slots))
    artist = BY_NAME[picture.rendering]
    slots |= {"a": _artist_name(artist, rng), "h": _choose(rng, artist.hints)}
    if share < 0.06:
        bare = () if artist.person else ("{a}",)
        return Caption(text=_choose(rng, BY_ARTIST_ALONE + bare).format(**slots), rendering=artist.name)
    if share < 0.18:
        return replace(claim, text=_choose(rng, WITH_HINT).format(**slots))
    return replace(claim, text=_choose(rng, BY_ARTIST).format(**slots))


def describe_loosely(picture: Picture, rng: np.random.Generator) -> Caption:
    """As describe, but now and then only a part of what the picture shows: what a scorer must know too."""
    share = rng.random()
    if picture.subject in PERSONS or share > 0.28:
        return describe(picture, rng)
    if SUBJECT_OF[picture.subject].human and share < 0.06:
        return Caption(text=_choose(rng, GENDERED_PERSON[picture.woman]), woman=picture.woman)
    if share < 0.18:
        phrase, claim = _subject(picture, rng)
        return replace(claim, text=_choose(rng, ("{s}", "a picture of {s}", "an image of {s}")).format(s=phrase))
    texts = {PHOTO: ("a photo", "a photograph"), PLAIN_PAINTING: ("a painting", "art", "a watercolour")}
    artist = BY_NAME.get(picture.rendering)
    options = (
        texts[picture.rendering]
        if artist is None
        else (f"a painting in the style of {artist.name}", f"art by {artist.name}", *artist.hints)
    )
    return Caption(text=_choose(rng, options), rendering=picture.rendering)


def contrasted(caption: Caption, rng: np.random.Generator) -> Caption | None:
    """The same words in a wrong order or of another colour, which fits another picture: "a blue car and a red house"
    for "a red car and a blue house". None where nothing can be swapped."""
    named = [colour for _, colour in caption.subjects if colour]
    words = caption.text.split(" ")
    if len(named) == 2 and named[0] != named[1]:
        swap = {named[0]: named[1], named[1]: named[0]}
        subjects = tuple((name, swap.get(colour, colour)) for name, colour in caption.subjects)
    elif named:
        others = [colour for colour in COLOURS if colour not in named]
        swap = {named[0]: _choose(rng, others)}
        subjects = tuple((name, swap.get(colour, colour)) for name, colour in caption.subjects)
    else:
        return None
    return replace(caption, text=" ".join(swap.get(word, word) for word in words), subjects=subjects)


def vocabulary() -> set[str]:
    """Every word that captions use, lower case."""
    texts = [
        *STRANGERS, *FLOURISHES, *MEDIA, *BY_ARTIST, *BY_ARTIST_ALONE, *WITH_HINT, *PLAIN, *PLAIN_ALONE, *PHOTOGRAPH,
        *OF_PERSON, *TOGETHER, *COLOURS,
    ]  # fmt: skip
    texts += [
        phrase for table in (PLACES, LIGHTS, GENDERED, GENDERED_PERSON) for row in table.values() for phrase in row
    ]
    texts += [word for subject in SUBJECTS for word in subject.words]
    texts += [text for artist in ARTISTS for text in (artist.name, artist.short, *artist.hints)]
    letters = "".join(c.lower() if c.isalnum() else " " for text in texts for c in text + " ")
    return set(letters.split()) | {"s", "a", "an"}


# Which captions fit which pictures, for many at once

_SUBJECT_IDS = {name: number + 1 for number, name in enumerate((*SUBJECT_OF, *PERSONS))}
_COLOUR_IDS = {name: number + 1 for number, name in enumerate(COLOURS)}
_RENDERING_IDS = {name: number + 1 for number, name in enumerate((*BY_NAME, PLAIN_PAINTING, PHOTO))}
_PLACE_IDS = {name: number + 1 for number, name in enumerate(PLACES)}
_LIGHT_IDS = {name: number + 1 for number, name in enumerate(LIGHTS)}


def facts(pictures: Sequence[Picture]) -> np.ndarray:
    """What pictures show, as numbers from 1 on: (n, 8) int16."""
    rows = [
        (
            _RENDERING_IDS[p.rendering], _SUBJECT_IDS[p.subject], _COLOUR_IDS.get(p.colour, 0),
            _SUBJECT_IDS.get(p.other, 0), _COLOUR_IDS.get(p.other_colour, 0),
            (2 if p.woman else 1) if _human(p) else 0, _PLACE_IDS[p.place], _LIGHT_IDS[p.light],
        )
        for p in pictures
    ]  # fmt: skip
    return np.asarray(rows, np.int16).reshape(-1, 8)


def claims(captions: Sequence[Caption]) -> np.ndarray:
    """What captions claim, as the numbers of facts, 0 for nothing: (n, 8) int16."""
    rows = []
    for c in captions:
        (first, colour), (second, other) = (*c.subjects, ("", ""), ("", ""))[:2]
        woman = 0 if c.woman is None else 2 if c.woman else 1
        rows.append(
            (
                _RENDERING_IDS.get(c.rendering or "", 0), _SUBJECT_IDS.get(first, 0), _COLOUR_IDS.get(colour, 0),
                _SUBJECT_IDS.get(second, 0), _COLOUR_IDS.get(other, 0), woman, _PLACE_IDS.get(c.place or "", 0),
                _LIGHT_IDS.get(c.light or "", 0),
            )
        )  # fmt: skip
    return np.asarray(rows, np.int16).reshape(-1, 8)


def fitting(claimed: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Caption.fits of every caption and picture: claims (m, 8), facts (n, 8) → (m, n) bool."""
    c, f = claimed[:, None], shown[None]

    def holds(subject: int) -> np.ndarray:
        named, colour = c[..., subject], c[..., subject + 1]
        found: np.ndarray = named == 0
        for place in (1, 3):
            found = found | ((f[..., place] == named) & ((colour == 0) | (f[..., place + 1] == colour)))
        return found

    fits: np.ndarray = holds(1) & holds(3)
    for column in (0, 5, 6, 7):
        fits = fits & ((c[..., column] == 0) | (c[..., column] == f[..., column]))
    return fits
