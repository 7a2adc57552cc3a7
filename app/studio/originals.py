"""Originals that need not be drawn again: a prompt is often compared under one edit after another."""

from collections.abc import Sequence

from cachetools import LRUCache
from PIL import Image

from uce_core import GenerationSpec, Model, Pair
from uce_core.edits.edit import AnyEdit

MOST = 64_000_000  # bytes of pictures

Drawn = tuple[str, type[AnyEdit], tuple[GenerationSpec, ...]]  # the edit's kind says by which path


class Originals:
    """Those of the last comparisons."""

    def __init__(self) -> None:
        self._kept: LRUCache[Drawn, list[Image.Image]] = LRUCache(MOST, _bytes_of)

    def of(self, model: Model, edit: AnyEdit, drawings: Sequence[GenerationSpec]) -> list[Image.Image] | None:
        """As they were drawn in an earlier comparison of the same drawings, all of them; None if there was none."""
        return self._kept.get((model.name, type(edit), tuple(drawings)))

    def keep(self, model: Model, edit: AnyEdit, pairs: Sequence[Pair]) -> None:
        """Unless they alone are too many."""
        originals = [pair.original for pair in pairs]
        if _bytes_of(originals) <= MOST:
            self._kept[model.name, type(edit), tuple(pair.spec for pair in pairs)] = originals


def _bytes_of(pictures: Sequence[Image.Image]) -> int:
    return sum(3 * picture.width * picture.height for picture in pictures)
