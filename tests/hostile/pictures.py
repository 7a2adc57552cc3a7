"""Images: what a PNG says of itself when it is dropped on Compare."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from PIL import Image

from app.tabs.compare_fields import clamped, fields_of_comparison
from tests.hostile.edit_files import SPECS
from tests.hostile.material import at, changed_bytes, json_text
from tests.hostile.promises import Property
from uce_core import GenerationSpec
from uce_core.models.families import FAMILIES
from uce_core.runs.png_metadata import METADATA_KEY, ImageFacts, facts_in, image_facts, png_of

MARK = b"\x89PNG\r\n\x1a\n"
GENERATION = GenerationSpec("a house in the style of Vincent van Gogh", 7, 10, 3.0)
FACTS: list[dict[str, Any]] = [
    image_facts("atelier", GENERATION),
    image_facts("atelier", GENERATION) | {"edit": SPECS[0], "strength": 0.5},
    {"model": "atelier", "drawing": GENERATION.facts(), "edit": SPECS[2]},  # as version 0.1 wrote it
    {"generation": {"prompt": "a house"}, "edit": None},
    image_facts("atelier", GENERATION, concept="doctor"),
]
Chunk = tuple[bytes, bytes]  # kind and content


def chunks(file: bytes) -> list[Chunk]:
    found, place = [], len(MARK)
    while place < len(file):
        (length,) = struct.unpack(">I", file[place : place + 4])
        found.append((file[place + 4 : place + 8], file[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def whole(found: list[Chunk]) -> bytes:
    """With the right lengths and checksums."""
    return MARK + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in found
    )


def said(text: str, how: int) -> Chunk:
    """A text chunk, by each of the ways that there are."""
    key, data = METADATA_KEY.encode(), text.encode(errors="surrogatepass")
    if how == 0:
        return b"tEXt", key + b"\0" + text.encode("latin-1", "replace")
    if how == 1:
        return b"zTXt", key + b"\0\0" + zlib.compress(data)
    if how == 2:
        return b"iTXt", key + b"\0\1\0\0\0" + zlib.compress(data)
    return b"iTXt", key + b"\0\0\0\0\0" + data


def png(side: int = 2, mode: str = "RGB", **more: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (side, side)).save(buffer, "png", **more)
    return buffer.getvalue()


PLAIN = png()
MOVING = png(2, "1", save_all=True, append_images=[Image.new("1", (2, 2), 1)])
LARGE = png(9_000, "1")  # ten kilobytes
FILES = (PLAIN, MOVING, LARGE, png_of(Image.new("RGB", (2, 2)), FACTS[0]))
KINDS = st.sampled_from((b"IDAT", b"iTXt", b"zTXt", b"tEXt", b"iCCP", b"acTL", b"fcTL", b"fdAT", b"PLTE", b"aaAA"))
SIDES = st.sampled_from((0, 1, 2, 2**14, 2**16, 2**31 - 1, 2**32 - 1))


def changed_chunks(draw: DrawFn, found: list[Chunk]) -> list[Chunk]:
    place, how = at(draw, len(found)), at(draw, 5)
    kind, data = found[place]
    if how == 0:
        return found[:place] + found[place + 1 :]
    if how == 1:
        return [*found[: place + 1], *found[place:]]
    if how == 2:
        return [*found[:place], (draw(KINDS), data), *found[place + 1 :]]
    if how == 3 and len(data) > 8:
        return [*found[:place], (kind, struct.pack(">II", draw(SIDES), draw(SIDES)) + data[8:]), *found[place + 1 :]]
    return [*found[:place], (kind, changed_bytes(draw, data)), *found[place + 1 :]]


@st.composite
def files(draw: DrawFn) -> bytes:
    found = chunks(FILES[at(draw, len(FILES))])
    if at(draw, 5):
        chunk = said(json_text(draw, FACTS), at(draw, 4))
        place = 1 if at(draw, 8) else len(found) - 1
        found = [*found[:place], chunk, *found[place:]]
    if not at(draw, 3):
        found = changed_chunks(draw, found)
    return whole(found) if at(draw, 4) else changed_bytes(draw, whole(found))


def properties(folder: Path) -> Iterator[Property]:
    folder.mkdir()
    uploaded = folder / "uploaded.png"

    def parse(file: bytes) -> ImageFacts:
        uploaded.write_bytes(file)
        return facts_in(uploaded)

    def use(file: bytes, facts: ImageFacts) -> None:
        """It fills the fields of Compare."""
        generation = facts.generation.resolved(FAMILIES[0])
        fields = clamped(fields_of_comparison(facts.spec, [generation], facts.strength), 100)
        json.dumps([fields, facts.model], allow_nan=False).encode()
        assert 1 <= fields["steps"] <= 100
        assert abs(fields["strength"]) <= 3

    yield Property(name="PNG metadata", cases=files(), parse=parse, use=use, folder=folder, weight=12)
