"""Runs sent to someone else: the same there, and nothing but runs is taken."""

import io
import json
import shlex
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from app.html.pairs import run_pairs
from app.html.runs import facts_of, findings_of, settings_table
from app.tabs.reuse_run import fields_to_reuse
from uce_core import DebiasSpec, Edit, EditSpec, GenerationSpec, LayeredEdit, Model, compare, erase
from uce_core.cli import main
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import Case
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.verdict import Detection, Verdict
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_images import Seen, samples
from uce_core.methods.debias_search import Debiased, debias
from uce_core.runs.archive import cases_of, command_of, export_run, import_run
from uce_core.runs.blobs import NewFile
from uce_core.runs.png_metadata import facts_in
from uce_core.runs.ratings import ratings_of
from uce_core.runs.record import comparison_record, debiasing_record, evaluation_record
from uce_core.runs.replay import replay
from uce_core.runs.reports import page_of, report_of
from uce_core.runs.run import RECORDED, AnyRun, EvaluationRun, recorded
from uce_core.runs.store import Store

MONET = EditSpec(erase=("Claude Monet",), retain=("Edvard Munch",))
CASES = [
    Case(
        prompt="a cat in the style of Claude Monet",
        evaluation_seed=1,
        case_number=0,
        artist="Claude Monet",
        facet="style",
        subject="a cat",
    ),
    Case(prompt="a house", evaluation_seed=2, case_number=1),
]


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def compared(model: Model, into: Store) -> AnyRun:
    edit = erase(model, MONET)
    pairs = compare(model, edit, [GenerationSpec("a cat", seed, 2) for seed in (1, 2)])
    seen = Detection(name="Claude Monet", before=0.5, after=0.25, shown_before=True, shown_after=False)
    return into.get(comparison_record(model, edit, pairs, [Verdict((seen,), None)] * 2).keep(into))


def debiased(model: Model, into: Store) -> AnyRun:
    spec = DebiasSpec(concepts=("doctor",))
    edit = replace(erase(model, MONET), spec=spec)
    history = tuple(Iterate(((0.0, 0.0),), ((0.5, 0.5),), gap) for gap in (0.5, 0.0))
    generated = samples(model, spec, edit, steps=2)
    return into.get(
        debiasing_record(model, Debiased(edit=edit, history=history, best=1, converged=True), generated).keep(into)
    )


def evaluated(model: Model, into: Store) -> AnyRun:
    edit = erase(model, MONET)
    inputs = EvaluationInputs(
        candidates=(as_candidate("Monet", edit),), cases=tuple(CASES), images=2, steps=2, title="Monet"
    )
    found = evaluate(model, inputs, into.folder / "evaluation")
    return into.get(evaluation_record(model, edit, found).keep(into))


KINDS = {"compare": compared, "debias": debiased, "evaluate": evaluated}


