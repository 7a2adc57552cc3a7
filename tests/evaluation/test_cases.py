"""Cases: what each facet asks for, and the published CSV layout read back and refused."""

import csv
from pathlib import Path

import pytest

from uce_core.evaluation.cases import FACETS, ROWS, Case, cases_text, facet_cases, read_cases

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
    cases = read_cases(path)
    assert cases == [
        Case(prompt="A field, with 'crows'", evaluation_seed=2219, case_number=7, artist="Vincent van Gogh"),
        Case(prompt="별이 빛나는 밤", evaluation_seed=4, case_number=3),
    ]
    (tmp_path / "again.csv").write_text(cases_text(cases), encoding="utf-8")
    assert read_cases(tmp_path / "again.csv") == cases


HEAD = "prompt,evaluation_seed,case_number,artist,facet"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prompt,case_number\na,1\n", "lacks evaluation_seed"),
        (HEAD + "\n", "lacks rows"),
        (HEAD + "\na house,7,1,,\n ,7,2,,\n", "line 3: The prompt is empty"),
        (HEAD + "\na house,x,1,,\n", "must be whole numbers"),
        (HEAD + "\na house,-1,1,,\n", "The seed is -1"),
        (HEAD + "\na house,1,../etc,,\n", "must be whole numbers"),
        (HEAD + "\na house,1,1,,\na cat,1,1,,\n", "has case_number 1 twice"),
        (HEAD + "\na house,1,1,,style\n", "a facet but no artist"),
        (HEAD + "\na house,1,1,Monet,mood\n", "unknown facet 'mood'"),
    ],
)
def test_a_faulty_file_is_refused_with_its_fault(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "prompts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_cases(path)


def test_what_is_no_file_of_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not a prompt file"):
        read_cases(tmp_path)
    (tmp_path / "x.csv").write_bytes(b"prompt,evaluation_seed,case_number\n\xff\xfe,1,2\n")
    with pytest.raises(ValueError, match="UTF-8"):
        read_cases(tmp_path / "x.csv")
