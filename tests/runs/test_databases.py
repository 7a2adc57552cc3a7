"""What a store is in SQLite it is in PostgreSQL, too: for whatever people type, and whoever comes at the same time."""

import json
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from tests import postgresql
from uce_core import EditSpec, GenerationSpec, Model, compare, erase
from uce_core.problems import Problem
from uce_core.review.tasks import Rating
from uce_core.runs import store
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.blobs import NewFile
from uce_core.runs.migrate import MIGRATIONS, NEWEST, version
from uce_core.runs.outcomes import ComparisonOutcome
from uce_core.runs.ratings import ratings_of, save_ratings
from uce_core.runs.record import comparison_record
from uce_core.runs.run import ComparisonRun
from uce_core.runs.schema import BLOBS
from uce_core.runs.store import Store

CONTENT = NewFile("edited", ".png", b"an image")
RECORD = len('{"n": 10}{}{}')  # bytes of a run besides its files
OLD_RUN = """
INSERT INTO runs (id, digest, kind, created, title, request, surroundings, outcome, pinned, note)
VALUES ('a', 'd', 'compare', '2026-01-01T00:00:00+00:00', 'a house', '{}', '{}', '{}', false, '')
"""


@pytest.fixture
def another(kept: Store, database: str) -> Iterator[Store]:
    """The same store, opened by another process."""
    opened = Store(kept.folder, database)
    yield opened
    opened.engine.dispose()


def test_it_is_made_from_nothing_and_found_again(kept: Store, another: Store) -> None:
    run = kept.add("compare", "a house", {"n": 1}, {}, {}, [CONTENT])
    assert another.get(run).title == "a house"
    assert version(kept.engine) == NEWEST
    assert {"runs", "blobs", "parts", "judgements"} <= set(sa.inspect(kept.engine).get_table_names())


def test_one_of_before_is_brought_up_to_date(tmp_path: Path, database: str) -> None:
    (tmp_path / "store").mkdir()
    engine = sa.create_engine(database or f"sqlite:///{tmp_path / 'store' / 'runs.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(OLD_RUN)
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Store(tmp_path / "store", database), range(1 if not database else 4)))
    for one in opened:
        assert [run.title for run in one.page()] == ["a house"]
        assert one.get("a").latest == one.get("a").created
        one.engine.dispose()
    engine.dispose()


@pytest.mark.parametrize("text", ["a\0house", "a \ud800 house", "물결 무늬", "'; DROP TABLE runs; --", "%_\\"])
def test_whatever_people_type_is_kept_and_found(kept: Store, text: str) -> None:
    run = kept.add("compare", text, {"prompt": text}, {}, {}, [])
    kept.write_note(run, text)
    assert [one.id for one in kept.page(search=text)] == [run]
    assert kept.get(run).title == kept.get(run).note
    assert kept.get(run).raw["request"] == {"prompt": text}
    assert kept.add("compare", text, {"prompt": text}, {}, {}, []) == run


def test_capitals_do_not_matter_in_any_alphabet(kept: Store) -> None:
    run = kept.add("compare", "a house by ÉDOUARD MANET, дом", {}, {}, {}, [])
    for words in ("édouard manet", "ДОМ", "A HOUSE"):
        assert [one.id for one in kept.page(search=words)] == [run]


def test_what_a_reviewer_types_is_kept(tiny: Model, kept: Store, tmp_path: Path) -> None:
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    run = comparison_record(tiny, edit, compare(tiny, edit, [GenerationSpec("a cat", 1, 2)])).keep(kept)
    said = Rating(item="0-edited", reviewer="k" * 60, style=1, content=1, quality=1, comment="a\0b")
    with ThreadPoolExecutor(8) as pool:  # pressed several times at once
        list(pool.map(lambda _: save_ratings(kept, run, [said]), range(16)))
    [found] = ratings_of(kept, run)
    assert (found.reviewer, found.comment) == ("k" * 60, "ab")
    archive = export_run(kept, kept.get(run), tmp_path / "run.zip")
    elsewhere = Store(tmp_path / "elsewhere")
    assert ratings_of(elsewhere, import_run(elsewhere, archive)) == [found]
    elsewhere.engine.dispose()
    kept.delete([run])
    assert import_run(kept, archive) != run
    assert [one.item for one in ratings_of(kept, kept.page()[0].id)] == ["0-edited"]


