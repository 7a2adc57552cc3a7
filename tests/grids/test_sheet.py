"""Images on a sheet: each pixel for pixel at its place, labels beside them, in letters that the font has."""

import unicodedata

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from uce_core.grids.lettering import FONT, Lettering
from uce_core.grids.sheet import sheet

PROMPT = "a house on a hill above the river in the style of Vincent van Gogh, in autumn, with a large tree and a boat"
KOREAN = "빈센트 반 고흐의 화풍으로 그린, 강가의 언덕 위에 있는 붉은 지붕의 집과 커다란 나무"


def noise(seed: int, width: int = 40, height: int = 30) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def places(found: Image.Image, tile: Image.Image) -> list[tuple[int, int]]:
    """Left and top of where every pixel is the tile's, found by looking everywhere."""
    whole, part = np.asarray(found), np.asarray(tile)
    starts = (whole[: len(whole) - len(part) + 1, : whole.shape[1] - part.shape[1] + 1] == part[0, 0]).all(2)
    return [
        (int(x), int(y))
        for y, x in np.argwhere(starts)
        if (whole[y : y + part.shape[0], x : x + part.shape[1]] == part).all()
    ]


def test_every_tile_is_at_its_place_pixel_for_pixel() -> None:
    tiles = [[noise(10 * row + column) for column in range(3)] for row in range(2)]
    found = sheet(tiles, ["one", KOREAN, ""], ["first", PROMPT], "a heading")
    at = [[places(found, tile) for tile in row] for row in tiles]
    assert all(len(one) == 1 for row in at for one in row), "each once"
    lefts, tops = [one[0][0] for one in at[0]], [row[0][0][1] for row in at]
    assert at == [[[(left, top)] for left in lefts] for top in tops], "in straight rows and columns"
    assert np.diff(lefts).tolist() == [44, 44]
    assert np.diff(tops).tolist() == [34]
    rest = np.asarray(found).astype(int).copy()
    for left in lefts:
        for top in tops:
            rest[top : top + 30, left : left + 40] = 255
    inked = (rest != 255).any(2)
    assert inked[: tops[0]].any(), "a heading and columns' labels"
    assert inked[tops[0] :, : lefts[0]].any(), "rows' labels"
    assert not inked[tops[0] :, lefts[0] :].any(), "nothing between the tiles"
    assert not inked[:, :8].any(), "a margin on the left"
    assert not inked[:8].any(), "and above"


def test_without_labels_there_are_tiles_and_margins() -> None:
    found = sheet([[noise(1)]], [""], [""])
    assert found.size == (40 + 2 * 12, 30 + 2 * 12)
    assert places(found, noise(1)) == [(12, 12)]


def test_smaller_tiles_are_in_the_middle_of_their_places() -> None:
    found = sheet([[noise(1), noise(2, 20, 30)]], ["", ""], [""])
    assert places(found, noise(1)) == [(12, 12)]
    assert places(found, noise(2, 20, 30)) == [(12 + 44 + 10, 12)]


@pytest.mark.parametrize("most", [20_000, 60_000])
def test_a_sheet_has_no_more_pixels_than_it_may(most: int) -> None:
    flat = [[Image.new("RGB", (256, 128), (40 * (x + 1), 0, 0)) for x in range(4)] for _ in range(2)]
    found = sheet(flat, [""] * 4, [""] * 2, most_pixels=most)
    assert most / 2 < found.width * found.height <= most
    counts = {colour: count for count, colour in found.getcolors(maxcolors=1 << 20) or ()}
    areas = [counts[40 * (x + 1), 0, 0] for x in range(4)]
    assert len(set(areas)) == 1, "all alike"
    assert areas[0] < 2 * 256 * 128
    assert 0.3 * found.width * found.height < sum(areas)


def test_a_prompt_is_wrapped_to_its_column() -> None:
    letters = Lettering(14)
    for text in (PROMPT, KOREAN, "W" * 200, "가" * 200):
        lines = letters.lines(text, 128, most=100)
        assert len(lines) > 1
        assert all(letters.font.getlength(line) <= 128 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        cut = letters.lines(text, 128, most=2)
        assert len(cut) == 2
        assert cut[0] == lines[0]
        assert cut[1].endswith("…")
        assert letters.font.getlength(cut[1]) <= 128
    assert letters.lines("", 128, 3) == []
    assert letters.lines("one\ntwo", 128, 3) == ["one", "two"]
    assert letters.lines("WWW", 1, 9) == ["W", "W", "W"]


def test_letters_are_drawn_as_far_as_the_font_has_them() -> None:
    """By the font's own table, as another library reads it."""
    has = TTFont(FONT).getBestCmap()
    letters = Lettering(14)
    assert all(ord(letter) in has for letter in map(chr, range(ord("가"), ord("힣") + 1))), "all syllables"
    some = [*map(chr, range(0xA1, 0x24F)), *"λΣ→…·“”ㄱㅏアあ漢字🎨न܀ब", *map(chr, range(0xAC00, 0xD7A4, 97))]
    for letter in (one for one in some if unicodedata.category(one) not in ("Cf", "Mn")):
        assert letters.drawable(letter) == (letter if ord(letter) in has else f"[U+{ord(letter):04X}]"), letter


def test_what_is_not_seen_is_left_out_and_syllables_are_composed() -> None:
    letters = Lettering(14)
    assert letters.drawable(unicodedata.normalize("NFD", "고흐 é")) == "고흐 é"
    assert letters.drawable("a\u200bb\u202ec\x00\t☆\ufe0f") == "abc ☆"
    assert letters.drawable("👩\u200d🎨") == "[U+1F469][U+1F3A8]"
