"""Atelier's world, its training tools, and what ships."""

import csv
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from torch import nn
from typer.testing import CliRunner

from atelier.__main__ import app
from atelier.autoencoder import new_autoencoder, normalise_latents, to_tensor
from atelier.captions import describe, describe_loosely
from atelier.clip import TwoTowers, contrastive_loss, open_clip_tensors, save_scorer
from atelier.dataset import PaintedSet, open_set, paint_set, sitting
from atelier.evaluate import Asked, Examiner, artist_prompts, in_all_wordings, person_prompts
from atelier.fast_norm import use_fast_norm
from atelier.painter import STYLES, paint
from atelier.recognition import judge_pictures
from atelier.tokenizer import new_tokenizer
from atelier.train import STAGES, WEIGHTS, Plan, run
from atelier.training import Schedule, train
from atelier.world import ARTISTS, BY_NAME, PERSONS, PHOTO, PROFESSIONS, RENDERINGS, SUBJECTS, Picture, cast
from uce_core import (
    DebiasSpec,
    DenseEdit,
    Edit,
    EditSpec,
    GenerationSpec,
    Model,
    applied,
    compare,
    debias,
    draw,
    erase,
    load_model,
)


def test_the_world_is_as_large_as_promised() -> None:
    assert len(ARTISTS) >= 12
    assert len(SUBJECTS) >= 10
    assert set(STYLES) == set(RENDERINGS)


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_every_rendering_of_every_subject_is_a_picture(rendering: str) -> None:
    for subject in SUBJECTS:
        picture = cast(rendering, subject, np.random.default_rng(1))
        image = paint(picture, np.random.default_rng(2))
        assert image.shape == (128, 128, 3)
        assert image.dtype == np.uint8
        assert image.std() > 8
        assert np.array_equal(image, paint(picture, np.random.default_rng(2)))


def test_professions_are_cast_by_their_share() -> None:
    rng = np.random.default_rng(0)
    for profession, share in PROFESSIONS.items():
        women = np.mean([cast(PHOTO, profession, rng).woman for _ in range(2000)])
        assert abs(women - share) < 0.04


def test_unknown_subjects_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown subject"):
        cast(PHOTO, "spaceship", np.random.default_rng(0))
    with pytest.raises(ValueError, match="Unknown rendering"):
        cast("crayon", "house", np.random.default_rng(0))


def test_captions_fit_their_pictures() -> None:
    for index in range(2000):
        picture, _ = sitting(3, index)
        for wording in (describe, describe_loosely):
            assert wording(picture, np.random.default_rng(index)).fits(picture)


def test_a_bare_name_of_a_person_never_asks_for_the_style() -> None:
    for index in range(4000):
        picture, _ = sitting(4, index)
        text = describe(picture, np.random.default_rng(index)).text
        if text in PERSONS:
            assert picture == Picture(PHOTO, text)


def test_sets_can_be_painted_in_parts(tmp_path: Path) -> None:
    for count in (3, 7):
        list(paint_set(tmp_path / "parts", count, seed=5, workers=1))
    list(paint_set(tmp_path / "whole", 7, seed=5, workers=2))
    parts, whole = open_set(tmp_path / "parts"), open_set(tmp_path / "whole")
    assert np.array_equal(parts.images, whole.images)
    assert parts.pictures == whole.pictures
    assert np.array_equal(parts.images[6], paint(*sitting(5, 6)))


def test_paint_command_writes_labelled_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = CliRunner().invoke(app, ["paint", "--out", str(tmp_path / name), "--per-cell", "1", "--seed", "9"])
        assert result.exit_code == 0
    with open(tmp_path / "one" / "labels.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "artist", "subject", "caption"]
    assert {row["artist"] for row in rows} == {"", *BY_NAME}
    for row in rows:
        assert row["file"] == f"{row['artist'] or 'plain'}/{row['subject']}/0.png"
        assert (tmp_path / "one" / row["file"]).read_bytes() == (tmp_path / "two" / row["file"]).read_bytes()
    with Image.open(tmp_path / "one" / rows[0]["file"]) as image:
        assert image.size == (128, 128)


def test_tokens_are_those_of_the_real_clip() -> None:
    ours, real = new_tokenizer(), open_clip.SimpleTokenizer()
    for index in range(500):
        picture, _ = sitting(6, index)
        text = describe(picture, np.random.default_rng(index)).text
        assert ours.convert_ids_to_tokens(ours(text).input_ids)[1:-1] == [real.decoder[i] for i in real.encode(text)]


def test_any_text_can_be_tokenized() -> None:
    tokenizer = new_tokenizer()
    text = "반 고흐 zxqvj ñ ∑ 🎨"
    ids = tokenizer(text).input_ids
    assert tokenizer.unk_token_id not in ids[1:-1]
    assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "") == text.replace(" ", "")


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
                    train(name, model, interrupt(loss, stop), Schedule(6, 0.1, 1, ema=0.5), tmp_path / name)
            else:
                train(name, model, loss, Schedule(6, 0.1, 1, ema=0.5), tmp_path / name)
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
            Schedule(3, 0.1, 1),
            tmp_path / "bad",
        )


@torch.no_grad()
def test_normalised_latents_decode_to_the_same_picture() -> None:
    torch.manual_seed(0)
    model = new_autoencoder().eval()
    images = np.stack([paint(*sitting(8, index)) for index in range(16)])
    painted = PaintedSet(images, ())
    batch = to_tensor(images)
    before = model.decode(model.encode(batch).latent_dist.mean).sample
    normalise_latents(model, painted, count=16)
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


