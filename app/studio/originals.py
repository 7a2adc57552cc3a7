"""Originals that need not be generated again: a prompt is often compared under one edit after another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cachetools import LRUCache
from PIL import Image

from uce_core.generation.spec import GenerationSpec

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit, Model, Pair

MOST = 64_000_000  # bytes of images

Generated = tuple[str, bool, tuple[GenerationSpec, ...]]  # whether by the text says by which path


class Originals:
    """Those of the last comparisons."""

    def __init__(self) -> None:
        self._kept: LRUCache[Generated, list[Image.Image]] = LRUCache(MOST, _bytes_of)

    def of(
        self, model: "Model", edits: "Sequence[AnyEdit]", specs: Sequence[GenerationSpec]
    ) -> list[Image.Image] | None:
        """As they were generated in an earlier comparison of the same specs, all of them; None if there was none."""
        return self._kept.get(_key(model, edits, specs))

    def keep(
        self, model: "Model", edits: "Sequence[AnyEdit]", specs: Sequence[GenerationSpec], pairs: "Sequence[Pair]"
    ) -> None:
        """Unless they alone are too many."""
        originals = [pair.original for pair in pairs]
        if _bytes_of(originals) <= MOST:
            self._kept[_key(model, edits, specs)] = originals


def _key(model: "Model", edits: "Sequence[AnyEdit]", specs: Sequence[GenerationSpec]) -> Generated:
    return model.fingerprint, any(edit.edits_text for edit in edits), tuple(specs)


def _bytes_of(images: Sequence[Image.Image]) -> int:
    return sum(3 * image.width * image.height for image in images)
