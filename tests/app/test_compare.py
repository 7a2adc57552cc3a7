"""The Compare tab, as a person uses it."""

import itertools
import re
from pathlib import Path
from urllib.parse import urljoin

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.app.serving import (
    PATIENCE,
    Served,
    enter,
    images_at,
    open_runs,
    run_and_wait,
    run_another,
    serve,
    settle,
    shown,
)
from uce_core.runs.store import Store


def test_one_button_shows_something(page: Page) -> None:
    page.locator("#show-me").click()
    expect(page.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)
    original, edited = shown(page)
    assert original.shape == (128, 128, 3)
    assert np.abs(original - edited).mean() > 5, "erasing changed nothing"
    assert original.std() > 20, "the image is blank"
    expect(page.locator("#scores table tbody td")).to_have_count(4)
    scores = page.locator("#scores table tbody td").all_inner_texts()
    assert [bool(re.fullmatch(r"-?[\d.]+", text)) for text in scores] == [True] * 4
    assert page.locator("#scores .uce-reading li").count() == 3
    expect(page.locator("#verdicts li")).to_contain_text("Vincent van Gogh’s style")
    expect(page.locator("#verdicts li .uce-good")).to_have_text(["removed", "remaining"])


def test_pick_artists_and_run_three_seeds(page: Page) -> None:
    page.get_by_label("Erase", exact=True).fill("Matisse")
    page.get_by_role("option", name="Henri Matisse").click()
    page.get_by_label("Prompt").first.fill("a cat in the style of Henri Matisse")
    page.locator("#seeds-random").click()
    seeds = page.get_by_label("Seeds")
    expect(seeds).not_to_have_value("7")
    seed = int(seeds.input_value())
    for last in (seed + 1, seed + 2):
        page.locator("#seeds-another").click()
        expect(seeds).to_have_value(", ".join(str(one) for one in range(seed, last + 1)))
    run_and_wait(page)
    expect(page.locator("#status")).not_to_contain_text("names no erased concept")
    images = shown(page, 6)
    assert all(np.abs(a - b).mean() > 5 for a, b in itertools.pairwise(images))
    expect(page.locator("#scores table tbody tr")).to_have_count(3)
    large = page.locator("#pairs dialog")
    page.locator("#pairs .uce-pair").nth(1).click()
    large.get_by_role("button", name="Next pair").click()
    expect(large).to_contain_text(f"a cat in the style of Henri Matisse · Seed {seed + 2}")
    assert np.array_equal(images[4:], images_at(page, large.locator(".uce-beside img")))
    expect(large.get_by_role("button", name="Next pair")).to_be_disabled()
    stage, slider = large.locator(".uce-stage"), large.get_by_label("Slide from original to edited")
    expect(slider).to_be_focused()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(stage.locator("img").nth(1)).to_have_css("clip-path", "inset(0px 0px 0px 60%)")
    box = stage.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert 20 <= int(slider.input_value()) <= 30
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()


def test_the_same_artist_in_both_lists_is_said(page: Page) -> None:
    page.get_by_label("Retain", exact=True).fill("Vincent van Gogh")
    page.get_by_role("option", name="Vincent van Gogh").click()
    page.locator("#run").click()
    expect(page.locator("#status [role=alert]")).to_contain_text("both erased and retained", timeout=PATIENCE)


def test_a_bad_prompt_is_said_and_the_next_works(page: Page) -> None:
    for prompt, sentence in (("   ", "prompt is empty"), ("cat " * 100, "too long")):
        page.get_by_label("Prompt").first.fill(prompt)
        page.locator("#run").click()
        expect(page.locator("#status [role=alert]")).to_contain_text(sentence, timeout=PATIENCE)
        page.get_by_label("Prompt").first.fill("a cat")
        run_and_wait(page)


def test_unknown_artist_is_allowed_but_said_and_escaped(page: Page) -> None:
    field = page.get_by_label("Erase", exact=True)
    field.fill("<img src=x onerror=alert(1)>")
    field.press("Enter")
    run_and_wait(page)
    expect(page.locator("#status")).to_contain_text("Not in this model’s catalogue: <img src=x")
    assert page.locator("#status img").count() == 0


def test_cancel_stops_and_the_next_run_works(page: Page) -> None:
    start_long(page)
    expect(page.locator("#previews img")).to_have_count(6, timeout=PATIENCE)
    assert "Original · Seed 1" in page.locator("#previews img").first.get_attribute("alt")
    page.locator("#cancel").click()
    expect(page.locator("#status")).to_contain_text("Cancelled", timeout=5_000)
    expect(page.locator("#previews img")).to_have_count(0)
    expect(page.locator("#show-me")).to_be_visible()
    page.get_by_label("Seeds").fill("1")
    enter(page, "Steps", "4")
    run_and_wait(page)


