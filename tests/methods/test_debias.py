"""The debias loop against a world whose answer to every edit is known, and on Atelier."""

import json
import math
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import normalize

import uce_core.methods.debias_search
from app.html.pieces import spec_facts
from app.studio.settings import Settings
from app.studio.studio import Studio
from tests.tiny import caption_tokens, tiny_flux_pipeline, tiny_sd3_pipeline
from uce_core import Cancelled, Edit, GenerationSpec, LayeredEdit, generate, stack
from uce_core.cli import main
from uce_core.concepts.vectors import concept_vectors
from uce_core.edits.closed_form import projector
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.methods import debias_recognition, debiasing
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_edit import edit_of, moving, space_of
from uce_core.methods.debias_images import Seen, measure
from uce_core.methods.debias_quality import MARGIN, best_of, fallen, spoilt
from uce_core.methods.debias_recognition import LOOKS, unrecognised
from uce_core.methods.debias_search import Debiased, Search, debias
from uce_core.metrics.scorer import scorer_for
from uce_core.models.families import family_of
from uce_core.models.model import Model, prepare
from uce_core.runs.record import debiasing_record

SPEC = DebiasSpec(concepts=("doctor", "nurse"), retain=("chef",), images=400, step_size=1.0)


def ways(model: Model, spec: DebiasSpec, edit: Edit | LayeredEdit) -> list[float]:
    """How far an edit moves each concept along the direction of its second attribute, in its first projection."""
    space, found = space_of(model, spec), []
    v = next(iter(edit.v.values())) if isinstance(edit, LayeredEdit) else edit.v
    for concept, directions in zip(space.concepts, space.directions, strict=True):
        moved = concept @ v.T @ edit.u  # (n, d)
        found.append(float((moved * directions[1]).sum() / directions[1].square().sum()))
    return found


def known_world(
    monkeypatch: pytest.MonkeyPatch, bias: tuple[float, ...], slope: float = 4.0, spoils: float = math.inf
) -> list[Edit]:
    """Images whose shares follow from how far the edit moved each concept. spoils: how far it has to be for them to fit
    their prompt less."""
    seen: list[Edit] = []

    def answer(model: Model, spec: DebiasSpec, edit: Edit, on_step: object = None, embed: object = None) -> Seen:
        seen.append(edit)
        if callable(on_step):
            on_step(1, 1)
        rows, scores = [], []
        for way, own in zip(ways(model, spec, edit), bias, strict=True):
            share = 1 / (1 + math.exp(-(own + slope * way)))
            rows.append([1 - share, share])
            scores.append(usual - (8.0 if abs(way) > spoils else 0.0))
        return Seen(torch.tensor(rows), torch.stack(scores))

    usual = torch.linspace(25, 29, SPEC.images)  # scores of the images of one concept
    monkeypatch.setattr(uce_core.methods.debias_search, "measure", answer)
    monkeypatch.setattr(uce_core.methods.debias_search, "unrecognised", lambda *asked: ())
    monkeypatch.setattr(uce_core.methods.debias_search, "scorer_for", lambda folder: None)
    return seen


