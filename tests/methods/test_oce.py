"""OCE against the paper's formula, written out for each projection in float64; and as a dense edit of half the
projections, wherever edits go."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from uce_core import DenseEdit, Edit, GenerationSpec, Model, applied, compare, erase, export, preset
from uce_core.concepts.captions import second_moment
from uce_core.edits.rotation import Weights, rotated
from uce_core.methods.drift import drifts
from uce_core.methods.export import exported
from uce_core.methods.inputs import EditInputs
from uce_core.methods.lora import NEGLIGIBLE
from uce_core.methods.oce import OceSpec

ERASE, RETAIN = ("Vincent van Gogh", "Claude Monet"), ("Piet Mondrian", "a cat")
SPEC = OceSpec(erase=ERASE, retain=RETAIN)


def turned(weight: torch.Tensor, rows: Sequence[torch.Tensor], moment: torch.Tensor, spec: OceSpec) -> torch.Tensor:
    """W'. rows: erased, guides and retained, (n, d) each."""
    w, one = weight.double(), torch.eye(len(weight), dtype=torch.float64)
    erased, guides, retained = (part.double() for part in rows)
    e, _ = torch.linalg.qr(torch.stack([w @ c / (w @ c).norm() for c in erased], 1))
    g, _ = torch.linalg.qr(torch.stack([w @ c / (w @ c).norm() for c in guides], 1))
    a = -spec.erase_scale * e @ e.T @ (one - g @ g.T)
    a = a + spec.caption_scale * w @ moment @ w.T + spec.lam * w @ w.T
    for p in retained:
        a = a + spec.retain_scale * torch.outer(w @ p, w @ p)
    u, _, vh = torch.linalg.svd(a)
    return u @ vh @ w


@pytest.mark.parametrize(
    ("given", "guides"),
    [
        ({}, ("real",)),
        ({"guide": ("a house", ""), "erase_scale": 3.0, "caption_scale": 0.0}, ("a house", "")),
        ({"guide": "art", "lam": 0.1, "retain_scale": 20.0, "retain_empty": False}, ("art",)),
    ],
)
def test_each_value_projection_is_what_the_paper_has(
    tiny: Model, given: dict[str, object], guides: tuple[str, ...]
) -> None:
    """guides: each once."""
    spec = OceSpec(erase=ERASE, retain=RETAIN, **given)  # type: ignore[arg-type]
    inputs, edit = EditInputs(tiny, spec), erase(tiny, spec)
    assert isinstance(edit, DenseEdit)
    rows = inputs.erased[0], inputs.erased[1][: len(guides)], inputs.retained
    assert set(edit.weights) == {name for name in tiny.masters if name.endswith("attn2.to_v.weight")}
    for name, weight in edit.weights.items():
        master = tiny.masters[name].double()
        expected = turned(master, rows, second_moment(tiny.text), spec)
        change = (expected - master).abs().max()
        torch.testing.assert_close(weight.double(), expected, rtol=0, atol=2e-4 * float(change))


@pytest.mark.parametrize("out", [7, 12, 30])
def test_so_it_is_for_projections_of_any_shape(out: int) -> None:
    noise = torch.Generator().manual_seed(out)
    weight, *rows, captions = (torch.randn(n, 12, generator=noise) for n in (out, 3, 2, 4, 50))
    moment = captions.double().T @ captions.double() / 50
    found = rotated(weight, *rows, moment, Weights(500.0, 1.0, 10.0, 10.0))
    torch.testing.assert_close(found, turned(weight, rows, moment, SPEC), rtol=1e-7, atol=1e-7)


def test_lengths_and_angles_of_outputs_stay(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    assert isinstance(edit, DenseEdit)
    for name, weight in edit.weights.items():
        before = tiny.masters[name]
        torch.testing.assert_close(weight.T @ weight, before.T @ before, rtol=1e-4, atol=1e-5)
        assert (weight - before).norm() > 0.01 * before.norm()


def test_the_preset_is_the_papers() -> None:
    spec = preset("published-style", ERASE, RETAIN, method="oce")
    assert (spec.guide, spec.span, spec.retain_empty) == ("real", "last", False)
    assert (spec.erase_scale, spec.caption_scale, spec.retain_scale, spec.lam) == (500, 10, 1, 10)


def test_keys_stay_wherever_the_edit_goes(tiny: Model, tmp_path: Path) -> None:
    edit = erase(tiny, SPEC)
    assert edit.targets == ("to_v",)
    read = Edit.load(edit.save(tmp_path / "turned.safetensors"))
    assert isinstance(read, DenseEdit)
    assert (read.spec, read.digest, read.targets) == (SPEC, edit.digest, ("to_v",))
    published = export(tiny, edit, "published", tmp_path / "published.safetensors")
    assert set(load_file(published)) == set(edit.weights)  # type: ignore[union-attr]
    for one in (edit, read, Edit.load(published)):
        with applied(tiny, one):
            for name, master in tiny.masters.items():
                now = tiny.pipeline.unet.get_parameter(name)
                assert torch.equal(now, master) is name.endswith("to_k.weight")
        assert all(torch.equal(tiny.pipeline.unet.get_parameter(name), w) for name, w in tiny.masters.items())
    half = dict(read.at_strength(0.5).projections(tiny.masters))
    for name, weight in edit.weights.items():  # type: ignore[union-attr]
        torch.testing.assert_close(half[name], (weight + tiny.masters[name]) / 2)


def test_its_impact_is_the_mean_over_keys_and_values(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    assert isinstance(edit, DenseEdit)
    vectors = EditInputs(tiny, SPEC).erased[0]
    drift = []
    for name, weight in edit.weights.items():
        before, after = (vectors @ one.T for one in (tiny.masters[name], weight))
        drift.append((after - before).norm(dim=1) / before.norm(dim=1))
    assert drifts(tiny, edit, [vectors]) == pytest.approx([float(torch.cat(drift).mean()) / 2], rel=1e-4)


def test_it_is_compared(tiny: Model) -> None:
    [pair] = compare(tiny, erase(tiny, SPEC), [GenerationSpec("a house by Vincent van Gogh", seed=1, steps=2)])
    assert pair.original.tobytes() != pair.edited.tobytes()


def test_a_lora_is_of_the_values_and_refused_if_much_would_be_left_out(tiny: Model, tmp_path: Path) -> None:
    """The change of a few concepts is nearly of low rank; of as many as half the dimensions it is not."""
    edit = erase(tiny, SPEC)
    whole = exported(tiny, edit, "kohya-lora", tmp_path / "whole.safetensors")
    small = exported(tiny, edit, "diffusers-lora", tmp_path / "small.safetensors", rank=2)
    assert 0 < whole.error < NEGLIGIBLE < small.error < 1
    assert whole.rank > small.rank == 2
    assert all("attn2.to_v" in name for name in load_file(small.path))
    many = erase(tiny, OceSpec(erase=tuple(f"artist {letter}" for letter in "abcdefghij")))
    with pytest.raises(ValueError, match="not of low rank"):
        export(tiny, many, "kohya-lora", tmp_path / "refused.safetensors")