def start_long(page: Page) -> None:
    """A comparison that goes on until it is stopped."""
    page.get_by_text("Advanced").click()
    enter(page, "Steps", "100")
    page.get_by_label("Seeds").fill("1, 2, 3")
    page.locator("#run").click()
    expect(page.locator("#status")).to_contain_text("Step", timeout=PATIENCE)


def test_two_windows_generate_side_by_side(app: Served, browser: Browser, page: Page) -> None:
    start_long(page)
    other = browser.new_context(locale="en-US").new_page()
    other.goto(app.url)
    other.locator("#run").click(timeout=PATIENCE)
    expect(other.locator("#status")).to_contain_text("Done in", timeout=PATIENCE)
    assert len(shown(other)) == 2
    expect(page.locator("#status")).to_contain_text("Step")
    page.locator("#cancel").click()
    expect(page.locator("#status")).to_contain_text("Cancelled", timeout=PATIENCE)
    other.context.close()


def test_a_reload_in_the_middle_stops_generating_and_loses_nothing_else(page: Page) -> None:
    run_and_wait(page)
    before = shown(page)
    page.get_by_label("Prompt").first.fill("a boat by Vincent van Gogh")
    start_long(page)
    page.get_by_label("Prompt").first.fill("a boat by Vincent van Gogh, not pressed yet")
    page.reload()
    expect(page.locator("#pairs .uce-pair img")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator("#status [role=alert]")).to_contain_text("Stopped because the page was closed")
    assert all(np.array_equal(*pair) for pair in zip(before, shown(page), strict=True))
    expect(page.locator("#verdicts li .uce-good")).to_have_text(["removed", "remaining"])
    expect(page.locator("#compare-link input, #compare-link textarea")).to_have_value(re.compile("run="))
    expect(page.get_by_label("Prompt").first).to_have_value("a boat by Vincent van Gogh, not pressed yet")
    expect(page.get_by_label("Seeds")).to_have_value("1, 2, 3")
    page.get_by_text("Advanced").click()
    enter(page, "Steps", "4")
    run_and_wait(page)
    assert len(shown(page, 6)) == 6


def test_what_is_kept_in_the_browser_and_makes_no_sense_is_passed_over(page: Page) -> None:
    page.get_by_label("Seeds").fill("12")
    kept = "Object.keys(sessionStorage).filter(key => sessionStorage[key].includes('12'))"
    page.wait_for_function(f"{kept}.length > 0")
    page.evaluate(f"for (const key of {kept}) sessionStorage[key] = localStorage[key] = 'of another program'")
    page.reload()
    expect(page.get_by_label("Seeds")).to_have_value("7", timeout=PATIENCE)
    run_and_wait(page)


