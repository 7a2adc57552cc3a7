"""Atelier's training: resumable, by steps or by the clock, exact where it replaces a library's arithmetic, and able
to start from nothing."""

import math
import time
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from torch import nn

from atelier.tokenizer import new_tokenizer
from atelier2.autoencoder import LATENT_CHANNELS, Players, fidelity, new_autoencoder, normalise_latents, to_tensor
from atelier2.captions import vocabulary
from atelier2.clip import IMAGE_SIZE, TwoTowers, contrastive_loss, open_clip_tensors, save_scorer
from atelier2.dataset import PaintedSet, sitting
from atelier2.painter import paint
from atelier2.parcel import pack, unpack
from atelier2.recognition import Heads, answers, recognition_loss
from atelier2.train import STAGES, Amount, Plan, run
from atelier2.training import Schedule, train
from atelier2.world import ARTISTS, PHOTO, Picture
from uce_core import EditSpec, GenerationSpec, compare, erase, load_model


def painted(count: int) -> PaintedSet:
    pictures, images = [], []
    for index in range(count):
        picture, rng = sitting(8, index)
        pictures.append(picture)
        images.append(paint(picture, rng))
    return PaintedSet(np.stack(images), tuple(pictures))


def linear_loss(model: nn.Module, stop: float = math.inf):
    """The loss of a small regression. stop: after how many steps it is interrupted."""
    calls = 0

    def loss(rng: np.random.Generator, generator: torch.Generator, progress: float) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls > stop:
            raise KeyboardInterrupt
        x = torch.randn(8, 4, generator=generator) * float(rng.uniform(0.5, 1.5))
        return (model(x) - x.sum(1, keepdim=True)).square().mean()

    return loss


def test_training_resumed_equals_training_uninterrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atelier2.training.CHECKPOINT_SECONDS", 0.0)
    schedule = Schedule(steps=6, lr=0.1, seed=1, ema=0.5)

    def model() -> nn.Linear:
        torch.manual_seed(0)
        return nn.Linear(4, 1)

    straight, resumed = model(), model()
    train("straight", straight, linear_loss(straight), schedule, tmp_path / "straight")
    with pytest.raises(KeyboardInterrupt):
        train("resumed", resumed, linear_loss(resumed, stop=3), schedule, tmp_path / "resumed")
    resumed = model()
    train("resumed", resumed, linear_loss(resumed), schedule, tmp_path / "resumed")
    assert torch.equal(straight.weight, resumed.weight)


def test_training_by_the_clock_ends_in_time_and_goes_on_from_there(tmp_path: Path) -> None:
    model, seen = nn.Linear(4, 1), list[float]()
    loss = linear_loss(model)

    def watched(rng: np.random.Generator, generator: torch.Generator, progress: float) -> torch.Tensor:
        seen.append(progress)
        return loss(rng, generator, progress)

    began = time.monotonic()
    schedule = Schedule(steps=10**9, seconds=0.5, lr=0.05, seed=1)
    train("timed", model, watched, schedule, tmp_path / "timed")
    assert 0.5 <= time.monotonic() - began < 5
    assert seen == sorted(seen)
    assert seen[-1] < 1
    before = model.weight.clone()
    other = nn.Linear(4, 1)
    train("timed", other, linear_loss(other), Schedule(steps=1, lr=0.0, seed=1), tmp_path / "timed")
    assert torch.equal(other.weight, before), "the checkpoint has the weights"


def test_training_stops_when_the_loss_is_no_number(tmp_path: Path) -> None:
    model = nn.Linear(2, 1)
    with pytest.raises(FloatingPointError, match="no number"):
        train(
            "bad",
            model,
            lambda rng, generator, progress: model.weight.sum() * float("nan"),
            Schedule(steps=3, lr=0.1, seed=1),
            tmp_path / "bad",
        )


