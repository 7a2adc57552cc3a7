"""What is deleted, or was begun by a process that was killed, does not lie around for ever; a full or read-only disk is
said."""

import errno
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server.storage import no_space
from app.studio import downloads
from app.studio.edit_library import Library
from app.studio.recording import Keeping, Recording
from app.studio.settings import Settings
from tests.faults import files_of_at_most, folder_of_another_user
from uce_core import EditSpec, Model, erase
from uce_core.generation.compare import compare
from uce_core.generation.spec import GenerationSpec
from uce_core.runs.record import Record, comparison_record
from uce_core.runs.store import Store

MONET = EditSpec(erase=("Claude Monet",))


def age(*paths: Path) -> None:
    hours_ago = time.time() - 7200
    for path in paths:
        os.utime(path, (hours_ago, hours_ago))


def test_deleted_edits_go_when_they_cannot_be_had_back(tiny: Model, tmp_path: Path) -> None:
    library, edit = Library(tmp_path), erase(tiny, MONET)
    for number, name in enumerate(("kept", "deleted", "gone")):
        age(library.save(edit.at_strength(number + 1), name))
    library.delete("deleted")
    library.delete("gone")
    age(*(tmp_path / ".deleted").glob("gone.*"))
    parts = [tmp_path / f".{name}.safetensors.1.part" for name in ("old", "being-written")]
    for part in parts:
        part.touch()
    age(parts[0])
    library.sweep()
    assert [part.exists() for part in parts] == [False, True]
    [key] = library.deleted()
    assert len(list((tmp_path / ".deleted").iterdir())) == 1
    assert library.undelete(key) == "deleted"
    assert library.names() == ["deleted", "kept"]


def test_killed_while_deleting_an_edit_is_listed_or_can_be_had_back(
    tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(tmp_path)
    age(library.save(erase(tiny, MONET), "monet"))

    def killed(path: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            library.delete("monet")
    library.sweep()
    assert library.names() == ["monet"]


def test_a_full_disk_is_said_of_an_edit(tiny: Model, tmp_path: Path) -> None:
    library, edit = Library(tmp_path), erase(tiny, MONET)
    with files_of_at_most(100), pytest.raises(ValueError, match=r"^monet.safetensors could not be written because the"):
        library.save(edit, "monet")
    assert list(tmp_path.iterdir()) == []
    assert library.save(edit, "monet").is_file()


def test_a_library_that_is_read_only_is_said(tiny: Model) -> None:
    edit = erase(tiny, MONET)
    said = r"^{} could not be written because its folder is read-only or another user's"
    with folder_of_another_user(lambda folder: edit.save(folder / "old.safetensors")) as folder:
        library = Library(folder)
        with pytest.raises(ValueError, match=said.format("monet.safetensors")):
            library.save(edit, "monet")
        with pytest.raises(ValueError, match=said.format("old.safetensors")):
            library.rename("old", "new")
        with pytest.raises(ValueError, match=said.format("old.safetensors")):
            library.delete("old")
        library.sweep()
        assert library.names() == ["old"]


def recorded(tiny: Model, seed: int) -> Record:
    edit = erase(tiny, MONET)
    return comparison_record(tiny, edit, compare(tiny, edit, [GenerationSpec("a cat", seed, 1)], scored=False))


def test_why_a_run_is_not_recorded_is_known(tiny: Model, tmp_path: Path) -> None:
    keep = Keeping(Recording(Store(tmp_path), 10**9))
    with files_of_at_most(300):
        assert keep(recorded(tiny, 1)).id == ""
    assert str(keep.problem).startswith("edit.safetensors could not be written because the disk is full")
    assert keep(recorded(tiny, 1)).id
    small = Keeping(Recording(Store(tmp_path / "small"), 100))
    assert small(recorded(tiny, 1)).id == ""
    assert str(small.problem).startswith("It takes more than is left of the 0 MB for saved runs: unpin some")


def test_a_temporary_folder_that_is_full_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    downloads.fresh_folder()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", full)
        with pytest.raises(ValueError, match="could not be written because the disk is full"):
            downloads.fresh_folder()
    assert downloads.fresh_folder().is_dir()


def test_no_temporary_folder_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/nowhere"])
    with pytest.raises(ValueError, match=r"^No temporary folder can be written: free some space, or set TMPDIR"):
        downloads._temporary.__wrapped__()


def test_temporary_folders_of_killed_processes_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {
        "killed": f"uce-studio-{ended.pid}-a",
        "killed now": f"uce-studio-{ended.pid}-b",
        "running": f"uce-studio-{os.getpid()}-c",
        "another's": "another-program",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
        (tmp_path / name / "image.png").touch()
    for name in ("killed", "running", "another's"):
        age(tmp_path / names[name] / "image.png", tmp_path / names[name])
    downloads.remove_abandoned()
    assert {path.name for path in tmp_path.iterdir()} == set(names.values()) - {names["killed"]}


@pytest.mark.parametrize(("language", "said"), [("en", "because the disk is full"), ("ko", "디스크가 가득 차서")])
def test_an_upload_for_which_there_is_no_space_is_answered(language: str, said: str) -> None:
    async def upload(request: Request) -> None:
        raise OSError(int(request.query_params["errno"]), "an error of the system's")

    handlers = {OSError: no_space(Settings())}
    client = TestClient(Starlette(routes=[Route("/upload", upload)], exception_handlers=handlers))  # type: ignore[dict-item]
    answer = client.get(f"/upload?errno={errno.ENOSPC}", headers={"accept-language": language})
    assert answer.status_code == 507
    assert said in answer.text
    with pytest.raises(OSError, match="an error of the system's"):
        client.get(f"/upload?errno={errno.EIO}")
