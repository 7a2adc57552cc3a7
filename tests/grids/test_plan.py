"""What a grid is asked: axes as people write them, what each cell is, and what is said beside it."""

import pytest

from uce_core import Axis, DebiasSpec, EditSpec, GenerationSpec, Grid, preset
from uce_core.edits.spec import MethodSpec
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.grids.labels import heading, label, labels
from uce_core.grids.plan import Cell, SavedEdit, axis_named, edits_of, methods_of

GOGH = EditSpec(erase=("Vincent van Gogh",), retain=("Claude Monet",))
HOUSE = GenerationSpec("a house by Vincent van Gogh", seed=7)
SAVED = SavedEdit("0" * 64)


def grid(x: str, y: str = "", **more: object) -> Grid:
    asked = {"generation": HOUSE, "edits": (GOGH,)} | more
    return Grid(x=axis_named(x), y=axis_named(y) if y else None, **asked)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("seed=1, 2,1", (1, 2)),
        ("guidance-scale=1,7.5", (1.0, 7.5)),
        ("strength=original,0.5,1", ("original", 0.5, 1.0)),
        ("method=original,uce", ("original", "uce")),
        ("retain-empty=true,original,False", (True, "original", False)),
        ('prompt="a house, red", a boat,"a ""large"" cat",한 집', ("a house, red", "a boat", 'a "large" cat', "한 집")),
        ("negative-prompt=,blurry", ("", "blurry")),
        ('guide=""', ("",)),
        ('prompt=a 5" disc = round', ('a 5" disc = round',)),
    ],
)
def test_axes_are_written_as_in_a_csv_file(text: str, values: tuple[object, ...]) -> None:
    assert axis_named(text).values == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour=red", "is none"),
        ("erased=1,2", "is none"),
        ("retain=A,B", "is none"),
        ("width=64,128", "is none"),
        ("seed", "is none"),
        ("seed=1.5", "no value"),
        ("lam=much", "no value"),
        ("lam=0.5,,1", "no value"),
        ('prompt="a house, red', "quotation marks"),
        ('prompt="a house" at night', "quotation marks"),
    ],
)
def test_what_is_no_axis_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        axis_named(text)


def test_cells_are_every_combination_row_by_row() -> None:
    found = grid("strength=0,0.5,2", "seed=1,2")
    assert found.rows == tuple(
        tuple(
            Cell(GOGH if strength else None, strength, GenerationSpec(HOUSE.prompt, seed=seed))
            for strength in (0.0, 0.5, 2.0)
        )
        for seed in (1, 2)
    )
    assert found.specs == (GOGH,)
    assert [cell.is_original for cell in found.cells] == [True, False, False] * 2
    single = grid("prompt=a cat,a dog", strength=0.5)
    assert single.rows == (tuple(Cell(GOGH, 0.5, GenerationSpec(text, seed=7)) for text in ("a cat", "a dog")),)


def test_settings_are_those_of_each_method() -> None:
    edits = tuple(preset("default", GOGH.erase, GOGH.retain, name) for name in ("uce", "rece"))
    found = grid("method=uce,original,rece", "lam=0.5,5", edits=edits)
    for lam, (uce, original, rece) in zip((0.5, 5.0), found.rows, strict=True):
        assert uce.spec == EditSpec(erase=GOGH.erase, retain=GOGH.retain, lam=lam)
        assert original.is_original
        assert rece.spec == preset("default", GOGH.erase, GOGH.retain, "rece", lam=lam)
    assert len(found.specs) == 4
    assert methods_of(found.axes, "cure") == ("uce", "rece")
    assert methods_of((), "cure") == ("cure",)


def test_of_several_methods_those_that_retain_nothing_are_not_told_what() -> None:
    uce, negative = edits_of(["uce", "negative-prompt"], GOGH.erase, GOGH.retain, wording="style")
    assert uce == EditSpec(erase=GOGH.erase, retain=GOGH.retain, wording="style")
    assert (negative.kind, negative.edited, negative.retain) == ("negative-prompt", GOGH.erase, ())
    with pytest.raises(ValueError, match="cannot be told what to retain"):
        edits_of(["negative-prompt"], GOGH.erase, GOGH.retain)
    with pytest.raises(ValueError, match="Unknown method 'magic'"):
        edits_of(["uce", "magic"], GOGH.erase)


def test_images_differ_by_whatever_can_be_asked_of_one() -> None:
    cells = grid("steps=3,4", 'negative-prompt="",blurry').cells
    assert [(cell.generation.steps, cell.generation.negative_prompt) for cell in cells] == [
        (3, ""), (4, ""), (3, "blurry"), (4, "blurry"),
    ]  # fmt: skip
    [cells] = grid("sampler=,ddim").rows
    assert [cell.generation.sampler for cell in cells] == ["", "ddim"]


@pytest.mark.parametrize("axis", ["strength=0,original", "lam=original", "method=original"])
def test_originals_need_no_edit(axis: str) -> None:
    found = grid(axis)
    assert all(cell == Cell(None, 0.0, HOUSE) for cell in found.cells)
    assert found.specs == ()


