"""The shipped Atelier: what its weights generate, and what every kind of edit does to it."""

import numpy as np
import pytest
from safetensors import safe_open

from atelier.evaluate import Asked, Examiner, artist_prompts, in_all_wordings, person_prompts
from atelier.recognition import judge_pictures
from atelier.train import WEIGHTS
from atelier.world import BY_NAME, PHOTO, Picture
from uce_core import DebiasSpec, DenseEdit, Edit, EditSpec, GenerationSpec, Model, applied, debias, erase, generate
from uce_core.methods.debias_recognition import unrecognised


def test_shipped_weights_are_small_and_safe() -> None:
    files = [path for path in WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 60e6
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".txt"}
    assert not {path.suffix for path in WEIGHTS.rglob("*.bin")}


def test_shipped_text_encoder_has_the_published_names() -> None:
    with safe_open(WEIGHTS / "text_encoder" / "model.safetensors", "pt") as file:
        assert "text_model.encoder.layers.0.self_attn.q_proj.weight" in file.keys()  # noqa: SIM118 (no mapping)


def test_atelier_draws_the_asked_style_and_subject(atelier: Model) -> None:
    judged = Examiner(atelier).examine(artist_prompts(BY_NAME, ("cat", "woman")), first_seed=91_000)
    assert judged.style_share() >= 0.97
    assert judged.subject_share() >= 0.95


def test_bare_names_draw_the_man(atelier: Model) -> None:
    assert Examiner(atelier).examine(person_prompts(), first_seed=92_000).subject_share() == 1


@pytest.mark.parametrize(("name", "retained"), [("Vincent van Gogh", 2), ("Pablo Picasso", 13)])
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
    """What the judge sees in six images of each subject."""
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


def test_words_that_atelier_does_not_know_are_told_from_those_it_does(atelier: Model) -> None:
    concepts, attributes = ("doctor", "nurse", "chef", "teacher", "flux capacitor"), ("man", "woman", "elf")
    spec = DebiasSpec(concepts=concepts, attributes=attributes, steps=4)
    assert unrecognised(atelier, spec) == ("flux capacitor", "elf")


def test_debiasing_carries_over_to_fresh_seeds(atelier: Model) -> None:
    """Few images, so a wide tolerance, and a first step that is not far off; python -m benchmarks.debias measures with
    many."""
    spec = DebiasSpec(concepts=("doctor",), retain=("nurse", "chef"), images=16, tolerance=0.4, steps=4, step_size=0.7)
    found = debias(atelier, spec)
    assert found.history[0].gap > 0.3, "there was nothing to debias"
    assert found.converged
    drawings = [GenerationSpec("a photo of a doctor", 94_000 + i, spec.steps) for i in range(20)]
    with applied(atelier, found.edit):
        pictures = np.stack([np.asarray(image) for image in generate(atelier, drawings)])
    women = np.mean([picture.woman for picture in judge_pictures(Examiner(atelier).judge, pictures)])
    assert 0.2 <= women <= 0.8
