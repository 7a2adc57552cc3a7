"""Ratings beside their runs: kept once, deleted with them, sent with them; databases of before; the commands."""

import csv
import json
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from PIL import Image

import uce_core.runs.home
import uce_core.runs.store
from tests.postgresql import IN_SQLITE
from uce_core import DebiasSpec, EditSpec, GenerationSpec, Model, compare, erase
from uce_core.cli import main
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import Case
from uce_core.evaluation.evaluate import Evaluation, evaluate
from uce_core.evaluation.inputs import EvaluationInputs
from uce_core.evaluation.scores import rows_of
from uce_core.evaluation.verdicts import verdicts
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_images import Sample
from uce_core.methods.debias_search import Debiased
from uce_core.metrics.scorer import scorer_for
from uce_core.review.tasks import Rating
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.home import home
from uce_core.runs.png_metadata import METADATA_KEY, facts_in
from uce_core.runs.ratings import (
    canonical_reviewer,
    items_of,
    ratings_of,
    results_of,
    reviewable_runs,
    save_ratings,
    write_review,
)
from uce_core.runs.record import comparison_record, debiasing_record, evaluation_record
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store

PICASSO = EditSpec(erase=("Pablo Picasso",), retain=("Claude Monet",))
CASES = [
    Case(
        prompt="a house in the style of Pablo Picasso",
        evaluation_seed=2,
        case_number=0,
        artist="Pablo Picasso",
        facet="style",
        subject="a house",
    ),
    Case(
        prompt="a tree in the style of Claude Monet",
        evaluation_seed=4,
        case_number=1,
        artist="Claude Monet",
        facet="style",
        subject="a tree",
    ),
    Case(prompt="a boat", evaluation_seed=5, case_number=2),
]


def compared(model: Model, into: Store, prompt: str = "a cat", seeds: tuple[int, ...] = (1, 2)) -> str:
    edit = erase(model, PICASSO)
    return comparison_record(
        model, edit, compare(model, edit, [GenerationSpec(prompt, seed, 2) for seed in seeds])
    ).keep(into)


