"""Text in lines of a width, in a font that has Hangul on every machine.

The font that ships, Noto Sans KR, has Latin, Greek, Cyrillic, kana and all Hangul syllables; of any other character,
such as an emoji, the code point is written, so that no box stands for it. Knows nothing about what texts say.
"""

import unicodedata
from functools import cached_property
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).with_name("NotoSansKR-Subset.otf")
NOT_A_CHARACTER = "\uffff"  # which no font has
VARIANTS = range(0xFE00, 0xFE10)  # variation selectors: how the character before them looks
MORE = "…"


class Lettering:
    """size: of the font, in pixels."""

    def __init__(self, size: int) -> None:
        self.font = ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
        self.line_height = round(1.35 * size)
        self._known: dict[str, str] = {}

    def width(self, text: str) -> float:
        """In pixels."""
        return self.font.getlength(text)

    def lines(self, text: str, width: float, most: int) -> list[str]:
        """The text as it can be drawn, in at most so many lines of at most the width, in pixels; words that are wider
        are broken, and what does not fit ends in an ellipsis."""
        found: list[str] = []
        for paragraph in text.splitlines():
            line = ""
            for word in self._pieces(self.drawable(paragraph).split(), width):
                longer = f"{line} {word}".strip()
                if line and self.width(longer) > width:
                    found.append(line)
                    longer = word
                line = longer
            found.append(line)
        return found if len(found) <= most else [*found[: most - 1], self._cut(found[most - 1], width)]

    def drawable(self, text: str) -> str:
        """The same, composed, without what is not seen, and code points for what the font does not have."""
        return "".join(self._drawable(letter) for letter in unicodedata.normalize("NFC", text))

    def _drawable(self, letter: str) -> str:
        if letter not in self._known:
            self._known[letter] = self._looked_up(letter)
        return self._known[letter]

    def _looked_up(self, letter: str) -> str:
        if letter.isspace():
            return " "
        if unicodedata.category(letter) in ("Cc", "Cf") or ord(letter) in VARIANTS:
            return ""
        return f"[U+{ord(letter):04X}]" if bytes(self.font.getmask(letter)) == self._missing else letter

    @cached_property
    def _missing(self) -> bytes:
        """How the font draws what it does not have."""
        return bytes(self.font.getmask(NOT_A_CHARACTER))

    def _pieces(self, words: list[str], width: float) -> list[str]:
        """The words, those that are too wide in parts; a part has at least one character."""
        found = []
        for word in words:
            part = ""
            for letter in word:
                if part and self.width(part + letter) > width:
                    found.append(part)
                    part = ""
                part += letter
            found.append(part)
        return found

    def _cut(self, line: str, width: float) -> str:
        while line and self.width(line + MORE) > width:
            line = line[:-1]
        return line.rstrip() + MORE
