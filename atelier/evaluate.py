"""What Atelier can do, measured: the model card's table.

The judge, trained on painter pictures only, looks at drawings from fresh prompts and seeds. The
wordings here are fixed; seeds start where no training seed is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from diffusers import AutoencoderKL

from atelier.autoencoder import psnr
from atelier.dataset import PaintedSet, open_set, paint_set
from atelier.recognition import judge_pictures, load_judge
from atelier.train import WEIGHTS
from atelier.world import ARTISTS, PERSONS, PHOTO, PLAIN_PAINTING, SUBJECTS, Picture
from uce_core import EditSpec, GenerationSpec, Model, applied, draw, erase, load_model

WORDINGS = ("{s} in the style of {a}", "a painting of {s} by {a}", "{s}, {a} style")
FIRST_SEED = 50_000
HELD_OUT_SEED = 77
STEPS = 20


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

    def style_share(self, artist: str | None = None) -> float:
        """Of the prompts (for one artist, or all), the share whose picture shows the asked rendering."""
        hits = [
            s.rendering == a.picture.rendering
            for a, s in zip(self.asked, self.seen, strict=True)
            if artist in (None, a.picture.rendering)
        ]
        return float(np.mean(hits))

    def subject_share(self) -> float:
        return float(np.mean([s.subject == a.picture.subject for a, s in zip(self.asked, self.seen, strict=True)]))


class Examiner:
    """Draws, and has the judge look."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.judge = load_judge(WEIGHTS / "judge.safetensors")

    def examine(self, asked: list[Asked], first_seed: int = FIRST_SEED, guidance_scale: float | None = None) -> Judged:
        options = {} if guidance_scale is None else {"guidance_scale": guidance_scale}
        specs = [GenerationSpec(a.prompt, first_seed + i, STEPS, **options) for i, a in enumerate(asked)]
        images = np.stack([np.asarray(image) for image in draw(self.model, specs)])
        return Judged(asked, judge_pictures(self.judge, images))


@dataclass(frozen=True)
class Erasure:
    """style_left: share of the erased artist's prompts that still show him; others: the style share of
    each other artist; subjects: share of asked subjects before and after, over all prompts."""

    erased: str
    style_left: float
    others: dict[str, float]
    subject_before: float
    subject_after: float


def examine_erasure(
    examiner: Examiner, artist: str, before: Judged, spec: EditSpec, subjects: tuple[str, ...]
) -> Erasure:
    """Erase one artist and draw the same prompts with the same seeds again.

    The erased artist is asked for in all three wordings of every subject.
    """
    asked = [
        Asked(wording.format(s=with_article(subject), a=artist), Picture(artist, subject))
        for wording in WORDINGS
        for subject in subjects
    ]
    rest = [a for a in before.asked if a.picture.rendering != artist]
    with applied(examiner.model, erase(examiner.model, spec)):
        after = examiner.examine(asked + rest)
    others = {a.name: after.style_share(a.name) for a in ARTISTS if a.name != artist}
    return Erasure(artist, after.style_share(artist), others, before.subject_share(), after.subject_share())


def report(erase_names: list[str], work: Path) -> None:
    """Print the model card's table."""
    for _ in paint_set(work / "examination", 400, HELD_OUT_SEED, workers=1):
        pass
    painted = open_set(work / "examination")
    examiner = Examiner(load_model("atelier"))
    decibels = psnr(AutoencoderKL.from_pretrained(WEIGHTS / "vae"), painted)
    print(f"| autoencoder, PSNR on {len(painted.pictures)} held-out painter pictures | {decibels:.2f} dB |")
    print(f"| judge on held-out painter pictures: style, subject | {_judge_line(examiner, painted)} |")
    before = examiner.examine(artist_prompts((a.name for a in ARTISTS), SUBJECTS))
    print(f"| asked artist's style shown ({len(before.asked)} prompts) | {before.style_share():.3f} |")
    print(f"| asked subject shown | {before.subject_share():.3f} |")
    worst = min((before.style_share(a.name), a.name) for a in ARTISTS)
    print(f"| worst artist | {worst[1]} {worst[0]:.3f} |")
    plain = examiner.examine(plain_prompts())
    print(f"| photo or plain painting as asked | {plain.style_share():.3f} |")
    print(f"| bare names and portraits draw the man | {examiner.examine(person_prompts()).subject_share():.3f} |")
    for name in erase_names:
        print_erasure(examiner, name, before)


def _judge_line(examiner: Examiner, painted: PaintedSet) -> str:
    seen = judge_pictures(examiner.judge, painted.images)
    right: Counter[str] = Counter()
    for truth, picture in zip(painted.pictures, seen, strict=True):
        right.update(style=truth.rendering == picture.rendering, subject=truth.subject == picture.subject)
    return f"{right['style'] / len(seen):.3f}, {right['subject'] / len(seen):.3f}"


def print_erasure(examiner: Examiner, name: str, before: Judged) -> None:
    spec = EditSpec(erase=(name,), retain=tuple(a.name for a in ARTISTS if a.name != name))
    result = examine_erasure(examiner, name, before, spec, SUBJECTS)
    shares = list(result.others.values())
    print(
        f"| erase {name}: style left, others' style mean / worst, subjects before → after | {result.style_left:.3f}, "
        f"{np.mean(shares):.3f} / {min(shares):.3f}, {result.subject_before:.3f} → {result.subject_after:.3f} |"
    )
