"""Requests past the page of a running app: whatever comes, no answer tells of its inside, and it goes on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.over_http import properties
from tests.hostile.promises import tried
from tests.hostile.running_app import API, App, running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[tuple[App, int]]:
    with running(place) as found:
        yield found


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")
def test_a_running_app_bears_what_strangers_post(served: tuple[App, int], place: Path) -> None:
    for one in properties(*served, place):
        assert tried(one, 8)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("queue/join", '{"data": [], "fn_index": NaN}', "body.fn_index"),
        ("queue/join", '{"data": Infinity}', "body.data"),
        ("queue/join", "[" * 100_000, "body"),
        ("queue/join", '{"data": 5, "session_hash": [1]}', "body.session_hash, body.data"),
        ("run/predict", '{"data": []}', "which event"),
    ],
)
def test_a_request_of_another_form_is_refused_with_one_sentence(
    served: tuple[App, int], path: str, body: str, where: str
) -> None:
    answer = served[0].post(path, body)
    assert answer.status_code in (400, 422)
    assert where in answer.json()["detail"] or answer.status_code == 400
    assert len(answer.text) < 300


def test_what_nobody_foresaw_is_said_without_reasons(served: tuple[App, int]) -> None:
    """An example that is none, and a file that is the operator's."""
    app, _ = served
    takes = next(event for event in app.events if event["api_name"] == "use_image")
    body = app.body(takes, [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}])
    assert app.post("queue/join", json.dumps(body)).status_code == 200
    said = app.client.get(f"{API}/queue/data?session_hash={body['session_hash']}").text
    assert '"success":false' in said
    assert "/etc/passwd" not in said
