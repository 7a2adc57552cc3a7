"""The debias loop against a world whose answer to every edit is known, and on Atelier."""

import json
import math
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import uce_core.methods.debias_search
from uce_core import Cancelled, Edit, stack
from uce_core.cli import main
from uce_core.concepts.vectors import concept_vectors
from uce_core.edits.closed_form import projector
from uce_core.edits.spec import DebiasSpec
from uce_core.methods.debias_search import Search, debias, edit_of, space_of
from uce_core.models.families import family_of
from uce_core.models.model import Model

SPEC = DebiasSpec(concepts=("doctor", "nurse"), retain=("chef",), images=400, step_size=1.0)


def known_world(monkeypatch: pytest.MonkeyPatch, bias: tuple[float, ...], slope: float = 4.0) -> list[Edit]:
    """Images whose shares follow from how far the edit moved each concept along its own direction."""
    seen: list[Edit] = []

    def measure(model: Model, spec: DebiasSpec, edit: Edit, on_step: object = None) -> torch.Tensor:
        seen.append(edit)
        if callable(on_step):
            on_step(1, 1)
        space = space_of(model, spec)
        rows = []
        for concept, directions, own in zip(space.concepts, space.directions, bias, strict=True):
            moved = concept @ edit.v.T @ edit.u  # (n, d)
            along = (moved * directions[1]).sum() / directions[1].square().sum()
            share = 1 / (1 + math.exp(-(own + slope * float(along))))
            rows.append([1 - share, share])
        return torch.tensor(rows)

    monkeypatch.setattr(uce_core.methods.debias_search, "measure", measure)
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


def test_targets_are_rebuilt_from_the_original_vectors(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every iterate equals the formula for its scales, written out for one projection, with nothing carried over."""
    seen = known_world(monkeypatch, (-2.0, 2.5))
    found = debias(tiny, SPEC)
    assert len(seen) == len(found.history) > 2
    space = space_of(tiny, SPEC)
    retained = torch.cat([concept_vectors(tiny.text, ["chef"], SPEC.prompt, SPEC.span), space.retained[-76:]]).double()
    name, weight = next(iter(tiny.masters.items()))
    w = weight.detach().double()
    for edit, one in zip(seen, found.history, strict=True):
        left = SPEC.lam * w + w @ retained.T @ retained
        right = SPEC.lam * torch.eye(16, dtype=torch.float64) + retained.T @ retained
        for concept, directions, scales in zip(space.concepts, space.directions, one.scales, strict=True):
            for row in range(len(concept)):
                c = concept[row].double()
                target = c + sum(s * d[row].double() for s, d in zip(scales, directions, strict=True))
                left = left + torch.outer(w @ target, c)
                right = right + torch.outer(c, c)
        expected = left @ torch.linalg.inv(right)
        ours = projector(edit.u, edit.v)(weight.detach()).double()
        assert (ours - expected).abs().max() < 1e-5 * expected.abs().max(), name


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


def test_cancelling_keeps_the_best_so_far(tiny: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    known_world(monkeypatch, (-2.0, 2.5))

    def stop_at(iteration: int) -> object:
        def on_progress(number: int, done: int, total: int) -> None:
            if number == iteration:
                raise Cancelled

        return on_progress

    with pytest.raises(Cancelled):
        debias(tiny, SPEC, stop_at(0))
    found = debias(tiny, SPEC, stop_at(2))
    assert (found.cancelled, len(found.history), found.converged) == (True, 2, False)
    assert torch.equal(
        found.edit.u, edit_of(tiny, SPEC, space_of(tiny, SPEC), torch.tensor(found.history[found.best].scales)).u
    )


def test_ctrl_c_on_the_command_line_saves_the_best_so_far(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known_world(monkeypatch, (-2.0,), slope=0.1)
    count = uce_core.methods.debias_search.measure

    def interrupted(model: Model, spec: DebiasSpec, edit: Edit, on_step: Callable[[int, int], None]) -> torch.Tensor:
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
