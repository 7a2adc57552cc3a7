"""Evaluations: every figure against the measures taken one by one, resuming, and what is written."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import uce_core.evaluation.generating
from uce_core import EditSpec, GenerationSpec, Model, applied, erase, generate
from uce_core.cli import main
from uce_core.evaluation.blocks import Block
from uce_core.evaluation.candidates import AT_ONCE, Candidate, as_candidate, control_artists, roles
from uce_core.evaluation.cases import SUBJECTS, Case, ImageSpec
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.generating import Generator, missing
from uce_core.evaluation.image_folder import ORIGINAL, ImageFolder
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.measure import Measurer
from uce_core.evaluation.measures import ImageMeasures, PairMeasures
from uce_core.evaluation.plan import key_of, plan_of
from uce_core.evaluation.scores import read, rows_of, table_of
from uce_core.evaluation.summary import drop, leaks, published, report
from uce_core.evaluation.tables import moved, summary
from uce_core.evaluation.worker import Worker
from uce_core.methods.export import dense
from uce_core.metrics.csd import StyleDescriptor
from uce_core.metrics.scorer import scorer_for
from uce_core.metrics.style_identity import (
    artist_probabilities,
    gram_distance,
    gram_distances,
    identity_scores,
    style_scores,
    zero_shot,
)
from uce_core.runs.archive import command_of
from uce_core.runs.record import evaluation_record
from uce_core.statistics import Mean, bootstrap, change, difference

STEPS = 3
PICASSO = EditSpec(erase=("Pablo Picasso",), retain=("Claude Monet", "Piet Mondrian"))
CASES = [
    Case(prompt="Pablo Picasso", evaluation_seed=1, case_number=0, artist="Pablo Picasso", facet="name"),
    Case(
        prompt="a house in the style of Pablo Picasso",
        evaluation_seed=2,
        case_number=1,
        artist="Pablo Picasso",
        facet="style",
        subject="a house",
    ),
    Case(
        prompt="a cat in the style of Pablo Picasso",
        evaluation_seed=3,
        case_number=2,
        artist="Pablo Picasso",
        facet="style",
        subject="a cat",
    ),
    Case(
        prompt="a tree in the style of Claude Monet",
        evaluation_seed=4,
        case_number=3,
        artist="Claude Monet",
        facet="style",
        subject="a tree",
    ),
    Case(prompt="a boat", evaluation_seed=5, case_number=4),
]


@pytest.fixture(scope="module")
def found(atelier: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[ImageFolder, list[PairMeasures]]:
    """Five cases, one image each, before and after."""
    image_specs = tuple(ImageSpec(case) for case in CASES)
    images = ImageFolder(tmp_path_factory.mktemp("evaluation"), image_specs, STEPS, 3.0)
    one = as_candidate("no-picasso", erase(atelier, PICASSO))
    generator = Generator(atelier, images, {ORIGINAL: None, one.name: one.edit})
    for block in missing(images, (ORIGINAL, one.name), 16):
        generator.generate(block)
    measurer = Measurer(scorer_for(atelier.folder), images, [one], atelier.catalog)
    for block in measurer.to_embed():
        measurer.embed(block)
    for block in measurer.to_measure():
        measurer.measure(block)
    return images, list(rows_of(read(measurer.figures(one.name, part) for part in measurer.parts)))


def asked(candidates: Sequence[Candidate], cases: Sequence[Case], **more: Any) -> EvaluationInputs:
    return EvaluationInputs(candidates=tuple(candidates), cases=tuple(cases), **more)


class Silent:
    """As Workers: one that tells of none of its images, as where each was written by one who then died."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def each(self, what: str, blocks: Iterable[Block], on_done: Callable[[int], None]) -> None:
        for block in blocks:
            getattr(self.worker, what)(block)
            on_done(0)


