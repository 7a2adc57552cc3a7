"""A visitor by raw HTTP, past the page: presses its buttons by their element ids, with whatever values."""

import json
import secrets
from typing import Any

import httpx


class RawVisitor:
    """To be closed, as a context. Keeps cookies."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120, follow_redirects=True)
        self.window = secrets.token_hex(8)
        self.page: dict[str, Any] = {}

    def __enter__(self) -> "RawVisitor":
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def visit(self) -> "RawVisitor":
        self.http.get("/")
        self.page = self.http.get("/config").json()
        return self

    def _element(self, number: int | None) -> str:
        known = {one["id"]: one["props"].get("elem_id") for one in self.page["components"]}
        return known.get(number) or str(number)

    def event(self, element: str, kind: str = "click") -> dict[str, Any]:
        """The first that is heard on the server; by its name if it is a script's."""
        heard = [one for one in self.page["dependencies"] if one["backend_fn"]]
        pressed = [
            one for one in heard if any(kind == how and self._element(of) == element for of, how in one["targets"])
        ]
        return next(iter(pressed), None) or next(one for one in heard if one["api_name"] == element)

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """As a file's widget takes it."""
        [path] = self.http.post("/gradio_api/upload", files={"files": (name, content)}).raise_for_status().json()
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def join(self, number: int, values: list[Any], window: str = "") -> httpx.Response:
        asked = {"data": values, "fn_index": number, "session_hash": window or self.window}
        return self.http.post("/gradio_api/queue/join", json=asked)

    def press(self, element: str, *values: Any, kind: str = "click") -> dict[str, Any]:
        """What is shown then, by element ids (by numbers where there are none). A state is given as None: the server
        has it."""
        event = self.event(element, kind)
        answer = self.join(event["id"], list(values))
        assert answer.status_code == 200, answer.text
        found = self.completed(answer.json()["event_id"])
        assert found["success"], found
        names = map(self._element, event["outputs"])
        return dict(zip(names, found["output"]["data"], strict=True))

    def completed(self, event: str) -> dict[str, Any]:
        """The last message of an event."""
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.window}) as lines:
            for line in lines.iter_lines():
                message = json.loads(line[5:]) if line.startswith("data:") else {}
                if message.get("event_id") == event and message.get("msg") == "process_completed":
                    return message
        raise AssertionError("the stream ended before the event did")


def text_of(shown: Any) -> str:
    """Of a widget, which may be told as an update."""
    return str(shown.get("value", "")) if isinstance(shown, dict) else str(shown)
