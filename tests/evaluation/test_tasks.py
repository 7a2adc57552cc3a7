"""Tasks: what they ask, on large and small catalogues, and what is said of a faulty one."""

import json
from pathlib import Path

import pytest
import yaml

from uce_core import EditSpec, Model
from uce_core.cli import main
from uce_core.evaluation.cases import FACETS, facet_cases
from uce_core.evaluation.task import selected
from uce_core.evaluation.task_files import FOLDER, names, read_task

OWN = """name: mine
erased: [Gustav Klimt]
others: [Claude Monet]
prompts:
  - "{subject} by {artist}"
subjects: [a house]
"""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", names())
def test_tasks_ask_for_everyone_and_shrink_to_small_catalogues(name: str, scored: Model) -> None:
    task = read_task(name).task
    assert task.name == name
    many = [f"Artist {i}" for i in range(300)]
    whole = selected(task, many)
    assert (len(whole.erased), len(whole.others)) == (task.erased, task.others)
    small = selected(task, scored.catalog)
    assert small.erased
    assert small.others
    assert not set(small.erased) & set(small.others)
    asked = task.cases(small, {})
    assert {case.artist for case in asked} == {*small.erased, *small.others}
    assert len({case.evaluation_seed for case in asked}) == len(asked)
    assert all(case.artist in case.prompt for case in asked if case.facet in ("style", "name", "portrait"))
    given = selected(task, scored.catalog, ["Gustav Klimt"], ["Claude Monet"])
    assert (given.erased, given.others) == (("Gustav Klimt",), ("Claude Monet",))
    with pytest.raises(ValueError, match="too small"):
        selected(task, ["one"])


def test_facets_are_those_of_leakage(scored: Model) -> None:
    task = read_task("facets").task
    assert task.facets == FACETS
    artists, indirect = selected(task, scored.catalog), scored.known.indirect
    assert task.cases(artists, indirect) == facet_cases(artists.erased, artists.others, indirect)


def test_an_edit_is_solved_as_the_task_says(tmp_path: Path) -> None:
    names = (("Gustav Klimt",), ("Claude Monet",))
    assert read_task(written(tmp_path, OWN)).task.spec_for(*names) == EditSpec(erase=names[0], retain=names[1])
    task = read_task(written(tmp_path, f"{OWN}edit: {{kind: uce, lam: 0.5, wording: style}}\n")).task
    assert task.spec_for(*names) == EditSpec(erase=names[0], retain=names[1], lam=0.5, wording="style")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: mine", "name: Mine!", "line 1: name: "),
        ("erased: [Gustav Klimt]", "erased: 0", "line 2: erased: "),
        ("erased: [Gustav Klimt]", "erased: [Gustav Klimt, 5]", "line 2: erased"),
        ("others:", "other:", "line 3: other: Extra inputs"),
        ('  - "{subject} by {artist}"', '  - "{subject}"\n  - "{subject} by {artist}"', "needs {subject} and {artist}"),
        ('  - "{subject} by {artist}"', '  - "{subject} by {artist} {0}"', "needs {subject} and {artist}"),
        ('  - "{subject} by {artist}"', '  - "{subject"', "line 1: "),
        ("subjects: [a house]", "subjects: [a house]\nfacets: [style]", "one of prompts, facets and file"),
        ("subjects: [a house]", "subjects: [a house]\nimages: 0", "line 7: images: "),
        ("subjects: [a house]", "subjects: [a house]\nshows: [clip_e, fid]", "line 7: shows.1: Unknown metric 'fid'"),
        ("subjects: [a house]", "subjects: [a house]\nedit: {kind: uce, lam: -1}", "lam"),
        ("subjects: [a house]", "subjects: [a house]\nedit: {kind: nonsense}", "nonsense"),
        ("subjects: [a house]", "subjects: [a house", "line 7: "),
        ("subjects: [a house]", "subjects: !!python/object:os.system [a house]", "line 6: "),
        (OWN, "[]", "line 1: "),
        (OWN, "", "line 1: "),
    ],
)
def test_a_faulty_task_is_refused_with_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in OWN
    with pytest.raises(ValueError, match=r"^mine\.yaml, line \d+: ") as error:
        read_task(written(tmp_path, OWN.replace(old, new)))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_task_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no task nowhere: use one of facets, mace-100"):
        read_task("nowhere")
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"^x.yaml, line 1: it is not UTF-8"):
        read_task(str(tmp_path / "x.yaml"))


def test_the_digest_is_of_all_that_is_asked(tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.csv"
    prompts.write_text("prompt,artist\na house,Gustav Klimt\n", encoding="utf-8")
    text = "name: mine\nerased: [Gustav Klimt]\nfile: prompts.csv\n"
    first = read_task(written(tmp_path, text)).digest
    assert read_task(written(tmp_path, f"# a comment\n{text}")).digest == first
    assert read_task(written(tmp_path, f"{text}images: 2\n")).digest != first
    prompts.write_text("prompt,artist\na boat,Gustav Klimt\n", encoding="utf-8")
    assert read_task(written(tmp_path, text)).digest != first


def test_a_task_of_ones_own_prompts_runs_from_the_command_line(
    scored_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.csv").write_text("prompt,artist,seed\na house,Gustav Klimt,3\n,Gustav Klimt,4\n", "utf-8")
    path = written(tmp_path, "name: mine\nversion: 3\nerased: [Gustav Klimt]\nfile: prompts.csv\nsteps: 2\n")
    assert main(["evaluate", "validate", path]) == 0
    said = capsys.readouterr().out
    assert "Task mine, version 3" in said
    assert "1 of 2 rows are skipped, the first in line 3" in said
    out = tmp_path / "report"
    assert main(["evaluate", "run", path, "--model", str(scored_folder), "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["steps"], found["image_count"]) == ("mine", 2, 1)
    assert [edit["edit"] for edit in found["edits"]] == ["1-artists"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"Task mine, version 3, digest {read_task(path).digest[:16]}." in page
    assert "1 of 2 rows are skipped" in page


def test_tasks_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in names())
    assert {path.stem for path in FOLDER.iterdir()} == set(names())
    assert main(["evaluate", "show", "mace-100"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["erased"] == 100
