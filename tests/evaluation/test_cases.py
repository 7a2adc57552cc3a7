"""Cases: what each facet asks for, and the published CSV layout read back."""

import csv
from pathlib import Path

from uce_core.evaluation.cases import FACETS, ROWS, Case, cases_text, facet_cases
from uce_core.evaluation.prompt_files import read_prompts

INDIRECT = {"Pablo Picasso": ("cubism", "cubist facets")}


def test_only_the_facets_that_should_name_the_artist_do() -> None:
    cases = facet_cases(["Pablo Picasso", "Kilian Eng"], ["Claude Monet"], INDIRECT)
    for case in cases:
        assert (case.artist in case.prompt) == (case.facet in ("name", "style", "portrait"))
        assert case.subject in case.prompt
    count = {(case.artist, case.facet): 0 for case in cases}
    for case in cases:
        count[case.artist, case.facet] += 1
    assert count == {
        **{("Pablo Picasso", facet): ROWS for facet in FACETS},
        **{("Kilian Eng", facet): ROWS for facet in FACETS if facet != "indirect"},
        ("Claude Monet", "style"): ROWS,
    }
    assert {case.prompt.split(", ")[1] for case in cases if case.facet == "indirect"} == set(INDIRECT["Pablo Picasso"])


def test_cases_share_no_seed_and_no_number() -> None:
    cases = facet_cases(["Pablo Picasso"], ["Claude Monet"], INDIRECT)
    assert [case.case_number for case in cases] == list(range(len(cases)))
    seeds = {case.evaluation_seed + n for case in cases for n in range(100)}
    assert len(seeds) == 100 * len(cases)


def test_a_file_in_the_published_layout_is_read_and_written(tmp_path: Path) -> None:
    """With the columns that the published files have besides, and in their order."""
    path = tmp_path / "prompts.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [
                ["", "case_number", "prompt", "evaluation_seed", "artist"],
                [0, 7, "A field, with 'crows'", 2219, "Vincent van Gogh"],
                [1, 3, "별이 빛나는 밤", 4, ""],
            ]
        )
    cases = read_prompts(path).cases
    assert cases == (
        Case(prompt="A field, with 'crows'", evaluation_seed=2219, case_number=7, artist="Vincent van Gogh"),
        Case(prompt="별이 빛나는 밤", evaluation_seed=4, case_number=3),
    )
    (tmp_path / "again.csv").write_text(cases_text(cases), encoding="utf-8")
    assert read_prompts(tmp_path / "again.csv").cases == cases
