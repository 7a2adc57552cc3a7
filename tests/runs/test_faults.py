"""What a store says, and that it works again, when its disk is full or read-only, or its database is locked, full or
damaged."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults import files_of_at_most, folder_of_another_user
from uce_core.cli import main
from uce_core.runs import database
from uce_core.runs.blobs import NewFile
from uce_core.runs.store import DATABASE, Store

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute('BEGIN EXCLUSIVE')
print('held', flush=True)
sys.stdin.read()
"""
LARGE = bytes(300_000)


def add(kept: Store, number: int, data: bytes = b"x", title: str = "a cat", outcome: str = "") -> str:
    return kept.add("compare", title, {"number": number}, {}, {"said": outcome}, [NewFile("edited", ".png", data)])


def filled(folder: Path, runs: int) -> Path:
    """The database of a store with so many runs, all in one file."""
    kept = Store(folder)
    for number in range(runs):
        add(kept, number, title=f"run {number} " * 50)
    with kept.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept.engine.dispose()
    return folder / DATABASE


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """By another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate()


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    first = add(kept, 0)
    with (
        files_of_at_most(200_000),
        pytest.raises(ValueError, match=r"^edited.png could not be written because the disk is full: free some space"),
    ):
        add(kept, 1, LARGE)
    assert [run.id for run in kept.page()] == [first]
    assert len([path for path in kept.files.rglob("*") if path.is_file()]) == 1
    second = add(kept, 1, LARGE)
    assert [run.id for run in kept.page()] == [second, first]


def test_a_full_database_is_said(tmp_path: Path) -> None:
    kept = Store(tmp_path)

    def at_most(pages: str) -> None:
        with kept.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with kept.engine.connect() as connection:
        at_most(str(connection.exec_driver_sql("PRAGMA page_count").scalar()))
    with pytest.raises(ValueError, match=r"^runs.sqlite could not be written because the disk is full"):
        add(kept, 0, outcome="long " * 10_000)
    assert kept.count() == 0
    at_most("1000000")
    add(kept, 0, outcome="long " * 10_000)
    assert kept.count() == 1


def test_a_migration_onto_a_full_disk_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    with files_of_at_most(20_000), pytest.raises(ValueError, match=r"runs.sqlite is full or fails"):
        Store(tmp_path)
    assert Store(tmp_path).count() == 0


def test_a_home_that_is_read_only_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with folder_of_another_user() as folder:
        monkeypatch.setenv("UCE_STUDIO_HOME", str(folder / "home"))
        assert main(["runs", "list"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Error: {folder}/home/runs could not be written because its folder is read-only")
    assert said.count("\n") == 1


def test_a_database_that_is_read_only_is_said() -> None:
    said = r"^runs.sqlite could not be written because its folder is read-only"
    with folder_of_another_user(lambda folder: filled(folder, 1)) as folder, pytest.raises(ValueError, match=said):
        add(Store(folder), 1)


def test_a_database_that_another_process_holds_is_read_and_said_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT", 50)
    kept = Store(tmp_path)
    first = add(kept, 0)
    with locked(tmp_path / DATABASE):
        assert [run.id for run in kept.page()] == [first]
        with pytest.raises(ValueError, match=r"^The database of runs runs.sqlite is locked by another program"):
            add(kept, 1)
    add(kept, 1)
    assert kept.count() == 2


def test_a_database_that_is_locked_when_it_is_opened_opens_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT", 50)
    with sqlite3.connect(tmp_path / DATABASE) as connection:  # a new one, in which nobody reads while one writes
        connection.execute("CREATE TABLE another (id)")
    with locked(tmp_path / DATABASE), pytest.raises(ValueError, match="is locked by another program"):
        Store(tmp_path)
    assert Store(tmp_path).count() == 0


def overwritten(begin: float, end: float) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        first, last = (int(part * len(content)) for part in (begin, end))
        return content[:first] + b"\xa5" * (last - first) + content[last:]

    return damage


@pytest.mark.parametrize(
    "damage",
    [overwritten(0, 0.01), overwritten(0.2, 0.9), overwritten(0.5, 1), lambda content: content[: len(content) // 2]],
    ids=["header", "middle", "end", "truncated"],
)
def test_a_damaged_database_is_said_and_a_backup_in_its_place_works(
    damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = filled(tmp_path, 60)
    backup = path.read_bytes()
    path.write_bytes(damage(backup))
    with pytest.raises(ValueError, match=r"^The database of runs runs.sqlite is damaged: put a backup in its place"):
        Store(tmp_path).page(limit=100)
    for file in tmp_path.glob(f"{DATABASE}*"):
        file.unlink()
    path.write_bytes(backup)
    kept = Store(tmp_path)
    assert len(kept.page(limit=100)) == 60
    add(kept, 60)


def test_a_backup_in_the_place_of_a_damaged_database_works_at_once(tmp_path: Path) -> None:
    """For whoever has it open."""
    path = filled(tmp_path, 60)
    backup = path.read_bytes()
    kept = Store(tmp_path)
    assert len(kept.page(limit=100)) == 60
    path.write_bytes(overwritten(0.05, 0.95)(backup))
    with kept.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA shrink_memory")  # what it has read before
    for _ in range(2):
        with pytest.raises(ValueError, match="is damaged"):
            kept.page(limit=100)
    path.write_bytes(backup)
    assert len(kept.page(limit=100)) == 60


@pytest.mark.parametrize("column", ["title", "request", "outcome", "note"])
def test_letters_that_are_none_do_not_hide_the_other_runs(column: str, tmp_path: Path) -> None:
    kept = Store(tmp_path)
    broken, fine = add(kept, 0), add(kept, 1)
    with kept.engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE runs SET {column} = CAST(X'7B22FFFE' AS TEXT) WHERE id = :id"), {"id": broken}
        )
    assert [run.id for run in kept.page()] == [fine, broken]
    kept.delete([broken])
    assert [run.id for run in kept.page()] == [fine]
