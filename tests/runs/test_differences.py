"""Runs beside each other: which settings they have, and in which they differ."""

from dataclasses import replace

import pytest

from uce_core import DebiasSpec, EditSpec, GenerationSpec
from uce_core.edits.spec import MethodSpec
from uce_core.edits.stored_spec import spec_from_facts
from uce_core.methods import METHODS
from uce_core.methods.debias import Iterate
from uce_core.metrics.scores import Scores
from uce_core.runs.differences import ENVIRONMENT, OUTCOME, SETTING, Row, rows_of
from uce_core.runs.outcomes import ComparisonOutcome, DebiasingOutcome
from uce_core.runs.requests import ComparisonRequest, DebiasingRequest
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, UnreadableRun

UCE = EditSpec(erase=("Monet",), guide="art", retain=("Manet", "Degas"), lam=0.5)
HOUSES = tuple(GenerationSpec("a house", seed, 20, 7.5) for seed in (1, 2))


def comparison(
    spec: MethodSpec | None = UCE, generations: tuple[GenerationSpec, ...] = HOUSES, **more: object
) -> ComparisonRun:
    """more: of the request."""
    return ComparisonRun(
        title="a house",
        environment={"torch": "2.9", "device": "cpu"},
        request=ComparisonRequest(model="SD 1.4", edit=spec, generations=generations, **more),  # type: ignore[arg-type]
        outcome=ComparisonOutcome(scores=(Scores(30.0, 20.0, 0.2), Scores(34.0, 25.0, 0.6))),
    )


def debiasing() -> DebiasingRun:
    history = (
        Iterate(((0.0, 0.0),), ((0.9, 0.1),), 0.4, (30.0,), (False,)),
        Iterate(((0.1, 0.2),), ((0.52, 0.48),), 0.02, (29.0,), (False,)),
    )
    return DebiasingRun(
        title="doctor",
        environment={},
        request=DebiasingRequest(model="SD 1.4", edit=DebiasSpec(concepts=("doctor",))),
        outcome=DebiasingOutcome(best=1, history=history),
    )


def differing(*runs: AnyRun) -> dict[str, tuple[object, ...]]:
    return {row.name: row.values for row in rows_of(runs) if row.differs}


def table(*runs: AnyRun) -> dict[tuple[str, str], Row]:
    rows = rows_of(runs)
    found = {(row.part, row.name): row for row in rows}
    assert len(found) == len(rows), "a name is there twice"
    return found


def test_a_run_says_everything_that_was_asked() -> None:
    found = table(comparison(strength=0.5, weights="0123456789abcdef"))
    said = {name: row.values[0] for (part, name), row in found.items() if part == SETTING}
    assert said == {
        "model": "SD 1.4", "method": "uce", "erase": ("Monet",), "guide": "art", "retain": ("Manet", "Degas"),
        "wording": "name", "span": "all", "retain_empty": True, "empty_token": "end", "text_space": "all",
        "lam": 0.5, "erase_scale": 1.0, "retain_scale": 1.0, "strength": 0.5,
        "prompt": ("a house",), "seed": (1, 2), "steps": 20, "guidance_scale": 7.5,
    }  # fmt: skip
    assert found[ENVIRONMENT, "torch"].values == ("2.9",)
    assert found[ENVIRONMENT, "weights"].values == ("0123456789ab",)
    assert [row.part for row in found.values()] == sorted(
        (row.part for row in found.values()), key=[SETTING, ENVIRONMENT, OUTCOME].index
    )


def test_scores_are_means_over_the_pairs() -> None:
    found = table(comparison())
    means = {name: row.values[0] for (part, name), row in found.items() if part == OUTCOME}
    assert means == pytest.approx({"clip_original": 32.0, "clip_edited": 22.5, "lpips": 0.4})
    assert not any(
        part == OUTCOME for part, _ in table(comparison().model_copy(update={"outcome": ComparisonOutcome()}))
    )


def test_only_what_differs_differs() -> None:
    assert differing(comparison(), comparison(), comparison()) == {}
    assert differing(comparison(), comparison(replace(UCE, lam=2.0, retain=()))) == {
        "lam": (0.5, 2.0),
        "retain": (("Manet", "Degas"), None),
    }
    assert differing(comparison(), comparison(), comparison(strength=0.5)) == {"strength": (1.0, 1.0, 0.5)}
    other = tuple(replace(spec, seed=spec.seed + 1, sampler="dpmpp-2m", width=512) for spec in HOUSES)
    assert differing(comparison(), comparison(generations=other)) == {
        "seed": ((1, 2), (2, 3)),
        "sampler": (None, "dpmpp-2m"),
        "width": (None, 512),
    }
    mixed = (HOUSES[0], replace(HOUSES[1], steps=50))
    assert differing(comparison(), comparison(generations=mixed)) == {"steps": (20, (20, 50))}


def test_runs_of_different_methods_and_kinds_have_what_they_have() -> None:
    rece = METHODS["rece"].spec(erase=("Monet",), retain=("Manet", "Degas"), lam=0.5)
    found = differing(comparison(), comparison(rece))
    assert found["method"] == ("uce", "rece")
    assert found["epochs"] == (None, rece.epochs)
    found = differing(comparison(None), debiasing())
    assert found["concepts"] == (None, ("doctor",))
    assert found["debias_before"] == (None, ("doctor: man 90%, woman 10%, CLIP 30.0",))
    assert found["debias_after"] == (None, ("doctor: man 52%, woman 48%, CLIP 29.0",))
    assert found["lpips"] == (pytest.approx(0.4), None)


def test_methods_that_are_not_here_and_runs_that_cannot_be_read_are_told_all_the_same() -> None:
    unknown = spec_from_facts({"kind": "of-tomorrow", "erase": ["Monet"], "power": 3})
    found = table(comparison(unknown), UnreadableRun(title="?", kind="dream", environment={}, raw={}))
    assert found[SETTING, "method"].values == ("of-tomorrow", None)
    assert found[SETTING, "erase"].values == (("Monet",), None)
    assert found[SETTING, "power"].values == (3, None)
