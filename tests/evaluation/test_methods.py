"""All methods on the same originals: who is erased and retained, what is asked, what is printed, and going on."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from uce_core import Edit, GenerationSpec, Model, erase, generate
from uce_core.cli import main
from uce_core.evaluation.cases import EMPTY, ROWS, SUBJECTS, Case, ImageSpec, cases_text
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.evaluation.method_inputs import study_inputs
from uce_core.evaluation.method_study import Entry, counts_of, result_of, retained, study_cases, study_tables
from uce_core.evaluation.plots import plot_methods
from uce_core.evaluation.prompt_files import read_prompts
from uce_core.evaluation.scores import table_of
from uce_core.evaluation.solving import SolvingCost, path_of, solved_with_cost
from uce_core.evaluation.summary import report
from uce_core.methods import erasing, preset
from uce_core.metrics.scorer import scorer_for
from uce_core.runs.record import evaluation_record
from uce_core.statistics import Mean

ARTISTS = ("A", "B", "C", "D", "E", "F")
COST = SolvingCost(seconds=0.0125, bytes=4096, hardware="a machine")


def test_counts_are_numbers_or_all_but_one() -> None:
    assert counts_of("1, 10,all-but-one,1", 14) == (1, 10, 13)
    for text, said in (("0", "0 of 14"), ("14", "14 of 14"), ("-1", "'-1' is no number"), ("1,", "'' is no number")):
        with pytest.raises(ValueError, match=said):
            counts_of(text, 14)


@pytest.mark.parametrize("method", list(erasing()))
def test_half_of_the_others_are_retained_by_whoever_can_be_told_to(method: str) -> None:
    spec = Entry(method, 2).spec(ARTISTS, "default")
    assert spec.edited == ("A", "B")
    assert spec.retain == (("C", "E") if erasing()[method].spec.retains else ())
    assert spec == preset("default", ("A", "B"), spec.retain, method)
    assert retained(ARTISTS, 5) == ("F",)


def test_a_preset_that_a_method_does_not_have_is_said() -> None:
    assert Entry("uce", 1).spec(ARTISTS, "published-2023").lam == 0.5
    with pytest.raises(ValueError, match="published-2023"):
        Entry("rece", 1).spec(ARTISTS, "published-2023")


def test_every_facet_others_no_artist_and_nothing_at_all_are_asked_for() -> None:
    cases = study_cases(ARTISTS, 2, 4, {"B": ["cubism"]})
    asked = [(case.artist, case.facet) for case in cases]
    assert [(artist, facet) for artist, facet in dict.fromkeys(asked)] == [
        *(("A", facet) for facet in ("name", "style", "portrait", "content")),
        *(("B", facet) for facet in ("name", "style", "portrait", "content", "indirect")),
        *(("E", "style"), ("F", "style"), ("", ""), ("", EMPTY)),
    ]
    assert [case.prompt for case in cases if case.facet == ""] == list(SUBJECTS)
    empty = [case for case in cases if case.facet == EMPTY]
    assert [case.prompt for case in empty] == [""] * ROWS
    assert len({case.evaluation_seed for case in cases}) == len(cases)


def test_an_empty_prompt_is_meant_or_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="prompt is empty"):
        Case(prompt="", evaluation_seed=0, case_number=0)
    with pytest.raises(ValueError, match="facet but no artist"):
        Case(prompt="a house", evaluation_seed=0, case_number=0, facet="style")
    cases = (Case(prompt="", evaluation_seed=3, case_number=0, facet=EMPTY),)
    assert cases[0].generation_spec(2) == GenerationSpec("", 5, unprompted=True)
    (tmp_path / "cases.csv").write_text(cases_text(cases), encoding="utf-8")
    assert read_prompts(tmp_path / "cases.csv").cases == cases
    assert "unprompted" not in GenerationSpec("a house").facts(), "what was recorded before is the same request"


def row(role: str, facet: str, shown: bool, lpips: float, artist: str = "A") -> PairMeasures:
    """Before, everything is shown."""
    free = facet in ("", EMPTY)
    case = Case(
        prompt="" if facet == EMPTY else "a cat",
        evaluation_seed=0,
        case_number=0,
        artist="" if free else artist,
        facet=facet,
        subject="" if facet == EMPTY else "a cat",
    )

    def seen(is_shown: bool) -> ImageMeasures:
        named = {} if free else {"shown": is_shown, "style": 0.0}
        subject = {} if facet == EMPTY else {"subject": 0.5, "subject_shown": is_shown}
        return ImageMeasures(clip=50.0, **named, **subject)  # type: ignore[arg-type]

    return PairMeasures(
        edit="uce-1",
        image_spec=ImageSpec(case),
        role=role,
        before=seen(True),
        after=seen(shown),
        lpips=lpips,
        lpips_64=0.0,
        identity_drop=None,
        style_drop=None,
    )


def test_tables_say_what_each_group_shows(tmp_path: Path) -> None:
    rows = [
        *(row("erased", "style", shown, 0.9) for shown in (True, False, False, False)),
        row("erased", "content", True, 0.1),
        row("retained", "style", True, 0.2, "B"),
        *(row("near", "style", shown, 0.3, "C") for shown in (True, False)),
        row("", "", False, 0.4),
        row("", EMPTY, False, 0.5),
    ]
    found = report("uce-1", table_of(rows), Mean(1.5, 1.0, 2.0))
    results = [result_of(Entry("uce", 1), COST, found), result_of(Entry("rece", 1), replace(COST, bytes=1), found)]
    shown, moved = study_tables(results)
    assert shown.head == (
        *("erased", "method", "style left", "bare name left", "portrait left", "indirect wording left", "content"),
        *("retained", "near", "far", "no artist"),
    )
    assert [line[:2] for line in shown.rows] == [("1", "no edit"), ("1", "uce"), ("1", "rece")]
    assert shown.rows[0][2:] == ("1.00", "–", "–", "–", "1.00", "1.00", "1.00", "–", "1.00")
    assert [cell.split()[0] for cell in shown.rows[1][2:]] == [
        *("0.25", "–", "–", "–", "1.00", "1.00", "0.50", "–", "0.00"),
    ]
    assert moved.rows[0] == (
        *("1", "uce", "0.20", "0.30", "–", "0.40", "0.50", "1.5 [1.0, 2.0]", "50.0", "50.0", "0.013", "4,096"),
    )  # fmt: skip
    assert (results[0].left.value, results[0].kept.value) == pytest.approx((1 / 4, 2 / 3))
    plot_methods(results, tmp_path / "plot.png")
    with Image.open(tmp_path / "plot.png") as figure:
        assert figure.width > 1000


def test_an_edit_is_solved_once_for_the_same_request_and_its_cost_kept(
    scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved: list[str] = []

    def counted(model: Model, spec: object) -> object:
        solved.append(spec.kind)  # type: ignore[attr-defined]
        return erase(model, spec)  # type: ignore[arg-type]

    monkeypatch.setattr("uce_core.evaluation.solving.erase", counted)
    path = path_of(tmp_path, "one")
    spec = preset("default", scored.catalog[:1], scored.catalog[1:3])
    edit, cost = solved_with_cost(scored, spec, path)
    assert edit.digest == erase(scored, spec).digest
    assert cost.bytes == path.stat().st_size
    assert cost.seconds > 0
    assert len(solved) == 2, "the second time is timed"
    assert solved_with_cost(scored, spec, path)[1] == cost
    assert len(solved) == 2
    other = replace(spec, lam=1.0)
    assert solved_with_cost(scored, other, path)[0].spec == other
    assert len(solved) == 4


def test_the_distance_is_of_the_images_that_ask_for_no_erased_artist(scored: Model, tmp_path: Path) -> None:
    """Against the definition, from the images themselves."""
    entries = [Entry("uce", 1)]
    inputs, _ = study_inputs(scored, entries, scored.catalog, tmp_path, asked=3, steps=2)
    [found] = evaluate(scored, inputs, tmp_path).reports
    kept = [case.case_number for case in inputs.cases if case.artist != scored.catalog[0] or case.facet == "content"]
    assert len(kept) == 5 + 2 * 5 + 5 + ROWS
    vectors = []
    for which in (ORIGINAL, "uce-1"):
        images = [Image.open(tmp_path / which / f"{number}_0.png") for number in kept]
        vectors.append(scorer_for(scored.folder).image_vectors(images).double().numpy())
    kernels = [[(1 + a @ b.T) ** 3 for b in vectors] for a in vectors]
    terms = kernels[0][0] + kernels[1][1] - kernels[0][1] - kernels[1][0]
    pairs = ~np.eye(len(kept), dtype=bool)
    assert found.published.kid is not None
    assert found.published.kid.value == pytest.approx(1000 * terms[pairs].mean(), rel=1e-4, abs=1e-6)
    assert found.published.kid.low <= found.published.kid.value <= found.published.kid.high


def test_an_empty_prompt_is_generated_recorded_and_asked_for_again(scored: Model, tmp_path: Path) -> None:
    inputs, _ = study_inputs(scored, [Entry("semantic-surgery", 1)], scored.catalog, tmp_path, asked=2, steps=2)
    found = evaluate(scored, inputs, tmp_path)
    last = inputs.cases[-1]
    with Image.open(tmp_path / ORIGINAL / f"{last.case_number}_0.png") as image:
        kept = np.asarray(image, int)
    scored_with = scored.pipeline(
        "", num_inference_steps=2, guidance_scale=1.0, generator=torch.Generator().manual_seed(last.evaluation_seed)
    )
    assert np.abs(kept - np.asarray(scored_with.images[0], int)).max() <= 2, "guidance towards nothing is none"
    run = evaluation_record(scored, inputs.candidates[0].edit, found).run
    assert [spec.prompt for spec in run.generations].count("") == ROWS
    assert len(generate(scored, run.generations[-1:])) == 1
    parts = {(part.role, part.facet) for part in found.reports[0].parts}
    assert {("", ""), ("", EMPTY), ("erased", "style")} <= parts


def test_methods_on_the_command_line(scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    asked = ["--erased", "1,2", "--artists", "3", "--steps", "1", "--no-record"]
    command = ["evaluate", "methods", *asked, "--model", str(scored.folder), "--out", str(out)]
    some = ["--method", "uce", "--method", "negative-prompt"]
    assert main([*command, *some, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = ["uce-1", "negative-prompt-1", "uce-2", "negative-prompt-2"]
    assert [one["edit"] for one in found["edits"]] == [one["edit"] for one in found["methods"]] == names
    assert [one["bytes"] for one in found["methods"]] == [
        (out / "edits" / f"{name}.safetensors").stat().st_size for name in names
    ]
    assert all(one["published"]["kid"] for one in found["edits"])
    for name in names:
        assert found["names"][name]["erased"] == list(scored.catalog[: int(name[-1])])
        assert found["names"][name]["retained"] == list(scored.catalog[int(name[-1]) :: 2]), "looked at of all alike"
    edit = Edit.load(out / "edits" / "uce-2.safetensors")
    assert edit.digest == erase(scored, preset("default", scored.catalog[:2], scored.catalog[2::2])).digest
    with Image.open(out / "methods.png") as figure:
        assert figure.width > 1000
    times = {path: path.stat().st_mtime_ns for path in (*out.rglob("*.png"), *out.rglob("edits/*"))}
    times.pop(out / "methods.png")
    next(out.rglob("uce-1/*.png")).unlink()
    assert main([*command, *some, "--method", "cure"]) == 0, "it goes on, and another joins"
    text = capsys.readouterr().out
    assert text.count("\n| 1 | no edit |") == text.count("\n| 2 | no edit |") == 1
    assert text.count("\n| 1 | cure |") == 2
    again = {path for path, then in times.items() if path.stat().st_mtime_ns != then}
    assert len(again) == 1, "only the image that was gone"
    assert main([*command, "--method", "magic"]) == 2
    assert "magic" in capsys.readouterr().err
    assert main([*command, "--preset", "published-2023"]) == 2
    assert "published-2023" in capsys.readouterr().err
