"""The command line, run as a user runs it, on a tiny random model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tiny import tiny_pipeline
from uce_core import DenseEdit, Edit, EditSpec, GenerationSpec, Model, erase, preset
from uce_core.cli import main
from uce_core.cli.evaluate import say_unknown
from uce_core.concepts.text_spaces import EDITED
from uce_core.evaluation.prompt_files import read_prompts
from uce_core.models.families import family_of
from uce_core.runs.png_metadata import facts_in


@pytest.fixture
def edit_file(tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    out = tmp_path / "edit.safetensors"
    arguments = ["erase", "--model", str(tiny_folder), "--erase", "Vincent van Gogh", "--retain", "Claude Monet"]
    assert main([*arguments, "--out", str(out)]) == 0
    capsys.readouterr()
    return out


def test_erase_takes_every_option(tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "edit.safetensors"
    arguments = ["erase", "--model", str(tiny_folder), "--erase", "A", "--erase", "B", "--retain", "C", "--retain", "D"]
    arguments += ["--guide", "sketch", "--wording", "style", "--span", "rest", "--lam", "0.2", "--erase-scale", "2"]
    assert main([*arguments, "--retain-scale", "0.5", "--out", str(out), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    spec = Edit.load(out).spec
    assert (spec.erase, spec.retain, spec.guide, spec.wording, spec.span) == (
        ("A", "B"),
        ("C", "D"),
        "sketch",
        "style",
        "rest",
    )
    assert (spec.lam, spec.erase_scale, spec.retain_scale) == (0.2, 2.0, 0.5)
    assert facts["not_in_catalogue"] == ["A", "B", "C", "D"]
    assert facts["bytes"] == out.stat().st_size


def test_syntax_of_other_programs_in_prompts_is_said(
    edit_file: Path, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = ["--prompt", "a house (gogh:1.2)", "--prompt", "(gogh:1.2) <lora:x:1>", "--prompt", "a (red) boat"]
    asked = ["--model", str(tiny_folder), *prompts, "--steps", "1", "--out", str(tmp_path / "images")]
    note = "Note: read as plain words, not as weights or files: '(gogh:1.2)', '<lora:x:1>'."
    assert main(["generate", *asked]) == 0
    assert note in capsys.readouterr().err.splitlines()
    assert main(["compare", "--edit", str(edit_file), "--no-record", *asked, "--json"]) == 0
    assert note not in capsys.readouterr().err
    table = tmp_path / "prompts.csv"
    table.write_text('prompt\n"a house (gogh:1.2), <lora:x:1>"\n', encoding="utf-8")
    measured = ["--model", str(tiny_folder), "--edit", str(edit_file), "--steps", "1", "--no-record"]
    main(["evaluate", "csv", str(table), *measured, "--out", str(tmp_path / "found")])  # as far as there are scorers
    assert note in capsys.readouterr().err.splitlines()


def test_what_is_in_a_column_of_artists_and_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "prompts.csv"
    table.write_text("prompt,artist\na cat,a white person\na dog,Claude Monet\na tree,\n", encoding="utf-8")
    say_unknown(read_prompts(table), ("Claude Monet",))
    assert capsys.readouterr().err == (
        "Note: 'a white person' in the column of artists is not in the catalogue of this model: if these are no "
        "artists, leave the column aside with --column artist=.\n"
    )
    say_unknown(read_prompts(table, {"artist": ""}), ())
    assert not capsys.readouterr().err


def test_an_export_does_not_replace_the_edit(
    edit_file: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = edit_file.read_bytes()
    asked = ["export", "--model", str(tiny_folder), "--edit", str(edit_file), "--to", "kohya-lora"]
    assert main([*asked, "--out", str(edit_file.parent / "." / edit_file.name)]) == 2
    assert "is the edit itself: choose another name for --out." in capsys.readouterr().err
    assert edit_file.read_bytes() == before


def test_names_are_taken_as_people_write_them_and_that_is_said(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, model = tmp_path / "edit.safetensors", ["--model", str(tiny_folder)]
    lines = tmp_path / "names.txt"
    lines.write_text("폴 세잔\nKäthe Nobody\n", encoding="utf-8")
    given = ["--erase", "빈센트 반 고흐; Picasso", "--erase", "a red, round apple", "--erase", "(gogh:1.2)"]
    given += ["--guide", "클로드 모네"]
    assert main(["erase", *model, *given, "--retain-from", str(lines), "--out", str(out)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "Note: by the names that models know: 빈센트 반 고흐 → Vincent van Gogh.",
        "Note: taken for several names: '빈센트 반 고흐; Picasso'.",
        "Note: taken for one concept: 'a red, round apple'; if these are several, repeat the option.",
        "Note: read as plain words, not as weights or files: '(gogh:1.2)'.",
        "Note: by the names that models know: 폴 세잔 → Paul Cezanne.",
        "Note: by the names that models know: 클로드 모네 → Claude Monet.",
    ]
    spec = Edit.load(out).spec
    assert spec.erase == ("Vincent van Gogh", "Picasso", "a red, round apple", "(gogh:1.2)")
    assert spec.retain == ("Paul Cezanne", "Käthe Nobody")
    asked: list[tuple[str, ...]] = []

    def stop(*given: Any, **named: Any) -> None:
        asked.append(named["artists"])
        raise ValueError("enough")

    monkeypatch.setattr("uce_core.cli.evaluate.leakage_inputs", stop)
    given = ["--edit", str(out), "--artist", "클로드 모네", "--out", str(tmp_path / "leaks")]
    assert main(["evaluate", "leakage", *model, *given]) == 2
    assert asked == [("Claude Monet",)]
    assert "클로드 모네 → Claude Monet" in capsys.readouterr().err


def test_compare_writes_what_the_contract_says(
    edit_file: Path, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "images"
    arguments = [
        "compare",
        "--model",
        str(tiny_folder),
        "--edit",
        str(edit_file),
        "--prompt",
        "a cat",
        "--prompt",
        "a house",
    ]
    arguments += ["--seed", "1", "--seed", "2", "--steps", "2", "--guidance-scale", "3", "--out", str(out)]
    assert main(arguments) == 0
    assert "Saved 4 pairs" in capsys.readouterr().out
    rows = json.loads((out / "scores.json").read_text())
    assert [(row["prompt"], row["seed"]) for row in rows] == [
        ("a cat", 1),
        ("a cat", 2),
        ("a house", 1),
        ("a house", 2),
    ]
    for i, row in enumerate(rows):
        assert (row["original"], row["edited"]) == (f"original_{i}.png", f"edited_{i}.png")
        with Image.open(out / row["original"]) as original, Image.open(out / row["edited"]) as edited:
            assert original.size == edited.size


def test_inspect_shows_the_spec(edit_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(edit_file)]) == 0
    assert "erase: Vincent van Gogh" in capsys.readouterr().out
    assert main(["inspect", str(edit_file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["retain"] == ["Claude Monet"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["erase", "--out", "x"], "--erase"),
        (["erase", "--erase", " ", "--out", "x"], "nothing to erase"),
        (["erase", "--erase", "A", "--retain", "a", "--out", "x"], "both erased and retained"),
        (["erase", "--erase", "A", "--lam", "many", "--out", "x"], "--lam"),
        (["erase", "--erase", "A", "--lam", "-1", "--out", "x"], "lam is -1"),
        (["erase", "--erase", "A", "--model", "nobody/nothing", "--out", "x"], "hub cannot be reached"),
        (["erase", "--erase", "A", "--shout", "--out", "x"], "--shout"),
        (["compare", "--edit", "none.safetensors", "--prompt", "a", "--out", "x"], "no edit file"),
        (["inspect", "none.safetensors"], "no edit file"),
        (["dance"], "dance"),
        (["generate", "--prompt", "a", "--out", __file__], "test_cli.py is a file: name a folder for --out."),
        (["erase", "--erase", "A", "--out", f"{__file__}/x"], "test_cli.py is a file: name a folder for --out."),
        (["erase", "--erase", "A", "--out", "."], ". is a folder: name a file for --out."),
    ],
)
def test_mistakes_exit_with_2_and_one_line(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_generate_generates_with_and_without_an_edit(
    edit_file: Path, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["generate", "--model", str(tiny_folder), "--prompt", "a cat", "--seed", "3", "--seed", "4", "--steps", "2"]
    for name, extra in (("plain", []), ("edited", ["--edit", str(edit_file)])):
        assert main([*base, *extra, "--out", str(tmp_path / name), "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["images"]
        assert [(row["seed"], row["steps"], row["image"]) for row in rows] == [
            (3, 2, "image_0.png"),
            (4, 2, "image_1.png"),
        ]
    plain, edited = ((tmp_path / name / "image_0.png").read_bytes() for name in ("plain", "edited"))
    assert plain != edited


def test_images_say_what_was_asked_here_and_in_other_programs(
    edit_file: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    asked = ["--model", str(tiny_folder), "--prompt", "a house", "--seed", "5", "--steps", "1", "--guidance-scale", "2"]
    for command in (["compare", "--no-record", "--edit", str(edit_file)], ["generate", "--edit", str(edit_file)]):
        assert main([*command, *asked, "--out", str(tmp_path)]) == 0
    for name, edited in (("original_0", False), ("edited_0", True), ("image_0", True)):
        facts = facts_in(tmp_path / f"{name}.png")
        assert facts.generation == GenerationSpec("a house", 5, 1, 2.0), name
        assert (facts.edited, facts.spec) == (edited, Edit.load(edit_file).spec if edited else None), name
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.info["parameters"].startswith("a house\nSteps: 1, Sampler: DDIM, CFG scale: 2, Seed: 5, Size:")


@pytest.mark.parametrize("command", ["compare", "generate"])
def test_noise_is_foretold(
    command: str, tiny: Model, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for strength, told in ((1, False), (1e4, True)):
        file = erase(tiny, EditSpec(erase=("Claude Monet",))).at_strength(strength).save(tmp_path / "it.safetensors")
        asked = ["--edit", str(file), "--model", str(tiny_folder), "--prompt", "a house", "--steps", "1"]
        assert main([command, *asked, "--out", str(tmp_path / "out")]) == 0
        assert ("times its own size, and images turn to noise" in capsys.readouterr().err) == told


@pytest.mark.parametrize("command", ["compare", "generate"])
def test_size_sampler_and_negative_prompt_are_taken(
    command: str, edit_file: Path, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = [
        command,
        "--model",
        str(tiny_folder),
        "--edit",
        str(edit_file),
        "--prompt",
        "a cat",
        "--json",
        "--steps",
        "2",
    ]
    base += ["--no-record"] if command == "compare" else []
    how = ["--width", "96", "--height", "64", "--sampler", "euler-a"]
    found = []
    for negative_prompt in ("a dog", "a house"):
        assert main([*base, *how, "--negative-prompt", negative_prompt, "--out", str(tmp_path)]) == 0
        facts = json.loads(capsys.readouterr().out)
        [row] = facts.get("pairs") or facts["images"]
        assert (row["width"], row["height"], row["sampler"]) == (96, 64, "euler-a")
        assert row["negative_prompt"] == negative_prompt
        found.append((tmp_path / (row.get("edited") or row["image"])).read_bytes())
        with Image.open(tmp_path / (row.get("edited") or row["image"])) as image:
            assert image.size == (96, 64)
    assert found[0] != found[1]
    for wrong, sentence in (
        (["--width", "100"], "width is 100: this model takes multiples of 8, such as 96"),
        (["--sampler", "heun"], "Unknown sampler 'heun': use one of ddim, dpmpp-2m"),
        (["--steps", "60", "--sampler", "lcm"], "at most 50 steps, not 60"),
    ):
        assert main([*base, *wrong, "--out", str(tmp_path)]) == 2
        assert sentence in capsys.readouterr().err


def test_steps_and_guidance_are_the_familys_unless_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["generate", "--prompt", "a cat", "--out", str(tmp_path), "--json"]
    found = []
    for extra in ([], ["--steps", "1", "--guidance-scale", "0"]):
        assert main([*base, *extra]) == 0
        [row] = json.loads(capsys.readouterr().out)["images"]
        found.append((row["steps"], row["guidance_scale"]))
    atelier = family_of(192)
    assert found == [(atelier.steps, atelier.guidance_scale), (1, 0.0)]


def test_compare_refuses_bad_requests(edit_file: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["compare", "--model", str(tiny_folder), "--edit", str(edit_file), "--out", "x"]
    for extra, sentence in (
        (["--prompt", " "], "prompt is empty"),
        (["--prompt", "cat " * 100, "--steps", "1"], "too long"),
        (["--prompt", "a", "--steps", "0"], "steps is 0"),
        (["--prompt", "a", "--seed", "-4"], "seed is -4"),
    ):
        assert main([*base, *extra]) == 2
        assert sentence in capsys.readouterr().err
    edit_file.write_bytes(edit_file.read_bytes()[:100])
    assert main([*base, "--prompt", "a"]) == 2
    assert "damaged" in capsys.readouterr().err


def test_presets_guides_and_exports(tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "edit.safetensors"
    model = ["--model", str(tiny_folder)]
    names = [
        "--erase",
        "A",
        "--erase",
        "B",
        "--guide",
        "art",
        "--guide",
        "C",
        "--preset",
        "published-2025",
        "--lam",
        "2",
    ]
    assert main(["erase", *names, "--out", str(out), *model]) == 0
    spec = Edit.load(out).spec
    assert (spec.guides, spec.retain_empty, spec.lam) == (("art", "C"), False, 2.0)
    for to in ("published", "diffusers-lora", "kohya-lora"):
        target = tmp_path / f"{to}.safetensors"
        assert main(["export", "--edit", str(out), "--to", to, "--out", str(target), *model]) == 0
        assert target.is_file()
    capsys.readouterr()
    assert main(["inspect", str(tmp_path / "published.safetensors"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["kind"], facts["spec"]["erase"]) == ("dense", ["A", "B"])
    assert main(["export", "--edit", str(out), "--to", "zip", "--out", str(out), *model]) == 2
    assert "Unknown format 'zip'" in capsys.readouterr().err


def test_names_come_from_files_and_unknown_ones_get_one_note(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artists = tmp_path / "artists.txt"
    artists.write_text("# known\n" + "".join(f"Artist {i},painter\n" for i in range(7)), encoding="utf-8")
    retained = tmp_path / "retained.txt"
    retained.write_text("Claude Monet\n\nNobody At All\n", encoding="utf-8")
    out = tmp_path / "edit.safetensors"
    base = ["erase", "--model", str(tiny_folder), "--span", "last", "--out", str(out)]
    asked = ["--erase", "Vincent van Gogh", "--erase-from", str(artists), "--retain-from", str(retained)]
    assert main([*base, *asked]) == 0
    said = capsys.readouterr().out.splitlines()
    assert f"Read 7 names from {artists} (1 empty or comment lines skipped, what follows a comma left out" in said[0]
    assert said[1].startswith(f"Read 2 names from {retained}")
    assert "Vincent van Gogh → 'art', Artist 0 → 'art'" in said[2]
    assert "and 3 more, rank 8" in said[2]
    [note] = [line for line in said if line.startswith("Note")]
    assert note == (
        "Note: 'Artist 0', 'Artist 1', 'Artist 2', 'Artist 3', 'Artist 4' and 3 more are not in the catalogue of this "
        "model; they are edited all the same."
    )
    spec = Edit.load(out).spec
    assert spec.erase == ("Vincent van Gogh", *(f"Artist {i}" for i in range(7)))
    assert spec.retain == ("Claude Monet", "Nobody At All")
    assert main([*base, *asked, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["read"] == [{"file": str(artists), "names": 7}, {"file": str(retained), "names": 2}]
    assert len(facts["not_in_catalogue"]) == 8
    assert main(["impact", "--model", str(tiny_folder), "--edit", str(out), "--catalog", str(artists), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 7


def test_an_edit_is_solved_again_for_another_model(
    edit_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_pipeline(seed=1).save_pretrained(tmp_path / "other")
    out, to = tmp_path / "again.safetensors", ["--model", str(tmp_path / "other")]
    assert main(["export", "--edit", str(edit_file), "--to", "published", "--out", str(out), *to]) == 2
    assert "another text encoder than that of other" in capsys.readouterr().err
    assert main(["erase", "--again", str(edit_file), "--out", str(out), *to]) == 0
    assert Edit.load(out).spec == Edit.load(edit_file).spec
    assert Edit.load(out).text_encoder != Edit.load(edit_file).text_encoder
    assert main(["export", "--edit", str(out), "--to", "published", "--out", str(tmp_path / "exported"), *to]) == 0
    for more in (["--erase", "A"], ["--lam", "2"], ["--retain-from", str(out)], ["--preset", "published-2025"]):
        assert main(["erase", "--again", str(edit_file), *more, "--out", str(out), *to]) == 2
        assert "--again alone" in capsys.readouterr().err


def test_what_half_precision_an_edit_starts_from_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_pipeline().to(dtype=torch.float16).save_pretrained(tmp_path / "half", variant="fp16")
    for method in ("uce", "uce-tensor"):
        arguments = ["erase", "--model", str(tmp_path / "half"), "--erase", "Claude Monet", "--method", method]
        arguments += ["--out", str(tmp_path / "edit.safetensors")]
        assert main(arguments) == 0
        assert "Note: half has no float32 weights; the edit starts from float16." in capsys.readouterr().out
        assert main([*arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["started_from"] == "float16"


def test_bad_arguments_are_told_before_a_model_is_opened(
    edit_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a model was opened")

    for module in ("erase", "edit_files"):
        monkeypatch.setattr(f"uce_core.cli.{module}.load_model", refuse)
    dense = tmp_path / "dense.safetensors"
    DenseEdit(weights={f"a.{EDITED[0]}": torch.zeros(2, 16)}).save(dense)
    export, out = ["export", "--out", str(tmp_path / "out")], ["--out", str(tmp_path / "out")]
    for arguments, sentence in (
        ([*export, "--edit", str(edit_file), "--to", "zip"], "Unknown format"),
        ([*export, "--edit", str(tmp_path / "none"), "--to", "published"], "no edit file"),
        ([*export, "--edit", str(edit_file), "--to", "published", "--rank", "2"], "Only a LoRA has a rank"),
        (["erase", "--erase-from", str(tmp_path / "none"), *out], "There is no file"),
        (["erase", "--again", str(dense), *out], "does not say what it erases"),
        (["impact", "--edit", str(edit_file), "--catalog", str(dense)], "no readable UTF-8 text file"),
    ):
        assert main(arguments) == 2
        assert sentence in capsys.readouterr().err
    assert main(["inspect", str(edit_file)]) == 0


def test_memory_that_runs_out_is_one_line(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("uce_core.cli.erase.erase", lambda model, spec, on_text: torch.empty(1 << 50))
    arguments = ["erase", "--model", str(tiny_folder), "--erase", "A", "--out", str(tmp_path / "edit.safetensors")]
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("Error: This computer's memory is too small for it")


def test_impact_prints_rows(
    edit_file: Path, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Edvard Munch\n\nGustav Klimt\nClaude Monet\n", encoding="utf-8")
    arguments = [
        "impact",
        "--edit",
        str(edit_file),
        "--catalog",
        str(names),
        "--model",
        str(tiny_folder),
        "--suggest",
        "1",
    ]
    assert main([*arguments, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [set(row) for row in facts["rows"]] == [{"concept", "drift"}] * 3
    assert len(facts["suggest_retain"]) == 1
    assert "Claude Monet" not in facts["suggest_retain"]
    assert main(arguments) == 0
    assert "Suggested to retain" in capsys.readouterr().out


def test_several_edits_are_compared_beside_the_same_originals(
    tiny: Model, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        erase(tiny, preset("default", ["Claude Monet"], method=kind)).save(tmp_path / f"{kind}.safetensors")
        for kind in ("uce", "oce", "negative-prompt")
    ]
    edits = [part for file in files for part in ("--edit", str(file))]
    asked = ["--prompt", "a house by Claude Monet", "--seed", "1", "--seed", "2", "--steps", "2", "--model"]
    base = ["compare", *edits, *asked, str(tiny_folder), "--out", str(tmp_path / "out"), "--no-record"]
    assert main([*base, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["pairs"]
    assert [(row["edit"], row["seed"]) for row in rows] == [(file.stem, seed) for file in files for seed in (1, 2)]
    assert {row["original"] for row in rows} == {"original_0.png", "original_1.png"}
    assert json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8")) == rows
    assert len({(tmp_path / "out" / row["edited"]).read_bytes() for row in rows}) == len(rows)
    assert main(base) == 0
    assert "\n1, oce: 'a house by Claude Monet', seed 2: no scores\n" in capsys.readouterr().out
    assert main([*base, "--path", "swap"]) == 2
    assert "name one edit" in capsys.readouterr().err
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / files[0].name).write_bytes(files[0].read_bytes())
    assert main([*base, "--edit", str(tmp_path / "again" / files[0].name)]) == 2
    assert "the same name" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["uce", "uce-tensor", "semantic-surgery", "adavd", "negative-prompt"])
def test_whatever_the_method_generate_makes_the_edited_images_of_compare(
    tiny: Model, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    file = erase(tiny, preset("default", ["Claude Monet"], method=kind)).save(tmp_path / "edit.safetensors")
    asked = [
        "--edit",
        str(file),
        "--prompt",
        "Claude Monet",
        "--seed",
        "1",
        "--steps",
        "2",
        "--model",
        str(tiny_folder),
    ]
    for command, more in (("compare", ["--no-record"]), ("generate", [])):
        assert main([command, *asked, *more, "--dtype", "fp32", "--out", str(tmp_path / command), "--json"]) == 0
        json.loads(capsys.readouterr().out)
    names = (tmp_path / "compare" / "edited_0.png", tmp_path / "generate" / "image_0.png")
    compared, generated = (np.asarray(Image.open(name)).astype(int) for name in names)
    assert np.abs(compared - generated).max() <= 1