def test_progress_ends_at_the_total_though_nobody_told_of_an_image(scored: Model, tmp_path: Path) -> None:
    inputs = asked([as_candidate("whole", erase(scored, PICASSO))], CASES[:2], steps=1)
    told: list[tuple[float, int]] = []
    silent = Silent(Worker(scored, inputs, tmp_path))
    evaluate(scored, inputs, tmp_path, on_image=lambda *progress: told.append(progress), workers=silent)
    assert told[-1] == (4, 4)


def test_images_are_those_of_their_prompt_and_seed(
    atelier: Model, found: tuple[ImageFolder, list[PairMeasures]]
) -> None:
    image_folder, _ = found
    spec = GenerationSpec(CASES[1].prompt, 2, STEPS, 3.0)
    with applied(atelier, erase(atelier, PICASSO)):
        [alone] = generate(atelier, [spec])
    [kept] = image_folder.read("no-picasso", [image_folder.image_specs[1]])
    apart = np.abs(np.asarray(alone, int) - np.asarray(kept, int))
    assert apart.mean() < 2, "generated in a batch or alone, up to half precision's rounding"


def test_every_measure_is_what_it_is_of_each_image_alone(
    atelier: Model, found: tuple[ImageFolder, list[PairMeasures]]
) -> None:
    image_folder, rows = found
    scorer = scorer_for(atelier.folder)
    row, image_spec = rows[1], image_folder.image_specs[1]
    before, after = image_folder.read(ORIGINAL, [image_spec]), image_folder.read("no-picasso", [image_spec])
    for images, seen in ((before, row.before), (after, row.after)):
        probabilities = artist_probabilities(scorer, images, atelier.catalog)[0]
        number = atelier.catalog.index("Pablo Picasso")
        subjects = zero_shot(scorer, images, ["a picture of a house", "a picture of a cat", "a picture of a tree"])[0]
        [other] = image_folder.read(ORIGINAL, [image_folder.image_specs[2]])
        expected = ImageMeasures(
            clip=scorer.clip_scores(images, [CASES[1].prompt]).item(),
            style=style_scores(scorer, images, "Pablo Picasso").item(),
            identity=identity_scores(scorer, images, "Pablo Picasso").item(),
            probability=probabilities[number].item(),
            shown=int(probabilities.argmax()) == number,
            gram=gram_distances(scorer, images, [other]).item(),  # the only other original that asks for the style
            subject=subjects[0].item(),
            subject_shown=int(subjects.argmax()) == 0,
        )
        for name in ImageMeasures.__dataclass_fields__:
            assert getattr(seen, name) == pytest.approx(getattr(expected, name), abs=1e-3), name
    assert row.lpips == pytest.approx(scorer.lpips_distances(before, after).item(), abs=1e-4)
    small = [[image.resize((64, 64), Image.Resampling.BILINEAR) for image in images] for images in (before, after)]
    assert row.lpips_64 == pytest.approx(scorer.lpips_distances(*small).item(), abs=1e-4)
    assert row.lpips != pytest.approx(row.lpips_64, abs=1e-3), "the two conventions differ"


def test_what_does_not_apply_is_left_out(found: tuple[ImageFolder, list[PairMeasures]]) -> None:
    _, rows = found
    assert [row.role for row in rows] == ["erased", "erased", "erased", "retained", ""]
    assert rows[3].before.gram is None, "a single original has no other to be held against"
    assert rows[4].before == ImageMeasures(clip=rows[4].before.clip)
    assert [row.identity_drop is None for row in rows] == [False, True, True, True, True]


