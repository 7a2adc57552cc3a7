"""Atelier's painter, captions and tokenizer: what there is to paint, and how it is asked for."""

import csv
from pathlib import Path

import numpy as np
import open_clip
import pytest
from PIL import Image
from typer.testing import CliRunner

from atelier.__main__ import app
from atelier.captions import describe, describe_loosely
from atelier.dataset import open_set, paint_set, sitting
from atelier.painter import STYLES, paint
from atelier.tokenizer import new_tokenizer
from atelier.world import ARTISTS, BY_NAME, PERSONS, PHOTO, PROFESSIONS, RENDERINGS, SUBJECTS, Picture, cast


def test_the_world_is_as_large_as_promised() -> None:
    assert len(ARTISTS) >= 12
    assert len(SUBJECTS) >= 10
    assert set(STYLES) == set(RENDERINGS)


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_every_rendering_of_every_subject_is_a_picture(rendering: str) -> None:
    for subject in SUBJECTS:
        picture = cast(rendering, subject, np.random.default_rng(1))
        image = paint(picture, np.random.default_rng(2))
        assert image.shape == (128, 128, 3)
        assert image.dtype == np.uint8
        assert image.std() > 8
    assert np.array_equal(image, paint(picture, np.random.default_rng(2))), "the same again"


def test_professions_are_cast_by_their_share() -> None:
    rng = np.random.default_rng(0)
    for profession, share in PROFESSIONS.items():
        women = np.mean([cast(PHOTO, profession, rng).woman for _ in range(2000)])
        assert abs(women - share) < 0.04


def test_unknown_subjects_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown subject"):
        cast(PHOTO, "spaceship", np.random.default_rng(0))
    with pytest.raises(ValueError, match="Unknown rendering"):
        cast("crayon", "house", np.random.default_rng(0))


def test_captions_fit_their_pictures() -> None:
    for index in range(2000):
        picture, _ = sitting(3, index)
        for wording in (describe, describe_loosely):
            assert wording(picture, np.random.default_rng(index)).fits(picture)


def test_a_bare_name_of_a_person_never_asks_for_the_style() -> None:
    for index in range(4000):
        picture, _ = sitting(4, index)
        text = describe(picture, np.random.default_rng(index)).text
        if text in PERSONS:
            assert picture == Picture(PHOTO, text)


def test_sets_can_be_painted_in_parts(tmp_path: Path) -> None:
    for count in (3, 7):
        list(paint_set(tmp_path / "parts", count, seed=5, workers=1))
    list(paint_set(tmp_path / "whole", 7, seed=5, workers=2))
    parts, whole = open_set(tmp_path / "parts"), open_set(tmp_path / "whole")
    assert np.array_equal(parts.images, whole.images)
    assert parts.pictures == whole.pictures
    assert np.array_equal(parts.images[6], paint(*sitting(5, 6)))


def test_paint_command_writes_labelled_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = CliRunner().invoke(app, ["paint", "--out", str(tmp_path / name), "--per-cell", "1", "--seed", "9"])
        assert result.exit_code == 0
    with open(tmp_path / "one" / "labels.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "artist", "subject", "caption"]
    assert {row["artist"] for row in rows} == {"", *BY_NAME}
    for row in rows:
        assert row["file"] == f"{row['artist'] or 'plain'}/{row['subject']}/0.png"
        assert (tmp_path / "one" / row["file"]).read_bytes() == (tmp_path / "two" / row["file"]).read_bytes()
    with Image.open(tmp_path / "one" / rows[0]["file"]) as image:
        assert image.size == (128, 128)


def test_tokens_are_those_of_the_real_clip() -> None:
    ours, real = new_tokenizer(), open_clip.SimpleTokenizer()
    for index in range(500):
        picture, _ = sitting(6, index)
        text = describe(picture, np.random.default_rng(index)).text
        assert ours.convert_ids_to_tokens(ours(text).input_ids)[1:-1] == [real.decoder[i] for i in real.encode(text)]


def test_any_text_can_be_tokenized() -> None:
    tokenizer = new_tokenizer()
    text = "반 고흐 zxqvj ñ ∑ 🎨"
    ids = tokenizer(text).input_ids
    assert tokenizer.unk_token_id not in ids[1:-1]
    assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "") == text.replace(" ", "")
