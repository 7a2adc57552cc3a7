"""A grid as one PNG: it says all that it takes to make it again, and its first image's settings as any image does."""

import io
from pathlib import Path

import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sd_parsers import ParserManager

from uce_core import Axis, Edit, EditSpec, GenerationSpec, Grid, Model, erase, preset, run_grid
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.grids.plan import SavedEdit
from uce_core.runs.grid_image import GridImage
from uce_core.runs.grid_metadata import GridFacts, grid_in
from uce_core.runs.png_metadata import METADATA_KEY, facts_in, image_facts, png_of

MONET = EditSpec(erase=("Claude Monet",), retain=("Piet Mondrian",))
HOUSE = GenerationSpec("강가의 집", seed=3, steps=1, negative_prompt="blurry", sampler="ddim")


def written(folder: Path, made: GridImage) -> Path:
    path = folder / "grid.png"
    path.write_bytes(made.png)
    return path


def test_what_a_grid_says_makes_it_again(tiny: Model, tmp_path: Path) -> None:
    specs = tuple(preset("default", MONET.erase, MONET.retain, name) for name in ("uce", "rece"))
    asked = Grid(
        x=Axis("method", ("original", "uce", "rece")),
        y=Axis("prompt", ("한 집, 붉은", 'a "red" house')),
        generation=HOUSE,
        edits=specs,
        strength=5.0,
    )
    made = run_grid(tiny, asked)
    said = grid_in(written(tmp_path, made))
    assert said == made.facts
    assert said.grid.rows == asked.rows
    assert (said.model, said.weights, said.text_encoder) == (tiny.title, tiny.fingerprint, tiny.text.fingerprint)
    assert said.digests == tuple(erase(tiny, spec).digest for spec in specs)
    assert (said.environment["device"], said.environment["dtype"]) == ("cpu", "float32")
    again = run_grid(tiny, said.grid)
    assert again.sheet.tobytes() == made.sheet.tobytes()
    assert again.facts == made.facts
    with Image.open(io.BytesIO(made.png)) as image:
        assert image.tobytes() == made.sheet.tobytes()
    assert [[tile.size for tile in row] for row in made.tiles] == [[(16, 16)] * 3] * 2


@pytest.mark.parametrize("first", [0.0, 5.0])
def test_its_first_image_can_be_reused_as_any_image(tiny: Model, tmp_path: Path, first: float) -> None:
    asked = Grid(x=Axis("strength", (first, 1.0)), y=Axis("seed", (8, 9)), generation=HOUSE, edits=(MONET,))
    path = written(tmp_path, run_grid(tiny, asked))
    facts = facts_in(path)
    assert facts.generation == GenerationSpec("강가의 집", seed=8, steps=1, negative_prompt="blurry", sampler="ddim")
    assert (facts.edited, facts.spec) == ((True, MONET) if first else (False, None))
    assert facts.strength == (first or 1.0)
    with Image.open(path) as image:
        found = ParserManager().parse(image)
    assert found is not None
    assert (found.full_prompt, found.full_negative_prompt) == ("강가의 집", "blurry")
    assert found.samplers[0].parameters["seed"] == "8"
    assert found.metadata["Size"] == "16x16", "of the image, not of the sheet"


def facts_of(grid: Grid) -> GridFacts:
    return GridFacts(model="m", weights="w", text_encoder="t", environment={"dtype": "float32"}, grid=grid, digests=())


@pytest.mark.parametrize(
    "spec", [MONET, None, spec_from_facts({"kind": "magic", "erase": ["A"], "power": 9})], ids=["known", "none", "new"]
)
def test_a_saved_edit_is_named_by_its_digest_and_strength(tmp_path: Path, spec: EditSpec | None) -> None:
    edit = Edit(spec=spec, u=torch.ones(1, 16), v=torch.ones(1, 16), text_encoder="t").at_strength(0.5)
    asked = Grid(
        x=Axis("strength", (2.0, "original")),
        generation=HOUSE,
        edits=edit.specs,
        saved=SavedEdit(edit.digest, edit.strength),
    )
    path = tmp_path / "grid.png"
    path.write_bytes(png_of(Image.new("RGB", (8, 8)), facts_of(asked).to_json()))
    assert grid_in(path) == facts_of(asked)
    facts = facts_in(path)
    assert (facts.edited, facts.spec, facts.strength) == (True, spec, 1.0)


@pytest.mark.parametrize("text", [None, "", "[]", '{"grid": 1}', '{"grid": {"x": {}}}', "single image"])
def test_what_is_no_grid_is_said(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "other.png"
    if text == "single image":
        path.write_bytes(png_of(Image.new("RGB", (8, 8)), image_facts("m", HOUSE)))
    else:
        info = PngInfo()
        if text is not None:
            info.add_itxt(METADATA_KEY, text)
        Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    with pytest.raises(ValueError, match=r"other.png is no grid"):
        grid_in(path)
    with pytest.raises(ValueError, match="is no grid"):
        grid_in(tmp_path / "missing.png")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", {"name": "seed", "values": ["many"]}),
        ("x", {"name": "power", "values": [1]}),
        ("x", {"name": "seed", "values": [[1]]}),
        ("y", {"name": "seed", "values": list(range(101))}),
        ("edits", []),
        ("edits", [{"kind": "uce", "erase": "A"}]),
        ("generation", {"prompt": ""}),
        ("strength", "1"),
        ("saved", {"digest": "0"}),
        ("environment", []),
    ],
)
def test_what_a_stranger_wrote_into_it_is_refused(tmp_path: Path, name: str, value: object) -> None:
    asked = Grid(x=Axis("seed", (1, 2)), generation=HOUSE, edits=(MONET,))
    facts = facts_of(asked).to_json()
    facts["grid"][name] = value
    path = tmp_path / "grid.png"
    path.write_bytes(png_of(Image.new("RGB", (8, 8)), facts))
    with pytest.raises(ValueError, match="is no grid"):
        grid_in(path)
