"""Double Projections against the paper's steps, written out for each projection and token in float64."""

import pytest
import torch

from uce_core import Edit, Model, Problem, erase, preset
from uce_core.edits.closed_form import in_sequence, solve
from uce_core.methods.double_projections import DoubleProjectionsSpec
from uce_core.methods.inputs import EditInputs

ERASE, RETAIN = ("Vincent van Gogh", "Claude Monet"), ("Piet Mondrian", "a cat")


def content(model: Model, text: str) -> torch.Tensor:
    """(n, d) float64: the tokens of a text but for start, end and padding; of no text its end."""
    tokens = model.pipeline.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt")
    with torch.no_grad():
        states = model.pipeline.text_encoder(tokens.input_ids).last_hidden_state[0].double()
    end = tokens.input_ids[0].tolist().index(model.pipeline.tokenizer.eos_token_id)
    return states[1 : max(end, 2)]


def as_published(model: Model, guides: tuple[str, ...], retain: tuple[str, ...]) -> dict[str, torch.Tensor]:
    """W changed token by token, each time from what it has become."""
    kept = torch.cat([content(model, text) for text in retain]).T  # columns
    left, values, _ = torch.linalg.svd(kept, full_matrices=False)
    left = left[:, values > 1e-6 * values[0]]
    q = torch.eye(len(kept), dtype=torch.float64) - left @ left.T
    found = {}
    for name, weight in model.masters.items():
        w = weight.double()
        for concept, guide in zip(ERASE, guides, strict=True):
            s = content(model, guide).T  # columns
            for c in content(model, concept):
                proxy = s[:, 0] if s.shape[1] == 1 else s @ torch.linalg.pinv(s.T @ s) @ s.T @ c
                if c @ q @ c >= 1e-10:
                    w = w + torch.outer(w @ (proxy - c), q @ c) / (c @ q @ c)
        found[name] = w
    return found


@pytest.mark.parametrize(
    ("guides", "given", "retained", "rank"),
    [
        (("art", "art"), {"retain": RETAIN}, (*RETAIN, ""), 5),
        (("an old house", ""), {"retain": RETAIN, "retain_empty": False}, RETAIN, 5),
        (("an old house", "Edvard Munch"), {"retain": ("Claude van Gogh",)}, ("Claude van Gogh", ""), 4),  # no Claude
    ],
)
def test_each_projection_is_what_the_paper_has(
    tiny: Model, guides: tuple[str, ...], given: dict[str, object], retained: tuple[str, ...], rank: int
) -> None:
    edit = erase(tiny, DoubleProjectionsSpec(erase=ERASE, guide=guides, **given))  # type: ignore[arg-type]
    assert isinstance(edit, Edit)
    assert edit.rank == rank
    expected = as_published(tiny, guides, retained)
    for name, weight in edit.projections(tiny.masters):
        change = (expected[name] - tiny.masters[name].double()).abs().max()
        torch.testing.assert_close(weight.double(), expected[name], rtol=0, atol=2e-4 * float(change))


@pytest.mark.parametrize("count", [1, 7, 40])
def test_updates_in_sequence_are_their_product(count: int) -> None:
    """With more of them than dimensions, too."""
    u, v = (
        0.3 * torch.randn(count, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(i)) for i in (1, 2)
    )
    expected = torch.eye(12, dtype=torch.float64)
    for a, b in zip(u, v, strict=True):
        expected = expected @ (torch.eye(12, dtype=torch.float64) + torch.outer(a, b))
    left, right = in_sequence(u, v)
    assert len(left) == min(count, 12)
    found = torch.eye(12, dtype=torch.float64) + left.T @ right
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9 * float(expected.abs().max()))


@pytest.mark.parametrize("guide", ["art", "an old house", ""])
def test_of_one_token_it_is_uce_that_yields_nothing_and_retains_all(tiny: Model, guide: str) -> None:
    """λ → 0, r → ∞."""
    spec = DoubleProjectionsSpec(erase=ERASE[:1], guide=guide, retain=RETAIN, span="last")
    edit, inputs = erase(tiny, spec), EditInputs(tiny, spec)
    assert isinstance(edit, Edit)
    u, v = solve(*inputs.erased, inputs.retained, lam=1e-5, erase_scale=1.0, retain_scale=1e5)
    torch.testing.assert_close(edit.u.T @ edit.v, u.T @ v, rtol=1e-3, atol=1e-4)


def test_what_is_retained_stays_and_a_single_token_goes_to_the_guide(tiny: Model) -> None:
    spec = preset("published", ERASE[:1], RETAIN, method="double-projections", guide="art")
    edit, inputs = erase(tiny, spec), EditInputs(tiny, spec)
    assert isinstance(edit, Edit)
    torch.testing.assert_close(edit.on_text(inputs.retained), inputs.retained, rtol=0, atol=1e-4)
    first = erase(tiny, preset("published", ("Vincent",), RETAIN, method="double-projections", guide="art"))
    assert isinstance(first, Edit)
    [(concept, guide)] = EditInputs(tiny, first.spec).tokens.spans  # type: ignore[arg-type]
    torch.testing.assert_close(first.on_text(concept), guide, rtol=1e-3, atol=1e-4)


def test_what_is_in_the_span_of_the_retained_is_skipped(tiny: Model) -> None:
    """Such as the start token, which is the same in every text."""
    spec = DoubleProjectionsSpec(
        erase=("Monet",), retain=("a cat",), span="all", retain_span="last", empty_token="start"
    )
    edit = erase(tiny, spec)
    assert isinstance(edit, Edit)
    assert edit.rank == tiny.text.width, "folded"
    [(concept, _)] = EditInputs(tiny, spec).tokens.spans
    torch.testing.assert_close(edit.on_text(concept[:1]), concept[:1], rtol=0, atol=1e-4)
    with pytest.raises(Problem, match="in the span of what is retained"):
        erase(tiny, DoubleProjectionsSpec(erase=("Monet",), retain_span="all"))
