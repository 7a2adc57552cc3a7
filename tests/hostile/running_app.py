"""The app in a process of its own, asked past its page."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.app.serving import serve, until_up
from tests.hostile.promises import ROOT
from tests.tiny import save_scored

API = "/gradio_api"
SESSION = "a-stranger"
LONGEST_WAIT = 60  # seconds for an answer
ENDS = ("process_completed", "close_stream", "unexpected_error")  # messages after which an event says no more


class App:
    """A running one, and what its page is made of. secret: texts that no answer may have."""

    def __init__(self, url: str, secret: tuple[str, ...]) -> None:
        alone = httpx.Limits(max_keepalive_connections=0)  # an app closes those of what it does not read
        self.client = httpx.Client(base_url=url, timeout=LONGEST_WAIT, limits=alone)
        self.secret = (*secret, str(ROOT), "Traceback (most recent call last)", 'File "/')
        self.config = self.client.get("/config").json()
        self.widgets = {part["id"]: part for part in self.config["components"]}
        self.events = [event for event in self.config["dependencies"] if event["backend_fn"]]

    def inputs(self, event: dict[str, Any]) -> list[Any]:
        """As the page first has them."""
        return [self.widgets[number]["props"].get("value") for number in event["inputs"]]

    def body(self, event: dict[str, Any], data: Any) -> dict[str, Any]:
        return {"data": data, "fn_index": event["id"], "session_hash": SESSION, "event_data": None, "trigger_id": None}

    def told(self, answer: httpx.Response, asked: str = "") -> bool:
        """Whether it was taken. asked: what was sent. Raises AssertionError if it says what it should not."""
        self.check(answer.text, asked)
        return answer.status_code < 400

    def check(self, text: str, asked: str = "") -> None:
        """What the stranger said may be said again."""
        told = [one for one in self.secret if one in text and one not in asked]
        assert not told, f"an answer says {text[:2000]}"

    def post(self, path: str, content: str) -> httpx.Response:
        headers = {"content-type": "application/json"}
        return self.client.post(f"{API}/{path}", content=content.encode(errors="surrogatepass"), headers=headers)

    def through_the_queue(self, content: str) -> bool:
        """Join it, and hear what comes of it."""
        joined = self.post("queue/join", content)
        if not self.told(joined, content):
            return False
        if json.loads(content)["session_hash"] != SESSION:  # someone else hears it
            return True
        address = f"{API}/queue/data?session_hash={SESSION}"
        with self.client.stream("GET", address) as stream:
            for line in stream.iter_lines():
                self.check(line, content)
                message = json.loads(line.removeprefix("data: ") or "{}")
                if message.get("msg") in ENDS:
                    return bool(message.get("success"))
        return False

    def called(self, name: str, content: str) -> bool:
        """As gradio_client's users call it by hand."""
        asked = self.post(f"call/{name}", content)
        if not self.told(asked, content):
            return False
        answer = self.client.get(f"{API}/call/{name}/{asked.json()['event_id']}")
        return self.told(answer, content) and "event: complete" in answer.text

    def uploaded(self, name: str, content: bytes) -> str:
        """The path that Gradio gave a file; "" if it was refused."""
        boundary = "stranger"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        answer = self.client.post(
            f"{API}/upload",
            content=head.encode(errors="surrogatepass") + content + f"\r\n--{boundary}--\r\n".encode(),
            headers={"content-type": f"multipart/form-data; boundary={boundary}"},
        )
        if answer.status_code != 200:
            self.told(answer)
            return ""
        found = answer.json()
        return str(found[0]) if found else ""

    def close(self) -> None:
        self.client.close()


@contextmanager
def running(folder: Path) -> Iterator[tuple[App, int]]:
    """The app with a tiny model, and its process. folder: where it may write."""
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "gradio")
    limits = ("--max-images", "4", "--max-steps", "2")
    served = serve(folder / "edits", folder / "home", "--model", str(save_scored(folder / "model")), *limits)
    app = App(served.url, (str(folder / "home"), str(folder / "edits"), str(folder / "model")))
    try:
        until_up(f"{served.url}/healthz", served.process)
        yield app, served.process.pid
        assert served.process.poll() is None, "the app ended"
    finally:
        app.close()
        served.process.terminate()
        served.process.wait(20)
    found = {path.name for path in folder.iterdir()} | {path.suffix for path in (folder / "edits").glob("*.*")}
    assert found <= {"gradio", "edits", "home", "model", ".safetensors", ".deleted"}, f"written beside: {found}"
