"""Texts and numbers that a person gives, put in order or refused with one sentence."""

import math
import unicodedata
from collections.abc import Iterable

from uce_core.problems import Problem


def normalised(concept: str) -> str:
    """How concepts are compared: case, spaces, and how an accented or full-width letter is written don't matter."""
    return " ".join(unicodedata.normalize("NFKC", concept).casefold().split())


def strip_texts(name: str, texts: Iterable[str]) -> list[str]:
    """Texts without outer and doubled spaces; name is what to call the list in a Problem."""
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise Problem(
            "not_a_list_of_texts", "{field} must be a list of texts (got {value!r}).", field=name, value=texts
        )
    texts = list(texts)
    for text in texts:
        if not isinstance(text, str):
            raise Problem(
                "not_a_list_of_texts", "{field} must be a list of texts (got {value!r}).", field=name, value=text
            )
    return [" ".join(text.split()) for text in texts]


def storable(text: str) -> str:
    """Without what neither databases nor tokenizers take: NUL characters, and halves of surrogate pairs."""
    return text.replace("\0", "").encode(errors="replace").decode()


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Without empty and repeated ones, in order of first appearance."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(normalised(text), text)
    return tuple(text for text in first.values() if text)


def as_number(name: str, value: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise Problem("not_a_number", "{field} is {value!r}: use a number.", field=name, value=value)
    return float(value)


def in_range(name: str, value: float, least: float, most: float) -> float:
    number = as_number(name, value)
    if not least <= number <= most:
        raise Problem(
            "out_of_range",
            "{field} is {value}: use a number from {least} to {most:.0f}.",
            field=name,
            value=value,
            least=f"{least:f}".rstrip("0").rstrip("."),
            most=most,
        )
    return number


def one_of(name: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise Problem(
            "unknown_option",
            "Unknown {name} {value!r}: use one of {known}.",
            name=name,
            value=value,
            known=", ".join(known),
        )
