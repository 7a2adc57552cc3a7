"""The presets against the authors' two scripts, written out again from how they index, weigh and loop."""

import pytest
import torch

from uce_core import DenseEdit, Edit, applied, erase, preset
from uce_core.models.model import Model

ERASE = ("Vincent van Gogh", "Claude Monet")
RETAIN = ("Piet Mondrian", "Katsushika Hokusai", "art")


def encode(model: Model, text: str) -> tuple[torch.Tensor, int]:
    """All 77 states in float64, and the index that both scripts take for the last token: mask's sum − 2."""
    tokens = model.pipeline.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt")
    with torch.no_grad():
        states = model.pipeline.text_encoder(tokens.input_ids).last_hidden_state[0]
    return states.double(), int(tokens.attention_mask.sum()) - 2


def loop_2023(model: Model, guide: str, retain: tuple[str, ...], tensor: bool, scale: float) -> dict:
    new_weights = {}
    retained = ["", *retain]
    for name, weight in model.masters.items():
        w = weight.double()
        left, right = 0.5 * w, 0.5 * torch.eye(w.shape[1], dtype=torch.float64)
        for old_text in ERASE:
            (old, old_last), (new, new_last) = encode(model, old_text), encode(model, guide or " ")
            farthest = max(old_last, new_last)
            old = old[old_last : len(old) - max(0, farthest - old_last)]
            new = new[new_last : len(new) - max(0, farthest - new_last)]
            target = new @ w.T
            if tensor:
                unit = old @ w.T / (old @ w.T).norm()
                target = target - (unit * target).sum() * unit
            for value, key in zip(target, old, strict=True):
                left = left + torch.outer(value, key)
                right = right + torch.outer(key, key)
        for text in retained:
            for key in encode(model, text)[0]:
                left = left + scale * torch.outer(w @ key, key)
                right = right + scale * torch.outer(key, key)
        new_weights[name] = left @ torch.linalg.inv(right)
    return new_weights


def loop_2025(model: Model, guide: str, retain: tuple[str, ...]) -> dict:
    new_weights = {}
    for name, weight in model.masters.items():
        w = weight.double()
        left, right = 0.5 * w, 0.5 * torch.eye(w.shape[1], dtype=torch.float64)
        for old, new in [(text, guide) for text in ERASE] + [(text, text) for text in retain]:
            (states, last), (targets, target_last) = encode(model, old), encode(model, new)
            left = left + torch.outer(w @ targets[target_last], states[last])
            right = right + torch.outer(states[last], states[last])
        new_weights[name] = left @ torch.linalg.inv(right)
    return new_weights


def assert_same_weights(model: Model, edit: Edit | DenseEdit, expected: dict) -> None:
    assert set(expected) == set(model.masters)
    with applied(model, edit):
        for name, weight in expected.items():
            ours = model.pipeline.unet.get_parameter(name).double()
            assert (ours - weight).abs().max() < 1e-5 * weight.abs().max(), name


@pytest.mark.parametrize("method", ["uce", "uce-tensor"])
@pytest.mark.parametrize(("guide", "retain"), [("", RETAIN), ("art and craft", RETAIN), ("", ())])
def test_published_2023(tiny: Model, guide: str, retain: tuple[str, ...], method: str) -> None:
    spec = preset("published-2023", ERASE, retain, guide=guide, method=method)
    scale = max(0.1, 1 / len(["", *retain]))
    assert_same_weights(tiny, erase(tiny, spec), loop_2023(tiny, guide, retain, method == "uce-tensor", scale))


@pytest.mark.parametrize("guide", ["art", "", "a photo"])
def test_published_2025(tiny: Model, guide: str) -> None:
    spec = preset("published-2025", ERASE, RETAIN, guide=guide)
    assert_same_weights(tiny, erase(tiny, spec), loop_2025(tiny, guide, RETAIN))


def test_published_expansion_is_for_the_erased_only(tiny: Model) -> None:
    spec = preset("published-2025", ("Claude Monet",), RETAIN, wording="published-art")
    texts = ["{}", "painting by {}", "art by {}", "artwork by {}", "picture by {}", "style of {}"]
    edit = erase(tiny, spec)
    assert edit.rank == len(texts)
    rows = [states[last] for states, last in (encode(tiny, text.format("Claude Monet")) for text in texts)]
    art = encode(tiny, "art")
    expected = torch.stack([art[0][art[1]] - row for row in rows]).float()
    torch.testing.assert_close(edit.u, expected, rtol=1e-4, atol=1e-5)


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown preset 'published-2024'"):
        preset("published-2024", ERASE)
