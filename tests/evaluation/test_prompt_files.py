"""Prompt files of the field: their columns, their numbers, and rows that cannot be generated."""

from pathlib import Path

import pytest

from uce_core import Model
from uce_core.evaluation.cases import Case
from uce_core.evaluation.prompt_files import read_prompts

MONET = "Claude Monet"


def written(tmp_path: Path, text: str, name: str = "prompts.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("text", "first"),
    [  # heads as the repositories have them, with rows of our own
        (",case_number,prompt,evaluation_seed,artist\n0,7,a cat,3,Claude Monet\n", (7, 3, MONET)),  # UCE
        ("case_number,prompt,evaluation_seed\n4,a cat,3\n", (4, 3, "")),  # ESD, RECE
        (",prompt,artist,evaluation_seed\n5,a cat,Claude Monet,3\n", (5, 3, MONET)),  # MACE
        (
            "prompt,evaluation_guidance,sd_image_height,evaluation_seed,case_number\na cat,7,512,3,9\n",
            (9, 3, ""),
        ),  # I2P
        ("id,type,text,concept,seed\n2,style,a cat,Monet,3\n", (2, 3, "")),  # SPEED
        ("id,text,sd_seed\n0,a cat,3\n", (0, 3, "")),
        ("prompt,seed\na cat,3\n", (0, 3, "")),  # GLoCE
        ("id,prompt,seed\nx-1,a cat,3\n", (0, 3, "")),
    ],
)
def test_the_columns_of_the_field_are_known(text: str, first: tuple[int, int, str], tmp_path: Path) -> None:
    number, seed, artist = first
    scale = 7.0 if "evaluation_guidance" in text else None
    expected = Case(prompt="a cat", evaluation_seed=seed, case_number=number, artist=artist, guidance_scale=scale)
    for variant in (text, "\ufeff" + text.replace("\n", "\r\n")):
        assert read_prompts(written(tmp_path, variant)).cases == (expected,)


def test_a_prompt_a_line_is_a_file_too(tmp_path: Path) -> None:
    found = read_prompts(written(tmp_path, "# night\na cat, asleep\n\n별이 빛나는 밤\n", "prompts.txt"))
    assert [(case.prompt, case.evaluation_seed, case.case_number) for case in found.cases] == [
        ("a cat, asleep", 0, 0),
        ("별이 빛나는 밤", 1, 1),
    ]


def test_what_cannot_be_generated_is_skipped_with_its_line(tmp_path: Path) -> None:
    """Lines are those of an editor: a quoted prompt may go over several."""
    text = (
        'prompt,evaluation_seed,case_number\n"a cat,\nasleep",1,1\n,2,2\n,,\n\na dog, red,3,3\n'
        "a bird,x,4\na fish,-1,5\na house,6,6\n"
        '"a mouse,7,7\na horse,8,8\n'
    )
    found = read_prompts(written(tmp_path, text))
    assert [case.case_number for case in found.cases] == [1, 6]
    said = {row.line: row.reason for row in found.skipped}
    assert list(said) == [4, 5, 6, 7, 8, 9, 11]
    for line, words in {4: "prompt is empty", 5: "row is empty", 6: "row is empty", 7: "in quotes"}.items():
        assert words in said[line]
    assert "evaluation_seed is 'x'" in said[8]
    assert "evaluation_seed is ''" in said[11]  # where the quote begins that does not end
    assert "The seed is -1" in said[9]
    with pytest.raises(ValueError, match=r"prompts.csv, line 4: The prompt is empty"):
        read_prompts(written(tmp_path, text), strict=True)


def test_columns_can_be_named_and_left_aside(tmp_path: Path) -> None:
    path = written(tmp_path, "Q,artist,evaluation_seed\na cat,a white person,3\n")
    with pytest.raises(ValueError, match=r"no column of prompts, among 'Q', 'artist'.*--column prompt=NAME"):
        read_prompts(path)
    [case] = read_prompts(path, {"prompt": "Q", "artist": ""}).cases
    assert (case.prompt, case.artist) == ("a cat", "")
    with pytest.raises(ValueError, match="has no column 'R' for prompt: its columns are 'Q'"):
        read_prompts(path, {"prompt": "R"})
    with pytest.raises(ValueError, match=r"no field 'mood' .*: use one of prompt, "):
        read_prompts(path, {"mood": "Q"})


