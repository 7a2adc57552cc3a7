"""Judging by eye: order, validation, and what ratings add up to, against arithmetic done by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from uce_core.review.agreement import RatedImage, agreement, results, rows, spearman
from uce_core.review.tasks import Item, Rating, first_open, named, tasks

VAN_GOGH, MONET = "Vincent van Gogh", "Claude Monet"


def pair(number: int, before: float, after: float, shown: bool = False, **more: str) -> list[Item]:
    asked = {"artist": VAN_GOGH, "facet": "style", "subject": "a house", "role": "erased"} | more
    prompt = f"{asked['subject']} in the style of {asked['artist']}"
    return [
        Item(
            pair=number,
            side="original",
            prompt=prompt,
            seed=number,
            **asked,
            style_score=before,
            shown=True,
            clip=30.0,
            lpips=0.4,
        ),
        Item(
            pair=number,
            side="edited",
            prompt=prompt,
            seed=number,
            **asked,
            style_score=after,
            shown=shown,
            clip=20.0,
            lpips=0.4,
        ),
    ]


ITEMS = [
    *pair(0, 0.30, 0.05),
    *pair(1, 0.35, 0.02),
    *pair(2, 0.25, 0.10, shown=True, facet="indirect"),
    *pair(3, 0.20, 0.21, shown=True, artist=MONET, role="retained"),
]


def rating(item: str, reviewer: str, style: int, content: int = 4, quality: int = 3, **more: object) -> Rating:
    return Rating(item=item, reviewer=reviewer, style=style, content=content, quality=quality, **more)


def test_the_order_is_random_and_ones_own_and_stays() -> None:
    items = [item for number in range(24) for item in pair(number, 0, 0)]
    for mode, count, size in (("single", 48, 1), ("pair", 24, 2)):
        mine = tasks(items, "a run", "Kim", mode)
        assert mine == tasks(items, "a run", "Kim", mode)
        assert mine != tasks(items, "a run", "Lee", mode)
        assert mine != tasks(items, "another", "Kim", mode)
        assert len(mine) == count
        assert {len(task) for task in mine} == {size}
        assert {item for task in mine for item in task} == set(items)
    lefts = [task[0].side for task in mine]
    assert 4 < lefts.count("edited") < 20, "the edited one is now left, now right"
    assert all(len({item.pair for item in task}) == 1 for task in mine)


def test_one_goes_on_where_one_left_off() -> None:
    asked = tasks(ITEMS, "a run", "Kim", "pair")
    keys = [[item.key for item in task] for task in asked]
    assert first_open(asked, []) == 0
    assert first_open(asked, [*keys[0], keys[1][0]]) == 1, "half a pair is not rated"
    assert first_open(asked, [*keys[0], *keys[2]]) == 1
    assert first_open(asked, [item.key for item in ITEMS]) == len(asked)


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        ({"style": 5}, "style is rated 5"),
        ({"content": -1}, "content is rated -1"),
        ({"quality": None}, "quality is rated None"),
        ({"style": True}, "style is rated True"),
        ({"reviewer": "  "}, "Enter the reviewer's name"),
        ({"reviewer": "x" * 61}, "Enter the reviewer's name"),
        ({"comment": "x" * 2001}, "2001 characters"),
        ({"mode": "triple"}, "Unknown mode"),
    ],
)
def test_what_makes_no_sense_is_refused(faulty: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(rating("0-edited", "Kim", 1), **faulty)


def test_names_lose_needless_spaces_only() -> None:
    assert named("  김 하나\t") == "김 하나"
    assert rating("0-edited", " Kim  Lee ", 1).reviewer == "Kim Lee"


def test_means_are_of_images_originals_and_edited_apart() -> None:
    ratings = [
        rating("0-original", "Kim", 4),
        rating("0-original", "Lee", 3),
        rating("1-original", "Kim", 2, content=1),
        rating("0-edited", "Kim", 1, quality=0),
        rating("1-edited", "Kim", 0, quality=1),
        rating("1-edited", "Lee", 1, quality=3),
        rating("3-edited", "Lee", 3),
        rating("9-edited", "Lee", 3),
    ]
    found = results(ITEMS, ratings)
    assert (found.reviewers, found.ratings, found.images) == (("Kim", "Lee"), 7, 5)
    means = {(one.role, one.side): one for one in found.groups}
    assert list(means) == [("erased", "original"), ("erased", "edited"), ("retained", "edited")]
    original, edited = means["erased", "original"], means["erased", "edited"]
    assert original.style.value == (3.5 + 2) / 2, "an image counts once, however many rated it"
    assert original.content.value == (4 + 1) / 2
    assert (edited.style.value, edited.quality.value, edited.count) == ((1 + 0.5) / 2, (0 + 2) / 2, 2)
    assert (edited.style.low, edited.style.high) == (0.5, 1.0)
    assert means["retained", "edited"].style.value == 3


def test_alpha_is_krippendorffs() -> None:
    """Krippendorff 2011, the example of four observers and twelve units with gaps: ordinal α = 0.815."""
    data = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    found = agreement(rated_images(data), "style")
    assert found.alpha == pytest.approx(0.815, abs=5e-4)
    assert found.alpha == pytest.approx(alpha_by_hand(data), abs=1e-12)
    assert (found.count, found.why) == (11, "")


def rated_images(data: list[str]) -> list[RatedImage]:
    """Of ratings from 1 to 5, one row for each reviewer."""
    table = [row.split() for row in data]
    return [
        RatedImage(
            Item(pair=unit, side="edited", prompt="x", seed=unit),
            tuple(
                rating(f"{unit}-edited", f"R{r}", int(row[unit]) - 1) for r, row in enumerate(table) if row[unit] != "."
            ),
        )
        for unit in range(len(table[0]))
    ]


def alpha_by_hand(data: list[str]) -> float:
    """1 − D_o / D_e, pair by pair, with the ordinal difference (Σ n_g from c to k − (n_c + n_k) / 2)²."""
    table = [row.split() for row in data]
    units = [[int(row[u]) for row in table if row[u] != "."] for u in range(len(table[0]))]
    units = [unit for unit in units if len(unit) > 1]
    values = [value for unit in units for value in unit]
    count = {value: values.count(value) for value in range(1, 6)}

    def apart(c: int, k: int) -> float:
        low, high = sorted((c, k))
        return (sum(count[g] for g in range(low, high + 1)) - (count[c] + count[k]) / 2) ** 2

    observed = sum(apart(a, b) / (len(unit) - 1) for unit in units for a in unit for b in unit) / len(values)
    expected = sum(apart(a, b) for a in values for b in values) / (len(values) * (len(values) - 1))
    return 1 - observed / expected


@pytest.mark.parametrize(
    ("data", "why", "count"),
    [(["1 2 3"], "alone", 0), (["1 2 .", ". . 3"], "apart", 0), (["2 2 1", "2 2 ."], "alike", 2), ([], "alone", 0)],
)
def test_without_alpha_it_is_said_why(data: list[str], why: str, count: int) -> None:
    found = agreement(rated_images(data) if data else [], "style")
    assert (found.alpha, found.why, found.count) == (None, why, count)


def test_leaks_are_of_edited_images_that_ask_for_the_erased() -> None:
    content = pair(4, 0.1, 0.1, facet="content")
    other = pair(5, 0.1, 0.1, artist=MONET)
    ratings = [
        *(rating(item.key, "Kim", 4) for item in [*ITEMS, *content, *other] if item.side == "original"),
        rating("0-edited", "Kim", 1),
        rating("1-edited", "Kim", 2),
        rating("2-edited", "Kim", 4),
        rating("3-edited", "Kim", 4),
        rating("4-edited", "Kim", 4),
        rating("5-edited", "Kim", 3),
    ]
    found = results([*ITEMS, *content, *other], ratings)
    assert [(one.artist, one.count, one.style.value) for one in found.by_artist] == [
        (MONET, 1, 3),
        (VAN_GOGH, 3, pytest.approx(7 / 3)),
    ]
    assert [(one.facet, one.wording, one.count, one.style.value) for one in found.by_wording] == [
        ("indirect", f"… in the style of {VAN_GOGH}", 1, 4),
        ("style", f"… in the style of {MONET}", 1, 3),
        ("style", f"… in the style of {VAN_GOGH}", 2, 1.5),
    ]


def test_people_and_measures_disagree_where_they_do() -> None:
    ratings = [rating(item.key, "Kim", 4) for item in ITEMS if item.side == "original"]
    ratings += [
        rating("0-edited", "Kim", 2),
        rating("1-edited", "Kim", 1),
        rating("2-edited", "Kim", 1, flag=True),
        rating("3-edited", "Kim", 2, comment="hm"),
    ]
    ratings[0] = rating("0-original", "Kim", 0)
    found = results(ITEMS, ratings)
    assert [one.item.key for one in found.human_only] == ["0-edited"]
    assert [one.item.key for one in found.metric_only] == ["2-edited", "0-original"]
    assert [one.item.key for one in found.remarks] == ["2-edited", "3-edited"]
    everything, edited = found.style_correlation
    styles = {one.item: one.style for one in ratings}
    for mine, items in ((everything, ITEMS), (edited, ITEMS[1::2])):
        scores = [item.style_score for item in items]
        assert mine == pytest.approx(spearmanr([styles[item.key] for item in items], scores).statistic)
    assert found.compared == 8


def test_spearman_with_ties_and_where_there_is_none() -> None:
    chance = np.random.default_rng(0)
    first, second = chance.integers(0, 5, 40), chance.normal(size=40)
    assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic)
    assert spearman([1, 2], [1, 2]) is None
    assert spearman([1, 1, 1], [1, 2, 3]) is None
    plain = [replace(item, style_score=None, shown=None) for item in ITEMS]
    found = results(plain, [rating(item.key, "Kim", 3) for item in plain])
    assert (found.style_correlation, found.compared, found.human_only, found.metric_only) == ((None, None), 0, (), ())


def test_nobody_has_rated() -> None:
    found = results(ITEMS, [])
    assert (found.reviewers, found.groups, found.by_artist) == ((), (), ())


def test_rows_say_all_of_an_image_and_its_rating() -> None:
    [row] = rows(ITEMS, [rating("2-edited", "Kim", 1, flag=True, comment='a, "b"'), rating("9-edited", "Kim", 1)])
    assert row["side"] == "edited"
    assert row["facet"] == "indirect"
    assert (row["style"], row["style_score"], row["reviewer"], row["flag"]) == (1, 0.10, "Kim", True)
