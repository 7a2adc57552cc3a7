"""Scores against the same arithmetic done by hand, and against what they must mean."""

import logging

import numpy as np
import pytest
import torch
from PIL import Image

from atelier.painter import paint
from atelier.world import BY_NAME, cast
from uce_core import EditSpec, GenerationSpec, Model, compare, erase
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.models.sources import ATELIER


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return scorer_for(ATELIER)


def painted(rendering: str, subject: str, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(paint(cast(rendering, subject, rng), rng))


def test_clip_score_is_a_hundred_cosines(scorer: Scorer) -> None:
    image, prompt = painted("Claude Monet", "house", 1), "a house by Claude Monet"
    with torch.no_grad():
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 127.5 - 1
        seen = scorer.clip.encode_image(pixels)[0].double().numpy()
        text = scorer.clip.encode_text(scorer.tokenize([prompt]))[0].double().numpy()
    by_hand = 100 * seen @ text / np.sqrt((seen @ seen) * (text @ text))
    assert scorer.clip_scores([image], [prompt]).item() == pytest.approx(by_hand, abs=0.05)


def test_scorers_that_cannot_be_had_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", "/nowhere")
    with pytest.raises(ValueError, match="could not be downloaded"):
        scorer_for(None)
    assert not caplog.messages
    logging.warning("others are still heard")
    assert caplog.messages == ["others are still heard"]


def test_clip_score_prefers_the_right_prompt(scorer: Scorer) -> None:
    """Among all artists' prompts, an image fits its own best, nearly always."""
    names = list(BY_NAME)
    prompts = [f"a house in the style of {name}" for name in names]
    right = 0
    for number, name in enumerate(names):
        image = painted(name, "house", 10 + number)
        right += int(scorer.clip_scores([image] * len(names), prompts).argmax()) == number
    assert right >= len(names) - 1


def test_lpips_by_hand(scorer: Scorer) -> None:
    first, second = painted("Claude Monet", "house", 1), painted("Edvard Munch", "cat", 2)
    metric = scorer.distance
    with torch.no_grad():
        pixels = [torch.from_numpy(np.array(i)).permute(2, 0, 1)[None] / 127.5 - 1 for i in (first, second)]
        maps = [metric.net(metric.scaling_layer(p)) for p in pixels]
        total = 0.0
        for layer, (a, b) in enumerate(zip(*maps, strict=True)):
            unit = [(m / (m.square().sum(1, keepdim=True).sqrt() + 1e-10)).double() for m in (a, b)]
            weights = metric.lins[layer].model[-1].weight.double().reshape(1, -1, 1, 1)
            total += ((unit[0] - unit[1]).square() * weights).sum(1).mean().item()
    assert scorer.lpips_distances([first], [second]).item() == pytest.approx(total, rel=1e-3)


def test_lpips_is_zero_for_the_same_and_grows_with_damage(scorer: Scorer) -> None:
    image = painted("Gustav Klimt", "tree", 3)
    noise = np.random.default_rng(0).normal(0, 1, (128, 128, 3))
    damaged = [
        Image.fromarray((np.asarray(image) + amount * noise).clip(0, 255).astype(np.uint8)) for amount in (10, 30, 90)
    ]
    distances = scorer.lpips_distances([image] * 4, [image, *damaged]).tolist()
    assert distances[0] == 0
    assert distances == sorted(distances)


def test_compare_scores_its_pairs(atelier: Model) -> None:
    retained = ("Claude Monet", "Piet Mondrian", "Katsushika Hokusai", "Edvard Munch", "Gustav Klimt")
    edit = erase(atelier, EditSpec(erase=("Vincent van Gogh",), retain=retained))
    specs = [
        GenerationSpec("a house in the style of Vincent van Gogh", seed=7),
        GenerationSpec("a photo of a cat", seed=8),
    ]
    erased, bystander = compare(atelier, edit, specs)
    assert erased.scores is not None
    assert bystander.scores is not None
    assert erased.scores.clip_edited < erased.scores.clip_original - 3
    assert bystander.scores.lpips < erased.scores.lpips


def test_missing_weights_are_an_error_not_random_ones(tmp_path) -> None:
    (tmp_path / "scorer").mkdir()
    with pytest.raises(ValueError, match="are missing"):
        scorer_for(tmp_path)
