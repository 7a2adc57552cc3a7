"""UCE with captions against the sum that it minimises: its gradient is zero, by autograd in float64."""

import pytest
import torch

from tests.tiny import caption_tokens, tiny_xl_pipeline
from uce_core import Edit, EditSpec, Model, erase, preset
from uce_core.concepts.captions import CAPTIONS
from uce_core.edits.stored_spec import spec_from_json
from uce_core.methods.drift import drifts
from uce_core.methods.inputs import EditInputs
from uce_core.methods.uce_captions import CaptionsSpec
from uce_core.models.model import prepare

ERASE, RETAIN = ("Vincent van Gogh", "Claude Monet"), ("Piet Mondrian", "a cat")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"span": "last", "lam": 0.1, "caption_scale": 3.0, "retain_scale": 2.0, "guide": ("art", "a house")},
        {"span": "content", "lam": 1.0, "caption_scale": 1000.0, "erase_scale": 5.0, "retain_empty": False},
    ],
)
def test_every_projection_is_where_the_sum_is_least(tiny: Model, given: dict[str, object]) -> None:
    spec = CaptionsSpec(erase=ERASE, retain=RETAIN, **given)  # type: ignore[arg-type]
    edit, inputs = erase(tiny, spec), EditInputs(tiny, spec)
    assert isinstance(edit, Edit)
    erased, guides, retained = (rows.double() for rows in (*inputs.erased, inputs.retained))
    captions = caption_tokens(tiny)
    for name, edited in edit.projections(tiny.masters):
        before, after = tiny.masters[name].double(), edited.double().requires_grad_()
        parts = (
            spec.erase_scale * (erased @ after.T - guides @ before.T).square().sum(),
            spec.retain_scale * (retained @ (after - before).T).square().sum(),
            spec.lam * (after - before).square().sum(),
            spec.caption_scale * (captions @ (after - before).T).square().sum() / len(captions),
        )
        sum(parts[1:], parts[0]).backward()
        assert after.grad is not None
        apart = spec.erase_scale * (erased @ before.T - guides @ before.T).T @ erased  # the gradient's largest part
        assert after.grad.norm() < 1e-4 * 2 * apart.norm()


def test_without_captions_it_is_uce(tiny: Model) -> None:
    same = {"erase": ERASE, "retain": RETAIN, "span": "all", "lam": 2.0}
    plain = erase(tiny, EditSpec(**same))  # type: ignore[arg-type]
    ours = erase(tiny, CaptionsSpec(**same, caption_scale=0.0))  # type: ignore[arg-type]
    assert isinstance(plain, Edit)
    assert isinstance(ours, Edit)
    torch.testing.assert_close(ours.u.T @ ours.v, plain.u.T @ plain.v)


def test_captions_move_less_than_by_uce(tiny: Model) -> None:
    captions = [caption_tokens(tiny).float()]
    uce, ours = (erase(tiny, preset("default", ERASE, method=kind)) for kind in ("uce", "uce-captions"))
    [before], [after] = drifts(tiny, uce, captions), drifts(tiny, ours, captions)
    assert after < before / 2


def test_the_pooled_text_has_captions_of_its_own() -> None:
    model = prepare("xl", tiny_xl_pipeline(), torch.device("cpu"), torch.float32)
    spec = CaptionsSpec(erase=ERASE, retain=RETAIN, text_space="pooled")
    edit = erase(model, spec)
    assert isinstance(edit, Edit)
    assert edit.pooled is not None
    with torch.no_grad():
        rows = [model.pipeline.encode_prompt(one, do_classifier_free_guidance=False)[2][0].double() for one in CAPTIONS]
    captions = torch.stack(rows)
    inputs = EditInputs(model, spec)
    found = inputs.edited(lambda space: space.erased).pooled  # C and G of the pooled text
    kept = inputs.edited(lambda space: (space.retained, space.retained)).pooled
    assert found is not None
    assert kept is not None
    c, g, p = (part.double() for part in (*found, kept.u))
    a = spec.lam * torch.eye(c.shape[1]) + c.T @ c + p.T @ p
    a = a + spec.caption_scale * captions.T @ captions / len(captions)
    expected = (g - c).T @ c @ torch.linalg.inv(a)
    torch.testing.assert_close((edit.pooled.u.T @ edit.pooled.v).double(), expected, rtol=1e-3, atol=1e-5)


def test_its_spec_is_read_back() -> None:
    spec = CaptionsSpec(erase=ERASE, caption_scale=7.0)
    assert spec_from_json(spec.to_json()) == spec