def test_what_is_typed_before_the_page_is_ready_is_kept(app: Served, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(app.url)
    expect(page.locator("#run")).to_be_visible(timeout=PATIENCE)
    begin = "name => { uceWindow.keep(name, ['typed'], true); return uceWindow.kept(name, 1) }"
    assert page.evaluate(begin, "new") == [{"__type__": "update"}], "what was typed stays in its field"
    assert page.evaluate("() => sessionStorage.getItem('uce-new')") == '["typed"]'
    page.evaluate("() => localStorage.setItem('uce-known', JSON.stringify(['kept']))")
    assert page.evaluate(begin, "known") == ["kept"], "fields tell of their defaults, too, before they are filled"
    assert page.evaluate("() => localStorage.getItem('uce-known')") == '["kept"]'
    page.close()


def test_each_window_has_fields_of_its_own_and_a_new_one_begins_with_the_last(page: Page) -> None:
    other = page.context.new_page()
    for window, seed in ((other, "21"), (page, "22")):
        window.goto(page.url)
        expect(window.locator("#show-me")).to_be_visible(timeout=PATIENCE)
        window.get_by_label("Seeds").fill(seed)
        window.wait_for_function(f"Object.values(sessionStorage).some(kept => kept.includes('{seed}'))")
    for window, seed in ((other, "21"), (page, "22")):
        window.reload()
        expect(window.get_by_label("Seeds")).to_have_value(seed, timeout=PATIENCE)
    third = page.context.new_page()
    third.goto(page.url)
    expect(third.get_by_label("Seeds")).to_have_value(re.compile("21|22"), timeout=PATIENCE)
    expect(third.locator("#show-me")).to_be_visible()


def test_a_method_says_what_it_is_and_asks_for_what_it_takes(page: Page) -> None:
    page.get_by_text("Advanced").click()
    guide, method = page.get_by_label("Guide What the erased"), page.locator("#method")
    expect(guide).to_have_value("art")
    for name, says in (("CURE", "Has no guide"), ("OCE", "Turns the value projections")):
        method.locator("input").click()
        page.get_by_role("option", name=name, exact=True).click()
        expect(method).to_contain_text(says)
        expect(page.get_by_label("α, spectrum")).to_be_visible(visible=name == "CURE")
        expect(guide).to_be_visible(visible=name == "OCE")
    expect(guide).to_have_value("real")
    expect(page.get_by_label("last", exact=True)).to_be_checked()
    expect(page.get_by_label("Caption scale")).to_have_value("10")
    run_and_wait(page)
    method.locator("input").click()
    page.get_by_role("option", name="CURE", exact=True).click()
    expect(guide).to_be_hidden()
    run_and_wait(page)


def test_the_published_presets_fill_the_fields(page: Page) -> None:
    page.get_by_text("Advanced").click()
    page.locator("#preset input").click()
    page.get_by_role("option", name="published-2023").click()
    expect(page.get_by_label("Retain scale")).to_have_value("0.16666666666666666")
    expect(page.get_by_label("λ, preservation")).to_have_value("0.5")
    expect(page.get_by_label("rest", exact=True)).to_be_checked()
    run_and_wait(page)
    page.get_by_label("Seeds").fill("one")
    page.locator("#seeds-another").click()
    expect(page.locator("#status [role=alert]")).to_contain_text("are not whole numbers", timeout=PATIENCE)
    page.get_by_label("Seeds").fill("1, 5")
    page.locator("#seeds-another").click()
    expect(page.get_by_label("Seeds")).to_have_value("1, 5, 6")


def test_a_run_is_pinned_where_it_was_generated(page: Page, home: Path) -> None:
    run_and_wait(page)
    run = page.locator("#compare-link input, #compare-link textarea").input_value().split("=")[1]
    page.locator("#compare-pin").click()
    expect(page.locator("#compare-pin")).to_have_text("Pinned")
    store = Store(home / "runs")
    assert store.get(run).pinned
    page.locator("#status p").evaluate("said => said.remove()")  # of the pin
    run_and_wait(page)
    expect(page.locator("#compare-pin")).to_have_text("Pinned")
    store.pin(run, False)


def test_saved_edit_is_there_after_a_restart(app: Served, browser: Browser, page: Page, home: Path) -> None:
    run_and_wait(page)
    before = shown(page)
    page.locator("#name textarea, #name input").fill("../My edit!")
    page.locator("#save").click()
    expect(page.locator("#status")).to_contain_text("Saved as", timeout=PATIENCE)
    assert (app.edits / "my-edit.safetensors").is_file()
    again = serve(app.edits, home)
    try:
        other = browser.new_page(locale="en-US")
        other.goto(again.url)
        expect(other.locator("#show-me")).to_be_visible(timeout=PATIENCE)
        other.locator("#saved input").click()
        other.get_by_role("option", name="my-edit").click()
        expect(other.locator("#status")).to_contain_text("Loaded my-edit", timeout=PATIENCE)
        expect(other.locator("#using")).to_contain_text("the saved edit my-edit unchanged")
        run_and_wait(other)
        after = shown(other)
        other.locator("#let-go").scroll_into_view_if_needed()
        other.get_by_text("Advanced").click()
        other.get_by_label("Guide", exact=False).first.fill("a photo")
        expect(other.locator("#using")).to_contain_text("my-edit with changes")
        other.locator("#let-go").click()
        expect(other.locator("#using")).to_be_hidden()
        other.locator("#saved input").click()
        other.get_by_role("option", name="my-edit").click()
        expect(other.locator("#using")).to_contain_text("the saved edit my-edit unchanged")
        (app.edits / "my-edit.safetensors").rename(app.edits / "renamed.safetensors")
        other.get_by_label("Guide", exact=False).first.fill("a sketch")
        expect(other.locator("#using")).to_be_hidden()
        other.get_by_label("Guide", exact=False).first.fill("art")
        run_and_wait(other)
        expect(other.locator("#let-go")).to_be_hidden()
    finally:
        again.process.terminate()
        again.process.wait(20)
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))