def test_scores_that_are_no_numbers_are_kept(tiny: Model, kept: Store) -> None:
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    record = comparison_record(tiny, edit, compare(tiny, edit, [GenerationSpec("a cat", 1, 2)]))
    scores = [{"clip_original": math.nan, "clip_edited": math.inf, "lpips": 0.5}]
    outcome = ComparisonOutcome(scores=scores)
    run = kept.add("compare", "a cat", record.run.request.facts(), {}, outcome.facts(), [])
    found = kept.get(run)
    assert isinstance(found, ComparisonRun)
    assert found.scores[0] is not None
    assert math.isnan(found.scores[0].clip_original)
    assert found.scores[0].clip_edited == math.inf


def test_eight_threads_of_two_processes_record_search_and_delete(kept: Store, another: Store) -> None:
    """Each run once, each file once, and no run without its files."""

    def work(number: int) -> str:
        own = (kept, another)[number % 2]
        contents = [CONTENT, NewFile("original", ".png", b"%d" % (number % 5))]
        run = own.add("compare", f"run {number // 2}", {"n": number // 2}, {}, {}, contents)
        own.page(search=str(number))
        if number % 8 == 7:
            kept.prune(len(CONTENT.data) + 3 + 10 * RECORD)
        return run

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(48)))
    listed = kept.page(limit=100)
    assert listed
    assert len({run.title for run in listed}) == len(listed)
    for run in listed:
        assert all(kept.path(file).is_file() for file in run.files), "listed without its files"
    files = sum(path.stat().st_size for path in kept.files.rglob("*.png"))
    assert kept.size() == files + sum(len(json.dumps({"n": int(run.title.split()[1])}) + "{}{}") for run in listed)


def test_who_deletes_files_keeps_others_from_saying_that_they_need_them(
    kept: Store, another: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.add("compare", "a house", {}, {}, {}, [CONTENT])
    [file] = kept.get(run).files
    refused: list[type[Exception]] = []
    impatient = "SET lock_timeout = '50ms'" if kept.engine.dialect.name == "postgresql" else "PRAGMA busy_timeout = 50"

    def in_the_meantime() -> Iterator[Path]:
        with another.engine.connect() as connection:
            connection.exec_driver_sql(impatient)
            with pytest.raises((sa.exc.OperationalError, Problem)) as raised:
                connection.execute(BLOBS.insert().values(digest="x", suffix=".png", bytes=1))
            refused.append(raised.type)
            connection.rollback()
            connection.invalidate()
        yield kept.path(file)

    remove = Store._remove
    monkeypatch.setattr(Store, "_remove", lambda self, paths: remove(self, in_the_meantime()))
    kept.delete([run])
    assert refused
    assert not kept.path(file).exists()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_server_may_be_restarted(kept: Store, another: Store) -> None:
    run = kept.add("compare", "a house", {}, {}, {}, [])
    with another.engine.connect() as connection:
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    assert kept.get(run).title == "a house"


def test_what_people_typed_is_in_no_error(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which would go into a log."""
    monkeypatch.setattr(store.secrets, "token_hex", lambda count: "one id for all")
    kept.add("compare", "a secret", {"n": 1}, {}, {}, [])
    with pytest.raises(sa.exc.IntegrityError) as raised:
        kept.add("compare", "another secret", {"n": 2}, {}, {}, [])
    assert "secret" not in str(raised.value)


def test_without_postgresql_that_is_said_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "programs", lambda: None)
    for required, ends in ((False, pytest.skip.Exception), (True, pytest.fail.Exception)):
        monkeypatch.setattr(postgresql, "REQUIRED", required)
        with pytest.raises(ends, match="PostgreSQL is not installed"):
            postgresql.programs_to_test_with()
