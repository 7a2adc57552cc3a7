"""What became of a pair, in a word, on images whose painter is known."""

import numpy as np
import pytest
from PIL import Image

from atelier.painter import paint
from atelier.world import PHOTO, cast
from uce_core import GenerationSpec, Pair
from uce_core.concepts.catalog import catalog_of
from uce_core.evaluation.verdict import ABSENT, REMAINING, REMOVED, Detection, Verdict
from uce_core.evaluation.verdicts import content_of, named_in, verdicts
from uce_core.metrics.scorer import scorer_for
from uce_core.metrics.style_identity import style_scores
from uce_core.models.sources import ATELIER

ARTISTS = ("Vincent van Gogh", "Claude Monet", "Rembrandt")


@pytest.mark.parametrize(
    ("prompt", "content"),
    [
        ("a house in the style of Vincent van Gogh", "a house"),
        ("a painting of a cat by claude monet", "a cat"),
        ("a boat, Rembrandt style", "a boat"),
        ("Vincent van Gogh's style flower", "flower"),
        ("Rembrandt’s tree, painted by Claude Monet", "tree"),
        ("a photo of a cat", "a cat"),
        ("Claude Monet", ""),
        ("a portrait of Rembrandt", ""),
        ("a painting by Claude Monet.", ""),
        ("a Rembrandtesque house", "a Rembrandtesque house"),
    ],
)
def test_what_a_prompt_asks_for_besides_the_artist(prompt: str, content: str) -> None:
    assert content_of(prompt, ARTISTS) == content


def test_a_long_prompt_takes_no_longer_than_its_length() -> None:
    """20,000 spaces cost no tokens, and once held everybody up for 13 seconds; a million would for hours."""
    assert content_of("a cat" + " " * 1_000_000 + "by Claude Monet", ARTISTS) == "a cat"
    assert content_of("a cat" + " ," * 20_000 + "by Claude Monet", ARTISTS).startswith("a cat")


def test_artists_that_a_prompt_names() -> None:
    assert named_in("a cat by CLAUDE MONET and Rembrandt", ARTISTS) == ("Claude Monet", "Rembrandt")
    assert named_in("a Rembrandtesque cat", ARTISTS) == ()


@pytest.mark.parametrize("artist", ["<b>x</b>", "Foo Jr.", "김홍도", "!!!"])
def test_names_that_end_in_no_latin_letter(artist: str) -> None:
    assert named_in(f"a house in the style of {artist}", (artist,)) == (artist,)
    assert content_of(f"a house in the style of {artist}", (artist,)) == "a house"
    assert named_in("김홍도의 집", ("김홍도",)) == ("김홍도",)


@pytest.mark.parametrize(
    ("shown", "outcome"),
    [
        ((True, False), "removed"),
        ((True, True), "remaining"),
        ((False, False), "absent"),
        ((False, True), "introduced"),
    ],
)
def test_the_outcome(shown: tuple[bool, bool], outcome: str) -> None:
    assert Detection(name="", before=0, after=0, shown_before=shown[0], shown_after=shown[1]).outcome == outcome


def painted(rendering: str, subject: str, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(paint(cast(rendering, subject, rng), rng))


def test_images_whose_painter_and_subject_are_known() -> None:
    """By the painter itself, which took no part in generation."""
    scorer = scorer_for(ATELIER)
    catalog = catalog_of(ATELIER).artists
    prompt = "a house in the style of Claude Monet"
    monet, plain, boat = (
        painted("Claude Monet", "house", 1), painted(PHOTO, "house", 2), painted("Claude Monet", "boat", 3)
    )  # fmt: skip

    def verdict_of(prompt: str, *images: Image.Image) -> Verdict:
        [verdict] = verdicts(scorer, [Pair(GenerationSpec(prompt), *images, None)], ["Claude Monet"], catalog)
        return verdict

    gone = verdict_of(prompt, monet, plain)
    assert [(style.name, style.outcome) for style in gone.styles] == [("Claude Monet", REMOVED)]
    assert gone.content is not None
    assert (gone.content.name, gone.content.outcome) == ("a house", REMAINING)
    by_hand = style_scores(scorer, [monet, plain], "Claude Monet").tolist()
    assert [gone.styles[0].before, gone.styles[0].after] == pytest.approx(by_hand, abs=1e-5)

    other = verdict_of(prompt, monet, boat)
    assert other.styles[0].outcome == REMAINING
    assert other.content is not None
    assert other.content.outcome == REMOVED
    assert 0 <= other.content.after < 0.5 < other.content.before <= 1

    unnamed = verdict_of("a photo of a house", plain, plain)
    assert [(style.name, style.outcome) for style in unnamed.styles] == [("Claude Monet", ABSENT)]
    assert verdict_of("Claude Monet", monet, plain).content is None