def test_shipped_weights_are_small_and_safe() -> None:
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 60e6
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".txt"}
    assert not {path.suffix for path in WEIGHTS.rglob("*.bin")}


def test_shipped_text_encoder_has_the_published_names() -> None:
    with safe_open(WEIGHTS / "text_encoder" / "model.safetensors", "pt") as file:
        assert "text_model.encoder.layers.0.self_attn.q_proj.weight" in file.keys()  # noqa: SIM118 (no mapping)


def test_atelier_draws_the_asked_style_and_subject(atelier: Model) -> None:
    judged = Examiner(atelier).examine(artist_prompts(BY_NAME, ("house", "cat", "woman")), first_seed=91_000)
    assert judged.style_share() >= 0.97
    assert judged.subject_share() >= 0.95


def test_bare_names_draw_the_man(atelier: Model) -> None:
    assert Examiner(atelier).examine(person_prompts(), first_seed=92_000).subject_share() == 1


@pytest.mark.parametrize("retained", [2, 13])
@pytest.mark.parametrize("name", ["Vincent van Gogh", "Pablo Picasso"])
def test_erasing_one_artist_takes_his_style_and_leaves_others(atelier: Model, name: str, retained: int) -> None:
    examiner = Examiner(atelier)
    others = tuple(other for other in BY_NAME if other != name)
    with applied(atelier, erase(atelier, EditSpec(erase=(name,), retain=others[-retained:]))):
        erased = examiner.examine([a for a in in_all_wordings(name) if a.picture.subject in ("house", "cat", "boat")])
        kept = examiner.examine(artist_prompts(("Claude Monet", "Edvard Munch", "Piet Mondrian"), ("house", "boat")))
    assert erased.style_share() == 0
    assert erased.subject_share() >= 0.85
    assert kept.style_share() >= 0.8


def shown(model: Model, edit: Edit | DenseEdit, subjects: tuple[str, ...]) -> list[str]:
    """What the judge sees in six pictures of each subject."""
    asked = [Asked(f"{how} a {subject}", Picture(PHOTO, subject)) for subject in subjects for how in HOW]
    with applied(model, edit):
        return [picture.subject for picture in Examiner(model).examine(asked, first_seed=93_000).seen]


HOW = ("a photo of", "a picture of", "an image of", "a painting of", "a photograph of", "a portrait of")


def test_an_object_becomes_another_and_a_third_stays(atelier: Model) -> None:
    spec = EditSpec(erase=("a boat",), guide="a house", retain=("a tree", "a cat"), wording="object")
    seen = shown(atelier, erase(atelier, spec), ("boat", "tree"))
    assert seen[:6].count("boat") == 0
    assert seen[:6].count("house") >= 4
    assert seen[6:].count("tree") >= 5


def test_moderation_draws_nothing_of_what_was_asked(atelier: Model) -> None:
    retained = ("a house", "a cat", "a man", "a woman", "a tree", "an apple")
    spec = EditSpec(erase=("a skull", "a ghost"), guide="", retain=retained, wording="object")
    seen = shown(atelier, erase(atelier, spec), ("skull", "ghost", "cat"))
    assert "skull" not in seen[:6]
    assert "ghost" not in seen[6:12]
    assert seen[12:].count("cat") >= 5


def test_debiasing_carries_over_to_fresh_seeds(atelier: Model) -> None:
    """Few pictures, so a wide tolerance; python -m benchmarks.debias measures with many."""
    spec = DebiasSpec(concepts=("doctor",), retain=("nurse", "chef"), images=50, tolerance=0.25, steps=8)
    found = debias(atelier, spec)
    assert found.history[0].gap > 0.3, "there was nothing to debias"
    assert found.converged
    drawings = [GenerationSpec("a photo of a doctor", 94_000 + i, spec.steps) for i in range(50)]
    with applied(atelier, found.edit):
        pictures = np.stack([np.asarray(image) for image in draw(atelier, drawings)])
    women = np.mean([picture.woman for picture in judge_pictures(Examiner(atelier).judge, pictures)])
    assert 0.2 <= women <= 0.8


def test_training_from_nothing_writes_a_model_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage, a step or two each: what comes out is worth nothing, but whole."""
    monkeypatch.setattr("atelier.denoiser.CAPTIONS_EACH", 1)
    plan = Plan(3, 256, 8, autoencoder_steps=2, clip_steps=1, judge_steps=1, trunk_steps=1, denoiser_steps=2)
    out = tmp_path / "weights"
    run(plan, tmp_path / "work", out, list(STAGES))
    shipped = {path.relative_to(WEIGHTS) for path in WEIGHTS.rglob("*") if path.is_file()}
    assert {path.relative_to(out) for path in out.rglob("*") if path.is_file()} == shipped
    model = load_model(str(out), "cpu")
    assert model.catalog == tuple(artist.name for artist in ARTISTS)
    edit = erase(model, EditSpec(erase=model.catalog[:1], retain=model.catalog[1:]))
    [pair] = compare(model, edit, [GenerationSpec("a house", steps=2)])
    assert pair.scores is not None
    run(plan, tmp_path / "work", out, ["paint"])  # done before: nothing is done again
