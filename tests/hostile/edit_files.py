"""Edit files: any bytes under the name of a safetensors file, uploaded or given to the command line."""

import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import torch
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from app.html.pieces import edit_table
from app.studio.edit_library import Library
from app.tabs.compare_fields import encode_loaded_edit, fields_of_spec
from app.words import WORDS
from tests.hostile.material import UTF8, at, changed_bytes, changed_json, json_text
from tests.hostile.promises import Property
from uce_core import DebiasSpec, DenseEdit, Edit, EditSpec, LayeredEdit, stack
from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import ErasureSpec
from uce_core.edits.stored_spec import UnknownSpec
from uce_core.edits.weightless import WeightlessEdit

WIDTH, CREATED = 4, "2026-01-01T00:00:00+00:00"
SPEC = EditSpec(erase=("Vincent van Gogh", "a boat"), guide=("art", "a house"), retain=("Claude Monet",))
OTHER = {"kind": "of-tomorrow", "erase": ["Claude Monet"], "retain": ["a tree"], "ridge": 0.5}
SPECS: list[dict[str, Any]] = [
    SPEC.facts(),
    DebiasSpec(concepts=("doctor",)).facts(),
    OTHER,
    {"erase": ["x"], "technique": "tensor"},
]
PROJECTION = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.{}.weight"


def bases() -> list[bytes]:
    """Sound files, of every layout."""
    u, v = (torch.arange(2 * WIDTH, dtype=torch.float32).reshape(2, WIDTH) + n for n in range(2))
    own = Edit(spec=SPEC, u=u, v=v, text_encoder="fingerprint", created=CREATED)
    unknown = Edit(spec=UnknownSpec(OTHER), u=u, v=v, text_encoder="fingerprint", created=CREATED, strength=0.5)
    dense = DenseEdit(
        weights={PROJECTION.format(name): u.clone() for name in ("to_k", "to_v")}, spec=SPEC, created=CREATED
    )
    layered = LayeredEdit(
        u=u, v={PROJECTION.format(name): v.clone() for name in ("to_k", "to_v")}, spec=SPEC, text_encoder="fingerprint",
        created=CREATED,
    )  # fmt: skip
    bare = DenseEdit(weights={PROJECTION.format("to_v"): u.half()}, created=CREATED)
    return [edit.to_bytes() for edit in (own, unknown, replace(stack(own, own), created=CREATED), layered, dense, bare)]


def parts(file: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and matrices."""
    (length,) = struct.unpack("<Q", file[:8])
    return json.loads(file[8 : 8 + length]), file[8 + length :]


def whole(header: str, data: bytes) -> bytes:
    head = header.encode(errors="surrogatepass")
    return struct.pack("<Q", len(head)) + head + data


DTYPES = (
    "F32", "F64", "F16", "BF16", "I8", "I64", "U8", "U16", "U64", "BOOL", "C64", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F4",
    "F6_E2M3", "X",
)  # fmt: skip
SHAPES: tuple[list[int], ...] = (
    [], [0, 0], [0, WIDTH], [WIDTH, 0], [2**40, 0], [0, 2**62], [1, 8], [8], [2, 2, 2], [2**32, 2**32], [-1, 8],
)  # fmt: skip


ANY_DTYPE, ANY_SHAPE = st.sampled_from(DTYPES), st.sampled_from(SHAPES)
FILL = st.sampled_from((b"", b"\x00\x00\xc0\x7f" * 8, bytes(64), b"\xff" * 64))
STRENGTHS = st.one_of(st.sampled_from(("nan", "inf", "-1e400", "1e308", "1e38", "0", "")), UTF8)
SAID = st.sampled_from(("spec", "spec", "strength", "stacked", "created", "text_encoder", "format", "version"))


def tensors(draw: DrawFn, file: bytes) -> bytes:
    """Other types and shapes, with or without as many bytes as those take."""
    header, data = parts(file)
    for name in [name for name in header if name != "__metadata__"]:
        if at(draw, 2):
            header[name]["dtype"] = draw(ANY_DTYPE)
        if at(draw, 2):
            header[name]["shape"] = draw(ANY_SHAPE)
        begin, end = header[name]["data_offsets"]
        header[name]["data_offsets"] = [begin, (end, begin, end // 2, 2**63)[at(draw, 4)]]
    fill = draw(FILL)
    return whole(json.dumps(header), data[len(fill) :] + fill)


def metadata(draw: DrawFn, file: bytes) -> bytes:
    """What the file says of itself is a stranger's; matrices are sound."""
    header, data = parts(file)
    name = draw(SAID)
    if name == "spec":
        said = json_text(draw, SPECS)
    elif name == "stacked":
        said = json_text(draw, [[json.dumps(one) for one in SPECS]])
    else:
        said = draw(STRENGTHS if name == "strength" else UTF8)
    header["__metadata__"][name] = said
    return whole(json.dumps(header), data)


@st.composite
def files(draw: DrawFn) -> bytes:
    file, how = FILES[at(draw, len(FILES))], at(draw, 6)
    if how < 2:
        return metadata(draw, file)
    if how == 2:
        return tensors(draw, file)
    if how == 3:
        header, data = parts(file)
        return whole(json.dumps(changed_json(draw, [header])), data)
    return changed_bytes(draw, file)


FILES = bases()


def properties(folder: Path) -> Iterator[Property]:
    library = Library(folder / "library")
    library.folder.mkdir(parents=True)
    uploaded = folder / "uploaded.safetensors"

    def parse(file: bytes) -> tuple[AnyEdit, str]:
        """As the Edits tab takes it."""
        uploaded.write_bytes(file)
        for saved in library.folder.glob("*.safetensors"):
            saved.unlink()
        return Edit.load(uploaded), library.take(uploaded)

    def use(file: bytes, found: tuple[AnyEdit, str]) -> None:
        edit, name = found
        again = library.read(name)
        assert (again.digest, again.spec, again.strength) == (edit.digest, edit.spec, edit.strength)
        assert library.spec(name) == edit.spec
        assert library.search("") == library.names() == [name]
        library.search("van gogh")
        library.erasing()
        for language in WORDS:
            edit_table(edit, len(file), language, UTC).encode()
        if isinstance(edit.spec, ErasureSpec):
            json.dumps([fields_of_spec(edit.spec), encode_loaded_edit(name, edit.spec)])
        half = edit.at_strength(0.5)
        assert half.width > 0 < half.rank
        if isinstance(half, Edit):
            assert half.on_text(torch.ones(3, half.width)).shape == (3, half.width)
            stack(half, half)
        elif not isinstance(half, WeightlessEdit):
            edited = half.weights if isinstance(half, DenseEdit) else half.v
            masters = {weight: torch.zeros_like(value) for weight, value in edited.items()}
            assert dict(half.projections(masters)).keys() == masters.keys()

    yield Property(name="edit files", cases=files(), parse=parse, use=use, folder=folder, weight=12)
