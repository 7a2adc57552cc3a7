"""RECE against the paper's steps, written out for each projection in float64."""

import pytest
import torch

from uce_core import Edit, Model, applied, erase, preset
from uce_core.edits.reviving import reviving, spectrum_of
from uce_core.methods.inputs import EditInputs
from uce_core.methods.rece import ReceSpec

ERASE, RETAIN = ("Vincent van Gogh", "Claude Monet"), ("Piet Mondrian", "a cat")
Weights = dict[str, torch.Tensor]


def unified(weights: Weights, erased: torch.Tensor, guides: torch.Tensor, retained: torch.Tensor, spec: ReceSpec):
    """UCE of whatever the weights are now."""
    found = {}
    for name, w in weights.items():
        left, right = spec.lam * w, spec.lam * torch.eye(w.shape[1], dtype=torch.float64)
        for c, g in zip(erased, guides, strict=True):
            left, right = left + spec.erase_scale * torch.outer(w @ g, c), right + spec.erase_scale * torch.outer(c, c)
        for p in retained:
            left = left + spec.retain_scale * torch.outer(w @ p, p)
            right = right + spec.retain_scale * torch.outer(p, p)
        found[name] = left @ torch.linalg.inv(right)
    return found


def as_published(model: Model, spec: ReceSpec) -> Weights:
    inputs = EditInputs(model, spec)
    erased, guides = (rows.double() for rows in inputs.erased)
    retained, original = inputs.retained.double(), {name: w.double() for name, w in model.masters.items()}
    now = unified(original, erased, guides, retained, spec)
    for _ in range(spec.epochs):
        left = spec.revive_lam * torch.eye(erased.shape[1], dtype=torch.float64)
        right = torch.zeros_like(left)
        for name, w in now.items():
            left, right = left + w.T @ w, right + w.T @ original[name]
        revived = torch.stack([torch.linalg.inv(left) @ right @ c for c in erased])
        now = unified(now, revived, guides, retained, spec)
    return now


@pytest.mark.parametrize(
    "given",
    [
        {"span": "last"},
        {"span": "last", "epochs": 3, "revive_lam": 0.1, "lam": 0.5},
        {"span": "last", "guide": ("a house", ""), "erase_scale": 2.0, "retain_scale": 0.5},
        {},
    ],
)
def test_each_projection_is_what_the_paper_has(tiny: Model, given: dict[str, object]) -> None:
    spec = ReceSpec(erase=ERASE, retain=RETAIN, **given)  # type: ignore[arg-type]
    edit = erase(tiny, spec)
    assert isinstance(edit, Edit)
    expected = as_published(tiny, spec)
    for name, weight in edit.projections(tiny.masters):
        change = (expected[name] - tiny.masters[name].double()).abs().max()
        torch.testing.assert_close(weight.double(), expected[name], rtol=0, atol=2e-4 * float(change))


@pytest.mark.parametrize(("concepts", "rank"), [(1, 1), (3, 9), (5, 40)])
def test_no_vector_comes_nearer_to_what_was_made_of_the_concept(concepts: int, rank: int) -> None:
    """Autograd: at c' the derivative of what it minimises vanishes, also of an edit with more rows than dimensions."""
    noise, width, lam = torch.Generator().manual_seed(rank), 16, 0.05
    weights = [torch.randn(out, width, generator=noise) for out in (8, 24, 12)]
    c, u, v = (torch.randn(rows, width, generator=noise) for rows in (concepts, rank, rank))
    found = reviving(c, u, v / rank, spectrum_of(weights), lam).double()
    edit = torch.eye(width, dtype=torch.float64) + u.double().T @ v.double() / rank

    def slope(vectors: torch.Tensor) -> float:
        point = vectors.clone().requires_grad_()
        made = sum((point @ (w.double() @ edit).T - c.double() @ w.double().T).square().sum() for w in weights)
        (made + lam * point.square().sum()).backward()
        assert point.grad is not None
        return float(point.grad.norm())

    assert slope(found) < 1e-4 * slope(torch.zeros_like(found))


def test_a_vector_that_would_revive_no_longer_does(tiny: Model) -> None:
    """That of the edit before: what the model makes of it is nearer to the guide's than to the concept's."""
    spec = ReceSpec(erase=ERASE[:1], span="last", revive_lam=1e-6)
    before, after = erase(tiny, preset("default", ERASE[:1], span="last")), erase(tiny, spec)
    assert isinstance(before, Edit)
    concept, guide = EditInputs(tiny, spec).erased
    revived = reviving(concept, before.u, before.v, spectrum_of(tiny.masters.values()), spec.revive_lam)

    def made(vectors: torch.Tensor, edit: Edit | None) -> torch.Tensor:
        weights = dict(edit.projections(tiny.masters)) if edit else tiny.masters
        return torch.cat([vectors @ weight.T for weight in weights.values()], 1)

    concepts, now = made(concept, None), made(revived, after)  # type: ignore[arg-type]
    torch.testing.assert_close(made(revived, before), concepts, rtol=1e-3, atol=1e-3)
    assert (now - made(guide, before)).norm() < 0.5 * (now - concepts).norm()


def test_it_is_applied_and_exported_like_any_edit_of_low_rank(tiny: Model) -> None:
    edit = erase(tiny, ReceSpec(erase=ERASE, retain=RETAIN, span="last"))
    assert edit.low_rank
    assert edit.edits_text
    assert edit.rank == 2 * len(ERASE)
    with applied(tiny, edit):
        weights = {
            name: weight.clone() for name, weight in tiny.pipeline.unet.state_dict().items() if name in tiny.masters
        }
    factors = edit.lora_factors(tiny.masters)  # type: ignore[union-attr]
    for name, weight in weights.items():
        up, down = factors[name.removesuffix(".weight")]
        torch.testing.assert_close(tiny.masters[name] + up @ down, weight.float(), rtol=1e-4, atol=1e-5)
