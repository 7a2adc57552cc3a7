"""What reviewers judge by eye: single images or pairs, in an order of their own, and what they may answer.

Judging is blind: an item says which side it is, and whoever shows it must not. Scales and how to read
them: docs/measures.md. Knows nothing about where images or ratings are kept.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from uce_core.checks import as_text
from uce_core.problems import Problem

ORIGINAL, EDITED = SIDES = ("original", "edited")
SCALES = ("style", "content", "quality")
MOST = 4  # of each scale; the least is 0
SINGLE, PAIR = MODES = ("single", "pair")
LONGEST_NAME, LONGEST_COMMENT = 60, 2000


@dataclass(frozen=True, kw_only=True)
class Item:
    """One image of a set. pair: its number, which original and edited have in common. artist: whose style to look
    for. role: of the artist in the edit, of evaluation.measures.ROLES, or "". What the measures say, None where they
    don't: style_score, shown: the style score, and whether the artist is the most probable painter; clip: the CLIP
    score; lpips: between the two images of the pair."""

    pair: int
    side: str
    prompt: str
    seed: int
    artist: str = ""
    facet: str = ""
    subject: str = ""
    role: str = ""
    style_score: float | None = None
    shown: bool | None = None
    clip: float | None = None
    lpips: float | None = None

    @property
    def key(self) -> str:
        return f"{self.pair}-{self.side}"

    @property
    def wording(self) -> str:
        """The prompt with … for the subject."""
        return self.prompt.replace(self.subject, "…", 1) if self.subject else self.prompt


Task = tuple[Item, ...]  # what is shown at once: one image, or the two of a pair from left to right


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What a reviewer says of an image, each from 0 to 4. style: how visible the artist's style is, from no trace to
    unmistakable. content: how much of what the prompt asks for besides the style is there, from nothing to all.
    quality: from broken to flawless. mode: how it was shown, of MODES. moment: ISO 8601, "" until it is kept.

    Raises ValueError with one sentence for what makes no sense.
    """

    item: str
    reviewer: str
    style: int
    content: int
    quality: int
    flag: bool = False
    comment: str = ""
    mode: str = SINGLE
    moment: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reviewer", named(self.reviewer))
        for scale in SCALES:
            value = getattr(self, scale)
            if type(value) is not int or not 0 <= value <= MOST:
                raise Problem(
                    "rating_out_of_range",
                    "{name} is rated {value!r}: use a whole number from 0 to {most}.",
                    name=scale,
                    value=value,
                    most=MOST,
                )
        if len(as_text("comment", self.comment)) > LONGEST_COMMENT:
            raise Problem(
                "comment_too_long",
                "The comment has {count} characters: shorten it to {most}.",
                count=len(self.comment),
                most=LONGEST_COMMENT,
            )
        if self.mode not in MODES:
            known = ", ".join(MODES)
            raise Problem(
                "unknown_option",
                "Unknown {name} {value!r}: use one of {known}.",
                name="mode",
                value=self.mode,
                known=known,
            )


def named(name: str) -> str:
    """A reviewer's name without needless spaces. Raises ValueError if nothing is left, or too much."""
    plain = " ".join(as_text("reviewer", name).split())
    if not plain or len(plain) > LONGEST_NAME:
        raise Problem(
            "reviewer_name_missing", "Enter the reviewer's name, of at most {most} characters.", most=LONGEST_NAME
        )
    return plain


def tasks(items: Sequence[Item], of: str, reviewer: str, mode: str) -> list[Task]:
    """What a reviewer gets to see, in an order that is random, but the same whenever they come back. of: the set."""
    chance = random.Random(int(sha256(f"{of}/{reviewer}/{mode}".encode()).hexdigest(), 16))
    if mode == SINGLE:
        found: list[Task] = [(item,) for item in items]
    else:
        pairs: dict[int, list[Item]] = {}
        for item in items:
            pairs.setdefault(item.pair, []).append(item)
        found = [tuple(chance.sample(pair, len(pair))) for pair in pairs.values()]
    chance.shuffle(found)
    return found


def first_open(asked: Sequence[Task], rated: Iterable[str]) -> int:
    """Number of the first task that is not fully rated; how many there are if all are. rated: items' keys."""
    done = set(rated)
    return next((i for i, task in enumerate(asked) if any(item.key not in done for item in task)), len(asked))