@pytest.mark.parametrize(
    ("x", "y", "more", "said"),
    [
        ("seed=1", "seed=2", {}, "given twice"),
        ("strength=" + ",".join(map(str, range(51))), "seed=1,2", {}, "102 images: use at most 100"),
        ("method=uce,magic", "", {}, "Unknown method 'magic'"),
        ("epochs=1,2", "", {}, "uce has no setting epochs"),
        ("span=all,most", "", {}, "token span"),
        ("guide=art,vincent van gogh", "", {}, "itself erased"),
        ("seed=-1", "", {}, "The seed is -1"),
        ("seed=original", "", {}, "The seed is original"),
        ("guidance-scale=51", "", {}, "guidance scale is 51"),
        ("sampler=magic", "", {}, "sampler"),
        ("strength=nan", "", {}, "strength is nan"),
        ("strength=1e9", "", {}, "strength is 1000000000.0"),
        ("prompt=a cat,", "", {}, "prompt is empty"),
        ("seed=1", "lam=1,2", {"saved": SAVED}, "axis lam needs another edit"),
        ("method=uce", "", {"saved": SAVED}, "axis method needs another edit"),
        ("seed=1", "", {"edits": ()}, "no edit to show"),
    ],
)
def test_what_makes_no_grid_is_said_before_anything_is_solved(
    x: str, y: str, more: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        grid(x, y, **more)


def test_a_saved_edit_has_strengths_and_images_and_is_not_solved() -> None:
    found = grid("strength=original,0.5", "prompt=a cat,a dog", saved=SAVED)
    assert found.specs == ()
    assert [cell.spec for cell in found.cells] == [None] * 4
    assert [found.asked_of(cell) for cell in found.rows[0]] == [None, GOGH]
    unsaid = grid("strength=1", edits=(), saved=SAVED)
    assert unsaid.asked_of(unsaid.cells[0]) is None


def test_labels_say_the_value_in_words() -> None:
    assert labels(None) == ("",)
    assert labels(axis_named("strength=0,0.25,1")) == ("original", "strength 0.25", "strength 1")
    assert labels(axis_named("method=original,uce,double-projections")) == ("original", "UCE", "Double Projections")
    assert labels(axis_named("lam=0.5,original")) == ("λ 0.5", "original")
    assert labels(axis_named("prompt=original,한 집")) == ("original", "한 집")
    assert labels(axis_named('negative-prompt="",blurry')) == ("negative prompt none", "negative prompt blurry")
    assert label("retain_empty", True) == "retain empty true"
    assert label("seed", 0) == "seed 0"


UNKNOWN = spec_from_facts({"kind": "magic", "erase": ["A"], "power": 9})


@pytest.mark.parametrize(
    ("edits", "axis", "more", "said"),
    [
        ((GOGH,), "strength=0,1", {}, "Vincent van Gogh → art · UCE"),
        ((GOGH,), "guide=art,sketch", {"strength": 0.5}, "Vincent van Gogh erased · UCE · strength 0.5"),
        ((preset("default", ["A"], (), "cure"),), "steps=3,4", {}, "A erased · CURE"),
        ((GOGH, preset("default", GOGH.erase, (), "cure")), "method=uce,cure", {}, "Vincent van Gogh erased"),
        ((EditSpec(erase=("A", "B"), guide=("C", "")),), "steps=3,4", {}, "A → C, B → nothing · UCE"),
        ((GOGH, EditSpec(erase=("B",))), "steps=3,4", {"saved": SAVED}, "Vincent van Gogh, B erased"),
        ((DebiasSpec(concepts=("doctor",)),), "steps=3,4", {"saved": SAVED}, "doctor changed · Debiasing"),
        ((UNKNOWN,), "steps=3,4", {"saved": SAVED}, "A erased"),
        ((), "steps=3,4", {"saved": SAVED}, "a saved edit"),
    ],
)  # fmt: skip
def test_the_heading_says_what_all_images_have_in_common(
    edits: tuple[MethodSpec, ...], axis: str, more: dict[str, object], said: str
) -> None:
    assert heading(grid(axis, edits=edits, **more), HOUSE, "atelier").splitlines()[0] == said


def test_the_heading_leaves_out_what_an_axis_says() -> None:
    how = GenerationSpec("a house", seed=7, steps=10, guidance_scale=3.0, sampler="ddim")
    asked = Grid(x=Axis("seed", (1, 2)), y=Axis("strength", (0.5,)), generation=how, edits=(GOGH,))
    assert heading(asked, how, "atelier").splitlines()[1:] == [
        "a house",
        "atelier · guidance scale 3 · steps 10 · sampler ddim",
    ]
    asked = Grid(x=Axis("prompt", ("a cat",)), generation=how, edits=(GOGH,))
    assert heading(asked, how, "atelier").splitlines()[1:] == [
        "atelier · seed 7 · guidance scale 3 · steps 10 · sampler ddim",
    ]