@pytest.fixture(scope="module")
def archives(scored: Model, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An exported run of each kind."""
    folder = tmp_path_factory.mktemp("archives")
    kept = Store(folder / "store")
    return {kind: export_run(kept, generate(scored, kept), folder / f"{kind}.zip") for kind, generate in KINDS.items()}


def rewritten(archive: Path, change: Callable[[dict[str, Any]], object], path: Path, **files: bytes) -> Path:
    """The archive with another manifest, and other files."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        change(manifest)
        new.writestr("manifest.json", json.dumps(manifest))
        for entry in old.namelist():
            if entry != "manifest.json":
                new.writestr(entry, files.get(entry.replace(".", "_"), old.read(entry)))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_every_kind_is_generated_again_exactly(
    kind: str, archives: dict[str, Path], scored: Model, kept: Store
) -> None:
    run = kept.get(import_run(kept, archives[kind]))
    assert len(list(run.generations)) == len(run.files_of("edited"))
    again = replay(kept, run, scored)
    assert (again.verdict, again.changed) == ("identical", {})


def test_an_exported_run_is_the_same_run_elsewhere(tiny: Model, kept: Store, tmp_path: Path) -> None:
    run = compared(tiny, kept)
    kept.write_note(run.id, "look at the sky")
    path = export_run(kept, kept.get(run.id), tmp_path / "run.zip")
    elsewhere = Store(tmp_path / "elsewhere")
    there = elsewhere.get(import_run(elsewhere, path))
    assert import_run(elsewhere, path) == there.id
    for name in ("kind", "title", "request", "environment", "outcome"):
        assert getattr(there, name) == getattr(run, name)
    assert there.note == "look at the sky"
    assert there.files == run.files
    assert replay(elsewhere, there, tiny).verdict == "identical"


def done_again(path: Path, model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which an archive was unpacked, and its command run there, beside the model."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    monkeypatch.chdir(folder)
    assert model.folder is not None
    Path(model.title).symlink_to(model.folder)
    words = shlex.split((folder / "README.txt").read_text(encoding="utf-8").splitlines()[2])
    assert words[:3] == ["python", "-m", "uce_core"]
    assert main(words[3:]) == 0
    return folder


def same_image(*paths: Path) -> bool:
    return np.array_equal(*(np.asarray(Image.open(path).convert("RGB")) for path in paths))


def test_the_command_in_an_archive_generates_the_same_images(
    scored: Model, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = erase(scored, EditSpec(erase=("Claude Monet",)))
    pairs = compare(scored, edit, [GenerationSpec("a 'cat'", seed, 3) for seed in (1, 2)])
    path = export_run(kept, kept.get(comparison_record(scored, edit, pairs).keep(kept)), tmp_path / "run.zip")
    folder = done_again(path, scored, tmp_path / "unpacked", monkeypatch)
    for i in range(2):
        assert same_image(folder / "again" / f"edited_{i}.png", folder / f"edited_{i}.png")


def test_the_command_asks_for_size_sampler_and_negative_prompt_again(
    scored: Model, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = erase(scored, MONET)
    how = {"negative_prompt": "a dog", "width": 96, "height": 64, "sampler": "euler-a"}
    pairs = compare(scored, edit, [GenerationSpec("a cat", 1, 2, **how)])
    run = kept.get(comparison_record(scored, edit, pairs).keep(kept))
    assert run.generations[0].facts().items() >= how.items()
    assert replay(kept, run, scored).verdict == "identical"
    assert fields_to_reuse(run, kept)[1].items() >= (how | {"width": "96", "height": "64"}).items()
    said = {"Negative prompt": "a dog", "Width": "96", "Height": "64", "Sampler": "Euler a"}
    assert facts_of(run, "en", UTC).items() >= said.items()
    assert not said.keys() & facts_of(compared(scored, kept), "en", UTC).keys()
    path = export_run(kept, run, tmp_path / "run.zip")
    folder = done_again(path, scored, tmp_path / "unpacked", monkeypatch)
    assert same_image(folder / "again" / "edited_0.png", folder / "edited_0.png")
    assert facts_in(folder / "edited_0.png").generation == run.generations[0]
    with Image.open(folder / "thumbnail_0.webp") as thumbnail:
        assert thumbnail.size == (320, 160)


ODD = DebiasSpec(
    concepts=("doctor", "nurse"),
    attributes=("woman", "man"),
    ratios=(0.3, 0.7),
    retain=("a house",),
    prompt="a picture of a {}",
    span="all",
    lam=0.7,
    edit_scale=1.5,
    caption_scale=2.0,
    retain_scale=2.0,
    retain_empty=False,
    tolerance=0.9,
    images=2,
    iterations=1,
    step_size=2.0,
    seed=3,
    steps=2,
    guidance_scale=2.5,
)


SPEEDY = replace(
    ODD, solved_by="speed", retain=(), lam=0.5, edit_scale=1.0, retain_scale=1.0, caption_scale=0.0
)  # of the last four it has its own


def half_way(model: Model, spec: DebiasSpec, edit: Edit | LayeredEdit, *others: object) -> Seen:
    """Of images that any edit makes right: random weights do not."""
    moves = edit.u.any() if isinstance(edit, LayeredEdit) else (edit.u.T @ edit.v).any()
    share = 0.3 if moves else 0.0
    count = len(spec.concepts)
    return Seen(torch.tensor([[share, 1 - share]] * count), torch.full((count, spec.images), 30.0))


@pytest.mark.parametrize("spec", [ODD, SPEEDY], ids=["uce", "speed"])
def test_the_command_of_a_debiasing_finds_the_same_edit(
    spec: DebiasSpec, scored: Model, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was asked is in it, and what follows from the uncertain is the same."""
    assert all(any(getattr(one, field.name) != field.default for one in (ODD, SPEEDY)) for field in fields(DebiasSpec))
    monkeypatch.setattr("uce_core.workflows.samples", partial(samples, steps=1))  # the images are not compared
    monkeypatch.setattr("uce_core.methods.debias_search.measure", half_way)
    found = debias(scored, spec)
    assert not found.changes_nothing
    images = samples(scored, spec, found.edit, steps=1)
    run = kept.get(debiasing_record(scored, found, images).keep(kept))
    assert replay(kept, run, scored).verdict == "identical"
    path = export_run(kept, run, tmp_path / "run.zip")
    folder = done_again(path, scored, tmp_path / "unpacked", monkeypatch)
    again = Edit.load(folder / "again.safetensors")
    assert again.digest == Edit.load(folder / "edit_0.safetensors").digest == found.edit.digest
    assert again.spec == spec


def test_the_command_of_a_debiasing_that_was_stopped_tries_no_more(tiny: Model, kept: Store) -> None:
    run = debiased(tiny, kept)
    assert "--iterations 12" in command_of(run)

    def stopped(history: int) -> AnyRun:
        outcome = run.outcome.model_copy(update={"converged": False, "history": run.outcome.history[:history]})
        return run.model_copy(update={"outcome": outcome})

    assert "--iterations 1 " in command_of(stopped(2))
    assert "--iterations 12" in command_of(stopped(1))


def test_the_command_of_an_evaluation_measures_the_same(
    scored: Model, kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = evaluated(scored, kept)
    folder = done_again(export_run(kept, run, tmp_path / "run.zip"), scored, tmp_path / "unpacked", monkeypatch)
    first, again = (json.loads(path.read_text()) for path in (folder / "report_1.json", folder / "again/report.json"))
    assert first["cases"] == again["cases"]
    assert [one | {"edit": ""} for one in first["edits"]] == [one | {"edit": ""} for one in again["edits"]]
    images = [f"{case}_{n}.png" for case in range(2) for n in range(2)]
    for role, where in (("original", "original"), ("edited", "edit_0")):
        for i, name in enumerate(images):
            assert same_image(folder / f"{role}_{i}.png", folder / "again" / where / name)


def test_the_cases_of_an_evaluation_are_had_back(scored: Model, kept: Store) -> None:
    run = evaluated(scored, kept)
    assert cases_of(run) == CASES
    unknown = run.request.model_copy(update={"images_per_case": 0})
    assert [one.evaluation_seed for one in cases_of(run.model_copy(update={"request": unknown}))] == [1, 2, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_run_can_be_seen_elsewhere(kind: str, archives: dict[str, Path], kept: Store) -> None:
    run = kept.get(import_run(kept, archives[kind]))
    images = [("a", "b")] * len(run.files_of("original"))
    assert len(run_pairs(run, images, "en")) == len(images) > 0
    assert "Claude Monet" in settings_table(run, "en", UTC) or kind == "debias"
    assert findings_of(run, "en")


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_later_version_adds_is_passed_over(
    kind: str, archives: dict[str, Path], kept: Store, tmp_path: Path
) -> None:
    judged = {"item": "0-edited", "reviewer": "Kim", "style": 1, "content": 1, "quality": 1, "flag": False}

    def later(manifest: dict[str, Any]) -> None:
        manifest |= {"ratings": [judged | {"later": 1}], "later": 1}
        for part in ("request", "outcome"):
            manifest[part]["later"] = 1

    run = kept.get(import_run(kept, rewritten(archives[kind], later, tmp_path / "later.zip")))
    assert "later" not in {**run.outcome.facts(), **run.request.facts()}, "nobody has checked it"
    assert [one.reviewer for one in ratings_of(kept, run.id)] == ["Kim"]
    assert settings_table(run, "en", UTC)


def test_other_files_are_refused(kept: Store, tmp_path: Path) -> None:
    def archive(name: str, **entries: str) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as file:
            for entry, content in entries.items():
                file.writestr(entry.replace("__", "."), content)
        return path

    (tmp_path / "text.zip").write_text("no zip")
    deep = "[" * 100_000
    for path in (
        tmp_path / "text.zip",
        tmp_path / "missing.zip",
        archive("empty.zip", other="x"),
        archive("list.zip", manifest__json="[1]"),
        archive("broken.zip", manifest__json="{"),
        archive("deep.zip", manifest__json=deep),
    ):
        with pytest.raises(ValueError, match="not an exported run"):
            import_run(kept, path)
    assert kept.count() == 0


def nested(*names: str | int, value: object) -> Callable[[dict[str, Any]], object]:
    """Puts a value into a manifest, deep down."""

    def change(manifest: dict[str, Any]) -> None:
        inner: Any = manifest
        for name in names[:-1]:
            inner = inner[name]
        inner[names[-1]] = value

    return change


def without(*roles: str) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest.update(files=[one for one in manifest["files"] if one["role"] not in roles])


def png(side: int, **more: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, "png", **more)
    return buffer.getvalue()


LARGE = png(9_000)  # a few kilobytes
MOVING = png(8, save_all=True, append_images=[Image.new("1", (8, 8), 1)])
JUDGED = {"item": "0-edited", "reviewer": "Kim", "style": 1, "content": 1, "quality": 1}
SENTENCE = {"sentence": "{slot:>999999999}", "slots": {"slot": "x"}}
GAP = {"id": "erased_style", "slots": {}}
UNSOUND = {
    "another format": ("compare", nested("format", value="other")),
    "another kind": ("compare", nested("kind", value="evaluate")),
    "no thumbnail": ("compare", without("thumbnail")),
    "no edited images": ("compare", without("edited")),
    "no pictures at all": ("compare", without("original", "edited")),
    "a script": ("compare", nested("files", 0, "name", value="x.py")),
    "a page for a picture": ("compare", nested("files", 0, "name", value="x.html")),
    "a file twice": ("compare", lambda manifest: manifest["files"].append(manifest["files"][0])),
    "a strength that is no number": ("compare", nested("request", "strength", value=float("nan"))),
    "an endless seed": ("compare", nested("request", "generations", 0, "seed", value=10**400)),
    "a manifest of 5 MB": ("compare", nested("title", value="x" * 5_000_000)),
    "an endless score": ("compare", nested("outcome", "scores", 0, "lpips", value=float("inf"))),
    "an absent file": ("compare", nested("files", 0, "name", value="x.png")),
    "a request that is text": ("compare", nested("request", value="x")),
    "no generations": ("compare", nested("request", "generations", value=[])),
    "an empty prompt": ("compare", nested("request", "generations", 0, "prompt", value=" ")),
    "a seed that is text": ("compare", nested("request", "generations", 0, "seed", value="1")),
    "no model": ("compare", nested("request", "model", value=None)),
    "an environment that is no text": ("compare", nested("environment", "torch", value=["x"])),
    "scores that are text": ("compare", nested("outcome", "scores", 0, "lpips", value="x")),
    "too few scores": ("compare", nested("outcome", "scores", value=[None])),
    "a style without a name": ("compare", nested("outcome", "verdicts", 0, "styles", 0, "name", value=None)),
    "no concepts": ("debias", nested("request", "edit", "concepts", value=[])),
    "ratios that are text": ("debias", nested("request", "edit", "ratios", value=["x", "y"])),
    "a best that is not there": ("debias", nested("outcome", "best", value=2)),
    "no scales": ("debias", nested("outcome", "history", 1, "scales", value=[])),
    "scales of others": ("debias", nested("outcome", "history", 0, "scales", value=[[0.5]])),
    "shares of others": ("debias", nested("outcome", "history", 0, "shares", value=[[0.5]])),
    "scores of others": ("debias", nested("outcome", "history", 0, "clip", value=[30.0, 30.0])),
    "images that are left over": ("debias", nested("request", "edit", "concepts", value=["doctor", "nurse", "cook"])),
    "no history": ("debias", nested("outcome", "history", value=[])),
    "another number of images": ("evaluate", lambda manifest: manifest["outcome"]["images"].pop()),
    "a kind that is a list": ("compare", nested("request", "edit", "kind", value=["uce"])),
    "erased that are a number": ("compare", nested("request", "edit", value={"kind": "x", "erase": 5})),
    "half of a character": ("compare", nested("title", value="\ud800")),
    "lists in lists": ("compare", nested("request", "edit", value=json.loads("[" * 100 + "]" * 100))),
    "a guidance scale that is not said": ("compare", nested("request", "generations", 0, "guidance_scale", value=None)),
    "steps that are not said": ("debias", nested("outcome", "samples", 0, "steps", value=None)),
    "no edit": ("evaluate", nested("request", "names", value={})),
    "a rating of an image that is not there": ("compare", nested("ratings", value=[JUDGED | {"item": "9-edited"}])),
    "an unknown facet": ("evaluate", nested("outcome", "images", 0, "facet", value="x")),
    "a picture of nothing": ("evaluate", nested("outcome", "images", 0, "prompt", value=None)),
    "a sentence that is code": ("evaluate", nested("outcome", "summary", 0, value=SENTENCE)),
    "an unknown finding": ("evaluate", nested("outcome", "summary", 0, "id", value="x")),
    "a finding with a gap": ("evaluate", nested("outcome", "summary", 0, value=GAP)),
    "a judgement out of range": (
        "compare",
        nested("ratings", value=[JUDGED | {"style": 9}]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", UNSOUND)
def test_a_run_that_could_not_be_seen_is_refused(
    fault: str, archives: dict[str, Path], kept: Store, tmp_path: Path
) -> None:
    kind, change = UNSOUND[fault]
    with pytest.raises(ValueError, match=r"faulty\.zip is not an exported run"):
        import_run(kept, rewritten(archives[kind], change, tmp_path / "faulty.zip"))
    assert kept.count() == 0


@pytest.mark.parametrize(
    "image",
    [b"no image", b"GIF89a" + bytes(60), b"\x89PNG\r\n\x1a\n" + bytes(60), LARGE, MOVING],
    ids=["text", "gif", "broken", "of 9,000² pixels", "animated"],
)
def test_images_that_are_none_are_refused(image: bytes, archives: dict[str, Path], kept: Store, tmp_path: Path) -> None:
    faulty = rewritten(archives["compare"], lambda manifest: None, tmp_path / "faulty.zip", edited_0_png=image)
    with pytest.raises(ValueError, match="not an exported run"):
        import_run(kept, faulty)
    assert kept.count() == 0


def test_many_small_files_of_many_pixels_are_refused(archives: dict[str, Path], kept: Store, tmp_path: Path) -> None:
    """Each image is of a size that is taken: decoded, they would keep a core busy for minutes."""
    large = png(4_000)

    def more(manifest: dict[str, Any]) -> None:
        manifest["files"] += [
            {"role": role, "name": f"{role}_{n}.png"} for n in range(2, 10) for role in ("original", "edited")
        ]
        manifest["request"]["generations"] *= 5
        manifest["outcome"] |= {"scores": [], "verdicts": []}

    path = rewritten(archives["compare"], more, tmp_path / "many.zip")
    with zipfile.ZipFile(path, "a") as archive:
        for role in ("original", "edited"):
            for n in range(2, 10):
                archive.writestr(f"{role}_{n}.png", large)
    assert path.stat().st_size < 100_000
    with pytest.raises(ValueError, match="not an exported run"):
        import_run(kept, path)
    assert kept.count() == 0


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_takes_much_memory_is_refused(
    method: int, archives: dict[str, Path], kept: Store, tmp_path: Path
) -> None:
    with zipfile.ZipFile(archives["compare"]) as old, zipfile.ZipFile(tmp_path / "other.zip", "w", method) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry))
    plain = (tmp_path / "other.zip").read_bytes()
    (tmp_path / "broken.zip").write_bytes(plain[:60] + bytes(40) + plain[100:])
    for name in ("other.zip", "broken.zip"):
        with pytest.raises(ValueError, match="not an exported run"):
            import_run(kept, tmp_path / name)


def test_an_image_does_not_pass_for_an_edit(archives: dict[str, Path], kept: Store, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not an exported run"):
        import_run(kept, rewritten(archives["compare"], lambda _: None, tmp_path / "x.zip", edit_0_safetensors=png(8)))
    assert kept.count() == 0


@pytest.mark.parametrize("name", ["report_0_html", "report_1_json", "report_2_csv"])
@pytest.mark.parametrize("content", [png(8), b"\xff", b"", b"{\0", b"<\0", b"a\0", b"  x"])
def test_nothing_else_passes_for_a_report(
    name: str, content: bytes, archives: dict[str, Path], kept: Store, tmp_path: Path
) -> None:
    """A file is stored once, by its content: an image that came first as a report would not be shown."""
    path = rewritten(archives["evaluate"], lambda _: None, tmp_path / "x.zip", **{name: content})
    with pytest.raises(ValueError, match="not an exported run"):
        import_run(kept, path)
    for other, start in (("report_0_html", b"<"), ("report_1_json", b"{"), ("report_2_csv", b"x")):
        if other != name:
            with pytest.raises(ValueError, match="not an exported run"):
                import_run(kept, rewritten(archives["evaluate"], lambda _: None, path, **{name: start}))


@pytest.mark.parametrize(
    "report", [b'{"edits": ' + b"[" * 100_000, b"{}", b"{", b'{"edits": [' + b"[]," * 4_000_000 + b"[]]}"]
)
def test_a_report_that_cannot_be_read_is_left_out(
    report: bytes, archives: dict[str, Path], kept: Store, tmp_path: Path
) -> None:
    zipped = rewritten(archives["evaluate"], lambda _: None, tmp_path / "x.zip", report_1_json=report)
    run = kept.get(import_run(kept, zipped))
    assert isinstance(run, EvaluationRun)
    assert report_of(kept, run) is None
    assert page_of(kept, run)


@pytest.mark.parametrize("kind", KINDS)
def test_a_manifest_is_kept_whole(kind: str, archives: dict[str, Path], kept: Store) -> None:
    """All that this version records has been checked, and nothing else is there."""
    run = kept.get(import_run(kept, archives[kind]))
    with zipfile.ZipFile(archives[kind]) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert dict(zip(RECORDED, recorded(run), strict=True)) == {name: manifest[name] for name in RECORDED}


def test_a_forged_run_does_not_take_the_place_of_the_one_that_is_generated(
    tiny: Model, kept: Store, tmp_path: Path
) -> None:
    """Its words are those of the true one, and its images are others."""
    there = Store(tmp_path / "there")
    path = export_run(there, compared(tiny, there), tmp_path / "run.zip")
    with zipfile.ZipFile(path) as archive:
        other = archive.read("original_1.png")
    forged = import_run(kept, rewritten(path, lambda manifest: None, tmp_path / "forged.zip", original_0_png=other))
    true = compared(tiny, kept)
    assert true.id != forged
    assert kept.path(true.files_of("original")[0]).read_bytes() != other
    here = export_run(kept, true, tmp_path / "here.zip")
    assert import_run(kept, here) == true.id, "which is here already, to the last bit"


def test_what_a_visitor_imports_is_the_visitor_s(tiny: Model, kept: Store, tmp_path: Path) -> None:
    run, visitors = compared(tiny, kept), [kept.for_visitor(name) for name in ("one", "other")]
    judged = {"item": "0-edited", "reviewer": "Kim", "style": 1, "content": 1, "quality": 1, "flag": False}
    path = export_run(kept, run, tmp_path / "run.zip")
    path = rewritten(path, lambda manifest: manifest.update(note="mine", ratings=[judged]), tmp_path / "noted.zip")
    theirs = [import_run(store, path) for store in visitors]
    assert len({run.id, *theirs}) == 3
    assert [kept.get(one).visitor for one in (run.id, *theirs)] == ["", "one", "other"]
    assert kept.get(run.id).note == ""
    assert not ratings_of(kept, run.id)
    assert kept.get(theirs[0]).files == run.files, "each content once"
    assert import_run(visitors[0], path) == theirs[0]
    assert import_run(kept, path) == run.id
    assert kept.get(run.id).note == "mine"
    assert ratings_of(kept, run.id)
    with zipfile.ZipFile(export_run(kept, run, path, rated=False)) as archive:
        assert json.loads(archive.read("manifest.json"))["ratings"] == []


def test_a_run_comes_with_its_note_and_ratings_or_not_at_all(
    archives: dict[str, Path], kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(manifest: dict[str, Any]) -> None:
        rating = {"item": "0-original", "reviewer": "Kim", "style": 1, "content": 2, "quality": 3}
        manifest |= {"note": "theirs", "ratings": [rating]}

    path = rewritten(archives["compare"], change, tmp_path / "rated.zip")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("uce_core.runs.archive.write_ratings", killed)
        with pytest.raises(KeyboardInterrupt):
            import_run(kept, path)
    assert kept.count() == 0
    run = kept.get(import_run(kept, path))
    assert run.note == "theirs"
    assert [one.reviewer for one in ratings_of(kept, run.id)] == ["Kim"]


def test_a_bomb_and_damaged_files_are_refused(archives: dict[str, Path], kept: Store, tmp_path: Path) -> None:
    bomb = rewritten(archives["compare"], lambda manifest: None, tmp_path / "bomb.zip")
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(2**28))
    plain = archives["compare"].read_bytes()
    damaged = tmp_path / "damaged.zip"
    middle = plain.index(b"original_0.png") + 200
    damaged.write_bytes(plain[:middle] + bytes(400) + plain[middle + 400 :])
    locked = tmp_path / "locked.zip"
    central = plain.rindex(b"manifest.json") - 46
    locked.write_bytes(plain[: central + 8] + b"\x01" + plain[central + 9 :])  # said to be encrypted
    for path in (bomb, damaged, locked):
        with pytest.raises(ValueError, match="not an exported run"):
            import_run(kept, path)
    assert kept.count() == 0


def test_files_stay_while_others_are_deleted(kept: Store) -> None:
    """Runs that share a file come and go in two threads; whatever is there is whole."""

    def come_and_go(name: str) -> None:
        for number in range(60):
            run = kept.add("compare", name, {"by": name, "number": number}, {}, {}, [NewFile("original", ".png", b"x")])
            assert all(kept.path(part).is_file() for part in kept.get(run).files)
            kept.delete([run])

    with ThreadPoolExecutor(2) as threads:
        for one in [threads.submit(come_and_go, name) for name in ("a", "b")]:
            one.result()
    assert kept.size() == 0
