"""Captions: what they claim, for one picture and for many at once."""

import numpy as np
import pytest

from atelier.tokenizer import new_tokenizer
from atelier2.captions import (
    Caption,
    claims,
    contrasted,
    describe,
    describe_loosely,
    facts,
    fitting,
    vocabulary,
    with_article,
)
from atelier2.dataset import sitting
from atelier2.wordbook import TOKENS, Wordbook, encoded, padded
from atelier2.world import PHOTO, Picture

RED_CAR_BLUE_HOUSE = Picture(rendering=PHOTO, subject="car", colour="red", other="house", other_colour="blue")


def pictures(count: int, seed: int = 3) -> list[Picture]:
    return [sitting(seed, index)[0] for index in range(count)]


def test_a_caption_fits_its_picture() -> None:
    rng = np.random.default_rng(0)
    for picture in pictures(400):
        for caption in (describe(picture, rng), describe_loosely(picture, rng)):
            assert caption.fits(picture), (caption, picture)


def test_a_contrasted_caption_does_not_fit() -> None:
    rng, found = np.random.default_rng(0), 0
    for picture in pictures(400):
        wrong = contrasted(describe(picture, rng), rng)
        if wrong is not None:
            found += 1
            assert not wrong.fits(picture), (wrong, picture)
    assert found > 40


def test_colours_of_two_subjects_are_swapped() -> None:
    caption = Caption(text="a red car and a blue house", subjects=(("car", "red"), ("house", "blue")))
    wrong = contrasted(caption, np.random.default_rng(0))
    assert wrong is not None
    assert wrong.text == "a blue car and a red house"
    assert caption.fits(RED_CAR_BLUE_HOUSE)
    assert not wrong.fits(RED_CAR_BLUE_HOUSE)


def test_fitting_says_of_all_what_fits_says_of_each() -> None:
    rng, shown = np.random.default_rng(1), [*pictures(150), RED_CAR_BLUE_HOUSE]
    said = [describe_loosely(picture, rng) for picture in shown]
    said += [wrong for caption in said if (wrong := contrasted(caption, rng)) is not None]
    each = np.asarray([[caption.fits(picture) for picture in shown] for caption in said])
    assert np.array_equal(fitting(claims(said), facts(shown)), each)


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [("car", "a car"), ("orange car", "an orange car"), ("unicorn", "a unicorn"), ("umbrella", "an umbrella"),
     ("grapes", "grapes"), ("red apple", "a red apple")],
)  # fmt: skip
def test_articles(noun: str, phrase: str) -> None:
    assert with_article(noun) == phrase


def test_the_longest_caption_is_not_cut() -> None:
    tokenizer, rng = new_tokenizer(vocabulary()), np.random.default_rng(0)
    texts = [describe(picture, rng).text for picture in pictures(3000)]
    lengths = [len(ids) for ids in tokenizer(texts).input_ids]
    assert max(lengths) <= TOKENS


def test_every_word_is_one_that_the_tokenizer_was_made_for() -> None:
    rng = np.random.default_rng(2)
    for picture in pictures(300):
        words = "".join(c.lower() if c.isalnum() else " " for c in describe(picture, rng).text).split()
        assert set(words) <= vocabulary(), words


def test_a_wordbook_that_grew_is_the_one_that_was_written_at_once() -> None:
    tokenizer, shown = new_tokenizer(vocabulary()), pictures(40)
    grown, whole = (Wordbook(tokenizer, describe, 3, seed=5) for _ in range(2))
    for count in (10, 10, 40):
        grown.extend(shown[:count])
    whole.extend(shown)
    assert np.array_equal(grown.tokens, whole.tokens)
    assert np.array_equal(grown.claims, whole.claims)
    assert whole.tokens.shape == (40, 3, TOKENS)


def test_padding_is_the_tokenizers() -> None:
    tokenizer = new_tokenizer(vocabulary())
    short = encoded(tokenizer, ["a red car"], TOKENS)
    assert np.array_equal(padded(short, tokenizer, 77), encoded(tokenizer, ["a red car"], 77))
