"""What a person can fix, said in one sentence.

Each problem has an id, under which the app finds its sentence in other languages.
"""

import reprlib
from functools import partial
from pathlib import PurePath
from typing import Any

LONGEST = 500  # characters of a value that a sentence names
DIGITS = 30  # of an integer


class Problem(ValueError):
    """id: says in short what is wrong. sentence: a str.format template, filled with the slots for str()."""

    def __init__(self, id: str, sentence: str, /, **slots: object) -> None:
        self.id = id
        self.sentence = sentence
        self.slots = {name: in_a_line(value) for name, value in slots.items()}
        super().__init__(sentence.format(**self.slots))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.id, self.sentence, **self.slots), ()

    def about(self, **slots: object) -> "Problem":
        """The same sentence with other values in some slots."""
        return type(self)(self.id, self.sentence, **self.slots | slots)


def in_a_line(value: object) -> object:
    """A value as a sentence can name it, whoever gave it: short, and without characters that are not seen or turn the
    line around."""
    if isinstance(value, PurePath):
        value = str(value)
    if isinstance(value, str):
        seen = "".join(letter if letter.isprintable() else "\ufffd" for letter in value[: LONGEST + 1])
        return seen if len(seen) <= LONGEST else f"{seen[: LONGEST - 1]}…"
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 10**DIGITS else f"{'-' if value < 0 else ''}10^{value.bit_length() * 3 // 10}"
    return value if value is None or isinstance(value, float | bool) else reprlib.repr(value)
