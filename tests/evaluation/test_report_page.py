"""The page of an evaluation of hundreds of edits is one that a browser opens."""

from dataclasses import replace
from pathlib import Path

from uce_core import EditSpec, Model, erase
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import facet_cases
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.report_page import SECTIONS, page

MANY, LIMIT = 500, 5_000_000  # edits; bytes


def test_the_page_of_hundreds_of_edits_says_something_of_each_and_is_below_5_mb(scored: Model, tmp_path: Path) -> None:
    """One edit's figures, as if hundreds had been measured for as many artists."""
    edit = as_candidate("edit-0", erase(scored, EditSpec(erase=("Claude Monet",), retain=("Edvard Munch",))))
    cases = tuple(facet_cases(["Claude Monet"], ["Edvard Munch", "Pablo Picasso"]))
    found = evaluate(scored, EvaluationInputs(candidates=(edit,), cases=cases, images=1, steps=1), tmp_path)
    [report] = found.reports
    names = [f"edit-{number}" for number in range(MANY)]
    reports = [replace(report, edit=name, by_artist=report.by_artist * 200) for name in names]
    plan = found.plan | {"names": dict.fromkeys(names, found.plan["names"]["edit-0"])}
    measured = dict.fromkeys(names, found.measured["edit-0"])
    html = page(plan, reports, measured, found.image_folder, single_file=False)
    assert len(html.encode()) < LIMIT
    assert all(f"<td>{name}</td>" in html for name in names)
    assert html.count("<h2>") == SECTIONS + 1, "and the images'"
    assert f"the first {SECTIONS} of {MANY} edits" in html
    few = page(found.plan, found.reports, found.measured, found.image_folder, single_file=False)
    assert "Edit by edit" not in few
    assert few.count("<h2>") == 2
