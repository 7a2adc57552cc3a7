"""Methods that change no weights: each against its paper's formula, written out naively in float64, and wherever edits
go."""

import math
from pathlib import Path

import pytest
import torch

from tests.tiny import tiny_flux_pipeline, tiny_pipeline, tiny_xl_pipeline
from uce_core import (
    AnyEdit,
    Edit,
    GenerationSpec,
    Model,
    applied,
    compare,
    erase,
    export,
    generate,
    impact,
    preset,
    stack,
)
from uce_core.concepts.encoded_text import Text
from uce_core.edits.spec import ErasureSpec
from uce_core.edits.stored_spec import spec_from_json
from uce_core.edits.weightless import WeightlessEdit
from uce_core.generation.generate import _encoded
from uce_core.images import mean_pixel_difference
from uce_core.methods import METHODS
from uce_core.methods.adavd import AdaVdSpec
from uce_core.methods.negative_prompt import NegativePromptSpec
from uce_core.methods.semantic_surgery import SurgerySpec
from uce_core.models.model import prepare

ERASE = ("Vincent van Gogh", "Claude Monet")
WEIGHTLESS = sorted(
    name for name, method in METHODS.items() if issubclass(method.spec, ErasureSpec) and not method.spec.retains
)
ROUNDING = 1.0  # of 255


def edit_by(model: Model, kind: str, **given: object) -> WeightlessEdit:
    edit = erase(model, preset("default", ERASE, method=kind, **given))
    assert isinstance(edit, WeightlessEdit)
    return edit


def test_these_are_all() -> None:
    assert WEIGHTLESS == ["adavd", "negative-prompt", "semantic-surgery"]


# The negative prompt


@pytest.mark.parametrize(
    ("before", "whole"), [("", "Vincent van Gogh, Claude Monet"), ("fog", "fog, Vincent van Gogh, Claude Monet")]
)
def test_a_negative_prompt_draws_what_the_same_one_typed_draws(tiny: Model, before: str, whole: str) -> None:
    asked = GenerationSpec("a house by Vincent van Gogh", 3, 4, 5.0, negative_prompt=before)
    typed = GenerationSpec("a house by Vincent van Gogh", 3, 4, 5.0, negative_prompt=whole)
    [pair] = compare(tiny, edit_by(tiny, "negative-prompt"), [asked])
    [expected, plain] = generate(tiny, [typed, asked])
    assert mean_pixel_difference(pair.edited, expected) < ROUNDING < mean_pixel_difference(plain, expected)


def test_half_a_negative_prompt_is_half_way_and_leaves_the_prompt(tiny: Model) -> None:
    states = {name: rows[0] for name, rows in _encoded(tiny, ("a house",), ()).items()}
    with torch.no_grad():
        target = tiny.pipeline.encode_prompt(", ".join(ERASE), tiny.device, 1, False)[0][0]
    found = (
        edit_by(tiny, "negative-prompt")
        .at_strength(0.5)
        .on_prompt(states, lambda texts: _encoded(tiny, tuple(texts), ()), "")
    )
    assert torch.equal(found["prompt_embeds"], states["prompt_embeds"])
    torch.testing.assert_close(found["negative_prompt_embeds"], (states["negative_prompt_embeds"] + target) / 2)


# Semantic Surgery


def cut(model: Model, prompt: str, spec: SurgerySpec, strength: float) -> tuple[torch.Tensor, list[float]]:
    """e − α(E(detected) − E("")), position by position, and how much of each concept was found."""

    def encoded(text: str) -> torch.Tensor:
        with torch.no_grad():
            found: torch.Tensor = model.pipeline.encode_prompt(text, model.device, 1, False)[0][0].double()
        return found

    e, empty, counts = encoded(prompt), encoded(""), []
    for text in spec.erase:
        direction = encoded(text) - empty
        cosines = [
            float(d @ x) / float(d.norm() * x.norm()) if d.norm() else 0.0 for d, x in zip(direction, e, strict=True)
        ]
        counts.append(1 / (1 + math.exp(-(sum(cosines) / len(cosines) - spec.similarity) / spec.gamma)))
    detected = [text for text, count in zip(spec.erase, counts, strict=True) if count >= spec.detected_from]
    if not detected:
        return e, counts
    return e - strength * max(counts) * (encoded(", ".join(detected)) - empty), counts


