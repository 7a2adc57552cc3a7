"""The table of rights in docs/hosting.md, cell by cell, by raw HTTP: what is pressed past the page is refused, too."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import passwords
from app.studio.examples import LEAKAGE, examples
from tests.app.raw import RawVisitor, text_of
from tests.app.serving import ROOT, Served, serve
from uce_core import Edit
from uce_core.runs.archive import import_run
from uce_core.runs.ratings import ratings_of
from uce_core.runs.store import Store

ARCHIVES = ROOT / "tests" / "data" / "v0.1" / "archives"
EDIT = next((ROOT / "edited_models").glob("*.safetensors"))
NAMES = {"kim": "first password", "lee": "second password"}


@dataclass
class Hosted:
    """An app for others. pinned, other: runs of the operator's."""

    served: Served
    store: Store
    pinned: str
    other: str
    names: dict[str, str]
    visitors: ExitStack
    logged_in: dict[str, httpx.Cookies] = field(default_factory=dict)

    def visitor(self, name: str) -> RawVisitor:
        """With a cookie and a window of their own, and the log-in of that name if there are log-ins."""
        visitor = self.visitors.enter_context(RawVisitor(self.served.url))
        if self.names and name not in self.logged_in:
            self.log_in(visitor, name)
            self.logged_in[name] = httpx.Cookies(visitor.http.cookies)
        visitor.http.cookies.update(self.logged_in.get(name))
        return visitor.visit()

    def log_in(self, visitor: RawVisitor, name: str) -> httpx.Response:
        return visitor.http.post("/login", data={"username": name, "password": self.names[name]}).raise_for_status()


@pytest.fixture(scope="module", params=["stranger", "logged in"])
def hosted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    folder = tmp_path_factory.mktemp("hosted")
    store, names, more = Store(folder / "home" / "runs"), {}, list[str]()
    pinned, other = (import_run(store, ARCHIVES / f"{kind}.zip") for kind in ("comparison", "debiasing"))
    store.pin(pinned)
    if request.param == "logged in":
        names, more = NAMES, ["--auth-file", str(folder / "visitors")]
        for name, password in names.items():
            passwords.add(folder / "visitors", name, password)
    (folder / "edits").mkdir()
    (folder / "edits" / "shared.safetensors").write_bytes(EDIT.read_bytes())
    served = serve(folder / "edits", folder / "home", "--host", "0.0.0.0", *more)
    with ExitStack() as visitors:
        yield Hosted(served, store, pinned, other, names, visitors)
    served.process.terminate()
    served.process.wait(20)


def listed(visitor: RawVisitor) -> str:
    return text_of(visitor.press("runs-search", "", "", False, None, kind="change")["runs"])


def opened(visitor: RawVisitor, run: str) -> dict[str, Any]:
    return visitor.press("run-open", run, None)


def imported(visitor: RawVisitor, kind: str = "comparison") -> str:
    file = visitor.upload(f"{kind}.zip", (ARCHIVES / f"{kind}.zip").read_bytes())
    shown = visitor.press("runs-import", file, kind="upload")
    return text_of(shown["run-link"]).partition("?run=")[2]


def test_runs_are_listed_noted_deleted_and_restored_by_whose_they_are(hosted: Hosted) -> None:
    one, other, store = hosted.visitor("kim"), hosted.visitor("lee"), hosted.store
    run = imported(one)
    assert run not in (hosted.pinned, hosted.other)
    assert [name in listed(one) for name in (run, hosted.pinned, hosted.other)] == [True, True, False]
    assert [name in listed(other) for name in (run, hosted.pinned, hosted.other)] == [False, True, False]
    assert run in text_of(opened(other, run)["run-link"]), "by its link, which somebody gave away"
    for visitor, count in ((one, 2), (other, 1)):
        beside = visitor.press("runs-picked-show", f"{run} {hosted.pinned} {hosted.other}")["runs-differences"]
        assert [name in text_of(beside) for name in (run, hosted.pinned, hosted.other)] == [count == 2] * 2 + [False]
        assert (f"Selected runs: {count}." in text_of(beside)) == (count < 2)
    before = store.get(run).note
    for visitor, whose in ((other, run), (other, hosted.pinned), (one, hosted.other)):
        opened(visitor, whose)
        said = [
            visitor.press("run-note", None, "mine now", kind="blur")["runs-status"],
            visitor.press("run-delete", None)["runs-status"],
            visitor.press("run-pin", None)["runs-status"],
        ]
        assert ["not yours" in text_of(answer) for answer in said] == [True] * 3
        assert store.get(whose).pinned == (whose == hosted.pinned)
    assert store.get(run).note == before
    opened(one, run)
    assert "not yours" in text_of(one.press("run-pin", None)["runs-status"])
    one.press("run-note", None, "mine", kind="blur")
    assert store.get(run).note == "mine"
    one.press("run-delete", None)
    assert [deleted.id for deleted in store.soft_deleted()] == [run]
    other.press("run-undo")
    assert [deleted.id for deleted in store.soft_deleted()] == [run]
    one.press("run-undo")
    assert store.get(run).note == "mine"


