"""Records of runs: one for each distinct request, complete enough to draw it again."""

import json
from pathlib import Path

import numpy as np
import pytest

from uce_core import EditSpec, GenerationSpec, Model, compare, erase, runs


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    return tmp_path


def test_the_same_request_is_recorded_once(tiny: Model, home: Path) -> None:
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    pairs = compare(tiny, edit, [GenerationSpec("a cat", seed=1, steps=2)])
    others = compare(tiny, edit, [GenerationSpec("a cat", seed=2, steps=2)])
    first, again, other = (runs.record(tiny, edit, each) for each in (pairs, pairs, others))
    assert first == again != other
    assert sorted(path.stem for path in (home / "runs").iterdir()) == sorted((first, other))


def test_a_record_draws_the_same_pictures_again(tiny: Model, home: Path) -> None:
    edit = erase(tiny, EditSpec(erase=("Claude Monet",), retain=("Edvard Munch",)))
    pairs = compare(tiny, edit, [GenerationSpec("a cat", seed=1, steps=2)])
    record = json.loads((home / "runs" / f"{runs.record(tiny, edit, pairs)}.json").read_text(encoding="utf-8"))
    again_edit = erase(tiny, EditSpec.from_json(json.dumps(record["edit"])))
    again = compare(tiny, again_edit, [GenerationSpec(**drawing) for drawing in record["drawings"]])
    assert np.array_equal(np.asarray(pairs[0].edited), np.asarray(again[0].edited))
    assert record["text_encoder"] == tiny.text.fingerprint