def test_a_model_that_cannot_be_loaded_leaves_the_one_at_hand(
    browser: Browser, tiny_folder: Path, tmp_path: Path, home: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    served = serve(tmp_path / "edits", home, "--model", "atelier", "--model", str(broken), "--model", str(tiny_folder))
    try:
        page = browser.new_page(locale="en-US")
        page.goto(served.url)
        page.get_by_text("Advanced").click(timeout=PATIENCE)
        steps = page.get_by_label("number input for Steps")
        for name, said, size in (
            ("atelier", "Done in", 128),
            ("broken", "broken is no diffusers folder", None),
            (tiny_folder.name, "Done in", 16),
        ):  # what is said differs each time, so that the last is never taken for the next
            page.locator("#model input").click()
            page.get_by_role("option", name=name).click()
            expect(steps).to_have_value("10" if name == "atelier" else "50")
            enter(page, "Steps", "3")
            page.locator("#run").click()
            expect(page.locator("#status")).to_contain_text(said, timeout=PATIENCE)
            assert str(tmp_path) not in page.content()
            assert size is None or shown(page)[0].shape == (size, size, 3)
    finally:
        served.process.terminate()
        served.process.wait(20)


def test_an_image_restores_its_settings_and_strength_scales_the_edit(page: Page, tmp_path: Path) -> None:
    page.get_by_text("Advanced").click()
    link = ""
    for strength in ("0", "1"):
        enter(page, "Strength", strength)
        page.get_by_label("Prompt").first.fill(f"a tree by Vincent van Gogh, {strength}")
        link = run_another(page, link)
        original, edited = shown(page)
        assert (np.abs(original - edited).mean() > 5) == (strength == "1")
    address = page.locator("#pairs .uce-pair img").nth(1).get_attribute("src")
    image = tmp_path / "edited.png"
    image.write_bytes(page.request.get(urljoin(page.url, address)).body())
    page.reload()
    other = tmp_path / "other.png"
    Image.new("RGB", (8, 8)).save(other)
    for file, said in ((other, "has no settings that can be read"), (image, "hold that image’s settings")):
        with page.expect_file_chooser() as chooser:
            page.locator("#from-image").click()
        chooser.value.set_files(file)
        expect(page.locator("#status")).to_contain_text(said, timeout=PATIENCE)
    expect(page.get_by_label("Prompt").first).to_have_value("a tree by Vincent van Gogh, 1")


def test_another_strength_is_generated_by_itself_beside_the_same_original(page: Page) -> None:
    page.get_by_text("Advanced").click()
    enter(page, "Steps", "6")
    expect(page.locator("#run")).to_be_enabled()
    run_and_wait(page)
    before = shown(page)
    slider = page.get_by_label("range slider for Strength")
    slider.focus()
    generated = page.locator("#pairs .uce-pair img").nth(1)
    address = generated.get_attribute("src")
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    expect(generated).not_to_have_attribute("src", address, timeout=PATIENCE)
    original, edited = shown(page)
    assert np.array_equal(original, before[0])
    assert np.abs(original - before[1]).mean() > 5 > np.abs(original - edited).mean(), "strength 0 edits nothing"
    open_runs(page)
    page.locator("#runs a").first.click()
    page.locator("#run-replay").click()
    expect(page.locator("#replay-status")).to_contain_text("Identical", timeout=PATIENCE)


def test_size_sampler_and_negative_prompt_are_asked_for_and_kept(page: Page, home: Path) -> None:
    def fill(**texts: str) -> None:
        for name, text in texts.items():
            field = page.locator(f"#{name.replace('_', '-')}").locator("input, textarea").first
            field.fill(text)
            field.press("Tab")

    page.get_by_text("Advanced").click()
    settle(page)
    expect(page.locator("#width").locator("input, textarea").first).to_have_value("")
    fill(negative_prompt="a red sky", width="192", height="100")
    page.locator("#sampler input").click()
    page.get_by_role("option", name="Euler", exact=True).click()
    page.locator("#run").click()
    expect(page.locator("#status [role=alert]")).to_contain_text("“Height” is 100: this model takes multiples of 8")
    fill(height="")
    run_and_wait(page)
    assert [image.shape for image in shown(page)] == [(128, 192, 3)] * 2
    box = page.locator("#pairs img").first.bounding_box()
    assert box is not None
    assert abs(box["width"] / box["height"] - 1.5) < 0.05
    [spec] = Store(home / "runs").page()[0].generations
    assert (spec.negative_prompt, spec.width, spec.height, spec.sampler) == ("a red sky", 192, None, "euler")
    page.reload()
    expect(page.locator("#pairs .uce-pair")).to_have_count(1, timeout=PATIENCE)
    page.get_by_text("Advanced").click()
    values = ("a red sky", "192", "", "Euler")
    for name, value in zip(("negative-prompt", "width", "height", "sampler"), values, strict=True):
        expect(page.locator(f"#{name}").locator("input, textarea").first).to_have_value(value)


def test_affected_artists_are_shown_and_suggested_to_retain(page: Page) -> None:
    run_and_wait(page)
    page.locator("#affected").click()
    rows = page.locator("#impact tbody tr")
    expect(rows).to_have_count(14, timeout=PATIENCE)
    assert rows.first.inner_text().split("\t")[:2] == ["Vincent van Gogh", "erased"]
    drifts = [float(row.split("\t")[-1]) for row in rows.all_inner_texts()]
    assert drifts == sorted(drifts, reverse=True)
    page.locator("#suggest").click()
    expect(page.locator("#status")).to_contain_text("Added to Retain", timeout=PATIENCE)
    run_and_wait(page)
