"""How far generated pictures are from painted ones."""

import csv
from pathlib import Path

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image

from atelier2.dataset import sitting
from atelier2.painter import paint
from atelier2.realism import distance, features, load_network, load_weights, save_blind_test

MILITARY_UNIFORM = 652  # of ImageNet's classes


def test_the_network_knows_imagenets_classes() -> None:
    """Admiral Hopper in hers, from Matplotlib's samples; of weights in wrong places it would not."""
    *_, matrix, bias = load_weights().values()
    with get_sample_data("grace_hopper.jpg") as file:
        image = np.asarray(Image.open(file).convert("RGB"))
    [logits] = features(load_network(), image[None]) @ matrix.T + bias
    assert int(logits.argmax()) == MILITARY_UNIFORM


def test_painted_pictures_are_nearer_to_painted_ones_than_to_blurred_ones() -> None:
    network = load_network()
    painted = [np.stack([paint(*sitting(seed, index)) for index in range(8)]) for seed in (1, 2)]
    small = [Image.fromarray(image).resize((24, 24)).resize((256, 256)) for image in painted[1]]
    same, blurred = distance(network, *painted), distance(network, painted[0], np.stack(small))
    assert abs(same.value) < 3 * same.error
    assert blurred.value > same.value + 3 * blurred.error


def test_a_blind_test_has_everything_and_its_key_is_right(tmp_path: Path) -> None:
    painted, generated = np.full((3, 8, 8, 3), 10, np.uint8), np.full((2, 8, 8, 3), 200, np.uint8)
    save_blind_test(tmp_path / "blind", painted, generated, np.random.default_rng(0))
    with open(tmp_path / "blind" / "key.csv", encoding="utf-8") as file:
        key = {row["file"]: row["is"] for row in csv.DictReader(file)}
    assert sorted(key) == sorted(path.name for path in (tmp_path / "blind").glob("*.png"))
    assert sorted(key.values()) == ["generated"] * 2 + ["painted"] * 3
    for name, kind in key.items():
        shade = np.asarray(Image.open(tmp_path / "blind" / name)).mean()
        assert shade == {"painted": 10, "generated": 200}[kind]
    assert list(key.values()) != sorted(key.values())
