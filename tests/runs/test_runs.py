"""Recorded runs: once each, complete, replayed exactly, aged out by size."""

import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from diffusers import DPMSolverMultistepScheduler
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import uce_core.runs.home
import uce_core.runs.record
from tests.postgresql import IN_SQLITE
from uce_core import EditSpec, GenerationSpec, Model, compare, erase, preset
from uce_core.cli import main
from uce_core.edits.combine import stack
from uce_core.edits.edit import AnyEdit
from uce_core.generation.compare import Pair
from uce_core.runs.blobs import NewFile
from uce_core.runs.home import home
from uce_core.runs.png_metadata import facts_in, png_of
from uce_core.runs.record import comparison_record
from uce_core.runs.replay import Replay, edit_of, replay
from uce_core.runs.run import AnyRun, ComparisonRun, StoredFile, UnreadableRun, recorded
from uce_core.runs.store import LONGEST_NOTE, LONGEST_TITLE, Store
from uce_core.workflows import not_kept, run_comparisons


def record_size(run: AnyRun) -> int:
    assert not isinstance(run, UnreadableRun)
    return sum(len(json.dumps(facts)) for facts in recorded(run))


def generated(model: Model, seed: int = 1, edit: AnyEdit | None = None) -> tuple[AnyEdit, list[Pair]]:
    edit = edit or erase(model, EditSpec(erase=("Claude Monet",), retain=("Edvard Munch",)))
    return edit, compare(model, edit, [GenerationSpec("a cat", seed=seed, steps=2)])


def test_the_same_comparison_is_kept_once_and_its_images_once(tiny: Model, kept: Store) -> None:
    first, again, other = (comparison_record(tiny, *generated(tiny, seed)).keep(kept) for seed in (1, 1, 2))
    assert first == again != other
    assert kept.count() == 2
    assert [run.id for run in kept.page()] == [other, first], "the newest first"
    stronger = generated(tiny)[0].at_strength(2)
    third = comparison_record(tiny, *generated(tiny, 1, stronger)).keep(kept)
    originals = {part.digest for run in (first, third) for part in kept.get(run).files_of("original")}
    assert len(originals) == 1, "the same original under another edit"
    files = sum(path.stat().st_size for path in (kept.folder / "files").rglob("*.*"))
    records = sum(record_size(run) for run in kept.page())
    assert kept.size() == files + records


def test_what_is_generated_again_is_the_newest_and_ages_out_last(kept: Store) -> None:
    def add(number: int, **elsewhere: bool) -> str:
        contents = [NewFile("original", ".png", bytes([number]) * 1000)]
        return kept.add("compare", f"prompt {number}", {"number": number}, {}, {}, contents, **elsewhere)

    runs = [add(number) for number in range(3)]
    assert add(0) == runs[0]
    assert [run.id for run in kept.page()] == [runs[0], runs[2], runs[1]]
    again = kept.get(runs[0])
    assert again.latest > again.created
    assert add(1, from_elsewhere=True) == runs[1]
    assert [run.id for run in kept.page()][-1] == runs[1], "nobody drew it here"
    assert kept.count(pinned=True) == 0
    assert [run.id for run in kept.page(pinned=True, whose="nobody")] == []
    kept.prune(1100)
    assert [run.id for run in kept.page()] == [runs[0]]


@IN_SQLITE
def test_a_path_that_someone_chose_makes_another_run(tiny: Model, kept: Store) -> None:
    edit, pairs = generated(tiny)
    runs = [
        comparison_record(tiny, edit, pairs, path=path, chosen=path == "swap").keep(kept)
        for path in ("auto", "apart", "swap")
    ]
    assert runs[0] == runs[1] != runs[2]
    assert kept.get(runs[2]).request.path == "swap"
    assert replay(kept, kept.get(runs[2]), tiny).verdict == "identical"


def test_ids_cannot_be_guessed_from_what_was_asked(tiny: Model, tmp_path: Path) -> None:
    one, two = (comparison_record(tiny, *generated(tiny)).keep(Store(tmp_path / name)) for name in "ab")
    assert one != two
    assert min(len(one), len(two)) >= 16


