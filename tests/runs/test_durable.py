"""What a store is after crashes, full disks, damaged rows and clocks that go back."""

import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from app.html.runs import findings_of, run_links, settings_table
from uce_core.runs import migrate, store
from uce_core.runs.blobs import NewFile
from uce_core.runs.migrate import MIGRATIONS, NEWEST
from uce_core.runs.store import Store

BEGIN = "import sys; from pathlib import Path; from uce_core.runs.store import NewFile, Store\n"
OPEN = f"{BEGIN}print(Store(Path(sys.argv[1])).count())"
OLD_RUN = """
INSERT INTO runs (id, digest, kind, created, title, request, surroundings, outcome, pinned, note)
VALUES ('a', 'd', 'compare', '2026-01-01T00:00:00+00:00', 'a house', '{}', '{}', '{}', 0, '')
"""


def old_store(folder: Path) -> Path:
    """As the first version's migrations leave it, with a run in it."""
    folder.mkdir()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with sa.create_engine(f"sqlite:///{folder / 'runs.sqlite'}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(OLD_RUN)
    return folder


def add(kept: Store, number: int, data: bytes | None = None) -> str:
    return kept.add("compare", f"run {number}", {"number": number}, {}, {}, [NewFile("edited", ".png", data or b"x")])


def test_a_migration_is_done_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after its second step, the database is what it was, and opens the next time."""
    folder = old_store(tmp_path / "runs")

    def killed(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_upgrade", killed)
        with pytest.raises(KeyboardInterrupt):
            Store(folder)
    with sqlite3.connect(folder / "runs.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert "deleted" not in [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    assert Store(folder).count() == 1
    with sqlite3.connect(folder / "runs.sqlite.0001.backup") as connection:
        assert connection.execute("SELECT title FROM runs").fetchall() == [("a house",)]


def test_a_copy_that_was_cut_off_is_not_taken_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = old_store(tmp_path / "runs")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            Store(folder)
    copy = folder / "runs.sqlite.0001.backup"
    assert not copy.exists()
    assert Store(folder).count() == 1
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]


def test_processes_that_come_at_the_same_time_all_open_it(tmp_path: Path) -> None:
    """A new one, and an old one that they have to bring up to date."""
    for folder in (tmp_path / "new", old_store(tmp_path / "old")):
        began = [
            subprocess.Popen([sys.executable, "-c", OPEN, str(folder)], stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        assert {process.communicate(timeout=60)[0].strip() for process in began} == {
            "1" if folder.name == "old" else "0"
        }


def test_what_a_crash_leaves_is_swept(kept: Store) -> None:
    run = add(kept, 0, b"kept")
    folder = kept.files / "ab"
    folder.mkdir(exist_ok=True)
    orphan, part, fresh = folder / f"{'ab' * 32}.png", folder / f".{'ab' * 32}.png.1.part", folder / f"{'ac' * 32}.png"
    copies = [kept.files.parent / f".runs.sqlite.0001.backup.1.part{end}" for end in ("", "-journal")]
    for path in (orphan, part, fresh, *copies):
        path.write_bytes(b"x")
    hours_ago = time.time() - 7200
    for path in (orphan, part, *copies, *(kept.path(file) for file in kept.get(run).files)):
        os.utime(path, (hours_ago, hours_ago))
    kept.sweep()
    assert not orphan.exists()
    assert not part.exists()
    assert not any(path.exists() for path in copies)
    assert fresh.exists(), "another process may be about to record it"
    assert all(kept.path(file).is_file() for file in kept.get(run).files)


def test_killed_while_deleting_no_run_is_listed_without_its_files(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = add(kept, 0)
    [file] = kept.get(run).files

    def killed(self: Store, paths: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "_remove", killed)
    with pytest.raises(KeyboardInterrupt):
        kept.delete([run])
    assert kept.count() == 0
    assert kept.path(file).is_file()


def test_a_file_that_was_cut_off_is_written_again(kept: Store) -> None:
    [file] = kept.get(add(kept, 0, b"whole")).files
    kept.path(file).write_bytes(b"wh")
    add(kept, 1, b"whole")
    assert kept.path(file).read_bytes() == b"whole"


def test_one_damaged_row_does_not_hide_the_others(kept: Store) -> None:
    broken, fine = add(kept, 0), add(kept, 1)
    with kept.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE runs SET created = 'yesterday', latest = NULL WHERE id = :id"), {"id": broken}
        )
    assert [run.id for run in kept.page()] == [fine]
    with pytest.raises(ValueError, match="There is no run"):
        kept.get(broken)


DAMAGED = {
    "request": "'{'",
    "surroundings": "'[1'",
    "outcome": "CAST(X'ff7b' AS TEXT)",
    "title": "CAST(X'ff' AS TEXT)",
    "kind": "'of-tomorrow'",
    "created": "'9999-12-31T23:59:59+00:00'",
    "pinned": "'x'",
}


@pytest.mark.parametrize("column", DAMAGED)
def test_a_row_with_one_damaged_column_does_not_blank_the_list(column: str, tmp_path: Path) -> None:
    kept = Store(tmp_path)
    broken, fine = add(kept, 0), add(kept, 1)
    with kept.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE runs SET {column} = {DAMAGED[column]} WHERE id = :id"), {"id": broken})
    found = kept.page()
    assert fine in [run.id for run in found]
    assert {run.id for run in found} <= {broken, fine}
    seoul = ZoneInfo("Asia/Seoul")
    for language in ("en", "ko"):
        assert f"?run={fine}" in run_links(found, ["/x.png"] * len(found), language, seoul)
        assert [settings_table(run, language, seoul) + findings_of(run, language) for run in found]


def test_an_empty_database_beside_files_is_said(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    add(kept, 0)
    kept.engine.dispose()
    for file in tmp_path.glob("runs.sqlite*"):
        file.write_bytes(b"") if file.name == "runs.sqlite" else file.unlink()
    with pytest.raises(ValueError, match="is empty, though there are files of runs"):
        Store(tmp_path)


def test_a_clock_that_is_set_back_does_not_age_out_what_is_new(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add(kept, 0, b"first")

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "datetime":
            return datetime.now(tz) - timedelta(days=1)

    monkeypatch.setattr(store, "datetime", Yesterday)
    second = add(kept, 1, b"second")
    monkeypatch.undo()
    assert [run.id for run in kept.page()] == [second, first]
    kept.prune(kept.size() - 1)
    assert [run.id for run in kept.page()] == [second]
    assert kept.get(second).created < datetime.now(UTC)


def test_threads_record_side_by_side(kept: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: add(kept, number, b"%d" % (number % 5)), range(64)))
    assert len(set(ids)) == kept.count() == 64
    assert NEWEST == "0005"