@pytest.mark.parametrize("strength", [1.0, 0.3])
@pytest.mark.parametrize("detected_from", [0.0, 0.5])
def test_surgery_is_what_the_paper_has(tiny: Model, strength: float, detected_from: float) -> None:
    spec = SurgerySpec(erase=ERASE, similarity=0.0, gamma=0.5, detected_from=detected_from)
    edit = erase(tiny, spec).at_strength(strength)
    assert isinstance(edit, WeightlessEdit)
    for prompt in ("a house by Vincent van Gogh", "Claude Monet", "a cat"):
        states = {name: rows[0] for name, rows in _encoded(tiny, (prompt,), ()).items()}
        found = edit.on_prompt(states, lambda texts: _encoded(tiny, tuple(texts), ()), "")
        expected, counts = cut(tiny, prompt, spec, strength)
        assert any(count >= detected_from for count in counts)
        torch.testing.assert_close(found["prompt_embeds"].double(), expected, rtol=1e-4, atol=1e-4)
        assert torch.equal(found["negative_prompt_embeds"], states["negative_prompt_embeds"])


def test_a_prompt_in_which_nothing_is_found_stays_to_the_last_bit(tiny: Model) -> None:
    edit = erase(tiny, SurgerySpec(erase=ERASE, similarity=1.0, gamma=0.001))
    [pair] = compare(tiny, edit, [GenerationSpec("a house", seed=1, steps=2)])
    assert pair.original.tobytes() == pair.edited.tobytes()


def test_on_stable_diffusion_xl_the_pooled_text_is_cut_too() -> None:
    model = prepare("xl", tiny_xl_pipeline(), torch.device("cpu"), torch.float32)
    edit = erase(model, SurgerySpec(erase=ERASE[:1], similarity=-1.0, gamma=0.001))
    assert isinstance(edit, WeightlessEdit)
    states = {name: rows[0] for name, rows in _encoded(model, (ERASE[0],), ()).items()}
    empty = {name: rows[0] for name, rows in _encoded(model, ("",), ()).items()}
    found = edit.on_prompt(states, lambda texts: _encoded(model, tuple(texts), ()), "")
    for name in ("prompt_embeds", "pooled_prompt_embeds"):  # E(c) − (E(c) − E(""))
        torch.testing.assert_close(found[name], empty[name], rtol=1e-4, atol=1e-5)
        assert torch.equal(found[f"negative_{name}"], states[f"negative_{name}"])


# AdaVD


def decomposed(values: torch.Tensor, targets: torch.Tensor, spec: AdaVdSpec, strength: float) -> torch.Tensor:
    """v − Σᵢ (v·bᵢ/bᵢ·bᵢ) Σⱼ Lᵢⱼsⱼtⱼ, with bᵢ = Σⱼ Lᵢⱼtⱼ by Gram and Schmidt, for each token but the first."""
    n = len(targets)
    mixed = torch.eye(n, dtype=torch.float64)
    for i in range(n):
        for j in range(i):
            basis = mixed[j] @ targets
            mixed[i] = mixed[i] - (basis @ targets[i]) / (basis @ basis) * mixed[j]
    out = values.clone()
    for place in range(1, len(values)):
        v = values[place]
        factors = [
            spec.most / (1 + math.exp(-spec.sharpness * (float(v @ t / (v.norm() * t.norm())) - spec.alike_from)))
            for t in targets
        ]
        for i in range(n):
            basis = mixed[i] @ targets
            for j in range(n):
                out[place] = (
                    out[place] - strength * (v @ basis) / (basis @ basis) * mixed[i, j] * factors[j] * targets[j]
                )
    return out


@pytest.mark.parametrize(("count", "strength"), [(1, 1.0), (2, 1.0), (4, 0.4)])
def test_values_are_decomposed_as_the_paper_has_it(count: int, strength: float) -> None:
    noise = torch.Generator().manual_seed(count)
    targets, values = torch.randn(count, 12, generator=noise), torch.randn(7, 12, generator=noise)
    spec = AdaVdSpec(erase=ERASE, alike_from=0.1, sharpness=3.0, most=2.0)
    found = spec.on_values(targets, strength)(values)
    expected = decomposed(values.double(), targets.double(), spec, strength)
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(found[0], values[0])
    again = targets[:1] * (1 + 1e-6 * torch.randn(1, 12, generator=noise))
    twice = spec.on_values(torch.cat([targets, again]), strength)(values)
    torch.testing.assert_close(twice, found, rtol=1e-4, atol=1e-5)  # as of phrases that begin alike


@torch.no_grad()
def test_every_value_projection_is_decomposed_and_afterwards_the_model_is_what_it_was(tiny: Model) -> None:
    edit = edit_by(tiny, "adavd", alike_from=-1.0, wording="style")
    name = next(name for name in tiny.masters if name.endswith("attn2.to_v.weight"))
    projection = tiny.denoiser.get_submodule(name.removesuffix(".weight"))
    [encoded] = tiny.text.encode([Text(ERASE[0], span="all")])
    states = encoded.parts[0].states
    before = projection(states)
    with applied(tiny, edit):
        expected = decomposed(before.double(), (edit.vectors @ tiny.masters[name].T).double(), edit.spec, 1.0)  # type: ignore[arg-type]
        torch.testing.assert_close(projection(states).double(), expected, rtol=1e-3, atol=1e-4)
    assert torch.equal(projection(states), before)
    hooked = [one for one, module in tiny.denoiser.named_modules() if module._forward_hooks]
    assert not hooked
    specs = [GenerationSpec("a house by Vincent van Gogh", seed=1, steps=2)]
    [first] = generate(tiny, specs)
    [pair] = compare(tiny, edit, specs)
    assert pair.original.tobytes() == first.tobytes() != pair.edited.tobytes()


