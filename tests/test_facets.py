"""Facets: what is asked, the arithmetic of differences, and what they say of an edit whose effect is known."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from uce_core import EditSpec, Model, applied, erase
from uce_core.cli import main
from uce_core.facets import FACETS, change, drop_shares, facets_of, prompts_of
from uce_core.generate import GenerationSpec, draw
from uce_core.scores import scorer_for

PICASSO = EditSpec(erase=("Pablo Picasso",), retain=("Claude Monet", "Piet Mondrian", "Georges Braque"))


def test_only_the_facets_that_should_name_the_artist_do() -> None:
    prompts = prompts_of("Pablo Picasso", ["Claude Monet"])
    assert tuple(prompts) == FACETS
    for facet, asked in prompts.items():
        named = ["Pablo Picasso" in prompt for prompt, _ in asked]
        assert set(named) == {facet in ("name", "style", "portrait")}
        for prompt, subject in asked:
            assert subject in prompt


def test_differences_are_paired() -> None:
    """A shift that is the same for all pairs is certain, however much the pairs differ."""
    before = torch.tensor([0.0, 10.0, 20.0, 30.0])
    found = change(before, before + 1)
    assert (found.difference.low, found.difference.value, found.difference.high) == (1, 1, 1)
    assert not found.none
    assert found.before.low < found.before.value < found.before.high
    assert change(before, before.flip(0)).none


def test_shares_of_the_drop_add_up(atelier: Model) -> None:
    scorer = scorer_for(atelier.folder)
    drawings = [GenerationSpec("Pablo Picasso", seed, 6) for seed in range(3)]
    before = draw(atelier, drawings)
    with applied(atelier, erase(atelier, PICASSO)):
        after = draw(atelier, drawings)
    found = drop_shares(scorer, "Pablo Picasso", before, after)
    scores = [scorer.clip_scores(images, ["Pablo Picasso"] * 3).mean().item() for images in (before, after)]
    assert found.drop == pytest.approx(scores[0] - scores[1], abs=1e-3)
    assert found.identity + found.style + found.rest == pytest.approx(found.drop)
    none = drop_shares(scorer, "Pablo Picasso", before, before)
    assert [none.drop, none.identity, none.style, none.rest] == pytest.approx([0] * 4, abs=1e-6)


def test_an_erased_style_is_gone_where_it_was_and_nothing_else(atelier: Model) -> None:
    facets = {facet.name: facet for facet in facets_of(atelier, erase(atelier, PICASSO), "Pablo Picasso", 5)}
    style, content, others = facets["style"], facets["content"], facets["others"]
    assert style.shown.before.value >= 0.8
    assert style.shown.after.value <= 0.2
    assert style.style.difference.high < 0
    assert content.content is not None
    assert content.content.after.value > 0.8
    assert content.lpips.high < style.lpips.low
    assert others.shown.before.value == others.shown.after.value == 0
    assert facets["name"].identity.before.value > style.identity.before.value, "the bare name draws the man"
    assert [facet.drop is not None for facet in facets.values()] == [True, False, False, False, False]
    assert facets["portrait"].content is None


def test_the_command_prints_a_table_for_each_erased(
    atelier: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = erase(atelier, PICASSO).save(tmp_path / "edit.safetensors")
    assert main(["evaluate", "facets", "--edit", str(path), "--pictures", "2", "--json"]) == 0
    [facets] = json.loads(capsys.readouterr().out)["artists"].values()
    assert [facet["name"] for facet in facets] == list(FACETS)
    assert np.isfinite([facet["lpips"]["value"] for facet in facets]).all()
    assert main(["evaluate", "facets", "--edit", str(path), "--pictures", "1"]) == 2
    assert "use at least 2" in capsys.readouterr().err
