"""Drift against the edited weights and the text encoder called by hand."""

from typing import Any

import numpy as np
import pytest
import torch

from uce_core import EditSpec, GenerationSpec, applied, erase, generate, impact, suggest_retain
from uce_core.concepts.vectors import concept_vectors
from uce_core.methods.drift import TOO_FAR, overshoot
from uce_core.models.model import Model

SPEC = EditSpec(erase=("Vincent van Gogh",), retain=("Claude Monet",), lam=0.1)
CATALOG = ("Vincent van Gogh", "Claude Monet", "Piet Mondrian", "a house", "Edvard Munch")


@torch.no_grad()
def drift_by_hand(model: Model, concept: str) -> float:
    """Mean over projections and vectors of the relative change of what the UNet really multiplies."""
    subjects = ("tree", "mountain", "woman", "bridge", "fish")
    texts = [f"a {subject} in the style of {{}}" for subject in subjects]
    vectors = torch.stack([concept_vectors(model.text, [concept], text, "last")[0] for text in texts])
    before = {name: model.pipeline.unet.get_parameter(name).clone() for name in model.masters}
    ratios = []
    with applied(model, erase(model, SPEC)):
        for name, old in before.items():
            new = model.pipeline.unet.get_parameter(name)
            for c in vectors:
                ratios.append(float((new @ c - old @ c).norm() / (old @ c).norm()))
    return sum(ratios) / len(ratios)


def test_drift_is_what_the_weights_do(tiny: Model) -> None:
    found = impact(tiny, erase(tiny, SPEC), CATALOG)
    assert {one.concept for one in found} == set(CATALOG)
    assert [one.drift for one in found] == sorted((one.drift for one in found), reverse=True)
    for one in found:
        assert one.drift == pytest.approx(drift_by_hand(tiny, one.concept), rel=1e-3)


def test_strength_zero_affects_no_one_and_the_drift_grows_with_it(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    assert all(one.drift == 0 for one in impact(tiny, edit.at_strength(0.0), CATALOG))
    half, whole = (impact(tiny, edit.at_strength(t), ["a house"])[0].drift for t in (0.5, 1.0))
    assert half == pytest.approx(whole / 2, rel=1e-3)


def test_suggested_are_the_most_affected_that_are_not_named(tiny: Model) -> None:
    edit = erase(tiny, SPEC)
    suggested = suggest_retain(tiny, edit, [name.upper() for name in CATALOG], 2)
    ranked = [one.concept for one in impact(tiny, edit, ["PIET MONDRIAN", "A HOUSE", "EDVARD MUNCH"])]
    assert suggested == ranked[:2]
    assert impact(tiny, edit, []) == []
    for name, master in tiny.masters.items():
        assert torch.equal(tiny.pipeline.unet.get_parameter(name), master), "the model was left edited"


def test_an_edit_that_is_too_strong_is_told_before_it_generates(atelier: Model) -> None:
    edit = erase(atelier, EditSpec(erase=("Vincent van Gogh",)))
    assert [overshoot(atelier, edit.at_strength(strength)) for strength in (0, 1, 2)] == [0, 0, 0]
    [gogh] = impact(atelier, edit, ["Vincent van Gogh"])
    assert overshoot(atelier, edit.at_strength(-4)) == pytest.approx(4 * gogh.drift, rel=1e-4)


@pytest.mark.parametrize(
    ("weights", "is_noise"),
    [
        ({"lam": 0.5}, False),
        ({"lam": 0.5, "erase_scale": 100}, False),
        ({"lam": 1e-6, "erase_scale": 1e6}, True),
        ({"lam": 0.5, "erase_scale": 1e6, "span": "last"}, False),
    ],
)
def test_an_edit_whose_weight_of_erasing_is_too_large_is_told(
    weights: dict[str, Any], is_noise: bool, atelier: Model
) -> None:
    """Noise differs from pixel to pixel; images of Atelier hardly do."""
    edit = erase(atelier, EditSpec(erase=("Vincent van Gogh",), retain=("Claude Monet",), **{"span": "rest"} | weights))
    [image] = generate(atelier, [GenerationSpec("a house by Vincent van Gogh", 7, 6)], edits=[edit])
    rough = np.abs(np.diff(np.asarray(image).astype(float), axis=1)).mean()
    assert (rough > 15) == is_noise
    assert (overshoot(atelier, edit) > TOO_FAR) == is_noise