def test_the_presets_are_the_papers() -> None:
    adavd, surgery = (preset("published", ERASE, method=kind) for kind in ("adavd", "semantic-surgery"))
    assert (adavd.sharpness, adavd.alike_from, adavd.most) == (100, 0.93, 2)
    assert (surgery.similarity, surgery.gamma, surgery.detected_from) == (0.06, 0.02, 0.5)


# Of all


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_it_goes_through_a_file_and_draws_the_same(tiny: Model, tmp_path: Path, kind: str) -> None:
    edit = edit_by(tiny, kind).at_strength(0.8)
    read: AnyEdit = Edit.load(edit.save(tmp_path / "edit.safetensors"))
    assert isinstance(read, WeightlessEdit)
    assert (read.spec, read.strength, read.digest) == (edit.spec, 0.8, edit.digest)
    assert Edit.spec_in(tmp_path / "edit.safetensors") == edit.spec
    assert torch.equal(read.vectors, edit.vectors)
    specs = [GenerationSpec("a house by Vincent van Gogh", seed=1, steps=2)]
    [ours], [theirs] = compare(tiny, edit, specs), compare(tiny, read, specs)
    assert ours.edited.tobytes() == theirs.edited.tobytes()
    assert edit.at_strength(2.0).digest != edit.digest


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_at_strength_0_it_changes_nothing(tiny: Model, kind: str) -> None:
    [pair] = compare(tiny, edit_by(tiny, kind).at_strength(0), [GenerationSpec("Vincent van Gogh", seed=1, steps=2)])
    assert pair.original.tobytes() == pair.edited.tobytes()


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_what_needs_weights_is_refused_in_a_sentence(tiny: Model, tmp_path: Path, kind: str) -> None:
    edit = edit_by(tiny, kind)
    for to in ("published", "diffusers-lora", "kohya-lora"):
        with pytest.raises(ValueError, match=f"{kind} changes no weights"):
            export(tiny, edit, to, tmp_path / "out.safetensors")
    with pytest.raises(ValueError, match="changes no weights"):
        impact(tiny, edit, ["a cat"])
    with pytest.raises(ValueError, match="can be stacked"):
        stack(edit, edit)
    with pytest.raises(ValueError, match="cannot be told what to retain"):
        preset("default", ERASE, ("a cat",), method=kind)
    if edit.edits_text:
        with pytest.raises(ValueError, match="changes no weights"):
            compare(tiny, edit, [GenerationSpec("a house", steps=1)], path="swap")
    assert not tiny.rewritten
    other = prepare("other", tiny_pipeline(1), torch.device("cpu"), torch.float32)
    with pytest.raises(ValueError, match="another text encoder"):
        compare(other, edit, [GenerationSpec("a house", steps=1)])


@pytest.mark.parametrize("kind", WEIGHTLESS)
def test_a_spec_is_the_same_whatever_a_form_fills_in_besides(kind: str) -> None:
    spec = METHODS[kind].spec
    assert spec(erase=ERASE, span="all", text_space="tokens", retain_empty=True) == spec(erase=ERASE)
    assert spec_from_json(spec(erase=ERASE).to_json()) == spec(erase=ERASE)


def test_a_file_that_says_it_is_of_another_method_is_refused(tiny: Model, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    metadata = {"format": "uce-studio-edit/2", "spec": preset("default", ERASE).to_json(), "text_encoder": "x"}
    save_file({"vectors": torch.zeros(1, 16)}, tmp_path / "wrong.safetensors", metadata)
    with pytest.raises(ValueError, match="no readable settings"):
        Edit.load(tmp_path / "wrong.safetensors")
    right = metadata | {"spec": NegativePromptSpec(erase=ERASE).to_json()}
    save_file({"vectors": torch.zeros(16)}, tmp_path / "flat.safetensors", right)
    with pytest.raises(ValueError, match="wrong shape"):
        Edit.load(tmp_path / "flat.safetensors")


def test_a_model_without_the_part_that_is_changed_says_so() -> None:
    model = prepare("flux", tiny_flux_pipeline(), torch.device("cpu"), torch.float32)
    with pytest.raises(ValueError, match="computes no unconditional pass"):
        erase(model, NegativePromptSpec(erase=ERASE))
    with pytest.raises(ValueError, match="edits value projections"):
        erase(model, AdaVdSpec(erase=ERASE))
