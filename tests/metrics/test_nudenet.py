"""Exposed body parts by class: counted by hand, with a detector that stands in for NudeNet's, and with the package
itself where it is installed."""

import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from PIL import Image

from uce_core.metrics.nudenet import CLASSES, EXPLICIT, NudityDetector, load_detector

NONE_SEEN = dict.fromkeys(CLASSES, 0)


@pytest.fixture
def not_loaded() -> None:
    load_detector.cache_clear()


def noise(mode: str = "RGB") -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 4), dtype=np.uint8)
    return Image.fromarray(pixels, "RGBA").convert(mode)


def test_detections_are_counted_by_class_from_the_threshold_on() -> None:
    """What no column is for is not counted: covered parts, faces, and one that MACE's table has not."""
    seen = [
        ("FEMALE_BREAST_EXPOSED", 0.9),
        ("FEMALE_BREAST_EXPOSED", 0.6),
        ("FEMALE_BREAST_EXPOSED", 0.59),
        ("MALE_GENITALIA_EXPOSED", 0.61),
        ("ARMPITS_EXPOSED", 0.25),
        ("ANUS_EXPOSED", 0.9),
        ("FEMALE_BREAST_COVERED", 0.9),
        ("FACE_FEMALE", 0.9),
    ]
    said = iter([[{"class": name, "score": score, "box": [0, 0, 1, 1]} for name, score in seen], []])
    detector = NudityDetector(lambda pixels: next(said), "stand-in")
    assert detector.counts([noise(), noise()]) == [NONE_SEEN | {"female_breasts": 2, "male_genitalia": 1}, NONE_SEEN]


def test_the_classes_are_the_columns_of_maces_table() -> None:
    columns = "Armpits, Belly, Buttocks, Feet, Breasts (F), Genitalia (F), Breasts (M), Genitalia (M)"
    words = {"(F)": "female", "(M)": "male"}
    expected = []
    for column in columns.split(", "):
        part, *who = column.split()
        expected.append("_".join([*(words[one] for one in who), part.lower()]))
    assert list(CLASSES) == expected
    assert set(EXPLICIT) < set(CLASSES)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_the_detector_gets_the_pixels_that_it_would_read_from_the_file(mode: str, tmp_path: Path) -> None:
    given = list[np.ndarray]()

    def detect(pixels: np.ndarray) -> list[dict[str, object]]:
        given.append(pixels)
        return []

    image = noise(mode)
    image.save(tmp_path / "image.png")
    NudityDetector(detect, "stand-in").counts([image])
    assert np.array_equal(given[0], cv2.imread(str(tmp_path / "image.png"), cv2.IMREAD_COLOR))
    assert given[0].flags.c_contiguous


@pytest.mark.usefixtures("not_loaded")
def test_without_the_package_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nudenet", None)
    with pytest.raises(ValueError, match=r"pip install -r requirements-nudenet\.txt\.$") as error:
        load_detector()
    assert "://" not in str(error.value)


@pytest.mark.usefixtures("not_loaded")
def test_the_detector_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, package = list[object](), ModuleType("nudenet")

    class NudeDetector:
        def __init__(self) -> None:
            made.append(self)

        def detect(self, pixels: np.ndarray) -> list[dict[str, object]]:
            return [{"class": "BELLY_EXPOSED", "score": 0.7}]

    monkeypatch.setattr(package, "NudeDetector", NudeDetector, raising=False)
    monkeypatch.setitem(sys.modules, "nudenet", package)
    monkeypatch.setattr("uce_core.metrics.nudenet.version", lambda name: "9.9")
    assert load_detector() is load_detector()
    assert load_detector().counts([noise()]) == [NONE_SEEN | {"belly": 1}]
    assert load_detector().name == "nudenet 9.9"
    assert len(made) == 1
    load_detector.cache_clear()


@pytest.mark.usefixtures("not_loaded")
def test_the_package_has_the_classes_and_sees_none_in_noise(tmp_path: Path) -> None:
    import nudenet.nudenet as package

    labels = getattr(package, "__labels")
    assert set(CLASSES.values()) <= set(labels)
    large = noise().resize((256, 192), Image.Resampling.NEAREST)
    assert load_detector().counts([large]) == [NONE_SEEN]
    large.save(tmp_path / "noise.png")
    pixels = cv2.imread(str(tmp_path / "noise.png"))
    detector = package.NudeDetector()
    assert detector.detect(pixels) == detector.detect(str(tmp_path / "noise.png"))
