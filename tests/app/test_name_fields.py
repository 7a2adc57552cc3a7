"""Fields of names, in every tab that has them: what is taken otherwise than it was written, and what is said of it."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from app.studio.progress import Progress
from app.studio.results import SoFar
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.studio.visitor import OWNER
from app.tabs.debias import ASKED, SHOWN, SPEC, DebiasTab, fields_of
from app.tabs.leakage import LeakageTab
from app.tabs.names import artist_choices, understand
from app.words import WORDS
from uce_core.concepts.names import PEOPLE


@pytest.fixture
def request_in_korean() -> gr.Request:
    headers = [(b"accept-language", b"ko")]
    return gr.Request(Request({"type": "http", "headers": headers, "query_string": b"", "visitor": OWNER}))


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize(
    ("written", "names", "said"),
    [
        (["doctor, nurse"], ["doctor", "nurse"], "doctor, nurse"),
        (["doctor", "doctor; chef"], ["doctor", "chef"], "doctor; chef"),
        (["old, tired doctor"], None, "old, tired doctor"),
        (["(doctor:1.2)"], None, "(doctor:1.2)"),
        (["<lora:doctor:0.8>"], None, "<lora:doctor:0.8>"),
        (["빈센트 반 고흐"], ["Vincent van Gogh"], "빈센트 반 고흐 → Vincent van Gogh"),
        (["doctor"], None, None),
    ],
)
def test_what_was_written_is_understood_and_said(
    written: list[str], names: list[str] | None, said: str | None, language: str
) -> None:
    changed, status = understand(written, PEOPLE, language)
    assert changed == names if names else changed == gr.skip()
    assert escape(said) in status if said else status == gr.skip()


def test_artists_to_choose_from_have_their_korean_names_on_a_korean_page() -> None:
    artists = ("Claude Monet", "Kelly McKernan")
    assert [name for _, name in artist_choices(artists, "ko")] == list(artists)
    assert [label for label, _ in artist_choices(artists, "ko")] == ["클로드 모네 (Claude Monet)", "Kelly McKernan"]
    assert [label for label, _ in artist_choices(artists, "en")] == list(artists)


def test_the_tabs_take_names_so(tmp_path: Path, request_in_korean: gr.Request, monkeypatch: pytest.MonkeyPatch) -> None:
    studio, asked = Studio(Settings(edits=tmp_path)), list[Any]()

    def measured(*given: Any) -> Iterator[Any]:
        asked.append(given[1:])
        yield from ()

    monkeypatch.setattr(studio, "leakage", measured)
    monkeypatch.setattr(studio, "debias", measured)
    leakage, debias = LeakageTab(studio), DebiasTab(studio)
    for one in (leakage, debias):
        one.parts = {name: name for name in (*ASKED, *SHOWN, "model")}  # in place of widgets
    assert leakage.understand("클로드 모네", "atelier", request_in_korean)[0] == "Claude Monet"
    list(leakage.run("mine", "클로드 모네; Picasso", 1, "atelier", request_in_korean))
    list(leakage.run("mine", None, 1, "atelier", request_in_korean))
    fields = fields_of(SPEC) | {"concepts": ["doctor, nurse", "chef"], "model": "atelier"}
    list(debias.run(fields, request_in_korean))
    assert [given[:2] for given in asked[:2]] == [("mine", ("Claude Monet", "Picasso")), ("mine", ())]
    assert asked[2][0].concepts == ("doctor", "nurse", "chef")


def test_words_that_nobody_knows_are_said_while_the_search_goes_on(
    tmp_path: Path, request_in_korean: gr.Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(Settings(edits=tmp_path))
    known = [(Progress(1, 2, None), SoFar((), ())), (Progress(2, 2, None), SoFar((), ("<elf>",)))]
    monkeypatch.setattr(studio, "debias", lambda *asked: iter(known))
    tab = DebiasTab(studio)
    tab.parts = {name: name for name in (*ASKED, *SHOWN, "model")}
    _, before, after = tab.run(fields_of(SPEC) | {"model": "atelier"}, request_in_korean)
    assert "CLIP" not in before["status"]
    assert "CLIP이 &lt;elf&gt;의 이미지를" in after["status"]