def test_saved_edits_are_listed_used_renamed_and_deleted_by_whose_they_are(hosted: Hosted) -> None:
    one, other = hosted.visitor("kim"), hosted.visitor("lee")
    shown = one.press("edit-upload", one.upload("private.safetensors", b"no edit"), "", kind="upload")
    assert "not" in text_of(shown["edits-status"])
    file = one.upload("private.safetensors", variant_of(EDIT))
    assert "private is in the library" in text_of(one.press("edit-upload", file, "", kind="upload")["edits-status"])
    names = [choices(visitor.press("edits-search", "", None, kind="change")["edits"]) for visitor in (one, other)]
    assert names == [["private", "shared"], ["shared"]]
    for visitor, element, values in (
        (other, "edits", ("private",)),
        (other, "edit-get", ("private", "safetensors", 1, "fp32")),
        (one, "edit-get", ("shared", "checkpoint", 1, "fp32")),
        (other, "edit-rename", ("private", "stolen", "")),
        (other, "edit-delete", ("private", "")),
        (one, "edit-rename", ("shared", "stolen", "")),
        (one, "edit-delete", ("shared", "")),
    ):
        assert refused(visitor, element, *values)
    assert sorted(path.name for path in hosted.served.edits.glob("*.safetensors")) == ["shared.safetensors"]
    assert "renamed" in text_of(one.press("edit-rename", "private", "renamed", "")["edits-status"])
    assert "Deleted renamed" in text_of(one.press("edit-delete", "renamed", "")["edits-status"])
    other.press("edit-undo", "")
    assert choices(one.press("edit-undo", "")["edits"]) == ["renamed", "shared"]


def test_an_example_is_everybody_s_to_see_and_nobody_s_to_change(hosted: Hosted) -> None:
    one, store = hosted.visitor("kim"), hosted.store
    assert "Leakage" in text_of(one.press("runs-search", "", "", False, None, kind="change")["runs-examples"])
    before = examples(store)[LEAKAGE]
    assert before.id in text_of(opened(one, before.id)["run-link"])
    for element, values, kind in (("run-note", (None, "mine"), "blur"), ("run-delete", (None,), "click")):
        assert "not yours" in text_of(one.press(element, *values, kind=kind)["runs-status"])
    assert "not yours" in text_of(one.press("run-pin", None)["runs-status"])
    assert examples(store)[LEAKAGE] == before
    assert "1 of 12" in text_of(one.press("review-example", "Mina", "single")["review-progress"])


def test_nobody_speaks_as_another_reviewer_or_reads_names_and_remarks(hosted: Hosted) -> None:
    one, other, store, run = hosted.visitor("kim"), hosted.visitor("lee"), hosted.store, hosted.pinned
    before, name = ratings_of(store, run), "kim" if hosted.names else "Mina"
    for visitor in (one, other):
        visitor.press("tab-review", "", kind="select")
    one.press("review-begin", run, "Mina", "single")
    answered = one.press("review-save", None, *[0] * 3, *[None] * 3, False, "a remark")
    assert "rated" not in text_of(answered["review-status"])
    assert [rating.reviewer for rating in ratings_of(store, run)[len(before) :]] == [name]
    begun = other.press("review-begin", run, "MINA", "single")
    if hosted.names:
        assert text_of(begun["review-status"]) == ""
    else:
        assert "Someone else reviews this set as Mina" in text_of(begun["review-status"])
    assert "has rated 1 of" in text_of(one.press("review-see", run, "")["review-status"])
    page = text_of(other.press("review-see", run, "")["review-report"])
    assert f"Reviewers: {1 + len({rating.reviewer for rating in before})}." in page
    assert not [name for name in ("kim", "mina") if name in page.casefold()]
    assert "a remark" not in page
    for suffix in ("csv", "json"):
        assert "not yours" in text_of(other.press(f"review-{suffix}", None)["review-status"])