def test_a_recorded_run_is_generated_again_exactly(tiny: Model, kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    edit, pairs = generated(tiny)
    run = kept.get(comparison_record(tiny, edit, pairs).keep(kept))
    assert list(run.generations) == [pair.spec for pair in pairs]
    assert edit_of(kept, run).digest == edit.digest
    found = replay(kept, run, tiny)
    assert (found.verdict, found.changed) == ("identical", {})
    monkeypatch.setattr(uce_core.runs.record, "version", lambda name: "0.0")
    assert set(replay(kept, run, tiny).changed) == {"torch", "diffusers", "transformers", "numpy"}


@IN_SQLITE
@pytest.mark.parametrize("method", ["uce", "oce", "uce-tensor"])
def test_a_run_whose_original_was_remembered_is_generated_again_exactly(
    atelier: Model, kept: Store, method: str
) -> None:
    """In half precision the last bits hang on how many images are generated at once."""
    specs = [GenerationSpec("a cat by Claude Monet", seed=5, steps=4)]
    first, other = (erase(atelier, preset("default", [name], (), method)) for name in ("Edvard Munch", "Claude Monet"))
    [begun] = run_comparisons(atelier, [first], specs, not_kept)
    originals = [pair.original for pair in begun.pairs]
    [found] = run_comparisons(atelier, [other], specs, lambda record: kept.get(record.keep(kept)), originals=originals)
    assert isinstance(found.run, ComparisonRun)
    assert replay(kept, found.run, atelier).verdict == "identical"


@IN_SQLITE
def test_a_replay_that_differs_says_so(tiny: Model, kept: Store) -> None:
    run = kept.get(comparison_record(tiny, *generated(tiny)).keep(kept))
    path = kept.path(run.files_of("edited")[0])
    pixels = np.asarray(Image.open(path)).astype(int)
    for moved, verdict in ((1, "within tolerance"), (90, "different")):
        Image.fromarray(((pixels + moved) % 256).astype(np.uint8)).save(path, "png")
        assert replay(kept, run, tiny).verdict == verdict


@IN_SQLITE
def test_a_replay_names_another_sampler(tiny: Model, kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = kept.get(comparison_record(tiny, *generated(tiny)).keep(kept))
    assert run.environment["sampler"] == "DDIMScheduler"
    facts = {name: value for name, value in run.environment.items() if name != "sampler"}
    of_before = run.model_copy(update={"environment": facts})
    assert replay(kept, of_before, tiny) == Replay("identical", {"sampler": ("", "DDIMScheduler")})
    another = DPMSolverMultistepScheduler.from_config(tiny.pipeline.scheduler.config, timestep_spacing="trailing")
    monkeypatch.setattr(tiny.pipeline, "scheduler", another)
    changed = {"sampler": ("DDIMScheduler", "DPMSolverMultistepScheduler")}
    assert replay(kept, run, tiny) == Replay("different", changed)


def test_a_run_of_the_version_before_is_replayed_and_lacks_a_sampler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(Path(__file__).resolve().parents[1] / "data" / "v0.1" / "home", tmp_path / "home")
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    [run] = uce_core.runs.home.open_store(home()).page(search="a cat")
    assert main(["runs", "replay", run.id, "--dtype", "fp32"]) == 0
    printed = capsys.readouterr().out
    assert "sampler was not recorded, is DPMSolverMultistepScheduler" in printed
    assert not printed.startswith("different"), "its two steps are of first order, as DDIM's were"


def test_a_run_that_does_not_say_how_it_was_generated_is_not_replayed(tiny: Model, kept: Store) -> None:
    run = kept.get(kept.add("debias", "doctor", {}, {}, {"history": []}, []))
    with pytest.raises(ValueError, match="does not say how its images were generated"):
        replay(kept, run, tiny)


@IN_SQLITE
def test_a_stack_of_edits_is_replayed_from_its_file(tiny: Model, kept: Store) -> None:
    parts = [erase(tiny, EditSpec(erase=(name,))) for name in ("Claude Monet", "Edvard Munch")]
    run = kept.get(comparison_record(tiny, *generated(tiny, 1, stack(*parts))).keep(kept))
    assert replay(kept, run, tiny).verdict == "identical"


@IN_SQLITE
def test_images_say_what_they_are(tiny: Model, kept: Store, tmp_path: Path) -> None:
    run = kept.get(comparison_record(tiny, *generated(tiny)).keep(kept))
    facts = facts_in(kept.path(run.files_of("edited")[0]))
    assert facts.generation == run.generations[0]
    assert facts.spec == EditSpec(erase=("Claude Monet",), retain=("Edvard Munch",))
    with Image.open(kept.path(run.files_of("original")[0])) as original:
        said = json.loads(original.info["uce-studio"])["generation"]
    assert set(said) == {"kind", "version", "prompt", "seed", "steps", "guidance_scale"}, "as ever"
    assert not facts_in(kept.path(run.files_of("original")[0])).edited
    image = Image.new("RGB", (4, 4))
    facts_of_one = {"model": "tiny", "generation": facts.generation.facts()}
    (tmp_path / "small.png").write_bytes(png_of(image, facts_of_one))
    assert facts_in(tmp_path / "small.png").generation == facts.generation
    image.save(tmp_path / "other.png")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "lying.png").write_bytes(png_of(image, {"drawing": {"prompt": "", "seed": "x"}}))
    (tmp_path / "strong.png").write_bytes(png_of(image, facts_of_one | {"strength": "nan"}))
    for name in ("other.png", "text.png", "lying.png", "strong.png"):
        with pytest.raises(ValueError, match="has no settings that can be read"):
            facts_in(tmp_path / name)


def test_what_an_image_says_is_read_from_its_head_alone(tmp_path: Path) -> None:
    """A large one or an animation takes no more time than a small one, and what is no pixel is never found out."""
    facts = {"model": "tiny", "generation": {"prompt": "a house", "seed": 1}}
    info = PngInfo()
    info.add_itxt("uce-studio", json.dumps(facts))
    large, frames = io.BytesIO(), [Image.new("1", (9_000, 9_000), value) for value in (0, 1)]
    frames[0].save(large, "png", pnginfo=info, save_all=True, append_images=frames[1:])
    whole = large.getvalue()
    for name, content in (("whole.png", whole), ("cut.png", whole[: whole.index(b"IDAT") + 8])):
        (tmp_path / name).write_bytes(content)
        assert facts_in(tmp_path / name).generation == GenerationSpec("a house", 1)


def test_only_what_nobody_holds_ages_out(kept: Store) -> None:
    def add(number: int) -> str:
        contents = [NewFile("original", ".png", b"shared"), NewFile("edited", ".png", bytes([number]) * 1000)]
        return kept.add("compare", f"prompt {number}", {"number": number}, {}, {}, contents)

    runs = [add(number) for number in range(6)]
    kept.pin(runs[0])
    assert kept.prune(10_000) == 0
    assert kept.prune(3_200) == 3
    assert {run.id for run in kept.page()} == {runs[0], runs[4], runs[5]}
    assert kept.prune(0) == 2
    assert [run.id for run in kept.page(pinned=True)] == [runs[0]]
    record = len(json.dumps({"number": 0}) + "{}" + "{}")
    assert kept.size() - record == 1006 == sum(path.stat().st_size for path in (kept.folder / "files").rglob("*.png"))
    kept.delete([runs[0]])
    assert kept.size() == 0
    assert not list((kept.folder / "files").rglob("*.png"))
    with pytest.raises(ValueError, match="There is no run"):
        kept.get(runs[0])


def test_what_ages_out_is_of_whoever_takes_most(kept: Store) -> None:
    def add(visitor: str, number: int, size: int) -> str:
        content = NewFile("edited", ".png", visitor.encode() + bytes([number]) * size)
        return kept.for_visitor(visitor).add("compare", visitor, {"number": number}, {}, {}, [content])

    mine, small = add("", 0, 1000), add("modest", 0, 1000)
    greedy = [add("greedy", number, 900) for number in range(5)]
    kept.prune(kept.size() - 2000)
    assert {run.id for run in kept.page()} == {mine, small, *greedy[3:]}, "the oldest of the greedy one's"
    kept.pin(greedy[3])
    kept.prune(2500)
    assert {run.id for run in kept.page()} == set(greedy[3:]), "what is pinned counts for nobody"


def test_examples_are_listed_apart_count_for_nothing_and_stay(kept: Store) -> None:
    def add(visitor: str, *contents: int) -> str:
        files = [NewFile("original", ".png", bytes([content]) * 1000) for content in contents]
        return kept.for_visitor(visitor).add("compare", "a house", {"numbers": contents}, {}, {}, files)

    example = add("example-5f3c", 1, 2)
    assert kept.size() == 0
    assert (kept.page(), kept.page(pinned=True), kept.count()) == ([], [], 0)
    assert [run.id for run in kept.examples()] == [example]
    own = add("browser-1", 2, 3)
    assert 2000 < kept.size() < 2200, "what it shares with the example, too"
    assert [run.id for run in kept.page(whose="browser-1", pinned=True)] == [own]
    kept.prune(0)
    assert [run.id for run in kept.examples()] == [example]
    assert [kept.path(file).is_file() for file in kept.get(example).files] == [True, True]
    assert (kept.count(), kept.size()) == (0, 0)


def test_each_visitor_s_runs_are_their_own(kept: Store) -> None:
    """Also where the same is generated: a note or a deletion is for one of them alone."""
    content = NewFile("edited", ".png", b"x")
    stores = [kept, kept.for_visitor("one"), kept.for_visitor("other")]
    runs = [store.add("compare", "a cat", {}, {}, {}, [content]) for store in stores]
    assert len(set(runs)) == 3
    assert [store.add("compare", "a cat", {}, {}, {}, [content]) for store in stores] == runs
    kept.write_note(runs[1], "mine")
    kept.delete([runs[2]])
    assert kept.get(runs[0]).note == ""
    assert kept.path(kept.get(runs[1]).files[0]).is_file()
    assert [run.id for run in kept.page(pinned=True, whose="one")] == [runs[1]]
    assert kept.count(pinned=True, whose="other") == kept.count(pinned=True) == 0


def test_a_deletion_can_be_undone_for_an_hour(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    content = NewFile("edited", ".png", b"a picture")
    runs = [kept.add("compare", "a house", {"number": number}, {}, {}, [content]) for number in range(3)]
    kept.pin(runs[0])
    for run in runs[:2]:
        kept.soft_delete(run)
        with pytest.raises(ValueError, match="There is no run"):
            kept.get(run)
    assert [run.id for run in kept.page()] == [runs[2]]
    assert kept.count() == 1
    assert kept.prune(1000) == 0
    kept.undelete(runs[0])
    assert kept.get(runs[0]).pinned
    assert kept.path(kept.get(runs[0]).files_of("edited")[0]).read_bytes() == b"a picture"
    assert kept.add("compare", "a house", {"number": 1}, {}, {}, [content]) == runs[1], "generated again: there again"
    assert {run.id for run in kept.page()} == set(runs)

    kept.soft_delete(runs[1])
    kept.soft_delete(runs[0])
    assert [run.id for run in kept.soft_deleted()] == [runs[1], runs[0]]
    monkeypatch.setattr("uce_core.runs.store.UNDO_WINDOW", timedelta(0))
    assert kept.prune(1000) == 2
    with pytest.raises(ValueError, match="There is no run"):
        kept.undelete(runs[0])
    assert kept.size() == len(b"a picture") + len(json.dumps({"number": 2}) + "{}" + "{}"), "the third run's"
    kept.soft_delete(runs[2])
    monkeypatch.setattr("uce_core.runs.store.UNDO_WINDOW", timedelta(hours=1))
    assert kept.prune(0) == 1, "what was set aside goes first where room is needed"
    assert kept.size() == 0


def test_threads_that_come_at_the_same_time_share_a_store(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: uce_core.runs.home.open_store(tmp_path), range(8)))
    assert len(found) == 1


def test_a_database_of_a_later_version_is_said(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    with kept.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ValueError, match=r"The database of runs cannot be opened: .*9999"):
        Store(tmp_path)


def test_runs_are_found_by_title_and_note(kept: Store) -> None:
    for number in range(3):
        kept.add("compare", f"a house, 100% {number}", {"number": number}, {}, {}, [])
    newest = kept.page(limit=1)[0]
    kept.write_note(newest.id, "Leaks a little")
    assert [run.id for run in kept.page(search="leaks LITTLE")] == [newest.id]
    assert kept.count(search="house") == 3
    assert kept.count(search="100%") == 3
    assert kept.count(search="100_") == 0, "no wildcards"
    assert kept.count(search="house " * 5_000) == 3, "a word that is there twice is looked for once"
    assert kept.count(search=" ".join(map(str, range(5_000)))) == 0
    assert kept.count(search="h" * 200_000) == 0
    assert kept.count(search="\ud800") == 0
    for id in ("\ud800", "é", "x" * 100_000):
        with pytest.raises(ValueError, match="There is no run"):
            kept.get(id)


def test_titles_and_notes_stay_short_enough_to_be_searched(kept: Store) -> None:
    run = kept.add("compare", "x" * 5_000, {}, {}, {}, [])
    assert kept.get(run).title == "x" * LONGEST_TITLE
    kept.write_note(run, "y" * LONGEST_NOTE)
    with pytest.raises(ValueError, match="shorten it to 2000"):
        kept.write_note(run, "y" * (LONGEST_NOTE + 1))


def test_a_store_is_there_after_a_restart_and_two_may_write(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    run = first.add("compare", "one", {"a": 1}, {}, {}, [])
    assert second.add("compare", "one", {"a": 1}, {}, {}, []) == run
    second.add("compare", "two", {"a": 2}, {}, {}, [])
    assert Store(tmp_path).count() == first.count() == 2
    with pytest.raises(ValueError, match="cannot be opened"):
        Store(tmp_path, "nonsense://x")


def test_the_command_line_lists_shows_replays_and_sends(
    atelier: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    edit = erase(atelier, EditSpec(erase=("Claude Monet",)))
    run = comparison_record(atelier, edit, compare(atelier, edit, [GenerationSpec("a boat", 3, 2)])).keep(
        uce_core.runs.home.open_store(home())
    )

    def output_of(*arguments: str) -> str:
        assert main(["runs", *arguments]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    assert json.loads(output_of("list", "--json"))["runs"][0]["title"] == "a boat"
    assert "a boat" in output_of("list")
    assert json.loads(output_of("show", run, "--json"))["request"]["generations"][0]["seed"] == 3
    assert output_of("replay", run).startswith("identical")
    output_of("pin", run, "--note", "keep this")
    assert "keep this" in output_of("list", "--pinned")
    output_of("export", run, "--out", str(tmp_path / "run.zip"))
    output_of("delete", run)
    assert json.loads(output_of("list", "--json"))["runs"] == []
    assert output_of("import", str(tmp_path / "run.zip"))
    assert "a boat" in output_of("list", "--search", "BOAT")
    assert main(["runs", "show", "nothing"]) == 2
    assert "There is no run" in capsys.readouterr().err


def test_the_environment_may_name_another_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    monkeypatch.setenv("UCE_STUDIO_DATABASE", url)
    run = uce_core.runs.home.open_store(tmp_path).add("compare", "a cat", {}, {}, {}, [])
    assert Store(tmp_path / "elsewhere", url).get(run).title == "a cat"
    assert not (tmp_path / "runs" / "runs.sqlite").exists()


def test_a_run_that_is_too_large_takes_no_other_with_it(kept: Store) -> None:
    small = [
        kept.add("compare", "a cat", {"number": i}, {}, {}, [NewFile("edited", ".png", bytes([i]))]) for i in range(3)
    ]
    large = kept.add("evaluate", "mace", {}, {}, {}, [NewFile("edited", ".png", bytes(range(100)))])
    assert kept.prune(100) == 1
    assert [run.id for run in kept.page()] == small[::-1]
    with pytest.raises(ValueError, match="There is no run"):
        kept.get(large)


def test_what_comes_from_elsewhere_does_not_bring_back_what_was_deleted(kept: Store) -> None:
    def come() -> str:
        return kept.add("compare", "a cat", {}, {}, {}, [NewFile("edited", ".png", b"x")], from_elsewhere=True)

    run = come()
    kept.pin(run)
    kept.write_note(run, "mine")
    kept.soft_delete(run)
    again = kept.get(come())
    assert (again.id != run, again.pinned, again.note) == (True, False, "")
    assert come() == again.id


def test_what_comes_from_elsewhere_does_not_pass_for_what_was_generated_and_deleted_here(kept: Store) -> None:
    content = NewFile("edited", ".png", b"x")
    run = kept.add("compare", "a cat", {}, {}, {"scores": 1}, [content])
    kept.soft_delete(run)
    forged = kept.add("compare", "a cat", {}, {}, {"scores": 2}, [content], from_elsewhere=True)
    assert forged != run
    assert kept.add("compare", "a cat", {}, {}, {"scores": 1}, [content]) == run
    assert kept.get(run).raw["outcome"] == {"scores": 1}


def test_a_file_that_another_process_deletes_meanwhile_is_not_recorded_as_kept(kept: Store) -> None:
    def contents() -> Iterator[NewFile]:
        yield NewFile("original", ".png", b"x")
        kept.path(StoredFile("original", 0, hashlib.sha256(b"x").hexdigest(), ".png")).unlink()

    with pytest.raises(FileNotFoundError, match="another process"):
        kept.add("compare", "a cat", {}, {}, {}, contents())
    assert kept.count() == 0
