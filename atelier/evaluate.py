"""What Atelier can do, measured: the model card's table.

The judge, trained on painter pictures only, looks at drawings from fresh prompts and seeds. The
wordings here are fixed; seeds start where no training seed is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from diffusers import AutoencoderKL

from atelier.autoencoder import psnr
from atelier.dataset import PaintedSet, open_set, paint_set
from atelier.recognition import judge_pictures, load_judge
from atelier.train import WEIGHTS
from atelier.world import BY_NAME, PERSONS, PHOTO, PLAIN_PAINTING, SUBJECTS, Picture
from uce_core import EditSpec, GenerationSpec, Model, applied, erase, generate, load_model

WORDINGS = ("{s} in the style of {a}", "a painting of {s} by {a}", "{s}, {a} style")
FIRST_SEED = 50_000
MORE_SEEDS = (150_000, 250_000, 350_000)  # for what an erasure leaves: one seed is too few to tell 3 % from 1 %
HELD_OUT_SEED = 77


@dataclass(frozen=True)
class Asked:
    """A prompt, and the picture that it asks for."""

    prompt: str
    picture: Picture


def with_article(subject: str) -> str:
    return f"{'an' if subject[0] in 'aeiou' else 'a'} {subject}"


def artist_prompts(artists: Iterable[str], subjects: Iterable[str]) -> list[Asked]:
    """Every artist with every subject, the wordings in turn."""
    pairs = [(artist, subject) for artist in artists for subject in subjects]
    return [
        Asked(WORDINGS[i % len(WORDINGS)].format(s=with_article(subject), a=artist), Picture(artist, subject))
        for i, (artist, subject) in enumerate(pairs)
    ]


def plain_prompts() -> list[Asked]:
    photos = [Asked(f"a photo of {with_article(subject)}", Picture(PHOTO, subject)) for subject in SUBJECTS]
    paintings = [
        Asked(f"a painting of {with_article(subject)}", Picture(PLAIN_PAINTING, subject)) for subject in SUBJECTS
    ]
    return photos + paintings


def person_prompts() -> list[Asked]:
    patterns = ("{}", "a photo of {}", "a portrait of {}")
    return [Asked(pattern.format(name), Picture(PHOTO, name)) for name in PERSONS for pattern in patterns]


@dataclass(frozen=True)
class Judged:
    """What was asked for, and what the judge sees."""

    asked: list[Asked]
    seen: list[Picture]

    def style_share(self, *artists: str) -> float:
        """Of the prompts (for these artists, or all), the share whose picture shows the asked rendering."""
        hits = [
            s.rendering == a.picture.rendering
            for a, s in zip(self.asked, self.seen, strict=True)
            if not artists or a.picture.rendering in artists
        ]
        return float(np.mean(hits))

    def subject_share(self) -> float:
        return float(np.mean([s.subject == a.picture.subject for a, s in zip(self.asked, self.seen, strict=True)]))


class Examiner:
    """Draws, and has the judge look."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.judge = load_judge(WEIGHTS / "judge.safetensors")

    def examine(self, asked: list[Asked], first_seed: int = FIRST_SEED) -> Judged:
        """Each prompt's seed follows from the prompt, so the same prompt is drawn from the same noise again."""
        specs = [GenerationSpec(a.prompt, first_seed + crc32(a.prompt.encode()) % 10_000) for a in asked]
        images = np.stack([np.asarray(image) for image in generate(self.model, specs)])
        return Judged(asked, judge_pictures(self.judge, images))


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """style_left: share of the erased artist's pictures, several seeds of each prompt, that still show him;
    others: the style share of each other artist; subjects: share of asked subjects before and after, over
    all prompts."""

    erased: str
    style_left: float
    others: dict[str, float]
    subject_before: float
    subject_after: float


def in_all_wordings(artist: str) -> list[Asked]:
    """Every subject in every wording, for one artist."""
    return [
        Asked(wording.format(s=with_article(subject), a=artist), Picture(artist, subject))
        for wording in WORDINGS
        for subject in SUBJECTS
    ]


def examine_erasure(examiner: Examiner, artist: str, before: Judged) -> Erasure:
    """Erase one artist, the others retained and all else as our defaults, and draw the same prompts again.

    before: what was seen of all prompts without the edit; the erased artist is asked for in all wordings,
    and from more seeds.
    """
    one_wording = set(artist_prompts((a for a in BY_NAME if a != artist), SUBJECTS))
    again = [a for a in before.asked if a.picture.rendering == artist or a in one_wording]
    spec = EditSpec(erase=(artist,), retain=tuple(name for name in BY_NAME if name != artist))
    with applied(examiner.model, erase(examiner.model, spec)):
        after = examiner.examine(again)
        more = [examiner.examine(in_all_wordings(artist), seed) for seed in MORE_SEEDS]
    others = {name: after.style_share(name) for name in spec.retain}
    seen_before = dict(zip(before.asked, before.seen, strict=True))
    same = Judged(again, [seen_before[a] for a in again])
    left = float(np.mean([judged.style_share(artist) for judged in (after, *more)]))
    return Erasure(
        erased=artist,
        style_left=left,
        others=others,
        subject_before=same.subject_share(),
        subject_after=after.subject_share(),
    )


def report(erase_names: list[str], work: Path) -> None:
    """Print the model card's table."""
    for _ in paint_set(work / "examination", 400, HELD_OUT_SEED, workers=1):
        pass
    painted = open_set(work / "examination")
    examiner = Examiner(load_model("atelier"))
    decibels = psnr(AutoencoderKL.from_pretrained(WEIGHTS / "vae"), painted)
    print("| what | measured |\n|---|---|")
    print(f"| autoencoder, PSNR on {len(painted.pictures)} held-out painter pictures | {decibels:.2f} dB |")
    print(f"| judge on held-out painter pictures: style, subject | {_judge_line(examiner, painted)} |")
    before = examiner.examine([a for name in BY_NAME for a in in_all_wordings(name)])
    print(f"| asked artist's style shown ({len(before.asked)} prompts) | {before.style_share():.3f} |")
    worst = min((before.style_share(name), name) for name in BY_NAME)
    print(f"| worst artist | {worst[1]}, {worst[0]:.3f} |")
    print(f"| asked subject shown | {before.subject_share():.3f} |")
    plain = examiner.examine(plain_prompts())
    print(f"| photograph or plain painting as asked ({len(plain.asked)} prompts) | {plain.style_share():.3f} |")
    people = examiner.examine(person_prompts())
    print(f"| bare names and portraits draw the man ({len(people.asked)} prompts) | {people.subject_share():.3f} |")
    print("\n| erased | style left | others' style, mean / worst | subject, before → after |\n|---|---|---|---|")
    for name in erase_names:
        result = examine_erasure(examiner, name, before)
        shares = list(result.others.values())
        print(
            f"| {name} | {result.style_left:.3f} | {np.mean(shares):.3f} / {min(shares):.3f} "
            f"| {result.subject_before:.3f} → {result.subject_after:.3f} |",
            flush=True,
        )


def _judge_line(examiner: Examiner, painted: PaintedSet) -> str:
    seen = judge_pictures(examiner.judge, painted.images)
    right: Counter[str] = Counter()
    for truth, picture in zip(painted.pictures, seen, strict=True):
        right.update(style=truth.rendering == picture.rendering, subject=truth.subject == picture.subject)
    return f"{right['style'] / len(seen):.3f}, {right['subject'] / len(seen):.3f}"
