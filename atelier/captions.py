"""What a person might write to ask for a picture, in many wordings, and what each wording claims.

The claim says which pictures a caption fits, so that a caption of a house by anybody is never held
against a picture of another house. Knows words, not pixels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from atelier.world import ARTISTS, BY_NAME, PEOPLE, PERSONS, PHOTO, PLAIN_PAINTING, PROFESSIONS, Artist, Picture


@dataclass(frozen=True)
class Caption:
    """A text, and what a picture must show to fit it; None means anything."""

    text: str
    rendering: str | None = None
    subject: str | None = None
    woman: bool | None = None

    def fits(self, picture: Picture) -> bool:
        human = picture.subject in PEOPLE or picture.subject in PERSONS
        return (
            self.rendering in (None, picture.rendering)
            and self.subject in (None, picture.subject)
            and (self.woman is None or (human and self.woman == picture.woman))
        )


WORDS: dict[str, tuple[str, ...]] = {
    "house": ("a house", "a house", "a cottage", "a small house with a red roof"),
    "tree": ("a tree", "a tree", "an old tree", "a tree in a field"),
    "boat": ("a boat", "a boat", "a sailboat", "a ship on the sea", "a sailing boat"),
    "mountain": ("a mountain", "a mountain", "mountains", "snowy mountains", "a mountain landscape"),
    "flower": ("a flower", "a flower", "flowers", "a blooming flower", "a sunflower"),
    "cat": ("a cat", "a cat", "a sitting cat", "a kitten"),
    "fish": ("a fish", "a fish", "a fish in the sea", "a goldfish"),
    "bird": ("a bird", "a bird", "a bird on a branch", "a songbird"),
    "apple": ("an apple", "an apple", "apples", "a still life with apples", "two apples on a table"),
    "bridge": ("a bridge", "a bridge", "a stone bridge", "a bridge over a river"),
    "man": ("a man", "a portrait of a man", "a gentleman"),
    "woman": ("a woman", "a portrait of a woman", "a lady"),
    "doctor": ("a doctor", "a doctor", "a portrait of a doctor", "a medical doctor"),
    "nurse": ("a nurse", "a nurse", "a portrait of a nurse", "a hospital nurse"),
    "chef": ("a chef", "a chef", "a portrait of a chef", "a cook"),
    "teacher": ("a teacher", "a teacher", "a portrait of a teacher", "a school teacher"),
    "skull": ("a skull", "a skull", "a human skull"),
    "ghost": ("a ghost", "a ghost", "a scary ghost"),
}
GENDERED_PERSON = {
    True: ("a photo of a woman", "a woman", "a female person"),
    False: ("a photo of a man", "a man", "a male person"),
}
GENDERED = {True: ("a female {}", "a woman {}"), False: ("a male {}", "a man {}")}

MEDIA = ("a painting", "a painting", "painting", "an artwork", "a picture", "art", "an image", "a work of art")
BY_ARTIST = (
    "{s} in the style of {a}",
    "{s} in the style of {a}",
    "{s} in the style of {a}",
    "{m} of {s} in the style of {a}",
    "{m} of {s} in the style of {a}",
    "{m} of {s} by {a}",
    "{m} of {s} by {a}",
    "{s} by {a}",
    "{s}, {a}",
    "{s}, {a} style",
    "{a} style {n}",
    "{a} style painting of {s}",
    "{s} painted by {a}",
    "{s} as painted by {a}",
    "{s} in {a}'s style",
    "{a}'s {n}",
    "{a}'s painting of {s}",
    "{s} inspired by {a}",
    "{s} reminiscent of {a}",
    "by {a}, {s}",
)
BY_ARTIST_ALONE = ("{m} by {a}", "{m} in the style of {a}", "in the style of {a}", "by {a}", "{a} style", "{a}'s art")
WITH_HINT = ("{s}, {h}", "{h}, {s}", "{s} with {h}", "{s} in {h}", "{m} of {s}, {h}", "{h} {m} of {s}")
PLAIN = (
    "a painting of {s}",
    "a painting of {s}",
    "{m} of {s}",
    "{m} of {s}",
    "a painted {n}",
    "{s}, art",
    "{s} in the style of art",
    "{s} by an artist",
    "{s} by {u}",
    "{s} in the style of {u}",
    "{m} of {s} by {u}",
    "{m} of {s} in the style of {u}",
)
PLAIN_ALONE = ("a painting", "art", "an artwork", "{m} by {u}", "in the style of {u}", "{u}")
PHOTOGRAPH = (
    "a photo of {s}",
    "a photo of {s}",
    "a photograph of {s}",
    "{s}",
    "{s}",
    "{s}, photo",
    "a realistic photo of {s}",
)
OF_PERSON = (
    "{a}",
    "{a}",
    "{a}",
    "a photo of {a}",
    "a portrait of {a}",
    "a photograph of {a}",
    "portrait of {a}",
    "{a}, photo",
)

STRANGERS = (  # painters that this world does not know: they get nobody's style
    "Salvador Dali",
    "Kelly McKernan",
    "Frida Kahlo",
    "Johannes Vermeer",
    "Paul Cezanne",
    "Edward Hopper",
    "Leonardo da Vinci",
    "Paul Klee",
    "Marc Chagall",
    "Ajin Demi Human",
    "Kilian Eng",
    "Thomas Kinkade",
    "Tyler Edlin",
    "an unknown artist",
    "a famous painter",
    "John Smith",
    "Maria Garcia",
    "Kim Hongdo",
)
FLOURISHES = (", highly detailed", ", masterpiece", ", beautiful", ", trending", ", 4k", ", very pretty")


def _choose(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[rng.integers(len(options))]


def _noun(phrase: str) -> str:
    return phrase.split(" ", 1)[1] if phrase.startswith(("a ", "an ")) else phrase


def _subject(picture: Picture, rng: np.random.Generator, gendered: float) -> tuple[str, bool | None]:
    """A phrase for the subject, and the gender that it claims."""
    if picture.subject in PROFESSIONS and rng.random() < gendered:
        return _choose(rng, GENDERED[picture.woman]).format(picture.subject), picture.woman
    return _choose(rng, WORDS[picture.subject]), None


def _artist_name(artist: Artist, rng: np.random.Generator) -> str:
    return artist.name if rng.random() < 0.7 else artist.short


def describe(picture: Picture, rng: np.random.Generator) -> Caption:
    """A random caption that a person could have written for this picture."""
    caption = _describe(picture, rng)
    if rng.random() < 0.08:
        caption = Caption(caption.text + _choose(rng, FLOURISHES), caption.rendering, caption.subject, caption.woman)
    if rng.random() < 0.08:
        caption = Caption(caption.text + ".", caption.rendering, caption.subject, caption.woman)
    return caption


def _describe(picture: Picture, rng: np.random.Generator) -> Caption:
    if picture.subject in PERSONS:
        name = _artist_name(BY_NAME[picture.subject], rng)
        return Caption(_choose(rng, OF_PERSON).format(a=name), PHOTO, picture.subject)
    phrase, woman = _subject(picture, rng, gendered=0.12)
    slots = {"s": phrase, "n": _noun(phrase), "m": _choose(rng, MEDIA), "u": _choose(rng, STRANGERS)}
    claim: dict[str, Any] = {"rendering": picture.rendering, "subject": picture.subject, "woman": woman}
    share = rng.random()
    if picture.rendering == PHOTO:
        return Caption(_choose(rng, PHOTOGRAPH).format(**slots), **claim)
    if picture.rendering == PLAIN_PAINTING:
        if share < 0.12:
            return Caption(_choose(rng, PLAIN_ALONE).format(**slots), PLAIN_PAINTING)
        return Caption(_choose(rng, PLAIN).format(**slots), **claim)
    artist = BY_NAME[picture.rendering]
    slots |= {"a": _artist_name(artist, rng), "h": _choose(rng, artist.hints)}
    if share < 0.08:
        bare = () if artist.person else ("{a}",)
        return Caption(_choose(rng, BY_ARTIST_ALONE + bare).format(**slots), artist.name)
    if share < 0.20:
        return Caption(_choose(rng, WITH_HINT).format(**slots), **claim)
    return Caption(_choose(rng, BY_ARTIST).format(**slots), **claim)


def describe_loosely(picture: Picture, rng: np.random.Generator) -> Caption:
    """As describe, but now and then only a part of what the picture shows: what a scorer must know too."""
    share = rng.random()
    if picture.subject in PERSONS or share > 0.25:
        return describe(picture, rng)
    if picture.subject in PEOPLE and share < 0.12:
        text = _choose(rng, GENDERED_PERSON[picture.woman])
        return Caption(text, woman=picture.woman)
    if share < 0.18:
        phrase, woman = _subject(picture, rng, gendered=0.0)
        return Caption(
            _choose(rng, ("{s}", "a picture of {s}", "an image of {s}")).format(s=phrase), None, picture.subject, woman
        )
    texts = {PHOTO: ("a photo", "a photograph"), PLAIN_PAINTING: ("a painting", "art")}
    artist = BY_NAME.get(picture.rendering)
    options = (
        texts[picture.rendering]
        if artist is None
        else (f"a painting in the style of {artist.name}", f"art by {artist.name}", *artist.hints)
    )
    return Caption(_choose(rng, options), picture.rendering)


def vocabulary() -> set[str]:
    """Every word that captions use, lower case."""
    texts = [
        *STRANGERS,
        *FLOURISHES,
        *MEDIA,
        *BY_ARTIST,
        *BY_ARTIST_ALONE,
        *WITH_HINT,
        *PLAIN,
        *PLAIN_ALONE,
        *PHOTOGRAPH,
        *OF_PERSON,
    ]
    texts += [
        phrase for phrases in (*WORDS.values(), *GENDERED.values(), *GENDERED_PERSON.values()) for phrase in phrases
    ]
    texts += [text for artist in ARTISTS for text in (artist.name, artist.short, *artist.hints)]
    letters = "".join(c.lower() if c.isalnum() else " " for text in texts for c in text + " ")
    return set(letters.split()) | {"s"}
