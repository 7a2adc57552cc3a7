"""Requests to a running app, past its page: any JSON to every endpoint, and any file as an upload that is then used."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.hostile.archives import files as archives
from tests.hostile.edit_files import files as edits
from tests.hostile.material import NAMES, UTF8, at, changed_json, json_text
from tests.hostile.pictures import files as pictures
from tests.hostile.promises import ROOT, Property
from tests.hostile.running_app import App

TAKEN = {".safetensors": edits(), ".zip": archives(), ".png": pictures()}  # by an upload button
PATHS = ("run/predict", "run/compare", "queue/join/", "cancel", "reset", "api/predict", "heartbeat/x", "../config")
FORGED = ({"path": "/etc/passwd"}, {"path": str(ROOT / "README.md")}, {"url": "http://127.0.0.1:1/x"}, {"path": "\x00"})


@st.composite
def joined(draw: DrawFn, app: App) -> str:
    """An event of the page, with other values."""
    event = app.events[at(draw, len(app.events))]
    data = app.inputs(event)
    if data and not at(draw, 4):
        meta = {"meta": {"_type": "gradio.FileData"}, "orig_name": draw(UTF8)}
        data[at(draw, len(data))] = FORGED[at(draw, len(FORGED))] | meta
    if at(draw, 3):
        data = changed_json(draw, [data])
        return json.dumps(app.body(event, data))
    return json_text(draw, [app.body(event, data)])


@st.composite
def files(draw: DrawFn, app: App) -> tuple[dict[str, Any], str, bytes]:
    """One for an upload button, under any name."""
    takers = [event for event in app.events if any(suffix_for(app, number) for number in event["inputs"])]
    event = takers[at(draw, len(takers))]
    suffix = next(found for number in event["inputs"] if (found := suffix_for(app, number)))
    name = NAMES[at(draw, len(NAMES))] if at(draw, 3) else draw(UTF8)[:300]
    name = re.sub(r'[\r\n"]', "", name) + (suffix if at(draw, 4) else "")
    return event, name, draw(TAKEN[suffix])


def suffix_for(app: App, widget: int) -> str:
    """Of the files that a widget takes, "" if it takes none."""
    taken = app.widgets[widget]["props"].get("file_types") or [""]
    return str(taken[0]) if app.widgets[widget]["type"] == "uploadbutton" else ""


class Refused(ValueError):
    """By the app, in its own words, which App.check has read."""


def properties(app: App, pid: int, folder: Path) -> Iterator[Property]:
    """folder: where the app may write."""

    def upload(case: tuple[dict[str, Any], str, bytes]) -> bool:
        event, name, content = case
        path = app.uploaded(name, content)
        if not path:
            return False
        assert Path(path).resolve().is_relative_to(folder), f"uploaded to {path}"
        file = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        values = zip(event["inputs"], app.inputs(event), strict=True)
        data = [file if suffix_for(app, number) else value for number, value in values]
        return app.through_the_queue(json.dumps(app.body(event, data)))

    def answered(ask: Callable[[Any], bool]) -> Callable[[Any], None]:
        """Whether it is taken or not, the app is there afterwards."""

        def parse(case: Any) -> None:
            try:
                taken = ask(case)
            except httpx.NetworkError:  # the connection of a request that is not read to its end is closed
                taken = False
            assert app.client.get("/healthz").status_code == 200
            if not taken:
                raise Refused

        return parse

    public = [event for event in app.events if event["api_visibility"] == "public"]
    bodies = [app.body(event, app.inputs(event)) for event in public]
    other = {"session_hash": "x", "fn_index": 0, "event_id": "y"}

    @st.composite
    def calls(draw: DrawFn) -> tuple[str, str]:
        return str(public[at(draw, len(public))]["api_name"]), json_text(draw, bodies)

    @st.composite
    def posts(draw: DrawFn) -> tuple[str, str]:
        return PATHS[at(draw, len(PATHS))], json_text(draw, [*bodies, other])

    for name, cases, ask, weight in (
        ("events over HTTP", joined(app), app.through_the_queue, 3),
        ("endpoints over HTTP", calls(), lambda case: app.called(*case), 1),
        ("other paths over HTTP", posts(), lambda case: app.told(app.post(*case)), 2),
        ("uploads over HTTP", files(app), upload, 1),
    ):
        yield Property(
            name=name,
            cases=cases,
            parse=answered(ask),
            use=lambda case, found: None,
            folder=folder,
            weight=weight,
            pid=pid,
        )