@torch.no_grad()
def test_normalised_latents_decode_to_the_same_picture() -> None:
    torch.manual_seed(0)
    model, shown = new_autoencoder().eval(), painted(2)
    batch = to_tensor(shown.images)
    before = model.decode(model.encode(batch).latent_dist.mean).sample
    normalise_latents(model, shown, count=2)
    latent = model.encode(batch).latent_dist.mean
    torch.testing.assert_close(model.decode(latent).sample, before, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(latent.mean((0, 2, 3)), torch.zeros(LATENT_CHANNELS), rtol=0, atol=1e-3)
    torch.testing.assert_close(latent.std((0, 2, 3)), torch.ones(LATENT_CHANNELS), rtol=1e-2, atol=0)


def test_fidelity_is_what_the_formulas_say() -> None:
    """A model that gives back half of what it gets: PSNR and fine energy by hand, in float64."""

    class Half(nn.Module):
        def encode(self, images: torch.Tensor):
            return type("Encoded", (), {"latent_dist": type("Mean", (), {"mean": images})})

        def decode(self, latents: torch.Tensor):
            return type("Decoded", (), {"sample": latents / 2})

    images = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    decibels, fine = fidelity(Half(), PaintedSet(images, ()))
    errors = ((images / 127.5 - 1) / 4) ** 2
    assert decibels == pytest.approx(np.mean([-10 * np.log10(one.mean()) for one in errors]), abs=1e-3)
    assert fine == pytest.approx(0.25, abs=1e-4)


def test_neither_players_loss_reaches_the_others_weights() -> None:
    from torch.func import functional_call

    torch.manual_seed(0)
    players = Players()
    picture = torch.randn(1, 3, 64, 64)
    decoded = players.autoencoder.decode(players.autoencoder.encode(picture).latent_dist.mean).sample
    still = {name: value.detach() for name, value in players.critic.named_parameters()}
    functional_call(players.critic, still, (decoded,)).mean().backward()
    assert all(parameter.grad is None for parameter in players.critic.parameters())
    assert players.autoencoder.decoder.conv_out.weight.grad.abs().max() > 0


def test_contrastive_loss_with_one_positive_each_is_clips() -> None:
    images, texts = (nn.functional.normalize(torch.randn(5, 8), dim=1) for _ in range(2))
    logits = 3.0 * texts @ images.T
    labels = torch.arange(5)
    expected = (nn.functional.cross_entropy(logits, labels) + nn.functional.cross_entropy(logits.T, labels)) / 2
    torch.testing.assert_close(contrastive_loss(images, texts, torch.eye(5) > 0, torch.tensor(3.0)), expected)


def test_captions_of_no_picture_count_against_pictures_only() -> None:
    torch.manual_seed(1)
    images, texts = (nn.functional.normalize(torch.randn(n, 8), dim=1) for n in (4, 6))
    fits = torch.cat([torch.eye(4), torch.zeros(2, 4)]) > 0
    logits = 3.0 * texts @ images.T
    labels = torch.arange(4)
    by_text = nn.functional.cross_entropy(logits[:4], labels)
    by_image = nn.functional.cross_entropy(logits.T, labels)
    torch.testing.assert_close(
        contrastive_loss(images, texts, fits, torch.tensor(3.0)), (by_text + by_image) / 2, rtol=1e-5, atol=1e-6
    )


def test_of_a_pair_the_halves_are_answered() -> None:
    pair = Picture(rendering=PHOTO, subject="cat", other="car", other_colour="red")
    alone = Picture(rendering=PHOTO, subject="car", colour="red")
    torch.manual_seed(0)
    seen, truth = Heads(8)(torch.randn(2, 4, 6, 6)), answers([pair, alone])
    loss = recognition_loss(seen, truth)
    halves = nn.functional.cross_entropy(seen["subject"][0, 1:], truth["subject"][0, 1:])
    whole = nn.functional.cross_entropy(seen["subject"][1, :1], truth["subject"][1, :1])
    colour_halves = nn.functional.cross_entropy(seen["colour"][0, 1:], truth["colour"][0, 1:])
    colour_whole = nn.functional.cross_entropy(seen["colour"][1, :1], truth["colour"][1, :1])
    rest = nn.functional.cross_entropy(seen["rendering"], truth["rendering"])
    for head in ("pair", "woman"):
        rest = rest + 0.25 * nn.functional.binary_cross_entropy_with_logits(seen[head], truth[head])
    expected = rest + (halves + whole) / 2 + 0.5 * (colour_halves + colour_whole) / 2
    torch.testing.assert_close(loss, expected)


@torch.no_grad()
def test_scorer_in_open_clips_layout_is_the_same_network(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tokenizer = new_tokenizer(vocabulary())
    towers = TwoTowers(tokenizer).eval()
    save_scorer(towers, tokenizer, tmp_path)
    model = open_clip.create_model(f"local-dir:{tmp_path}").eval()
    model.load_state_dict(open_clip_tensors(towers))  # in full precision
    texts = ["a house in the style of Vincent van Gogh", "고양이"]
    tokens = open_clip.get_tokenizer(f"local-dir:{tmp_path}")(texts)
    expected = towers.text(tokenizer(texts, padding="max_length", return_tensors="pt").input_ids).text_embeds
    torch.testing.assert_close(model.encode_text(tokens), expected, rtol=1e-4, atol=1e-5)
    pictures = torch.randn(2, 3, IMAGE_SIZE, IMAGE_SIZE)
    torch.testing.assert_close(model.encode_image(pictures), towers.image(pictures), rtol=1e-4, atol=1e-5)


def test_parcels_come_out_as_they_went_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atelier2.parcel.PART", 10_000)
    (tmp_path / "in" / "unet").mkdir(parents=True)
    content = np.random.default_rng(0).bytes(35_000)
    (tmp_path / "in" / "unet" / "weights").write_bytes(content)
    (tmp_path / "in" / "judge").write_bytes(b"judge")
    parts = pack(tmp_path / "in", tmp_path / "parts", leave_out=("judge",))
    assert len(parts) == 5
    assert max(path.stat().st_size for path in parts) <= 10_000
    unpack(tmp_path / "parts", tmp_path / "out")
    assert (tmp_path / "out" / "unet" / "weights").read_bytes() == content
    assert not (tmp_path / "out" / "judge").exists()
    with pytest.raises(FileNotFoundError, match="no part"):
        unpack(tmp_path / "in", tmp_path / "out")


def test_a_plan_is_scaled() -> None:
    amounts, scaled = Plan().amounts, Plan().scaled(0.25, 0.5).amounts
    assert scaled.keys() == amounts.keys()
    for name, one in scaled.items():
        whole = amounts[name]
        assert (one.batch, one.steps) == (whole.batch // 4, whole.steps // 2)
        assert one.lr == pytest.approx(whole.lr / 2), "with the batch's root"
    assert {one.batch for one in Plan().scaled(1e-6).amounts.values()} == {4}


def test_training_from_nothing_writes_a_model_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage, a step or two each of a few pictures: what comes out is worth nothing, but whole."""
    monkeypatch.setattr("atelier2.autoencoder.SHARP_FROM", 0.0)
    monkeypatch.setattr("atelier2.dataset.CHUNK", 4)
    amounts = {name: Amount(steps=2, share=1, batch=4, lr=1e-4, ema=one.ema) for name, one in Plan().amounts.items()}
    plan = Plan(seed=3, pictures=6, held_out=2, amounts=amounts)
    out = tmp_path / "weights"
    run(plan, tmp_path / "work", out, list(STAGES))
    model = load_model(str(out), "cpu")
    assert model.catalog == tuple(artist.name for artist in ARTISTS)
    edit = erase(model, EditSpec(erase=model.catalog[:1], retain=model.catalog[1:]))
    [pair] = compare(model, edit, [GenerationSpec("a house", steps=1)])
    assert pair.original.size == (256, 256)
    assert pair.scores is not None
    assert sum(path.stat().st_size for path in out.rglob("*")) < 90e6
