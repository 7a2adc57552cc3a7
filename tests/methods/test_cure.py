"""CURE against the paper's formula, written out for each projection in float64."""

import pytest
import torch

from uce_core import Edit, EditSpec, Model, Problem, erase, preset, stack
from uce_core.methods.cure import CureSpec
from uce_core.methods.inputs import EditInputs

ERASE, RETAIN = ("Vincent van Gogh", "Claude Monet"), ("Piet Mondrian", "a cat")


def projection(vectors: torch.Tensor, alpha: float) -> torch.Tensor:
    """P (d, d) of vectors in columns."""
    left, values, _ = torch.linalg.svd(vectors, full_matrices=False)
    shares = values**2 / (values**2).sum()
    return left @ torch.diag(alpha * shares / ((alpha - 1) * shares + 1)) @ left.T


@pytest.mark.parametrize(
    "given",
    [
        {"span": "last", "retain": RETAIN},
        {"span": "content", "retain": RETAIN, "alpha": 5.0},
        {"span": "all", "wording": "style", "alpha": 0.5},
        {"span": "last", "retain_empty": False},
    ],
)
def test_each_projection_is_what_the_paper_has(tiny: Model, given: dict[str, object]) -> None:
    spec = CureSpec(erase=ERASE, **given)  # type: ignore[arg-type]
    edit, inputs = erase(tiny, spec), EditInputs(tiny, spec)
    assert isinstance(edit, Edit)
    forget, retained = torch.cat(inputs.concepts).double().T, inputs.retained.double().T
    assert edit.rank == min(forget.shape)
    one = torch.eye(16, dtype=torch.float64)
    keep = projection(retained, spec.alpha) if retained.shape[1] else torch.zeros_like(one)
    m = one - projection(forget, spec.alpha) @ (one - keep)
    for name, weight in edit.projections(tiny.masters):
        torch.testing.assert_close(weight.double(), tiny.masters[name].double() @ m, rtol=1e-5, atol=1e-5)


def test_with_a_large_alpha_the_erased_is_gone_and_the_retained_stays(tiny: Model) -> None:
    """Both projections are hard then: Mc = c − P_f(c − P_r c)."""
    spec = CureSpec(erase=("a boat",), retain=RETAIN, alpha=1e6, span="last", retain_empty=False)
    edit, inputs = erase(tiny, spec), EditInputs(tiny, spec)
    assert isinstance(edit, Edit)
    torch.testing.assert_close(edit.on_text(inputs.retained), inputs.retained, rtol=0, atol=1e-3)
    alone = erase(tiny, CureSpec(erase=("a boat",), alpha=1e6, span="last", retain_empty=False))
    assert isinstance(alone, Edit)
    assert alone.on_text(inputs.erased[0]).abs().max() < 1e-4


def test_presets_are_the_papers(tiny: Model) -> None:
    assert preset("published", ERASE, method="cure").alpha == 2.0
    assert preset("published-unsafe", ERASE, method="cure").alpha == 5.0


def test_a_guide_is_refused() -> None:
    for guide in ("art", ("art", "a cat")):
        with pytest.raises(Problem, match="The method cure has no guide: leave it out"):
            CureSpec(erase=ERASE, guide=guide)
    assert CureSpec(erase=ERASE, guide="").guides == ("", "")
    with pytest.raises(Problem, match="has no guide"):
        CureSpec.from_facts({"erase": ["a cat"], "guide": "art"})


def test_it_stacks_with_an_edit_that_has_a_guide(tiny: Model) -> None:
    cure = erase(tiny, CureSpec(erase=ERASE[:1]))
    uce = erase(tiny, EditSpec(erase=ERASE[1:], guide="art"))
    for both in (stack(cure, uce), stack(uce, cure)):
        assert isinstance(both.spec, EditSpec)
        assert dict(zip(both.spec.erase, both.spec.guides, strict=True)) == {ERASE[0]: "", ERASE[1]: "art"}
