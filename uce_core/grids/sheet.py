"""Images in rows and columns on one sheet, with a label for each row and column and a heading.

Knows nothing about what the images show, nor how they came about.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageDraw

from uce_core.grids.lettering import Lettering

GAP = 4  # pixels between images
MARGIN = 12  # pixels around all, and between labels and images
BACKGROUND, INK = "#ffffff", "#1f2937"
LEAST_FONT, LARGEST_FONT = 14, 48  # pixels
LABEL_WIDTH = 11  # of a row's label at most, in font sizes, if images are narrower than that
LABEL_LINES, HEADING_LINES = 6, 6
MOST_PIXELS = 8192**2  # of a sheet: 64 images of 1024×1024; half of what Pillow warns about when it opens a file


def sheet(
    tiles: Sequence[Sequence[Image.Image]],
    columns: Sequence[str],
    rows: Sequence[str],
    heading: str = "",
    most_pixels: int = MOST_PIXELS,
) -> Image.Image:
    """tiles: row by row, each pixel for pixel in its place; smaller ones than the largest are in the middle of theirs.
    columns, rows: a label each, "" for none. All are made smaller alike if the sheet would have more pixels than most.
    """
    size = max(tile.width for row in tiles for tile in row), max(tile.height for row in tiles for tile in row)
    layout = Layout(size, tuple(columns), tuple(rows), heading)
    while layout.width * layout.height > most_pixels and min(layout.tile) > 1:
        layout = layout.scaled(math.sqrt(most_pixels / (layout.width * layout.height)))
    drawn = Image.new("RGB", (layout.width, layout.height), BACKGROUND)
    scale = layout.tile[0] / size[0]
    for y, row in enumerate(tiles):
        for x, tile in enumerate(row):
            left, top = layout.place(x, y)
            fitting = tile if scale == 1 else tile.resize([max(1, int(scale * side)) for side in tile.size])
            middle = [(whole - side) // 2 for whole, side in zip(layout.tile, fitting.size, strict=True)]
            drawn.paste(fitting, (left + middle[0], top + middle[1]))
    layout.write(ImageDraw.Draw(drawn))
    return drawn


@dataclass(frozen=True)
class Layout:
    """Where things are, in pixels. tile: width and height of the largest."""

    tile: tuple[int, int]
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    heading: str

    def scaled(self, factor: float) -> "Layout":
        """With smaller tiles. factor: below 1."""
        width, height = (max(1, min(int(factor * side), side - 1)) for side in self.tile)
        return Layout((width, height), self.columns, self.rows, self.heading)

    @cached_property
    def letters(self) -> Lettering:
        """In a size that suits the tiles."""
        return Lettering(min(max(LEAST_FONT, sum(self.tile) // 36), LARGEST_FONT))

    @cached_property
    def row_labels(self) -> list[list[str]]:
        most = max(self.tile[0], LABEL_WIDTH * int(self.letters.font.size))
        fitting = max(1, self.tile[1] // self.letters.line_height)
        return [self.letters.lines(text, most, fitting) for text in self.rows]

    @cached_property
    def column_labels(self) -> list[list[str]]:
        return [self.letters.lines(text, self.tile[0] - MARGIN, LABEL_LINES) for text in self.columns]

    @cached_property
    def heading_lines(self) -> list[str]:
        return self.letters.lines(self.heading, self.width - 2 * MARGIN, HEADING_LINES)

    @cached_property
    def left(self) -> int:
        """Of the first column."""
        widest = max((self.letters.width(line) for lines in self.row_labels for line in lines), default=0)
        return MARGIN + (math.ceil(widest) + MARGIN if widest else 0)

    @property
    def width(self) -> int:
        return self.left + len(self.columns) * (self.tile[0] + GAP) - GAP + MARGIN

    @cached_property
    def top(self) -> int:
        """Of the first row."""
        return self._labels_top + self._height(max(map(len, self.column_labels)))

    @property
    def height(self) -> int:
        return self.top + len(self.rows) * (self.tile[1] + GAP) - GAP + MARGIN

    @property
    def _labels_top(self) -> int:
        return MARGIN + self._height(len(self.heading_lines))

    def _height(self, lines: int) -> int:
        """Of so many lines, and what keeps them apart from what is below."""
        return lines * self.letters.line_height + MARGIN if lines else 0

    def place(self, column: int, row: int) -> tuple[int, int]:
        """Left and top of a tile."""
        return self.left + column * (self.tile[0] + GAP), self.top + row * (self.tile[1] + GAP)

    def write(self, draw: ImageDraw.ImageDraw) -> None:
        """The heading, from the left; columns' labels, above the middle of theirs; rows' labels, left of theirs."""
        step = self.letters.line_height
        self._write(draw, self.heading_lines, MARGIN, MARGIN)
        for number, lines in enumerate(self.column_labels):
            middle, top = self.place(number, 0)
            self._write(draw, lines, middle + self.tile[0] / 2, top - MARGIN - len(lines) * step, "ma")
        for number, lines in enumerate(self.row_labels):
            _, top = self.place(0, number)
            self._write(draw, lines, MARGIN, top + (self.tile[1] - len(lines) * step) / 2)

    def _write(self, draw: ImageDraw.ImageDraw, lines: Sequence[str], x: float, y: float, anchor: str = "la") -> None:
        """anchor: as Pillow has it, of each line."""
        for number, line in enumerate(lines):
            draw.text((x, y + number * self.letters.line_height), line, INK, self.letters.font, anchor)
