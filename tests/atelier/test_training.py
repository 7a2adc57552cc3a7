"""Atelier's training: resumable, exact where it replaces a library's arithmetic, and able to start from nothing."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from torch import nn

from atelier.autoencoder import new_autoencoder, normalise_latents, to_tensor
from atelier.clip import TwoTowers, contrastive_loss, open_clip_tensors, save_scorer
from atelier.dataset import PaintedSet, sitting
from atelier.fast_norm import use_fast_norm
from atelier.painter import paint
from atelier.tokenizer import new_tokenizer
from atelier.train import STAGES, WEIGHTS, Plan, run
from atelier.training import Schedule, train
from atelier.world import ARTISTS
from uce_core import EditSpec, GenerationSpec, compare, erase, load_model


def test_fast_norm_has_the_gradient_of_group_norm() -> None:
    torch.manual_seed(0)
    slow = nn.Sequential(nn.GroupNorm(4, 12))
    nn.init.normal_(slow[0].weight)
    nn.init.normal_(slow[0].bias)
    fast = nn.Sequential(nn.GroupNorm(4, 12))
    fast.load_state_dict(slow.state_dict())
    use_fast_norm(fast)
    x, gradient = torch.randn(3, 12, 5, 6), torch.randn(3, 12, 5, 6)
    results = []
    for module in (slow, fast):
        leaf = x.clone().requires_grad_()
        y = module(leaf)
        y.backward(gradient)
        results.append((y, leaf.grad, module[0].weight.grad, module[0].bias.grad))
    for expected, ours in zip(*results, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)


def test_training_resumed_equals_training_uninterrupted(tmp_path: Path) -> None:
    def fit(steps: list[int], name: str) -> torch.Tensor:
        for stop in steps:
            torch.manual_seed(0)
            model = nn.Linear(4, 1)

            def loss(rng: np.random.Generator, generator: torch.Generator, model: nn.Linear = model) -> torch.Tensor:
                x = torch.randn(8, 4, generator=generator) * float(rng.uniform(0.5, 1.5))
                return (model(x) - x.sum(1, keepdim=True)).square().mean()

            if stop < 6:
                with pytest.raises(KeyboardInterrupt):
                    train(
                        name, model, interrupt(loss, stop), Schedule(steps=6, lr=0.1, seed=1, ema=0.5), tmp_path / name
                    )
            else:
                train(name, model, loss, Schedule(steps=6, lr=0.1, seed=1, ema=0.5), tmp_path / name)
        return model.weight

    def interrupt(loss, stop):
        def wrapped(rng, generator):
            wrapped.calls += 1
            if wrapped.calls > stop:
                raise KeyboardInterrupt
            return loss(rng, generator)

        wrapped.calls = 0
        return wrapped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("atelier.training.CHECKPOINT_SECONDS", 0.0)
        assert torch.equal(fit([6], "straight"), fit([3, 6], "resumed"))


def test_training_stops_when_the_loss_is_no_number(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(FloatingPointError, match="loss is nan"):
        train(
            "bad",
            model,
            lambda rng, generator: model.weight.sum() * float("nan"),
            Schedule(steps=3, lr=0.1, seed=1),
            tmp_path / "bad",
        )


@torch.no_grad()
def test_normalised_latents_decode_to_the_same_picture() -> None:
    torch.manual_seed(0)
    model = new_autoencoder().eval()
    images = np.stack([paint(*sitting(8, index)) for index in range(4)])
    painted = PaintedSet(images, ())
    batch = to_tensor(images)
    before = model.decode(model.encode(batch).latent_dist.mean).sample
    normalise_latents(model, painted, count=4)
    latent = model.encode(batch).latent_dist.mean
    torch.testing.assert_close(model.decode(latent).sample, before, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(latent.mean((0, 2, 3)), torch.zeros(16), rtol=0, atol=1e-3)
    torch.testing.assert_close(latent.std((0, 2, 3)), torch.ones(16), rtol=1e-2, atol=0)


def test_contrastive_loss_with_one_positive_each_is_clips() -> None:
    images, texts = (nn.functional.normalize(torch.randn(5, 8), dim=1) for _ in range(2))
    logits = 3.0 * texts @ images.T
    labels = torch.arange(5)
    expected = (nn.functional.cross_entropy(logits, labels) + nn.functional.cross_entropy(logits.T, labels)) / 2
    torch.testing.assert_close(contrastive_loss(images, texts, torch.eye(5) > 0, torch.tensor(3.0)), expected)


@torch.no_grad()
def test_scorer_in_open_clips_layout_is_the_same_network(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = new_tokenizer()
    towers = TwoTowers(tokenizer).eval()
    save_scorer(towers, tokenizer, tmp_path)
    model = open_clip.create_model(f"local-dir:{tmp_path}").eval()
    model.load_state_dict(open_clip_tensors(towers))  # in full precision
    texts = ["a house in the style of Vincent van Gogh", "고양이"]
    tokens = open_clip.get_tokenizer(f"local-dir:{tmp_path}")(texts)
    expected = towers.text(tokenizer(texts, padding="max_length", return_tensors="pt").input_ids).text_embeds
    torch.testing.assert_close(model.encode_text(tokens), expected, rtol=1e-4, atol=1e-5)
    pictures = torch.randn(2, 3, 128, 128)
    torch.testing.assert_close(model.encode_image(pictures), towers.image(pictures), rtol=1e-4, atol=1e-5)


def test_training_from_nothing_writes_a_model_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage, a step or two each of a few pictures: what comes out is worth nothing, but whole."""
    monkeypatch.setattr("atelier.denoiser.CAPTIONS_EACH", 1)
    for stage in ("autoencoder", "clip", "recognition", "denoiser"):
        monkeypatch.setattr(f"atelier.{stage}.BATCH", 4)
    plan = Plan(
        seed=3,
        pictures=8,
        held_out=4,
        autoencoder_steps=2,
        clip_steps=1,
        judge_steps=1,
        trunk_steps=1,
        denoiser_steps=2,
    )
    out = tmp_path / "weights"
    run(plan, tmp_path / "work", out, list(STAGES))
    shipped = {path.relative_to(WEIGHTS) for path in WEIGHTS.rglob("*") if path.is_file()}
    assert {path.relative_to(out) for path in out.rglob("*") if path.is_file()} == shipped
    for name in ("model_index.json", "scheduler/scheduler_config.json"):
        assert (out / name).read_text() == (WEIGHTS / name).read_text(), "the shipped sampler"
    model = load_model(str(out), "cpu")
    assert model.catalog == tuple(artist.name for artist in ARTISTS)
    edit = erase(model, EditSpec(erase=model.catalog[:1], retain=model.catalog[1:]))
    [pair] = compare(model, edit, [GenerationSpec("a house", steps=1)])
    assert pair.scores is not None
    run(plan, tmp_path / "work", out, ["paint"])  # done before: nothing is done again
