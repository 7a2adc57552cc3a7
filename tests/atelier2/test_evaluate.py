"""What the model card asks for, and how answers are counted."""

import numpy as np

from atelier2.evaluate import (
    FIRST_SEED,
    Asked,
    Judged,
    artist_prompts,
    both,
    colour,
    colour_prompts,
    dozen,
    generated,
    pair_prompts,
    person_prompts,
    plain_prompts,
    style,
    subject,
)
from atelier2.subjects import SUBJECTS
from atelier2.world import BY_NAME, PERSONS, PHOTO, Picture
from uce_core import GenerationSpec, Model, generate


def test_every_subject_artist_and_person_is_asked_for() -> None:
    everything = {one.name for one in SUBJECTS}
    asked = artist_prompts(BY_NAME, dozen)
    assert {one.picture.rendering for one in asked} == set(BY_NAME)
    assert {one.picture.subject for one in asked} == everything
    assert {one.picture.subject for one in plain_prompts()} == everything
    assert {one.picture.subject for one in person_prompts()} == set(PERSONS)
    assert {one.picture.subject for one in colour_prompts()} == {one.name for one in SUBJECTS if one.colours}
    for one in (*asked, *plain_prompts(), *colour_prompts(), *pair_prompts()):
        named = [one.picture.subject, one.picture.other, one.picture.colour]
        assert all(name in one.prompt for name in named if name), one.prompt


def test_pairs_are_of_two_things() -> None:
    asked = pair_prompts(50)
    assert len(asked) == 50
    assert all(one.picture.other and one.picture.other != one.picture.subject for one in asked)


def test_answers_are_counted_by_what_is_asked() -> None:
    red, cat = Picture(rendering=PHOTO, subject="car", colour="red"), Picture(rendering=PHOTO, subject="cat")
    monet = Picture(rendering="Claude Monet", subject="cat", other="dog")
    judged = Judged(
        [Asked("", red), Asked("", cat), Asked("", monet)],
        [
            Picture(rendering=PHOTO, subject="car", colour="blue"),
            Picture(rendering=PHOTO, subject="dog", other="cat"),
            Picture(rendering=PHOTO, subject="dog", other="cat"),
        ],
    )
    assert judged.share(style) == 2 / 3
    assert judged.share(subject) == 1.0
    assert judged.share(style, "Claude Monet") == 0.0
    assert [colour(a.picture, s) for a, s in zip(judged.asked, judged.seen, strict=True)] == [False, True, True]
    assert [both(a.picture, s) for a, s in zip(judged.asked, judged.seen, strict=True)] == [True, False, True]


def test_captions_of_painted_pictures_are_generated_from_seeds_of_their_own(tiny: Model) -> None:
    pictures = [Picture(rendering=PHOTO, subject=name) for name in ("cat", "car")]
    images = generated(tiny, pictures)
    assert np.array_equal(images, generated(tiny, pictures))
    [other] = generate(tiny, [GenerationSpec("something else", FIRST_SEED)])
    assert not np.array_equal(images[0], np.asarray(other))
