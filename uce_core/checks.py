"""Texts and numbers that a person gives, put in order or refused with one sentence."""

import json
import math
import unicodedata
from collections.abc import Iterable
from typing import Any

from uce_core.problems import Problem

DIGITS = 20  # of an integer in JSON, with its sign
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # to what they are in ASCII
INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF))  # come with what is copied from pages
DEEPEST = 30  # lists and objects within each other


def normalised(concept: str) -> str:
    """How concepts are compared: case, spaces, invisible characters, and how an accented or full-width letter is
    written don't matter."""
    return " ".join(unicodedata.normalize("NFKC", concept.translate(INVISIBLE)).casefold().split())


def strip_texts(name: str, texts: Iterable[str]) -> list[str]:
    """Texts without outer and doubled spaces, and as plain has them; name is what to call the list in a Problem."""
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
    return [" ".join(plain(as_text(name, text)).split()) for text in texts]


def plain(text: str) -> str:
    """In the letters that models know: “Ｇｏｇｈ” from a keyboard for Korean or Japanese is “Gogh”, and accents are
    composed. What nobody sees is left out, which a tokenizer takes for letters."""
    return unicodedata.normalize("NFC", text.translate(FULL_WIDTH | INVISIBLE))


def as_text(name: str, text: str) -> str:
    """The same. Raises ValueError if no file could hold it: JSON and command lines can bring halves of characters."""
    if not isinstance(text, str):
        raise Problem("not_a_text", "{field} must be a text (got {value!r}).", field=name, value=text)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Problem(
            "half_a_character", "{field} holds half of a character ({text!r}): enter it again.", field=name, text=text
        ) from None
    return text


def storable(text: str) -> str:
    """Without what neither databases nor tokenizers take: NUL characters, and halves of surrogate pairs."""
    return text.replace("\0", "").encode(errors="replace").decode()


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Without empty and repeated ones, in order of first appearance."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(normalised(text), text)
    return tuple(text for text in first.values() if text)


def as_number(name: str, value: object) -> float:
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:  # of an integer
        number = math.inf
    if not math.isfinite(number):
        raise Problem("not_a_number", "{field} is {value!r}: use a number.", field=name, value=value)
    return number


def as_whole(name: str, value: object) -> int:
    """Cut off after the point, where there is one."""
    number = as_number(name, value)
    return value if isinstance(value, int) else int(number)


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
    if not isinstance(value, str) or value not in known:
        raise Problem(
            "unknown_option",
            "Unknown {name} {value!r}: use one of {known}.",
            name=name,
            value=value,
            known=", ".join(known),
        )


def sound_json(text: str | bytes) -> Any:
    """What a stranger's JSON says: finite numbers of a usual length, whole characters, not too deep. Raises ValueError
    with one sentence."""
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite, parse_int=_small)
        json.dumps(value, ensure_ascii=False).encode()  # no halves of characters
        _check_depth(value, DEEPEST)
    except (ValueError, RecursionError):
        raise Problem("not_sound_json", "{text!r} is not sound JSON: check where it comes from.", text=text) from None
    return value


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError("not a finite number")
    return value


def _small(number: str) -> int:
    """Larger ones are none that anybody asked for, and would be infinite as a float."""
    if len(number) > DIGITS:
        raise ValueError("too large a number")
    return int(number)


def _check_depth(value: object, left: int) -> None:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        if isinstance(one, dict | list):
            if not left:
                raise ValueError("too deep")
            _check_depth(one, left - 1)
