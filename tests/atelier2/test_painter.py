"""The painter: every style of every kind of scene, the same picture from the same generator."""

import json
from pathlib import Path

import numpy as np
import pytest

from atelier2 import emoji
from atelier2.compose import compose
from atelier2.dataset import Easel, open_set, sitting
from atelier2.figures import PAINTS, repainted
from atelier2.painter import paint
from atelier2.scene import LIGHTS as SCENE_LIGHTS
from atelier2.scene import PLACES as PAINTED_PLACES
from atelier2.subjects import BY_NAME, SUBJECTS
from atelier2.world import COLOURS, LIGHTS, PERSONS, PHOTO, PLACES, RENDERINGS, Picture, cast

HOUSE = Picture(rendering=PHOTO, subject="house", place="field")


def generator(seed: int = 4) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_world_and_painter_know_the_same() -> None:
    assert set(PLACES) == set(PAINTED_PLACES)
    assert set(LIGHTS) == set(SCENE_LIGHTS)
    assert set(COLOURS) == set(PAINTS)
    assert len(SUBJECTS) == len(BY_NAME) >= 120


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_every_style_paints_a_picture(rendering: str) -> None:
    for subject in ("house", "woman", "boat"):
        picture = cast(rendering, subject, generator())
        image = paint(picture, generator())
        assert image.shape == (256, 256, 3)
        assert image.dtype == np.uint8
        assert image.std() > 12, "blank"
    assert np.array_equal(paint(picture, generator()), image), "the same again"


def test_no_two_styles_paint_alike() -> None:
    images = {}
    for rendering in RENDERINGS:
        picture = Picture(rendering=rendering, subject="house", place="field")
        images[rendering] = paint(picture, generator()).astype(float)
    for first in RENDERINGS:
        for second in RENDERINGS:
            if first < second:
                assert np.abs(images[first] - images[second]).mean() > 8, (first, second)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("light", LIGHTS)
def test_every_place_in_every_light(place: str, light: str) -> None:
    scene = compose(Picture(rendering=PHOTO, subject="cat", place=place, light=light), generator())
    for image in (scene.flat, scene.solid):
        assert image.shape == (384, 384, 3)
        assert image.min() >= 0
        assert image.max() <= 1
    assert 0.05 < (scene.cover > 0.5).mean() < 0.6
    assert set(np.unique(scene.which)) == {0, 1}


def test_night_is_darker_than_day() -> None:
    day, night = (
        compose(Picture(rendering=PHOTO, subject="cat", place="field", light=light), generator()).solid.mean()
        for light in ("day", "night")
    )
    assert night < 0.6 * day


def test_of_two_subjects_the_other_is_on_the_right() -> None:
    scene = compose(Picture(rendering=PHOTO, subject="cat", other="dog", place="field"), generator())
    columns = [np.nonzero(scene.which == number)[1].mean() for number in (1, 2)]
    assert columns[0] < 384 / 2 < columns[1]


@pytest.mark.parametrize("name", PERSONS)
def test_bare_names_have_a_portrait(name: str) -> None:
    assert paint(cast(PHOTO, name, generator()), generator()).std() > 12


@pytest.mark.parametrize("colour", COLOURS)
def test_a_painted_colour_is_the_one_that_was_asked(colour: str) -> None:
    """By the middle of a plain square, in the hue circle of another library than the painter's."""
    import colorsys

    square = np.zeros((320, 320, 4), np.float32)
    square[60:260, 60:260] = (0.85, 0.15, 0.12, 1)
    hue, light, _ = colorsys.rgb_to_hls(*map(float, repainted(square, colour)[160, 160, :3]))
    at, _, asked = PAINTS[colour]
    assert abs(light - asked) < 0.03
    if colour not in ("black", "white"):
        assert abs((360 * hue - at + 180) % 360 - 180) < 4


def test_scaling_leaves_no_dark_rim() -> None:
    disc = np.zeros((320, 320, 4), np.float32)
    rows, columns = np.mgrid[0:320, 0:320]
    inside = np.hypot(rows - 160, columns - 160) < 120
    disc[inside] = (1, 1, 1, 1)
    small = emoji.scaled(disc, 90)
    assert small[small[..., 3] > 0.02, :3].min() > 0.95


def test_what_is_fetched_is_what_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """npm is stood in for by archives of its shape."""
    import io
    import tarfile

    def npm(command: list[str], cwd: str, **_: object) -> None:
        assert command[:2] == ["npm", "pack"]
        files = {
            "icons.json": json.dumps({"width": 32, "icons": {"cat": {"body": "c"}, "dog": {"body": "d"}}}),
            "chars.json": json.dumps({"1f408": "cat", "1f415": "dog"}),
            "assets/1f408-fe0f.webp": "solid cat",
            "assets/1f415.webp": "solid dog",
        }
        with tarfile.open(Path(cwd) / "package.tgz", "w:gz") as tar:
            for name, text in files.items():
                member = tarfile.TarInfo(f"package/{name}")
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode()))

    monkeypatch.setattr(emoji.subprocess, "run", npm)
    emoji.fetch(["cat"], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"icons.json", "chars.json", "1f408-fe0f.webp"}
    assert json.loads((tmp_path / "icons.json").read_text())["icons"] == {"cat": {"body": "c"}}


def test_a_set_painted_in_parts_is_the_set_painted_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atelier2.dataset.CHUNK", 3)
    with Easel(tmp_path, 4, seed=6, workers=1) as easel:
        easel.wait(4)
        assert len(easel.painted().pictures) == 4
    with Easel(tmp_path, 8, seed=6, workers=1) as easel:
        assert easel.wait(8) == 8
    grown = open_set(tmp_path)
    assert len(grown.pictures) == 8
    for index in (0, 3, 4, 7):
        picture, rng = sitting(6, index)
        assert grown.pictures[index] == picture
        assert np.array_equal(grown.images[index], paint(picture, rng))


def test_professions_have_their_shares() -> None:
    rng = generator()
    women = np.mean([cast(PHOTO, "doctor", rng).woman for _ in range(2000)])
    assert abs(women - BY_NAME["doctor"].share) < 0.03
    assert not cast(PHOTO, "king", rng).woman
    assert cast(PHOTO, "queen", rng).woman


def test_what_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="Unknown subject 'gnu'"):
        cast(PHOTO, "gnu", generator())
    with pytest.raises(ValueError, match="Unknown rendering 'Banksy'"):
        cast("Banksy", "cat", generator())