def test_the_drop_of_the_bare_name_is_split_along_orthogonal_directions(
    atelier: Model, found: tuple[ImageFolder, list[PairMeasures]]
) -> None:
    """Against numpy's QR of style and identity directions."""
    from uce_core.metrics.style_identity import identity_direction, style_direction

    image_folder, rows = found
    scorer = scorer_for(atelier.folder)
    basis, _ = np.linalg.qr(
        np.stack([style_direction(scorer, "Pablo Picasso"), identity_direction(scorer, "Pablo Picasso")], 1)
    )
    text = scorer.text_vectors(["Pablo Picasso"])[0].numpy()
    images = [image_folder.read(which, image_folder.image_specs[:1]) for which in (ORIGINAL, "no-picasso")]
    moved = 100 * np.subtract(*(scorer.image_vectors(one)[0].numpy() for one in images))
    assert rows[0].style_drop == pytest.approx((text @ basis[:, 0]) * (basis[:, 0] @ moved), abs=1e-3)
    assert rows[0].identity_drop == pytest.approx((text @ basis[:, 1]) * (basis[:, 1] @ moved), abs=1e-3)
    [one] = [drop("Pablo Picasso", table_of(rows[:1]))]
    assert one.identity.value + one.style.value + one.rest.value == pytest.approx(one.drop.value)
    assert one.drop.value == pytest.approx(rows[0].before.clip - rows[0].after.clip)


def test_an_interrupted_evaluation_goes_on_and_generates_nothing_twice(
    scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = [
        as_candidate(name, erase(scored, PICASSO).at_strength(t)) for name, t in (("half", 0.5), ("whole", 1.0))
    ]
    generated: list[str] = []
    real = uce_core.evaluation.generating.generate

    def counted(model: Model, specs: list[GenerationSpec], *rest: object) -> list[Image.Image]:
        generated.extend(spec.prompt for spec in specs)
        return real(model, specs, *rest)

    monkeypatch.setattr(uce_core.evaluation.generating, "generate", counted)
    monkeypatch.setattr("uce_core.evaluation.evaluate.batch_size", lambda model: 2)

    def stop(done: float, total: int) -> None:
        assert total == 9
        if done > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(scored, asked(candidates, CASES[:3], steps=2), tmp_path, on_image=stop)
    there = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.png")}
    assert len(there) == 4 - 1, "two batches of the originals: two and one"
    times = {path: (tmp_path / path).stat().st_mtime_ns for path in there}
    generated.clear()
    evaluate(scored, asked(candidates, CASES[:3], steps=2), tmp_path)
    assert len(generated) == 6, "each edit's three images, and no original again"
    assert all((tmp_path / path).stat().st_mtime_ns == then for path, then in times.items())
    generated.clear()
    evaluate(scored, asked(candidates, CASES[:3], steps=2), tmp_path)
    assert not generated
    with pytest.raises(ValueError, match=r"another evaluation \(steps differs\)"):
        evaluate(scored, asked(candidates, CASES[:3], steps=3), tmp_path)
    with pytest.raises(ValueError, match=r"another evaluation \(half differs\)"):
        evaluate(scored, asked([replace(candidates[1], name="half")], CASES[:3], steps=2), tmp_path)
    with pytest.raises(ValueError, match="Two edits are called half"):
        evaluate(scored, asked([candidates[0], candidates[0]], CASES[:3], steps=2), tmp_path)
    for name in ("original", "..", "a/b"):
        with pytest.raises(ValueError, match="rename its file"):
            evaluate(scored, asked([replace(candidates[0], name=name)], CASES[:3], steps=2), tmp_path / "other")
    assert not (tmp_path / "other").exists()
    plan = tmp_path / "evaluation.json"
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"sampler": "Another"}))
    assert evaluate(scored, asked(candidates, CASES[:3], steps=2), tmp_path).plan["sampler"] == "Another"
    next(tmp_path.rglob("original/*.png")).unlink()
    with pytest.raises(ValueError, match=r"another evaluation \(sampler differs\)"):
        evaluate(scored, asked(candidates, CASES[:3], steps=2), tmp_path)
    plan.write_text("{")
    with pytest.raises(ValueError, match="is damaged"):
        evaluate(scored, asked(candidates, CASES[:3], steps=2), tmp_path)


