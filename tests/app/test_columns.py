"""Several edits beside each other in Compare: what is asked, what is generated, what is shown."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.html.columns import column_findings, column_scores, column_titles, mean_scores
from app.studio import engine
from app.studio.engine import Engine
from app.studio.limits import Limits
from app.studio.progress import Progress, Stop
from app.studio.request import EditRequest
from app.studio.results import Result
from app.studio.settings import Settings
from app.studio.studio import Studio
from app.tabs.compare_columns import column_choices, column_requests
from tests.app.serving import PATIENCE, link_shown, run_and_wait, shown
from uce_core import EditSpec, GenerationSpec, Model, erase, preset
from uce_core.methods.adavd import AdaVdSpec
from uce_core.methods.oce import OceSpec
from uce_core.methods.rece import ReceSpec
from uce_core.methods.semantic_surgery import SurgerySpec
from uce_core.problems import Problem
from uce_core.runs.run import ComparisonRun

SPEC = EditSpec(erase=("Claude Monet",), retain=("Vincent van Gogh",), guide="art", lam=2.0)
BASE = EditRequest(SPEC, model="atelier", visitor="browser-1")
CHOICES = column_choices(["no-monet", "rece"])
GENERATIONS = [GenerationSpec("a cat by Claude Monet", seed, steps=1) for seed in (1, 2)]


def requests(*columns: str, base: EditRequest = BASE, **fields: Any) -> list[EditRequest]:
    return column_requests(
        base, {"columns": list(columns), "retain": ["Edvard Munch"], "guide": "art"} | fields, CHOICES
    )


def test_methods_have_their_own_defaults_and_the_same_erased_and_retained() -> None:
    rece, oce, surgery = requests("method:rece", "oce", "Semantic s")
    assert rece.spec == ReceSpec(erase=SPEC.erase, retain=SPEC.retain)
    assert oce.spec == OceSpec(erase=SPEC.erase, retain=SPEC.retain, guide="real")
    assert surgery.spec == SurgerySpec(erase=SPEC.erase)
    assert {one.model for one in (rece, oce, surgery)} == {"atelier"}
    [adavd] = requests("adavd")
    assert adavd.spec == AdaVdSpec(erase=SPEC.erase)
    worded = EditRequest(replace(SPEC, wording="style"))
    assert [one.spec.wording for one in requests("adavd", "rece", base=worded) if one.spec] == ["style", "style"]
    [written] = requests("oce", guide="a photo")
    assert written.spec == OceSpec(erase=SPEC.erase, retain=SPEC.retain, guide="a photo")


@pytest.mark.parametrize("typed", ["strength:0.5", "0.5", "× 0.5", "x0.5"])
def test_strengths_are_of_the_edit_in_the_fields(typed: str) -> None:
    [one] = requests(typed)
    assert (one.spec, one.strength) == (SPEC, 0.5)


def test_saved_edits_are_taken_as_they_are_and_nothing_twice() -> None:
    assert requests("no-monet", "saved:no-monet") == [EditRequest(None, "no-monet", 1.0, "atelier", "browser-1")]
    assert requests("rece")[0].spec, "a method, of which an edit happens to have the name"
    assert requests("1", "uce") == [
        EditRequest(EditSpec(erase=SPEC.erase, retain=SPEC.retain), model="atelier", visitor="browser-1")
    ]


@pytest.mark.parametrize("typed", ["", "monet", "e", "nan?", "0.5.5"])
def test_what_is_no_column_is_refused(typed: str) -> None:
    with pytest.raises(Problem, match="no method, strength or saved edit"):
        requests(typed)


def test_another_method_needs_to_know_what_is_erased() -> None:
    with pytest.raises(Problem, match="does not say what it erases"):
        requests("method:rece", base=EditRequest(None, "theirs"))


@pytest.fixture
def studio(scored: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Studio]:
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(engine, "ENGINE", Engine())
    erase(scored, SPEC).at_strength(0.5).save(tmp_path / "edits" / "no-monet.safetensors")

    def made(images: int = 100) -> Studio:
        return Studio(
            Settings(models=(str(scored.folder),), edits=tmp_path / "edits", limits=Limits(steps=1, images=images))
        )

    return made


def compared(studio: Studio, *requests: EditRequest, shown: list[str]) -> tuple[Result, int]:
    """The result, and steps that were told."""
    stop = Stop("browser-1", "browser-1", "compare")
    *events, (result, _) = studio.compare(stop, [*requests], GENERATIONS, shown)
    assert isinstance(result, Result)
    return result, max((event.total for event, _ in events if isinstance(event, Progress)), default=0)


def test_what_is_shown_already_is_not_generated_again(studio: Callable[..., Studio]) -> None:
    here = studio()
    base, half, saved, tensor = (
        EditRequest(SPEC),
        EditRequest(SPEC, strength=0.5),
        EditRequest(None, "no-monet"),
        EditRequest(preset("default", SPEC.erase, SPEC.retain, "uce-tensor")),
    )
    alone, _ = compared(here, base, shown=[])
    both, steps = compared(here, base, half, tensor, shown=[alone.run.id])
    assert both.run.id == alone.run.id
    assert len({both.run.id, *(one.run.id for one in both.beside)}) == 3
    ids = [both.run.id, *(one.run.id for one in both.beside)]
    again, nothing = compared(here, base, half, shown=ids)
    assert nothing == 0 < steps
    assert [again.run.id, again.beside[0].run.id] == ids[:2]
    moved, _ = compared(here, saved, base, shown=[*ids, "no-such-run"])
    assert [moved.run.id, moved.beside[0].run.id] == [ids[1], ids[0]], "the saved edit is the one in half strength"
    originals = [
        [here.store.path(file).read_bytes() for file in here.store.get(name).files_of("original")] for name in ids
    ]
    assert all(len(one) == 2 for one in originals)
    assert originals[0] == originals[1], "one original for all"


def test_noise_is_foretold_as_soon_as_it_begins(studio: Callable[..., Studio]) -> None:
    here, strong = studio(), EditRequest(SPEC, strength=1e4)
    for asked, named in (([EditRequest(SPEC)], None), ([strong], ""), ([EditRequest(SPEC), strong], "UCE × 10000")):
        stop = Stop("browser-1", "browser-1", "compare")
        *events, (result, _) = here.compare(stop, asked, GENERATIONS, [])
        first = next(live for event, live in events if isinstance(event, Progress))
        for one in (first, result):
            assert (one.overshoot and one.overshoot.edit) == named
            assert one.overshoot is None or one.overshoot.times > 3


def test_columns_that_are_there_stay_in_sight_while_others_are_generated(studio: Callable[..., Studio]) -> None:
    here, base = studio(), EditRequest(SPEC)
    alone, _ = compared(here, base, shown=[])
    asked = [EditRequest(SPEC, strength=0.5), base, EditRequest(SPEC, strength=0.7)]
    *events, (_, _) = here.compare(Stop("browser-1", "browser-1", "compare"), asked, GENERATIONS, [alone.run.id])
    live = next(live for event, live in events if isinstance(event, Progress))
    assert list(live.columns) == [one.title for one in asked]
    shown = {preview.place: np.asarray(preview.image) for preview in live.previews}
    assert set(shown) == {0, 2, 4, 6}, "of two rows the original and the second column"
    for which, places in (("original", (0, 4)), ("edited", (2, 6))):
        for place, file in zip(places, here.store.get(alone.run.id).files_of(which), strict=True):
            with Image.open(here.store.path(file)) as stored:
                assert np.array_equal(shown[place], np.asarray(stored))


def test_so_many_and_no_more(studio: Callable[..., Studio]) -> None:
    with pytest.raises(Problem, match="room for 6"):
        compared(studio(), *(EditRequest(SPEC, strength=n / 10) for n in range(1, 8)), shown=[])
    with pytest.raises(Problem, match="limit"):
        compared(studio(images=7), *(EditRequest(SPEC, strength=n / 10) for n in range(1, 4)), shown=[])


def test_columns_are_called_by_what_tells_them_apart(studio: Callable[..., Studio]) -> None:
    others = [EditSpec(erase=SPEC.erase, retain=SPEC.retain, lam=lam) for lam in (2.0, 0.1)]
    found, _ = compared(
        studio(),
        *map(EditRequest, others),
        EditRequest(SPEC, strength=0.5),
        EditRequest(SurgerySpec(erase=SPEC.erase)),
        shown=[],
    )
    runs = [one for one in (found.run, *(column.run for column in found.beside)) if isinstance(one, ComparisonRun)]
    titles = column_titles(runs, "en")
    assert titles == ["UCE · λ, preservation: 2", "UCE · λ, preservation: 0.1", "UCE × 0.5", "Semantic Surgery"]
    assert column_titles(runs[2:], "ko") == titles[2:]
    assert column_titles([runs[0], runs[0]], "en") == ["UCE (1)", "UCE (2)"]
    first = [one.lpips for one in runs[0].scores if one]
    scores = mean_scores(runs[0])
    assert scores is not None
    assert scores.lpips == pytest.approx(sum(first) / 2)
    table = column_scores(runs, titles, "en")
    assert table.count("<tr>") == 1 + len(runs)
    assert all(title in table for title in titles)
    assert all(f"<h3>{title}</h3>" in column_findings(runs, titles, "en") for title in titles)


def test_edits_stand_beside_each_other_on_the_page(page: Page) -> None:
    field = page.locator("#columns input")
    field.click()
    page.get_by_role("option", name="Semantic Surgery").click()
    field.fill("0.5")
    field.press("Enter")
    field.press("Tab")
    run_and_wait(page)
    pairs = page.locator("#pairs .uce-pair")
    expect(pairs.locator("img")).to_have_count(4)
    for title in ("Original", "UCE", "Semantic Surgery", "UCE × 0.5"):
        expect(pairs.get_by_text(title, exact=True)).to_be_visible()
    expect(page.locator("#scores tbody tr")).to_have_count(3)
    expect(page.locator("#verdicts h3")).to_have_text(["UCE", "Semantic Surgery", "UCE × 0.5"])
    before = shown(page, 4)
    field.click()
    field.press("Backspace")
    field.press("Tab")
    expect(pairs.locator("img")).to_have_count(3, timeout=PATIENCE)
    for old, new in zip(before, shown(page, 3), strict=False):
        assert np.array_equal(old, new), "what is there stays"
    page.reload()
    expect(page.locator("#pairs img").nth(2)).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#pairs .uce-pair img")).to_have_count(3)
    page.goto(link_shown(page).input_value())
    beside = page.locator("#runs-differences")
    expect(beside.locator("thead a")).to_have_count(2, timeout=PATIENCE)
    expect(beside.locator(".uce-pair img")).to_have_count(3)
    expect(page.locator("#run-facts")).to_be_visible()
    assert page.url.count(",") + page.url.count("%2C") == 1, "the address still names both"
