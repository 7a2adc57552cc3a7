"""What strangers send: hostile texts, values and names; and files that are nearly sound.

Most cases begin with something valid that is changed in a few places, since random bytes do not get far.
"""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

MARKUP = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "</td></table><svg onload=1>", "<!--", "-->", "]]>", "&lt;b&gt;", "&#60;b&#62;", "javascript:alert(1)",
    "</textarea><iframe srcdoc='x'>",
    "{}", "{0}", "{name}", "{0.__class__}", "{:>999999999}", "%s%n", "${7*7}", "{{7*7}}",
    "=cmd|' /C calc'!A1", "+1", "@x",
)  # fmt: skip
ODD = (
    "\x00", "\x1b[2J", "\r\n", "\n", "\t", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "\u200b", "\u0301" * 40,
    "\u202eevil", "\u2066x\u2069", "مرحبا", "שלום", "고흐", "한\u1100\u1161", "𝕍an Gogh", "👩\u200d🎨",
)  # fmt: skip
HALVES = ("\ud800", "\udfff", "a\udc80b", "\udcff")  # lone surrogates
NAMES = (
    "..", "../", "../../x", "/etc/passwd", "\\\\host\\share", "C:\\x", "a/b", "a\\b", "~", "~root", ".", ".hidden",
    "-rf", "CON", "nul", "com1.safetensors", "aux.", "x ", " x", "*", "?", "a:b", "x.safetensors",
    "x.safetensors\x00.png",
    "%2e%2e%2f", "%00", "$HOME", "`x`", ".deleted", "café", "cafe\u0301", "CAFÉ", "İ", "ı", "ß",
    "ẞ", "ſ", "K", "Å", "ﬁ",
)  # fmt: skip
HUGE = (1_000, 10_000, 100_000)  # characters
NUMBERS = (
    0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**19, 10**400, 10**4000, 0.5, -0.0, 1e-320, 1e308, float("inf"),
    float("-inf"), float("nan"),
)  # fmt: skip


def _texts(known: Sequence[str]) -> SearchStrategy[str]:
    piece = st.one_of(st.sampled_from((*known, "", " ", "Vincent van Gogh", "a house")), st.text(max_size=12))
    huge = st.builds(lambda text, count: (text or "a") * (count // max(1, len(text))), piece, st.sampled_from(HUGE))
    return st.one_of(piece, piece, st.builds("".join, st.lists(piece, max_size=4)), huge)


UTF8 = _texts((*MARKUP, *ODD, *NAMES))  # as a file in UTF-8 can have them
TEXTS = _texts((*MARKUP, *ODD, *NAMES, *HALVES))
SCALARS = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS), st.integers(-5, 300), TEXTS)
LISTS = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(TEXTS, SCALARS, max_size=3))
VALUES = st.one_of(  # of JSON
    SCALARS, SCALARS, LISTS, st.lists(LISTS, max_size=3), st.builds(lambda: [[[[[]]]]]), st.builds(lambda: [0] * 5000)
)
BYTE = st.integers(0, 255)  # of larger ranges the smallest numbers are drawn most


def at(draw: DrawFn, length: int) -> int:
    """One of 0 to length − 1, each as often as the others."""
    return draw(BYTE) * length >> 8 if length < 100 else (draw(BYTE) << 8 | draw(BYTE)) * length >> 16


Place = tuple[Any, Any]  # a list or an object, and where in it


def places(value: Any) -> list[Place]:
    """All of a JSON value, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, one in list(inner) for place in ((value, key), *places(one))]


def _put(place: Place, value: Any) -> None:
    place[0][place[1]] = value


def _drop(place: Place, value: Any) -> None:
    del place[0][place[1]]


def _wrap(place: Place, value: Any) -> None:
    place[0][place[1]] = [place[0][place[1]], value]


def _repeat(place: Place, value: Any) -> None:
    one = place[0][place[1]]
    if not isinstance(one, list | str | dict):
        place[0][place[1]] = [one] * 300
    elif len(one) < 1000 and not isinstance(one, dict):
        place[0][place[1]] = one * 300


def _rename(place: Place, value: Any) -> None:
    if isinstance(place[0], dict):
        place[0][value if isinstance(value, str) else "x"] = place[0].pop(place[1])


Change = Callable[[Place, Any], None]
CHANGES: SearchStrategy[Change] = st.sampled_from((_put, _put, _put, _drop, _wrap, _repeat, _rename))
FEW = st.integers(0, 3)


def changed_json(draw: DrawFn, bases: Sequence[Any]) -> Any:
    """A JSON value like one of the bases, with up to three changes."""
    value = json.loads(json.dumps(bases[at(draw, len(bases))]))
    for _ in range(draw(FEW)):
        if found := places(value):
            draw(CHANGES)(found[at(draw, len(found))], draw(VALUES))
    return value


FRAGMENTS = st.sampled_from(
    ("", "[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900, *MARKUP, "1e99999", "-", "NaN", "9" * 5000)
)
ONE_IN_TEN = st.integers(0, 9)


def changed_text(draw: DrawFn, text: str) -> str:
    """Now and then with something in between, or cut off."""
    how = draw(ONE_IN_TEN)
    if how > 1:
        return text
    cut = at(draw, len(text) + 1)
    return text[:cut] + draw(FRAGMENTS) + text[cut:] if how else text[:cut]


def json_text(draw: DrawFn, bases: Sequence[Any]) -> str:
    """As a stranger writes it: halves of characters escaped, too deep, cut off."""
    return changed_text(draw, json.dumps(changed_json(draw, bases)))


BLOBS = st.one_of(
    st.binary(max_size=16),
    st.sampled_from((b"\x00" * 64, b"\xff" * 64, b"A" * 70_000, b"\x80", b"PK\x03\x04", b"IDAT", b"\r\n")),
)
NUMERALS = st.sampled_from(
    [
        struct.pack(form, value & (2 ** (8 * struct.calcsize(form)) - 1))
        for form in ("<H", "<I", ">I", "<Q")
        for value in (0, 1, -1, 2**15, 2**31, 2**31 - 1, 2**62)
    ]
)
BITS = st.sampled_from((1, 128, 255))
TIMES = st.sampled_from((2, 3, 50))


def changed_bytes(draw: DrawFn, data: bytes) -> bytes:
    """With up to three changes."""
    for _ in range(draw(FEW)):
        place, how, length = at(draw, len(data) + 1), at(draw, 6), 1 + at(draw, 64)
        before, after = data[:place], data[place:]
        if how == 0:
            data = before + bytes(byte ^ draw(BITS) for byte in after[:1]) + after[1:]
        elif how == 1:
            word = draw(NUMERALS)
            data = before + word + after[len(word) :]
        elif how == 2:
            data = before + after[length:]
        elif how == 3:
            data = before + after[:length] * draw(TIMES) + after[length:]
        else:
            data = before if how == 4 else before + draw(BLOBS) + after
    return data