def test_finds_the_wished_ratios_and_keeps_the_best(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    for ratios in ((0.5, 0.5), (0.2, 0.8)):
        known_world(monkeypatch, (-2.0, 2.5))
        spec = DebiasSpec(concepts=SPEC.concepts, retain=SPEC.retain, ratios=ratios, images=400, step_size=1.0)
        found = debias(tiny, spec)
        assert found.converged
        assert found.history[0].scales == ((0.0, 0.0), (0.0, 0.0)), "the first look is at the model as it is"
        best = found.history[found.best]
        assert best.gap == min(one.gap for one in found.history)
        for shares in best.shares:
            assert shares == pytest.approx(ratios, abs=spec.tolerance)


@pytest.mark.parametrize("caption_scale", [0.0, 30.0])
def test_targets_are_rebuilt_from_the_original_vectors(
    tiny: Model, caption_scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every iterate equals the formula for its scales, written out for one projection, with nothing carried over."""
    seen = known_world(monkeypatch, (-2.0, 2.5))
    found = debias(tiny, replace(SPEC, caption_scale=caption_scale))
    assert len(seen) == len(found.history) > 2
    captions = caption_tokens(tiny)
    moment = caption_scale * captions.T @ captions / len(captions)
    space = space_of(tiny, SPEC)
    retained = torch.cat([concept_vectors(tiny.text, ["chef"], SPEC.prompt, SPEC.span), space.retained[-76:]]).double()
    name, weight = next(iter(tiny.masters.items()))
    w = weight.detach().double()
    for edit, one in zip(seen, found.history, strict=True):
        left = SPEC.lam * w + w @ retained.T @ retained + w @ moment
        right = SPEC.lam * torch.eye(16, dtype=torch.float64) + retained.T @ retained + moment
        for concept, directions, scales in zip(space.concepts, space.directions, one.scales, strict=True):
            for row in range(len(concept)):
                c = concept[row].double()
                target = c + sum(s * d[row].double() for s, d in zip(scales, directions, strict=True))
                left = left + torch.outer(w @ target, c)
                right = right + torch.outer(c, c)
        expected = left @ torch.linalg.inv(right)
        ours = projector(edit.u, edit.v)(weight.detach()).double()
        assert (ours - expected).abs().max() < 1e-5 * expected.abs().max(), name


@pytest.mark.parametrize("method", ["uce", "speed"])
def test_every_method_that_leads_brings_concepts_near_to_their_targets(atelier: Model, method: str) -> None:
    """What a projection makes of a concept, and of its target, which is written out here."""
    assert method in debiasing()
    spec = replace(SPEC, solved_by=method)
    space, scales = space_of(atelier, spec), torch.tensor([[-0.4, 0.4], [0.3, -0.3]])
    edit = edit_of(atelier, spec, space, scales)
    assert edit.spec == spec
    for name, edited in edit.projections(atelier.masters):
        weight = atelier.masters[name]
        for concept, directions, own in zip(space.concepts, space.directions, scales, strict=True):
            target = (concept + own[0] * directions[0] + own[1] * directions[1]) @ weight.T
            assert (concept @ edited.T - target).norm() < 0.4 * (concept @ weight.T - target).norm(), name


def test_debiasing_by_another_method_finds_the_ratios_too(atelier: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    known_world(monkeypatch, (-2.0, 2.5))
    found = debias(atelier, replace(SPEC, solved_by="speed"))
    assert found.converged
    assert found.edit.digest != debias(atelier, SPEC).edit.digest


def test_settings_of_uce_are_refused_for_another_method() -> None:
    for name in ("lam", "edit_scale", "retain_scale", "caption_scale"):
        with pytest.raises(ValueError, match=f"{name} is UCE's, and speed has its own"):
            replace(SPEC, solved_by="speed", **{name: 7.0})
    assert "λ, preservation" in spec_facts(SPEC, "en")
    assert "λ, preservation" not in spec_facts(replace(SPEC, solved_by="speed"), "en")
    assert spec_facts(replace(SPEC, solved_by="speed"), "en")["Method"] == "SPEED"


@pytest.mark.parametrize("make", [tiny_sd3_pipeline, tiny_flux_pipeline])
def test_what_a_method_cannot_solve_is_said_before_anything_is_generated(
    make: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = prepare("tiny", make(), torch.device("cpu"), torch.float32)
    counted = known_world(monkeypatch, (-2.0, 2.5))
    with pytest.raises(ValueError, match="value projections"):
        debias(model, replace(SPEC, solved_by="speed"))
    assert counted == []


@pytest.mark.parametrize("method", ["cure", "rece", "uce-captions", "negative-prompt", "nothing"])
def test_a_method_that_does_not_lead_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match=f"method.*{method}"):
        moving(replace(SPEC, solved_by=method))


def test_by_its_own_tokens_a_concept_moves_to_itself_with_the_attribute(tiny: Model) -> None:
    """The doctor of "woman doctor", not the woman."""
    spec = DebiasSpec(concepts=("doctor",), prompt="a photo of a {}", span="content")
    space = space_of(tiny, spec)
    man, woman = (concept_vectors(tiny.text, [f"{one} doctor"], spec.prompt, "last") for one in spec.attributes)
    torch.testing.assert_close(space.concepts[0], concept_vectors(tiny.text, ["doctor"], spec.prompt, "last"))
    torch.testing.assert_close(space.directions[0], torch.stack([man, woman]) - (man + woman) / 2)


def test_a_steep_answer_is_found_in_few_iterations() -> None:
    """Shares that jump from nearly 0 to nearly 1 within a small part of the first step, and one that hardly moves."""
    search, scales = Search(1.0, torch.zeros(2, 1)), torch.zeros(2, 1)
    slopes, offsets = torch.tensor([[30.0], [0.8]]), torch.tensor([[-8.0], [-4.0]])
    for _ in range(9):
        scales = search.next(scales, 0.5 - torch.sigmoid(slopes * scales + offsets))
    torch.testing.assert_close(scales, -offsets / slopes, rtol=0.05, atol=0)


def test_an_answer_that_moves_is_followed() -> None:
    search, scales = Search(1.0, torch.zeros(1, 1)), torch.zeros(1, 1)
    for number in range(40):
        root = 1.0 if number < 8 else 1.5
        scales = search.next(scales, torch.tanh(root - scales))
    assert scales.item() == pytest.approx(1.5, abs=0.02)


def test_the_step_size_is_used(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    known_world(monkeypatch, (-2.0, 2.5))
    small, large = (
        debias(tiny, DebiasSpec(concepts=SPEC.concepts, images=400, step_size=size, iterations=1)).history[1].scales
        for size in (0.25, 0.5)
    )
    torch.testing.assert_close(torch.tensor(large), 2 * torch.tensor(small))


def test_the_budget_ends_it_and_the_best_is_kept(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    known_world(monkeypatch, (-2.0, 2.5), slope=0.0)
    found = debias(tiny, DebiasSpec(concepts=SPEC.concepts, images=400, iterations=3))
    assert (len(found.history), found.converged) == (4, False)
    assert_changes_nothing(found)


def assert_changes_nothing(found: Debiased) -> None:
    assert found.changes_nothing
    text = torch.randn(77, 16)
    assert torch.equal(found.edit.on_text(text), text)


def stop_at(iteration: int) -> Callable[[int, int, int], None]:
    def on_progress(number: int, done: int, total: int) -> None:
        if number == iteration:
            raise Cancelled

    return on_progress


def test_a_model_that_is_as_asked_needs_no_edit(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    known_world(monkeypatch, (0.0, 0.0))
    found = debias(tiny, SPEC)
    assert (len(found.history), found.converged) == (1, True)
    assert_changes_nothing(found)


def test_cancelling_keeps_the_best_so_far(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    known_world(monkeypatch, (-2.0, 2.5))
    assert_changes_nothing(debias(tiny, SPEC, stop_at(1)))
    with pytest.raises(Cancelled):
        debias(tiny, SPEC, stop_at(0))
    found = debias(tiny, SPEC, stop_at(2))
    assert (found.cancelled, len(found.history), found.converged) == (True, 2, False)
    assert not found.changes_nothing
    assert torch.equal(
        found.edit.u, edit_of(tiny, SPEC, space_of(tiny, SPEC), torch.tensor(found.history[found.best].scales)).u
    )


def test_ctrl_c_on_the_command_line_saves_the_best_so_far(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known_world(monkeypatch, (-2.0,), slope=0.1)
    count = uce_core.methods.debias_search.measure

    def interrupted(
        model: Model, spec: DebiasSpec, edit: Edit, on_step: Callable[[int, int], None], embed: object
    ) -> Seen:
        interrupted.calls += 1
        if interrupted.calls == 3:
            signal.raise_signal(signal.SIGINT)
        return count(model, spec, edit, on_step)

    interrupted.calls = 0
    monkeypatch.setattr(uce_core.methods.debias_search, "measure", interrupted)
    before, out = signal.getsignal(signal.SIGINT), tmp_path / "fair.safetensors"
    arguments = ["debias", "--model", str(tiny_folder), "--concept", "doctor", "--out", str(out)]
    assert main([*arguments, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["cancelled"], facts["converged"], len(facts["history"])) == (True, False, 2)
    assert Edit.load(out).spec.concepts == ("doctor",)
    assert facts["spec"]["guidance_scale"] == family_of(16).guidance_scale
    assert signal.getsignal(signal.SIGINT) is before
    interrupted.calls = 2
    assert main(arguments) == 2
    assert "stopped before anything was done" in capsys.readouterr().err
    interrupted.calls = 1
    out.unlink()
    assert main([*arguments, "--json"]) == 2
    said = capsys.readouterr()
    facts = json.loads(said.out)
    assert (facts["cancelled"], facts["changes_nothing"], facts["out"], len(facts["history"])) == (True, True, None, 1)
    assert said.err.startswith("Error: Stopped while the best edit still changes nothing")
    assert said.err.count("\n") == 1
    assert not out.exists()


DEBIAS = ["debias", "--concept", "doctor", "--iterations", "2", "--steps", "1"]


@pytest.mark.parametrize(("bias", "status"), [(-2.0, 2), (0.0, 0)], ids=["cannot be moved", "need not be"])
def test_an_edit_that_changes_nothing_is_recorded_as_measured_and_never_offered(
    bias: float, status: int, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("UCE_STUDIO_HOME", str(tmp_path / "home"))
    known_world(monkeypatch, (bias,), slope=0.0)
    out = tmp_path / "fair.safetensors"
    arguments = [*DEBIAS, "--model", str(tiny_folder), "--out", str(out), "--json"]
    assert main(arguments) == status
    said = capsys.readouterr()
    facts = json.loads(said.out)
    assert (facts["changes_nothing"], facts["out"], facts["converged"]) == (True, None, status == 0)
    assert said.err.startswith("Error: No edit was better" if status else "")
    assert not out.exists()
    studio = Studio(Settings(edits=tmp_path / "edits"))
    run = studio.store.get(facts["run"])
    assert run.outcome.history[0].shares[0][1] == pytest.approx(1 / (1 + math.exp(-bias)))
    assert len(run.files_of("original")) == len(run.files_of("edited")) > 0
    with pytest.raises(ValueError, match="changes nothing: there is nothing to save"):
        studio.save_of_run(run.id, "mine", "")
    assert not list((tmp_path / "edits").glob("*"))


def test_a_search_that_was_stopped_is_not_the_whole_one(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though their edits are the same: what the longer one tried is recorded, too."""
    known_world(monkeypatch, (-2.0, 2.5), slope=0.0)
    spec = DebiasSpec(concepts=SPEC.concepts, images=400, iterations=3)
    requests = [
        debiasing_record(tiny, found, ()).run.request for found in (debias(tiny, spec, stop_at(1)), debias(tiny, spec))
    ]
    assert requests[0].edit_digest == requests[1].edit_digest
    assert [request.facts().get("stopped") for request in requests] == [0, None]
    assert requests[0].facts() != requests[1].facts()


def test_several_concepts_in_one_option_are_several(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known_world(monkeypatch, (0.0, 0.0, 0.0))
    monkeypatch.setattr(uce_core.methods.debias_search, "unrecognised", lambda *asked: ("<lora:chef:1>",))
    given = ["--concept", "doctor, nurse", "--concept", "<lora:chef:1>", "--attribute", "man; woman", "--no-record"]
    assert main(["debias", "--model", str(tiny_folder), *given, "--out", str(tmp_path / "fair.safetensors")]) == 0
    said = capsys.readouterr()
    assert "Note: taken for several names: 'doctor, nurse'." in said.err.splitlines()
    assert "Note: taken for several names: 'man; woman'." in said.err.splitlines()
    assert "not as weights or files: '<lora:chef:1>'" in said.err
    assert "hardly less like '<lora:chef:1>' than its own" in said.err
    assert "nurse: man 0.50, woman 0.50, CLIP 27.0; <lora:chef:1>: " in said.out


def test_images_that_spoil_are_passed_over(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    edits = known_world(monkeypatch, (-2.0, 2.5))
    sound = debias(tiny, SPEC)
    assert spoilt(sound.history) is None
    limit = max(map(abs, ways(tiny, SPEC, edits[sound.best])))
    known_world(monkeypatch, (-2.0, 2.5), spoils=0.999 * limit)
    found = debias(tiny, SPEC)
    assert [one.scales for one in found.history] == [one.scales for one in sound.history], "the search is the same"
    best = found.history[found.best]
    assert not any(best.fell)
    assert 0 < found.best < len(found.history) - 1
    assert best.gap == min(one.gap for one in found.history if not any(one.fell))
    assert not found.converged
    assert spoilt(found.history) == found.history[sound.best]
    known_world(monkeypatch, (-2.0, 2.5), spoils=1e-9)
    worst = debias(tiny, SPEC)
    assert worst.best == sound.best, "rather than none"
    assert spoilt(worst.history) == worst.history[worst.best]


def test_the_edit_is_saved_with_what_was_asked_and_stacks(
    tiny: Model, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    known_world(monkeypatch, (-2.0, 2.5))
    edit = debias(tiny, SPEC).edit
    loaded = Edit.load(edit.save(tmp_path / "fair.safetensors"))
    asked = replace(SPEC, guidance_scale=tiny.family.guidance_scale)  # an edit says what it was found with
    assert loaded.spec == asked
    both = Edit.load(stack(edit, edit).save(tmp_path / "both.safetensors"))
    assert (both.spec, both.stacked) == (None, (asked, asked))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"concepts": ()}, "nothing to debias"),
        ({"concepts": ("doctor",), "attributes": ("man",)}, "two attributes"),
        ({"concepts": ("doctor",), "retain": ("Doctor",)}, "cannot be retained"),
        ({"concepts": ("doctor",), "ratios": (0.5,)}, "one for each of the 2 attributes"),
        ({"concepts": ("doctor",), "ratios": (0.5, 0.6)}, "together 100%"),
        ({"concepts": ("doctor",), "ratios": (1.5, -0.5)}, "none below 0%"),
        ({"concepts": ("doctor",), "prompt": "no slot"}, "Unknown wording"),
        ({"concepts": ("doctor",), "step_size": 0.0}, "step_size is 0"),
        ({"concepts": ("doctor",), "images": 10, "tolerance": 0.05}, "use more than 384 images"),
    ],
)
def test_senseless_requests_are_refused_with_one_sentence(fields: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        DebiasSpec(**fields)
    assert "\n" not in str(error.value)


def test_half_width_is_that_of_the_normal_approximation() -> None:
    spec = DebiasSpec(concepts=("doctor",), attributes=("a", "b", "c"), ratios=(0.7, 0.2, 0.1), images=300)
    assert spec.half_width == pytest.approx(1.96 * math.sqrt(0.7 * 0.3 / 300))


def test_images_are_counted_and_scored_as_the_scorer_does(scored: Model) -> None:
    spec = DebiasSpec(concepts=("doctor", "nurse"), images=3, tolerance=1.0, seed=5, steps=1, guidance_scale=2.0)
    seen = measure(scored, spec, edit_of(scored, spec, space_of(scored, spec), torch.zeros(2, 2)))
    scorer = scorer_for(scored.folder)
    for number, prompt in enumerate(("a photo of a doctor", "a photo of a nurse")):
        images = generate(scored, [GenerationSpec(prompt, seed, 1, 2.0) for seed in (5, 6, 7)])
        nearest = scorer.nearest(images, ["a photo of a man", "a photo of a woman"])
        assert seen.shares[number].tolist() == pytest.approx([(nearest == one).sum().item() / 3 for one in (0, 1)])
        assert seen.clip[number].tolist() == pytest.approx(scorer.clip_scores(images, [prompt] * 3).tolist(), abs=0.01)


WORDS = ("man", "woman", "doctor", "house", "tree", "boat")


@pytest.mark.parametrize(
    ("generated", "understood", "unknown"),
    [
        (WORDS, WORDS, ()),
        (set(WORDS) - {"doctor"}, WORDS, ("doctor",)),
        (WORDS, set(WORDS) - {"doctor"}, ("doctor",)),
        (set(WORDS) - {"woman"}, set(WORDS) - {"doctor"}, ("doctor", "woman")),
        (set(WORDS) - {"woman"}, set(WORDS) - {"woman"}, ("woman",)),
        ((), WORDS, ("doctor", "man", "woman")),
    ],
)
def test_words_that_the_model_or_the_classifier_does_not_know_are_named(
    generated: set[str], understood: set[str], unknown: tuple[str, ...], tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that draws a man instead of what it does not know; a classifier to whom other words are a bit of all."""

    class Classifier:
        def text_vectors(self, texts: list[str]) -> torch.Tensor:
            last = [text.split()[-1] for text in texts]
            found = [
                [float(asked in (word, "")) for word in WORDS] for asked in (w if w in understood else "" for w in last)
            ]
            return normalize(torch.tensor(found))

    def seen(specs: list[GenerationSpec], edit: object, on_step: object) -> torch.Tensor:
        """Vectors of what is generated."""
        shown = [spec.prompt.split()[-1] for spec in specs]
        assert Counter(shown) == dict.fromkeys(WORDS, LOOKS)
        assert {spec.seed for spec in specs} == set(range(3, 3 + LOOKS))
        return torch.eye(len(WORDS))[[WORDS.index(word) if word in generated else 0 for word in shown]]

    monkeypatch.setattr(debias_recognition, "scorer_for", lambda folder: Classifier())
    assert unrecognised(tiny, DebiasSpec(concepts=("doctor",), seed=3), embed=seen) == unknown


def test_a_fall_counts_when_it_is_certainly_larger_than_the_margin() -> None:
    """With falls of just the margin, one in forty is taken for more: that is what 95 % to both sides means."""
    torch.manual_seed(0)
    start = 30 + 3 * torch.randn(4000, 100)
    noise = 2 * torch.randn(4000, 100)
    margin = MARGIN * start.mean(1, keepdim=True)
    shares = [sum(fallen(start, start - size * margin + noise)) / 4000 for size in (0.0, 1.0, 1.5)]
    assert shares[0] == 0
    assert shares[1] == pytest.approx(0.025, abs=0.01)
    assert shares[2] > 0.99
    assert fallen(torch.ones(1, 1), torch.ones(1, 1)) == (False,)


def test_the_best_is_the_nearest_whose_score_did_not_fall() -> None:
    def tried(*gaps: float) -> list[Iterate]:
        """Below 0: of an iterate whose score fell."""
        return [Iterate(((0.0, 0.0),), ((0.5, 0.5),), abs(gap), (30.0,), (gap < 0,)) for gap in gaps]

    assert best_of(tried(0.5, 0.4, 0.2, 0.3)) == 2
    assert best_of(tried(0.5, 0.4, -0.2, 0.3)) == 3
    assert best_of(tried(0.5, 0.2, 0.2)) == 1
    assert best_of(tried(0.5, -0.4, -0.2, 0.6)) == 2, "for want of others"
    assert best_of(tried(0.1, -0.4, -0.2)) == 0
    assert best_of([Iterate(((0.0, 0.0),), ((0.5, 0.5),), gap) for gap in (0.5, 0.3)]) == 1, "of an earlier version"