def test_a_sampler_that_is_chosen_is_that_of_all_images(scored: Model, tmp_path: Path) -> None:
    """And a plan without one is what it was, so that folders of before are gone on with."""
    candidates = [as_candidate("whole", erase(scored, PICASSO))]
    usual, chosen = (asked(candidates, CASES[:2], steps=2, **how) for how in ({}, {"sampler": "euler-a"}))
    plans = [plan_of(scored, inputs.image_folder(scored, tmp_path), inputs) for inputs in (usual, chosen)]
    assert plans[1] == plans[0] | {"chosen_sampler": "euler-a"}
    assert key_of(scored, usual) != key_of(scored, chosen)
    found = evaluate(scored, chosen, tmp_path)
    run = evaluation_record(scored, candidates[0].edit, found).run
    assert [spec.sampler for spec in run.generations] == ["euler-a"] * 2
    [first] = generate(scored, run.generations[:1])
    with Image.open(tmp_path / "original" / "0_0.png") as image:
        assert np.abs(np.asarray(image).astype(int) - np.asarray(first)).max() <= 1
    assert "--sampler euler-a --out again" in command_of(run)
    with pytest.raises(ValueError, match=r"another evaluation \(chosen_sampler differs\)"):
        evaluate(scored, usual, tmp_path)
    evaluate(scored, usual, tmp_path / "usual")
    with pytest.raises(ValueError, match=r"another evaluation \(chosen_sampler differs\)"):
        evaluate(scored, chosen, tmp_path / "usual")
    with pytest.raises(ValueError, match="Unknown sampler"):
        asked(candidates, CASES[:2], sampler="heun")


