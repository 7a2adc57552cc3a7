"""Which text to erase by, and whom a bare name generates."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atelier.painter import paint
from atelier.world import PERSONS, PHOTO, cast
from uce_core import EditSpec, Model
from uce_core.cli import main
from uce_core.evaluation.identity import identities, shows_person
from uce_core.evaluation.wording_search import Choice, choices, recommended
from uce_core.metrics.scorer import scorer_for
from uce_core.statistics import Mean

NONE = Mean(0, 0, 0)


def choice(wording: str, style: Mean, others: float = 0.0, content: float = 0.0) -> Choice:
    return Choice(
        wording=wording,
        span="all",
        style=style,
        indirect=None,
        person=NONE,
        others=Mean(others, others, others),
        content=Mean(content, content, content),
    )


def test_the_recommended_choice_spares_most_among_those_that_erase_as_well() -> None:
    harsh = choice("name", Mean(0.0, 0.0, 0.1), others=-0.4)
    fair = choice("style", Mean(0.05, 0.0, 0.15), others=-0.1)
    mild = choice("portrait", Mean(0.6, 0.4, 0.8))
    assert recommended([harsh, fair, mild]) == fair
    assert recommended([harsh, mild]) == harsh
    assert recommended([harsh, replace(fair, content=Mean(-0.9, -0.9, -0.9))]) == harsh
    even = choice("expanded", Mean(0.01, 0.0, 0.05), others=-0.1)
    assert recommended([fair, even]) == even, "what spares alike is decided by what is left"


def test_every_wording_is_tried_with_every_span(tiny: Model) -> None:
    found = choices(tiny, EditSpec(erase=("Claude Monet",), retain=("Piet Mondrian",)))
    assert len({one.edit.digest for one in found}) == len(found) == 12
    assert {one.edit.spec.span for one in found if isinstance(one.edit.spec, EditSpec)} == {"last", "rest", "all"}
    assert all(one.name == f"{one.edit.spec.wording}-{one.edit.spec.span}" for one in found)
    assert all((one.erased, one.retained) == (("Claude Monet",), ("Piet Mondrian",)) for one in found)


def test_prompts_prints_every_choice_and_recommends_one(
    scored_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--retain", "Claude Monet", "--images", "1", "--steps", "1", "--out", str(tmp_path)]
    command = ["evaluate", "wordings", "--artist", "Gustav Klimt", *options, "--model", str(scored_folder), "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["choices"]) == 12
    assert found["recommended"] in found["choices"]
    assert len(list((tmp_path / "original").iterdir())) == 30, "each original once, whatever the number of edits"


def painted(rendering: str, subject: str, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(paint(cast(rendering, subject, rng), rng))


@pytest.mark.parametrize("artist", PERSONS)
def test_a_person_is_told_from_his_works(artist: str, atelier: Model) -> None:
    """Also from works that show people."""
    scorer, catalog = scorer_for(atelier.folder), atelier.catalog
    assert shows_person(scorer, [painted(PHOTO, artist, seed) for seed in range(4)], artist, catalog).all()
    works = [painted(artist, subject, seed) for seed, subject in enumerate(("house", "man", "woman", "doctor", "cat"))]
    assert not shows_person(scorer, works, artist, catalog).any()


def test_names_that_draw_a_face_come_first(atelier: Model, capsys: pytest.CaptureFixture[str]) -> None:
    found = identities(atelier, ["Gustav Klimt", "Andy Warhol"], 2)
    assert [one.artist for one in found] == ["Andy Warhol", "Gustav Klimt"]
    assert found[0].person.value == 1.0
    assert found[1].person.value == 0.0
    with pytest.raises(ValueError, match="use at least 2"):
        identities(atelier, ["Gustav Klimt"], 1)
    assert main(["evaluate", "identity", "--artist", "Andy Warhol", "--images", "2"]) == 0
    assert "| Andy Warhol | 2 | 1.00" in capsys.readouterr().out