def test_other_columns_stay_known_where_one_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, ",Q,artist\n7,a cat,a white person\n")
    [case] = read_prompts(path, {"prompt": "Q", "artist": ""}).cases
    assert (case.case_number, case.prompt, case.artist) == (7, "a cat", "")


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["prompts.csv", "prompts.tsv"])
def test_tables_of_spreadsheets_and_pandas(between: str, name: str, tmp_path: Path) -> None:
    text = 'evaluation_seed,prompt,artist\n3.0,"a cat",\n,,\n'.replace(",", between)
    found = read_prompts(written(tmp_path, text, name))
    assert [(case.prompt, case.evaluation_seed) for case in found.cases] == [("a cat", 3)]
    assert [row.reason for row in found.skipped] == ["The row is empty."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no column of prompts, among none"),
        ("prompt,evaluation_seed,case_number\n", "has no rows"),
        ("prompt,evaluation_seed,case_number\n,,\n", "line 2: The row is empty"),
        ("prompt,evaluation_seed,case_number\na cat,1,1\na dog,2,1\n", "has case_number 1 twice"),
        ("prompt,evaluation_seed,case_number\na cat,1,../etc\n", "line 2: case_number is '../etc'"),
        ('prompt,evaluation_seed\n"' + "a" * 140_000 + '",1\n', "not a CSV file"),
    ],
)
def test_a_file_without_anything_to_generate_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_prompts(written(tmp_path, text))


def test_prompts_that_a_model_cannot_read_are_skipped_too(tmp_path: Path) -> None:
    def check(prompt: str) -> None:
        if len(prompt) > 5:
            raise ValueError("too long")

    path = written(tmp_path, "prompt,seed\na cat,1\n,2\na cat in a house,3\na dog,4\n")
    found = read_prompts(path).checked(check)
    assert [case.prompt for case in found.cases] == ["a cat", "a dog"]
    assert [(row.line, row.reason.split(":")[0]) for row in found.skipped] == [
        (3, "The prompt is empty"),
        (4, "too long"),
    ]
    with pytest.raises(ValueError, match="line 4: too long"):
        read_prompts(written(tmp_path, "prompt,seed\na cat,1\na dog,4\na cat in a house,3\n"), strict=True).checked(
            check
        )


def test_prompts_are_cut_by_choice_to_what_the_model_reads(tiny: Model, tmp_path: Path) -> None:
    """The same tokens as the pipeline reads, which leaves the others out."""
    long = "a house, " + "very, " * 200
    path = written(tmp_path, f'prompt,evaluation_guidance\n"{long}",7.5\na cat,7.5\n,7.5\n')
    found = read_prompts(path).shortened(tiny.text.cut).checked(tiny.text.check_length)
    cut, other = (case.prompt for case in found.cases)
    assert other == "a cat"
    assert long.startswith(cut)
    tokenizer = tiny.pipeline.tokenizer
    assert tokenizer(cut).input_ids == tokenizer(long, truncation=True, max_length=77).input_ids
    said = " ".join(found.notes)
    assert "1 of 3 rows are skipped, the first in line 4: The prompt is empty" in said
    assert "1 of 2 prompts are cut" in said
    assert [case.guidance_scale for case in found.cases] == [7.5, 7.5]
    assert [case.guidance_scale for case in found.guided_alike().cases] == [None, None]
    assert not read_prompts(written(tmp_path, "prompt\na cat\n")).notes


def test_columns_that_are_left_aside_cost_nothing(tmp_path: Path) -> None:
    """However many the head has: a row says only what it says."""
    rows = "\n".join(f"a house,1,{number}" for number in range(20_000))
    path = written(tmp_path, f"prompt,evaluation_seed,case_number,{',' * 20_000}\n{rows}")
    assert [case.case_number for case in read_prompts(path).cases] == list(range(20_000))
