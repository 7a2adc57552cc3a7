"""Who visitors are, what they may do, and that nobody gets at another's windows, runs and edits."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server.gate import Gate
from app.server.visitors import COOKIE, Visitors, key_in
from app.studio.edit_library import Library, Room
from app.studio.settings import Settings
from app.studio.visitor import OWNER, RIGHTS, Action, Role, Scope, Visitor
from tests.app.serving import ROOT
from uce_core import EditSpec, Model, erase

PUBLIC = "https://studio.example"
HOSTED = Settings(host="0.0.0.0", root_path=PUBLIC)
JOIN = "/gradio_api/queue/join"


async def inside(request: Request) -> Response:
    visitor: Visitor = request.scope["visitor"]
    return JSONResponse(
        {"id": visitor.id, "role": visitor.role, "body": (await request.body()).decode(errors="replace")}
    )


def visited(settings: Settings = HOSTED, key: bytes = b"key", address: str = PUBLIC, client: str = "a") -> TestClient:
    inner = Starlette(routes=[Route("/{path:path}", inside, methods=["GET", "POST"])])
    return TestClient(Visitors(inner, settings, key), base_url=address, client=(client, 1))


def who(client: TestClient, **more: Any) -> str:
    return client.get("/config", **more).json()["id"]


def test_a_browser_is_known_again_by_its_cookie() -> None:
    browser, other, script = visited(), visited(), visited()
    given = browser.get("/").headers["set-cookie"]
    assert given.startswith(f"{COOKIE}=")
    for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/;"):
        assert flag in given
    other.get("/")
    ids = [who(client) for client in (browser, other, script)]
    assert who(browser) == ids[0]
    assert len(set(ids)) == 3
    assert [one.split("-")[0] for one in ids] == ["browser", "browser", "address"]
    assert "set-cookie" not in browser.get("/").headers, "once is enough"
    assert "set-cookie" not in script.get("/config").headers
    assert "Secure" not in visited(Settings(host="0.0.0.0"), address="http://lab:7860").get("/").headers["set-cookie"]


@pytest.mark.parametrize("forged", ["", "x", "x.y.z", "a" * 5000, "é"])
def test_a_cookie_that_was_not_signed_here_is_none(forged: str) -> None:
    stranger, script = visited(), visited()
    header = {"cookie": f"{COOKIE}={forged}".encode()}
    assert who(stranger, headers=header) == who(script)


def test_a_cookie_of_another_key_or_changed_is_none() -> None:
    browser = visited()
    browser.get("/")
    value = browser.cookies[COOKIE]
    assert who(visited(), headers={"cookie": f"{COOKIE}={value}"}) == who(browser)
    for key, said in ((b"other", value), (b"key", f"{'B' if value[0] == 'A' else 'A'}{value[1:]}")):
        assert who(visited(key=key), headers={"cookie": f"{COOKIE}={said}"}).startswith("address-")


def test_a_space_is_seen_in_a_frame_of_another_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPACE_ID", "someone/studio")
    settings = Settings(host="0.0.0.0")
    inner = Starlette(routes=[Route("/{path:path}", inside)])
    gate = Gate(Visitors(inner, settings, b"key"), settings, tmp_path)
    given = TestClient(gate, base_url=PUBLIC).get("/").headers["set-cookie"]
    assert "SameSite=None; Secure; Partitioned" in given


def test_newcomers_without_end_are_one_visitor() -> None:
    inner = Starlette(routes=[Route("/{path:path}", inside)])
    visitors = Visitors(inner, Settings(host="0.0.0.0"), b"key")
    given = [TestClient(visitors, base_url=PUBLIC, client=("a", 1)).get("/").json()["id"] for _ in range(70)]
    assert len(set(given)) == 61
    assert TestClient(visitors, base_url=PUBLIC, client=("b", 1)).get("/").json()["id"] not in given


def test_the_owner_and_readers_are_told_from_strangers() -> None:
    local = visited(Settings(), address="http://127.0.0.1:7860")
    assert local.get("/").json() == {"id": "", "role": "owner", "body": ""}
    assert "set-cookie" not in local.get("/").headers
    assert visited(Settings(read_only=True)).get("/").json()["role"] == "reader"


def test_whom_the_operator_blocks_is_kept_out_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "blocked"
    settings = Settings(host="0.0.0.0", block_file=file)
    inner = Starlette(routes=[Route("/{path:path}", inside)])
    visitors = Visitors(inner, settings, b"key")
    browser, other, elsewhere = (TestClient(visitors, base_url=PUBLIC, client=(name, 1)) for name in "aab")
    names = [client.get("/").json()["id"] for client in (browser, other, elsewhere)]
    file.write_text(f"10.0.0.1\n{names[0]}\n")
    assert [client.get("/").status_code for client in (browser, other, elsewhere)] == [403, 200, 200]
    file.write_text("a\n")
    os.utime(file, (1, 1))
    assert [client.get("/").status_code for client in (browser, other, elsewhere)] == [403, 403, 200]
    file.unlink()
    assert browser.get("/").status_code == 403, "until there is a file that says otherwise"


def test_the_key_is_made_once_and_is_for_nobody_else(tmp_path: Path) -> None:
    key = key_in(tmp_path / "home")
    assert key == key_in(tmp_path / "home")
    assert len(key) == 64
    assert (tmp_path / "home" / "visitors.key").stat().st_mode & 0o077 == 0
    assert key_in(tmp_path / "other") != key


def test_a_window_is_its_first_visitor_s() -> None:
    visitors = Visitors(Starlette(routes=[Route("/{path:path}", inside, methods=["GET", "POST"])]), HOSTED, b"key")
    mine, forger = (TestClient(visitors, base_url=PUBLIC) for _ in range(2))
    for client in (mine, forger):
        client.get("/")
    body = json.dumps({"data": ["é"], "session_hash": "w", "fn_index": 1})
    assert mine.post(JOIN, content=body).json()["body"] == body, "what was read is read again"
    for ask in (
        lambda client: client.post(JOIN, content=body),
        lambda client: client.post(f"{JOIN}/", content=body),
        lambda client: client.post("/gradio_api/run/predict", content=body),
        lambda client: client.post("/gradio_api/call/compare", content=body),
        lambda client: client.post("/gradio_api/cancel", content=body),
        lambda client: client.post("/gradio_api/reset", content=body),
        lambda client: client.get("/gradio_api/queue/data", params={"session_hash": "w"}),
        lambda client: client.get("/gradio_api/heartbeat/w"),
    ):
        assert ask(mine).status_code == 200
        assert ask(forger).status_code == 403
    for strange in (b"", b"[1]", b"{", b"\xff", b'{"session_hash": null}', b"[" * 100_000):
        assert forger.post(JOIN, content=strange).status_code == 200, "Gradio says what is wrong with it"


def test_rights_are_what_the_documents_say() -> None:
    table = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", table, re.M)
    said = {what: dict(zip(Role, map(Scope, scopes), strict=True)) for what, *scopes in rows}
    assert said == {action.value: scopes for action, scopes in RIGHTS.items()}


def test_own_is_nobody_else_s() -> None:
    one, other = Visitor(Role.STRANGER, "browser-1"), Visitor(Role.LOGGED_IN, "login-1", "Kim")
    for visitor, whose, may in (
        (one, "browser-1", True), (one, "login-1", False), (one, "", False), (other, "login-1", True),
        (OWNER, "browser-1", True), (Visitor(Role.STRANGER), "", False),
        (Visitor(Role.READER, "browser-1"), "browser-1", False),
    ):  # fmt: skip
        assert visitor.may(Action.CHANGE_RUNS, whose) is may
    with pytest.raises(ValueError, match="not yours"):
        one.check(Action.PIN_RUNS, "browser-1")


def test_each_visitor_has_edits_of_their_own(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, EditSpec(erase=("Claude Monet",)))
    operator = Library(tmp_path)
    shared = operator.save(edit, "shared")
    one, other = (Library(tmp_path, name, Room(2, 10**6, 10**7)) for name in ("browser-1", "browser-2"))
    assert one.save(edit.at_strength(0.5), "mine").parent == other.own.parent / "browser-1"
    assert (one.names(), other.names(), operator.names()) == (["mine", "shared"], ["shared"], ["shared"])
    assert one.save(edit, "shared") == shared, "the same is there once"
    assert one.save(edit.at_strength(2), "shared").stem == "shared-2"
    for library, name in ((other, "mine"), (operator, "mine")):
        with pytest.raises(ValueError, match="no saved edit"):
            library.read(name)
    for library in (one, other):
        with pytest.raises(ValueError, match="by whoever saved them"):
            library.delete("shared")
        with pytest.raises(ValueError, match="by whoever saved them"):
            library.rename("shared", "taken")
    with pytest.raises(ValueError, match="You have 2 saved edits"):
        one.save(edit.at_strength(3), "third")
    one.delete("mine")
    assert other.deleted() == operator.deleted() == []
    assert one.undelete(one.deleted()[-1]) == "mine"
    full = Library(tmp_path, "browser-3", Room(2, 10**6, 100))
    with pytest.raises(ValueError, match="no room"):
        full.save(edit.at_strength(4), "more")
