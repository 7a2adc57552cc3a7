"""Killed at any moment, nothing that was confirmed is lost, nothing listed is broken, and no orphan stays."""

import os
from pathlib import Path

import pytest

from benchmarks.kill_actions import Delete, Import, Migrate, Prune, RecordRun, Save
from benchmarks.kill_places import Bench, Place, painted, pixels, told_of
from benchmarks.kills import all_killed, look
from uce_core.files import write


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of Python 3.12: it has threads, and forks
def test_processes_that_are_killed_lose_nothing_and_leave_nothing() -> None:
    """The kills of docs/reliability.md, fewer of them."""
    rows = list(all_killed((Save, RecordRun, Import, Prune, Delete, Migrate), times=12, seed=2))
    assert [(row.kills, row.lost, row.broken, row.orphans) for row in rows] == [(2, 0, 0, 0)] * 6, rows
    assert sum(row.confirmed for row in rows) > 0


def test_what_is_lost_broken_or_left_is_found(tmp_path: Path) -> None:
    """By the same eyes that look after each kill."""
    bench = Bench(tmp_path / "bench")
    action, place = RecordRun(bench), Place(tmp_path / "place")
    store = place.store
    runs = [bench.record(number).keep(store) for number in range(3)]
    told = [told_of(store, run) for run in runs]
    assert told[0].split()[1:] == list(map(pixels, painted(0)))
    place.library.save(bench.edit, "cut off")

    def faults() -> list[str]:
        found: list[str] = []
        look(action, place.folder, told, found.append)
        return sorted(fault.split()[0] for fault in found)

    assert faults() == []
    write(store.files / "ab" / f"{'ab' * 32}.png", b"of nothing")
    assert faults() == ["left"], "it is swept"
    store.delete([runs[0]])
    assert faults() == ["lost"]
    store.path(store.get(runs[1]).files_of("edited")[0]).write_bytes(b"no image")
    path = place.library.file("cut-off")
    os.truncate(path, path.stat().st_size // 2)
    assert {"broken", "lost"} == set(faults())