@pytest.fixture(scope="module")
def evaluated(scored: Model, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Two edits, two images of each case."""
    edits = [as_candidate(name, erase(scored, PICASSO).at_strength(t)) for name, t in (("half", 0.5), ("whole", 1.0))]
    return evaluate(
        scored,
        EvaluationInputs(candidates=tuple(edits), cases=tuple(CASES), images=2, steps=3, title="Picasso"),
        tmp_path_factory.mktemp("evaluation"),
    )


@IN_SQLITE
def test_a_comparison_is_reviewed_by_what_its_verdicts_say(scored: Model, kept: Store) -> None:
    edit = erase(scored, PICASSO)
    prompts = ("a boat in the style of Pablo Picasso", "a boat by Claude Monet", "a boat by Edvard Munch", "a boat")
    pairs = compare(scored, edit, [GenerationSpec(prompt, 1, 3) for prompt in prompts])
    found = verdicts(scorer_for(scored.folder), pairs, PICASSO.erase, scored.catalog)
    items = items_of(kept.get(comparison_record(scored, edit, pairs, found).keep(kept)))
    assert [(one.artist, one.role) for one in items[1::2]] == [
        ("Pablo Picasso", "erased"),
        ("Claude Monet", "retained"),
        ("Edvard Munch", "other"),
        ("Pablo Picasso", "erased"),
    ]
    for number, verdict in enumerate(found):
        [style] = verdict.styles
        assert (items[2 * number].style_score, items[2 * number].shown) == (style.before, style.shown_before)
        assert (items[2 * number + 1].style_score, items[2 * number + 1].shown) == (style.after, style.shown_after)
    plain = items_of(kept.get(compared(scored, kept)))
    assert [(one.artist, one.role, one.style_score) for one in plain] == [("Pablo Picasso", "erased", None)] * 4


def test_an_evaluation_keeps_its_images_with_what_was_measured(
    scored: Model, kept: Store, evaluated: Evaluation
) -> None:
    edit = erase(scored, PICASSO)
    run = kept.get(evaluation_record(scored, edit, evaluated).keep(kept))
    rows = list(rows_of(evaluated.scores("whole")))
    facts = run.outcome.images
    assert [(one.prompt, one.seed, one.role) for one in facts] == [
        (row.image_spec.case.prompt, row.image_spec.case.evaluation_seed + row.image_spec.n, row.role) for row in rows
    ]
    assert facts[0].after.facts() == {name: getattr(rows[0].after, name) for name in ("style", "shown", "clip")}
    assert len(run.files_of("original")) == len(run.files_of("edited")) == len(facts) == 6
    for number, row in enumerate(rows):
        for side, which in (("original", "original"), ("edited", "whole")):
            path = kept.path(run.files_of(side)[number])
            generated = Image.open(evaluated.folder / which / row.image_spec.file)
            assert np.array_equal(np.asarray(Image.open(path)), np.asarray(generated))
            assert facts_in(path).generation.seed == facts[number].seed
            assert facts_in(path).edited == (side == "edited")
    assert evaluation_record(scored, edit, evaluated).keep(kept) == run.id, "facts about images don't decide identity"
    items = items_of(run)
    assert [item.key for item in items[:2]] == ["0-original", "0-edited"]
    assert items[1].style_score == rows[0].after.style
    assert items[0].style_score == rows[0].before.style
    assert (items[1].artist, items[1].wording, items[1].role) == (
        "Pablo Picasso", "… in the style of Pablo Picasso", "erased",
    )  # fmt: skip
    assert (items[-1].role, items[-1].style_score, items[-1].shown) == ("", None, None)


@IN_SQLITE
def test_a_comparison_asks_for_the_style_of_the_erased(tiny: Model, kept: Store) -> None:
    items = items_of(kept.get(compared(tiny, kept)))
    assert [(item.key, item.seed) for item in items] == [
        ("0-original", 1), ("0-edited", 1), ("1-original", 2), ("1-edited", 2),
    ]  # fmt: skip
    assert {(item.artist, item.role, item.wording) for item in items} == {("Pablo Picasso", "erased", "a cat")}


def debiased(model: Model, kept: Store) -> str:
    edit, history = erase(model, PICASSO), (Iterate(((0.0, 0.0),), ((0.5, 0.5),), 0.0),)
    found = Debiased(edit=replace(edit, spec=DebiasSpec(concepts=("doctor",))), history=history, best=0, converged=True)
    pairs = compare(model, edit, [GenerationSpec("a photo of a doctor", seed, 2) for seed in (4, 5)])
    generated = [Sample("doctor", pair.spec, pair.original, pair.edited) for pair in pairs]
    return debiasing_record(model, found, generated).keep(kept)


@IN_SQLITE
def test_a_debiasing_asks_for_nobodys_style(tiny: Model, kept: Store) -> None:
    run = kept.get(debiased(tiny, kept))
    items = items_of(run)
    assert [(item.key, item.prompt, item.seed) for item in items] == [
        (f"{i}-{side}", "a photo of a doctor", seed) for i, seed in enumerate((4, 5)) for side in ("original", "edited")
    ]
    assert {(item.artist, item.role, item.style_score) for item in items} == {("", "", None)}
    with Image.open(kept.path(run.files_of("edited")[1])) as image:
        facts = json.loads(image.text[METADATA_KEY])
    assert GenerationSpec.from_facts(facts["generation"]) == run.generations[1]


def test_what_cannot_be_reviewed_says_so(kept: Store) -> None:
    for number, (kind, request, outcome) in enumerate(
        [
            ("debias", {}, {}),
            ("evaluate", {}, {"summary": []}),
            ("evaluate", {}, {"pictures": [{"prompt": "a cat"}]}),
            ("compare", {"edit": None, "drawings": [{"prompt": "a cat", "seed": 1}]}, {}),
            ("compare", {}, {}),
        ]
    ):
        run = kept.add(kind, "x", request | {"number": number}, {}, outcome, [])
        with pytest.raises(ValueError, match="cannot be reviewed"):
            items_of(kept.get(run))


def test_sets_are_pinned_runs_and_on_ones_own_computer_all_evaluations(
    tiny: Model, scored: Model, kept: Store, evaluated: Evaluation
) -> None:
    first, second = compared(tiny, kept), compared(tiny, kept, "a dog")
    third = evaluation_record(scored, erase(scored, PICASSO), evaluated).keep(kept)
    fourth = debiased(tiny, kept)
    kept.add("evaluate", "of another version", {}, {}, {}, [])
    assert [run.id for run in reviewable_runs(kept, unpinned=True)] == [third]
    assert reviewable_runs(kept, unpinned=False) == []
    for run in (first, third, fourth):
        kept.pin(run)
    assert [run.id for run in reviewable_runs(kept, unpinned=True)] == [fourth, third, first]
    assert [run.id for run in reviewable_runs(kept, unpinned=False)] == [fourth, third, first]
    assert second not in [run.id for run in reviewable_runs(kept, unpinned=True)]


def test_judging_again_replaces_and_goes_with_the_run(tiny: Model, kept: Store) -> None:
    run, other = compared(tiny, kept), compared(tiny, kept, "a dog")
    mine = Rating(
        item="0-edited", reviewer="Kim", style=3, content=4, quality=2, flag=True, comment="물결 무늬", mode="pair"
    )
    save_ratings(kept, run, [mine, replace(mine, item="0-original")])
    save_ratings(kept, run, [replace(mine, reviewer="Lee"), replace(mine, style=1)])
    save_ratings(kept, other, [mine])
    found = ratings_of(kept, run, "Kim")
    assert [(one.item, one.style) for one in found] == [("0-original", 3), ("0-edited", 1)]
    assert replace(found[1], moment="") == replace(mine, style=1)
    assert len(ratings_of(kept, run)) == 3
    kept.delete([run])
    assert ratings_of(kept, run) == []
    assert len(ratings_of(kept, other)) == 1
    with pytest.raises(ValueError, match="There is no image 7-edited"):
        save_ratings(kept, other, [replace(mine, item="7-edited")])
    with pytest.raises(ValueError, match="There is no run"):
        save_ratings(kept, run, [mine])


def test_one_person_counts_once_however_the_name_is_written(tiny: Model, kept: Store) -> None:
    run, other = compared(tiny, kept), compared(tiny, kept, "a dog")
    save_ratings(kept, run, [Rating(item="0-edited", reviewer="Kim Jiwoo", style=3, content=4, quality=2)])
    assert canonical_reviewer(kept, run, "kim  JIWOO") == "Kim Jiwoo"
    assert canonical_reviewer(kept, run, "kim") == "kim"
    assert canonical_reviewer(kept, other, "kim jiwoo") == "kim jiwoo"
    save_ratings(kept, run, [Rating(item="0-edited", reviewer="kim jiwoo", style=1, content=1, quality=1)])
    assert [canonical_reviewer(kept, run, name) for name in ("Kim Jiwoo", "kim jiwoo")] == ["Kim Jiwoo", "kim jiwoo"]


def test_judgements_travel_with_an_exported_run(tiny: Model, kept: Store, tmp_path: Path) -> None:
    run = compared(tiny, kept)
    save_ratings(
        kept,
        run,
        [
            Rating(item="0-edited", reviewer="Kim", style=3, content=4, quality=2),
            Rating(item="0-edited", reviewer="Lee", style=1, content=1, quality=1),
        ],
    )
    path = export_run(kept, kept.get(run), tmp_path / "run.zip")
    elsewhere = Store(tmp_path / "elsewhere")
    there = import_run(elsewhere, path)
    assert ratings_of(elsewhere, there) == ratings_of(kept, run)
    save_ratings(elsewhere, there, [Rating(item="0-edited", reviewer="Kim", style=0, content=0, quality=0)])
    assert import_run(elsewhere, path) == there
    assert [one.style for one in ratings_of(elsewhere, there, "Kim")] == [0], "what was judged here stays"


@IN_SQLITE
@pytest.mark.parametrize(
    "faulty",
    [{"style": 9}, {"item": "9-edited"}, {"comment": 1}, {"flag": "x"}, {"reviewer": 1}, {"moment": "x" * 99}],
    ids=str,
)
def test_faulty_judgements_in_an_archive_are_refused(
    faulty: dict[str, object], tiny: Model, kept: Store, tmp_path: Path
) -> None:
    path = export_run(kept, kept.get(compared(tiny, kept)), tmp_path / "run.zip")
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    sound = asdict(Rating(item="0-edited", reviewer="Kim", style=1, content=1, quality=1))
    entries["manifest.json"] = json.dumps(json.loads(entries["manifest.json"]) | {"ratings": [sound | faulty]})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    elsewhere = Store(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=r"not an exported run|style is rated 9|no image 9-edited"):
        import_run(elsewhere, path)
    assert elsewhere.count() == 0, "nothing of it stays"


def test_a_database_of_before_is_brought_up_to_date(tiny: Model, kept: Store, tmp_path: Path) -> None:
    """A store as of the first step, with a run in it, opened today."""
    old = tmp_path / "old"
    old.mkdir()
    config = Config()
    config.set_main_option("script_location", str(Path(uce_core.runs.store.__file__).parent / "migrations"))
    with sa.create_engine(f"sqlite:///{old / 'runs.sqlite'}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        assert "judgements" not in sa.inspect(connection).get_table_names()
        run: AnyRun = kept.get(compared(tiny, kept))
        values = {name: getattr(run, name) for name in ("id", "kind", "title", "environment")}
        values |= {"request": run.request.facts(), "outcome": run.outcome.facts()}
        values |= {"digest": "x", "created": run.created.isoformat(), "pinned": True, "note": "kept"}
        connection.execute(uce_core.runs.store.RUNS.insert().values(**values))
        for part in run.files:
            if part.role in ("original", "edited"):
                blob = {"digest": part.digest, "suffix": part.suffix, "bytes": 1}
                connection.execute(uce_core.runs.store.BLOBS.insert().values(**blob))
                place = {"run": run.id, "role": part.role, "position": part.position, "blob": part.digest}
                connection.execute(uce_core.runs.store.PARTS.insert().values(**place))
    store = Store(old)
    assert store.get(run.id).note == "kept"
    save_ratings(store, run.id, [Rating(item="0-edited", reviewer="Kim", style=3, content=4, quality=2)])
    assert len(ratings_of(Store(old), run.id)) == 1


def test_files_hold_every_judgement_and_no_formula(tiny: Model, kept: Store, tmp_path: Path) -> None:
    run = compared(tiny, kept)
    save_ratings(
        kept,
        run,
        [
            Rating(item="0-edited", reviewer="Kim", style=3, content=4, quality=2, comment='=1+1, "x"\n둘째 줄'),
            Rating(item="0-original", reviewer="Lee", style=4, content=4, quality=4),
        ],
    )
    with write_review(kept, run, tmp_path / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["run"], row["item"], row["side"], row["style"]) for row in table] == [
        (run, "0-edited", "edited", "3"), (run, "0-original", "original", "4"),
    ]  # fmt: skip
    assert table[0]["comment"] == '\'=1+1, "x"\n둘째 줄'
    found = json.loads(write_review(kept, run, tmp_path / "review.json").read_text(encoding="utf-8"))
    assert found["results"]["reviewers"] == ["Kim", "Lee"]
    assert found["ratings"][0]["comment"].startswith("=1+1")
    assert results_of(kept, run).ratings == 2
    with pytest.raises(ValueError, match=r"neither a \.csv"):
        write_review(kept, run, tmp_path / "review.txt")


def test_the_command_line_tells_and_writes_reviews(
    scored: Model, evaluated: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path))
    store = uce_core.runs.home.open_store(home())
    run = evaluation_record(scored, erase(scored, PICASSO), evaluated).keep(store)

    def output_of(*arguments: str) -> str:
        assert main(["review", *arguments]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    assert "Nobody has reviewed" in output_of("results", run)
    for reviewer in ("Kim", "Lee"):
        save_ratings(
            store,
            run,
            [
                Rating(item=i.key, reviewer=reviewer, style=4 - i.pair % 2, content=4, quality=3)
                for i in items_of(store.get(run))
            ],
        )
    text = output_of("results", run)
    assert "24 ratings of 12 images by Kim, Lee." in text
    assert "| style | 1.00 | 12 |" in text
    assert "| quality | none: all ratings are the same | 12 |" in text
    assert "| Pablo Picasso | style: … in the style of Pablo Picasso | 2 |" in text
    assert json.loads(output_of("results", run, "--json"))["by_artist"][0]["style"]["value"] == 3.5
    output_of("export", run, "--out", str(tmp_path / "review.csv"))
    assert len((tmp_path / "review.csv").read_text(encoding="utf-8").splitlines()) == 25
    assert main(["review", "results", "nothing"]) == 2
    assert "There is no run" in capsys.readouterr().err