def test_a_window_s_name_is_not_enough(hosted: Hosted) -> None:
    one, other = hosted.visitor("kim"), hosted.visitor("lee")
    opened(one, hosted.pinned)
    number = one.event("cancel")["id"]
    assert other.join(number, [], one.window).status_code == 403
    assert other.http.get("/gradio_api/queue/data", params={"session_hash": one.window}).status_code == 403
    asked = {"session_hash": one.window, "fn_index": number, "event_id": "x"}
    assert other.http.post("/gradio_api/cancel", json=asked).status_code == 403
    bare = httpx.post(f"{hosted.served.url}/gradio_api/reset", json=asked)
    assert bare.status_code == 403


def test_log_ins_end(hosted: Hosted) -> None:
    one = hosted.visitor("kim")
    assert one.join(one.event("cancel")["id"], []).status_code == 200
    if hosted.names:
        given = hosted.log_in(one, "kim").headers["set-cookie"]
        assert given.count("HttpOnly") == given.casefold().count("samesite=lax") == 2
        one.http.get("/logout")
        hosted.logged_in.clear()
        assert one.join(one.event("cancel")["id"], []).status_code == 401


def test_the_owner_may_do_it_all(app: Served, home: Path) -> None:
    store = Store(home / "runs")
    theirs = import_run(store.for_visitor("browser-1"), ARCHIVES / "debiasing.zip")
    with RawVisitor(app.url) as owner:
        owner.visit()
        assert theirs in listed(owner)
        opened(owner, theirs)
        owner.press("run-note", None, "seen", kind="blur")
        owner.press("run-pin", None)
        assert (store.get(theirs).note, store.get(theirs).pinned) == ("seen", True)
        owner.press("run-delete", None)
        assert theirs not in listed(owner)
        example = examples(store)[LEAKAGE]
        opened(owner, example.id)
        assert "not yours" in text_of(owner.press("run-delete", None)["runs-status"])
        assert store.get(example.id) == example


def test_readers_find_nothing_to_press(tmp_path: Path) -> None:
    store = Store(tmp_path / "home" / "runs")
    runs = [import_run(store, ARCHIVES / f"{kind}.zip") for kind in ("comparison", "debiasing")]
    store.pin(runs[0])
    before = [(run.id, run.note, run.pinned) for run in store.page()]
    served = serve(tmp_path / "edits", tmp_path / "home", "--read-only", "--host", "0.0.0.0")
    reader = RawVisitor(served.url).visit()
    try:
        assert [run in listed(reader) for run in runs] == [True, False]
        assert runs[1] in text_of(opened(reader, runs[1])["run-link"])
        for element, values in (("run-note", (None, "mine")), ("run-delete", (None,)), ("run-pin", (None,))):
            kind = "blur" if element == "run-note" else "click"
            assert "not yours" in text_of(reader.press(element, *values, kind=kind)["runs-status"])
        with pytest.raises(StopIteration):
            reader.event("compare")
        assert reader.http.post("/gradio_api/upload", files={"files": ("a.zip", b"x")}).status_code == 404
        assert [(run.id, run.note, run.pinned) for run in store.page()] == before
    finally:
        reader.http.close()
        served.process.terminate()
        served.process.wait(20)


def choices(radio: Any) -> list[str]:
    return [name for name, _ in radio["choices"]]


def refused(visitor: RawVisitor, element: str, *values: Any) -> bool:
    """By Gradio, as no choice of its list, or by us in a sentence."""
    kind = "input" if element == "edits" else "click"
    answer = visitor.join(visitor.event(element, kind)["id"], list(values))
    found = visitor.completed(answer.json()["event_id"])
    said = json.dumps(found["output"])
    return not found["success"] or "by whoever saved them" in said or "no saved edit" in said


def variant_of(file: Path) -> bytes:
    """Another edit: the same in another strength."""
    return Edit.load(file).at_strength(0.5).to_bytes()