def test_it_does_not_matter_where_an_evaluation_was_interrupted(
    scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images are generated in the batches of one that was not, since their last bits depend on that; parts of files
    that nobody writes any more are gone."""
    candidates, batches = [as_candidate("no-picasso", erase(scored, PICASSO))], list[list[str]]()
    real = uce_core.evaluation.generating.generate

    def watched(model: Model, specs: list[GenerationSpec], *rest: object) -> list[Image.Image]:
        batches.append([spec.prompt for spec in specs])
        return real(model, specs, *rest)

    monkeypatch.setattr(uce_core.evaluation.generating, "generate", watched)
    monkeypatch.setattr("uce_core.evaluation.evaluate.batch_size", lambda model: 3)
    folder = tmp_path / "evaluation"

    def files() -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    evaluate(scored, asked(candidates, CASES, steps=2), folder)
    whole, usual = files(), list(batches)
    assert [len(batch) for batch in usual] == [3, 2, 3, 2]
    lost = ["original/2_0.png", "no-picasso/3_0.png", "no-picasso/4_0.png", "report.json"]
    parts = [folder / where / ".1_0.png.1.part" for where in ("", "original", "no-picasso")]
    for path in (folder / name for name in lost):
        path.unlink()
    for part in parts:
        part.touch()
        os.utime(part, (0, 0))
    batches.clear()
    evaluate(scored, asked(candidates, CASES, steps=2), folder)
    assert batches == [usual[0], usual[3]]
    assert files() == whole
    damaged = folder / "no-picasso" / "0_0.png"
    damaged.write_bytes(whole["no-picasso/0_0.png"][:500])
    rmtree(folder / "scores" / "no-picasso")  # else it would not be looked at again
    with pytest.raises(ValueError, match=r"0_0.png is damaged: delete it, and evaluate again"):
        evaluate(scored, asked(candidates, CASES, steps=2), folder)
    damaged.unlink()
    evaluate(scored, asked(candidates, CASES, steps=2), folder)
    assert files() == whole


def test_artists_that_an_edit_does_not_name_are_near_or_far_by_their_images(tiny: Model) -> None:
    def layer(x: float) -> list[torch.Tensor]:
        return [torch.tensor([[[x]]])]

    styles = {"picasso": layer(0.0), "braque": layer(0.1), "klimt": layer(0.9), "seurat": layer(0.5), "monet": layer(1)}
    artists = ["Picasso", "Braque", "Klimt", "Seurat", "Monet", "claude  MONET", "Monet ", "Nobody"]
    one = Candidate("x", erase(tiny, PICASSO), ("PICASSO",), ("Monet", "Claude Monet"))
    assert roles(one, artists, styles) == {
        "Picasso": "erased",
        "Braque": "near",
        "Seurat": "near",
        "Klimt": "far",
        "Monet": "retained",
        "claude  MONET": "retained",
        "Monet ": "retained",
        "Nobody": "other",
    }
    assert roles(replace(one, erased=("Van Gogh",)), ["Klimt"], styles) == {"Klimt": "other"}


def test_of_many_artists_those_are_near_that_are_nearest_one_by_one(tiny: Model) -> None:
    """More than are read at once; against the distance of each pair."""
    numbers = torch.Generator().manual_seed(0)
    artists = [f"artist {i}" for i in range(3 * AT_ONCE)]
    styles = {name: [torch.rand(1, c, c, generator=numbers) for c in (3, 5)] for name in artists}
    gone, unnamed = artists[: AT_ONCE + 5], artists[AT_ONCE + 5 :]
    found = roles(Candidate("x", erase(tiny, PICASSO), tuple(gone)), artists, styles)
    apart = {one: min(float(gram_distance(styles[one], styles[other])) for other in gone) for one in unnamed}
    near = set(sorted(unnamed, key=apart.__getitem__)[: (len(unnamed) + 1) // 2])
    assert {one for one, role in found.items() if role == "near"} == near


def test_what_somebody_else_is_writing_is_not_removed_as_stale(atelier: Model, tmp_path: Path) -> None:
    one = as_candidate("no-picasso", erase(atelier, PICASSO))
    images = ImageFolder(tmp_path, (), STEPS, 3.0)
    image_folder = replace(images, image_specs=(ImageSpec(CASES[0]),))
    measurer = Measurer(scorer_for(atelier.folder), image_folder, [one], atelier.catalog)
    [part] = measurer.parts
    folder = measurer.figures(one.name, part).parent
    for name in (folder, part.path.parent):
        name.mkdir(parents=True)
        for file in (".0000000-a.parquet.b.part", "0000000-stale.parquet"):
            (name / file).touch()
    measurer.remove_stale()
    assert [path.name for path in (tmp_path / "scores").rglob("*.*")] == [".0000000-a.parquet.b.part"] * 2


def test_what_other_csd_weights_have_seen_is_looked_at_again(atelier: Model, tmp_path: Path) -> None:
    image_folder = ImageFolder(tmp_path, (ImageSpec(CASES[1]),), STEPS, 3.0)
    paths = {
        Measurer(scorer_for(atelier.folder), image_folder, [], atelier.catalog, descriptor).parts[0].path
        for weight in (0.0, 1.0)
        for descriptor in [StyleDescriptor(torch.nn.Linear(1, 1), torch.full((2, 2), weight), 8)]
        for network in [descriptor.network.load_state_dict({"weight": torch.ones(1, 1), "bias": torch.ones(1)})]
    }
    assert len(paths) == 2


def test_what_else_an_edit_erases_is_no_control(tiny: Model) -> None:
    """One of two erased artists is looked at: the other is neither a control nor collateral damage."""
    edit = erase(tiny, EditSpec(erase=("Claude Monet", "Georges Seurat"), retain=("Paul Klee",)))
    one = as_candidate("both", edit, ["claude monet"])
    assert (one.erased, one.also_erased) == (("claude monet",), ("Georges Seurat",))
    catalog = ["Claude Monet", "Georges Seurat", "Pablo Picasso"]
    assert control_artists([one], catalog, 4) == ["Paul Klee", "Pablo Picasso"]
    assert roles(one, ["Georges Seurat", "Pablo Picasso"], {}) == {"Georges Seurat": "erased", "Pablo Picasso": "other"}
    assert as_candidate("both", edit).also_erased == ()


def seen(clip: float = 50.0, shown: bool = False, style: float = 0.0, subject: bool = True) -> ImageMeasures:
    return ImageMeasures(
        clip=clip, style=style, identity=0.0, probability=0.5, shown=shown, gram=0.1, subject=0.9, subject_shown=subject
    )


def row(
    role: str, artist: str, after: ImageMeasures, lpips_64: float = 0.5, facet: str = "style", subject: str = "a cat"
) -> PairMeasures:
    case = Case(
        prompt=f"{subject} in the style of {artist}",
        evaluation_seed=0,
        case_number=0,
        artist=artist,
        facet=facet,
        subject=subject,
    )
    return PairMeasures(
        edit="x",
        image_spec=ImageSpec(case),
        role=role,
        before=seen(60.0, True, 0.4),
        after=after,
        lpips=0.4,
        lpips_64=lpips_64,
        identity_drop=5.0,
        style_drop=3.0,
    )


def test_the_papers_metrics_by_hand() -> None:
    rows = [
        row("erased", "A", seen(20, False)),
        row("erased", "A", seen(30, True, subject=False), 0.7),
        row("retained", "B", seen(55, True), 0.1),
        row("far", "C", seen(65, False), 0.3),
    ]
    found = published(table_of(rows))
    means = {name: getattr(found, name).value for name in ("clip_e", "clip_s", "h_a", "lpips_e", "lpips_o")}
    assert means == pytest.approx({"clip_e": 25, "clip_s": 60, "h_a": 35, "lpips_e": 0.6, "lpips_o": 0.2})
    assert (found.ua.value, found.ira.value, found.cra.value) == (0.5, 0.5, 0.75)
    assert published(table_of(rows[:2])).h_a is published(table_of(rows[:2])).ira is None
    content = row("erased", "A", seen(99, True), facet="content")
    assert published(table_of([*rows, content])).clip_e == found.clip_e, "contents do not ask for the artist"


def test_leaks_are_counted_by_wording_and_the_worst_comes_first() -> None:
    rows = [row("erased", "A", seen(style=0.1), subject=s) for s in ("cat", "house")]
    hinted = replace(
        rows[0],
        image_spec=ImageSpec(
            Case(prompt="cat, cubism", evaluation_seed=0, case_number=0, artist="A", facet="indirect", subject="cat")
        ),
        after=seen(shown=True),
    )
    found = leaks(
        table_of([*rows, hinted, row("retained", "B", seen(shown=True)), row("erased", "A", seen(), facet="content")])
    )
    assert [(leak.wording, leak.count, leak.shown.value) for leak in found] == [
        ("…, cubism", 1, 1.0),
        ("… in the style of A", 2, 0.0),
    ]


def test_a_report_says_what_a_person_asks_first() -> None:
    rows = [row("erased", "A", seen()) for _ in range(4)] + [
        row("retained", "B", seen(60, True, 0.4)) for _ in range(4)
    ]
    sentences = summary(report("x", table_of(rows)))
    assert [str(one) for one in sentences] == [
        "Prompted by style, the erased artists are recognised in 100% → 0% of the images.",
        "Retained artists are recognised in 100% ≈ 100% of their images.",
    ]


def test_differences_are_paired() -> None:
    """A shift that is the same for all pairs is certain, however much the pairs differ."""
    before = torch.tensor([0.0, 10.0, 20.0, 30.0])
    found = change(before, before + 1)
    assert found.difference == Mean(1, 1, 1)
    assert found.before.low < found.before.value < found.before.high
    assert moved(found, 0) == "15 → 16"
    assert moved(change(before, before.flip(0)), 0) == "15 ≈ 15"
    assert moved(found, 1, interval=True) == "15.0 → 16.0 (+1.0 [+1.0, +1.0])"


def test_the_difference_of_two_groups_is_as_uncertain_as_both() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(5, 1, 300), rng.normal(3, 2, 200)
    found = difference(first, second)
    half = 1.96 * np.sqrt(first.var() / 300 + second.var() / 200)
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half), abs=0.05)
    assert bootstrap(first).high - bootstrap(first).low < found.high - found.low


def test_leakage_on_the_command_line(
    atelier: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erased style is gone where it was, and nothing else is."""
    monkeypatch.setattr("uce_core.evaluation.cases.ROWS", 3)
    monkeypatch.setattr("uce_core.evaluation.cases.SUBJECTS", SUBJECTS[1:4])
    path = erase(atelier, EditSpec(erase=("Pablo Picasso",), retain=atelier.catalog[6:])).save(
        tmp_path / "no-picasso.safetensors"
    )
    out = tmp_path / "report"
    options = ["--images", "1", "--others", "2", "--steps", "6", "--out", str(out), "--json"]
    assert main(["evaluate", "leakage", "--edit", str(path), *options]) == 0
    [edit] = json.loads(capsys.readouterr().out)["edits"]
    parts = {(part["role"], part["facet"]): part for part in edit["parts"]}
    style = parts["erased", "style"]
    assert style["shown"]["before"]["value"] >= 0.8
    assert style["shown"]["after"]["value"] <= 0.2
    assert style["style"]["difference"]["high"] < 0
    assert parts["erased", "content"]["subject_shown"]["after"]["value"] >= 0.8
    assert parts["erased", "content"]["lpips"]["high"] < style["lpips"]["low"]
    name = parts["erased", "name"]["identity"]["before"]["value"]
    assert name > style["identity"]["before"]["value"], "the bare name generates the man"
    assert {role for role, _ in parts} == {"erased", "retained", "near"}

    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == sum(part["clip"]["count"] for part in edit["parts"])
    mean = np.mean(
        [float(line["clip_after"]) for line in lines if line["facet"] == "style" and line["role"] == "erased"]
    )
    assert mean == pytest.approx(style["clip"]["after"]["value"])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == 2 * len(lines)
    assert "http://" not in page
    assert "https://" not in page
    with Image.open(out / "original" / f"{lines[0]['case_number']}_0.png") as image:
        assert image.size == (128, 128)


def test_a_prompt_file_of_someone_else_is_evaluated_and_escaped(
    scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "mine.csv"
    prompts.write_text(
        'prompt,evaluation_seed,case_number\n"a <b>house</b>, & a cat",5,12\na boat,6,13\n', encoding="utf-8"
    )
    path = erase(scored, PICASSO).save(tmp_path / "edit.safetensors")
    out = tmp_path / "report"
    command = ["evaluate", "csv", str(prompts), "--edit", str(path), "--images", "2", "--steps", "2", "--out", str(out)]
    assert main([*command, "--model", str(scored.folder)]) == 0
    assert "no artist: prompts" in capsys.readouterr().out
    assert {path.name for path in (out / "edit").iterdir()} == {"12_0.png", "12_1.png", "13_0.png", "13_1.png"}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "a &lt;b&gt;house&lt;/b&gt;, &amp; a cat" in page
    assert "<b>house" not in page


def test_a_protocol_solves_its_own_edits(
    scored_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    chosen = ["--erase", "Gustav Klimt", "--erase", "Claude Monet", "--retain", "Piet Mondrian", "--steps", "2"]
    command = [
        "evaluate",
        "run",
        "unlearncanvas-style",
        *chosen,
        "--model",
        str(scored_folder),
        "--out",
        str(out),
        "--json",
    ]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert [edit["edit"] for edit in found["edits"]] == ["gustav-klimt", "claude-monet"]
    assert {path.name for path in (out / "edits").iterdir()} == {"gustav-klimt.safetensors", "claude-monet.safetensors"}
    assert found["image_count"] == 30
    assert all(0 <= edit["published"][name]["value"] <= 1 for edit in found["edits"] for name in ("ua", "ira", "cra"))


def test_an_edit_that_names_nobody_needs_to_be_told(
    scored: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = replace(dense(scored, erase(scored, PICASSO)), spec=None).save(tmp_path / "theirs.safetensors")
    command = [
        "evaluate",
        "leakage",
        "--edit",
        str(path),
        "--model",
        str(scored.folder),
        "--out",
        str(tmp_path / "out"),
        "--images",
        "1",
        "--steps",
        "1",
    ]
    assert main(command) == 2
    assert "choose the artist to measure" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main([*command, "--artist", "Pablo Picasso"]) == 0
    assert "erased artists: style" in capsys.readouterr().out
