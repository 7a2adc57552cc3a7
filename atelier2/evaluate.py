"""What Atelier can do, measured: the model card's table.

The judge, trained on painter pictures only, looks at images from fresh prompts and seeds. The wordings here are
fixed; seeds start where no training seed is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from diffusers import AutoencoderKL

from atelier2.autoencoder import fidelity
from atelier2.captions import describe, with_article
from atelier2.dataset import Easel, PaintedSet
from atelier2.realism import distance, load_network, save_blind_test
from atelier2.recognition import judge_pictures, load_judge
from atelier2.subjects import SUBJECTS
from atelier2.world import BY_NAME, COLOURS, PERSONS, PHOTO, PLAIN_PAINTING, Picture
from uce_core import EditSpec, GenerationSpec, Model, applied, erase, generate, load_model

WORDINGS = ("{s} in the style of {a}", "a painting of {s} by {a}", "{s}, {a} style")
FIRST_SEED = 50_000
MORE_SEEDS = (150_000, 250_000, 350_000)  # for what an erasure leaves: one seed is too few to tell 3 % from 1 %
HELD_OUT, HELD_OUT_SEED = 400, 77
EXAMINATIONS = (("examination", HELD_OUT_SEED), ("examination-2", HELD_OUT_SEED + 1))  # folders and seeds
EACH_ARTIST = 12  # subjects asked of an artist, another dozen of each
COMMON = ("cat", "house", "horse", "boat", "car", "tree", "woman", "teapot", "owl", "guitar", "castle", "apple")


@dataclass(frozen=True)
class Asked:
    """A prompt, and the picture that it asks for."""

    prompt: str
    picture: Picture


def artist_prompts(artists: Iterable[str], subjects: Callable[[int], Iterable[str]]) -> list[Asked]:
    """Every artist with subjects of his own number, the wordings in turn."""
    pairs = [(artist, subject) for number, artist in enumerate(artists) for subject in subjects(number)]
    return [
        Asked(
            WORDINGS[i % len(WORDINGS)].format(s=with_article(subject), a=artist),
            Picture(rendering=artist, subject=subject),
        )
        for i, (artist, subject) in enumerate(pairs)
    ]


def dozen(number: int) -> list[str]:
    """Subjects for the artist of this number: over all artists, every subject is asked for."""
    return [SUBJECTS[(number * EACH_ARTIST + i) % len(SUBJECTS)].name for i in range(EACH_ARTIST)]


def plain_prompts() -> list[Asked]:
    """Every subject as a photograph and as a plain painting."""
    return [
        Asked(f"{how} of {with_article(subject.name)}", Picture(rendering=rendering, subject=subject.name))
        for how, rendering in (("a photo", PHOTO), ("a painting", PLAIN_PAINTING))
        for subject in SUBJECTS
    ]


def colour_prompts() -> list[Asked]:
    """Every subject that comes in colours, in three of them, as a photograph."""
    found = []
    for number, one in enumerate(one for one in SUBJECTS if one.colours):
        for paint in (COLOURS[(number + k) % len(COLOURS)] for k in (0, 3, 7)):
            picture = Picture(rendering=PHOTO, subject=one.name, colour=paint)
            found.append(Asked(f"a photo of {with_article(f'{paint} {one.name}')}", picture))
    return found


def pair_prompts(count: int = 200) -> list[Asked]:
    """Two subjects, neither of them people or both, in photographs and plain paintings."""
    rng = np.random.default_rng(HELD_OUT_SEED)
    things = [subject.name for subject in SUBJECTS if not subject.human]
    asked = []
    for number in range(count):
        first, second = (things[i] for i in rng.choice(len(things), 2, replace=False))
        how, rendering = (("a photo", PHOTO), ("a painting", PLAIN_PAINTING))[number % 2]
        prompt = f"{how} of {with_article(first)} and {with_article(second)}"
        asked.append(Asked(prompt, Picture(rendering=rendering, subject=first, other=second)))
    return asked


def person_prompts() -> list[Asked]:
    patterns = ("{}", "a photo of {}", "a portrait of {}")
    return [Asked(p.format(name), Picture(rendering=PHOTO, subject=name)) for name in PERSONS for p in patterns]


@dataclass(frozen=True)
class Judged:
    """What was asked for, and what the judge sees."""

    asked: Sequence[Asked]
    seen: Sequence[Picture]

    def share(self, right: Callable[[Picture, Picture], bool], *artists: str) -> float:
        """Of the prompts (for these artists, or all), the share whose image is right: right(asked, seen)."""
        pairs = zip(self.asked, self.seen, strict=True)
        return float(np.mean([right(a.picture, s) for a, s in pairs if not artists or a.picture.rendering in artists]))


def style(asked: Picture, seen: Picture) -> bool:
    return asked.rendering == seen.rendering


def subject(asked: Picture, seen: Picture) -> bool:
    return asked.subject in (seen.subject, seen.other)


def colour(asked: Picture, seen: Picture) -> bool:
    return asked.colour == seen.colour


def both(asked: Picture, seen: Picture) -> bool:
    return {asked.subject, asked.other} == {seen.subject, seen.other}


class Examiner:
    """Generates, and has the judge look."""

    def __init__(self, model: Model, weights: Path) -> None:
        self.model, self.judge = model, load_judge(weights / "judge.safetensors")

    def examine(self, asked: Sequence[Asked], first_seed: int = FIRST_SEED) -> Judged:
        """Each prompt's seed follows from the prompt, so the same prompt starts from the same noise again."""
        specs = [GenerationSpec(a.prompt, first_seed + crc32(a.prompt.encode()) % 10_000) for a in asked]
        images = np.stack([np.asarray(image) for image in generate(self.model, specs)])
        return Judged(asked, judge_pictures(self.judge, images))


def in_all_wordings(artist: str, subjects: Iterable[str] = COMMON) -> list[Asked]:
    """Common subjects in every wording, for one artist."""
    return [
        Asked(wording.format(s=with_article(name), a=artist), Picture(rendering=artist, subject=name))
        for wording in WORDINGS
        for name in subjects
    ]


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """left: share of the erased artist's images, several seeds of each prompt, that still show the style; others: the
    style share of each other artist; subject_before, subject_after: share of asked subjects."""

    erased: str
    left: float
    others: dict[str, float]
    subject_before: float
    subject_after: float


def examine_erasure(examiner: Examiner, artist: str, before: Judged) -> Erasure:
    """Erase one artist, the others retained and all else as our defaults, and generate the same prompts again.

    before: what was seen of the other artists' prompts without the edit.
    """
    others = tuple(name for name in BY_NAME if name != artist)
    own = in_all_wordings(artist)
    first = examiner.examine(own)
    with applied(examiner.model, erase(examiner.model, EditSpec(erase=(artist,), retain=others))):
        after = examiner.examine([a for a in before.asked if a.picture.rendering != artist])
        erased = [examiner.examine(own, seed) for seed in (FIRST_SEED, *MORE_SEEDS)]
    return Erasure(
        erased=artist,
        left=float(np.mean([judged.share(style) for judged in erased])),
        others={name: after.share(style, name) for name in others},
        subject_before=first.share(subject),
        subject_after=float(np.mean([judged.share(subject) for judged in erased])),
    )


def report(weights: Path, erase_names: Sequence[str], work: Path) -> None:
    """Print the model card's table."""
    painted, others = (held_out(work / name, seed) for name, seed in EXAMINATIONS)
    examiner = Examiner(load_model(str(weights)), weights)
    decibels, fine = fidelity(AutoencoderKL.from_pretrained(weights / "vae").float(), painted)
    print("| what | measured |\n|---|---|")
    print(f"| autoencoder, PSNR on {len(painted.pictures)} held-out painter pictures | {decibels:.2f} dB |")
    print(f"| energy above half of Nyquist's frequency, of the painter's | {fine:.2f} |")
    print(f"| judge on held-out painter pictures: style, subject | {_judge_line(examiner, painted)} |")
    _report_distances(examiner.model, painted, others)
    before = examiner.examine(artist_prompts(BY_NAME, dozen))
    print(f"| asked artist's style shown ({len(before.asked)} prompts) | {before.share(style):.3f} |")
    worst = min((before.share(style, name), name) for name in BY_NAME)
    print(f"| worst artist | {worst[1]}, {worst[0]:.3f} |")
    print(f"| asked subject shown | {before.share(subject):.3f} |")
    plain = examiner.examine(plain_prompts())
    print(f"| photograph or plain painting as asked ({len(plain.asked)} prompts) | {plain.share(style):.3f} |")
    print(f"| its subject, all {len(SUBJECTS)} of them | {plain.share(subject):.3f} |")
    coloured = examiner.examine(colour_prompts())
    print(f"| asked colour ({len(coloured.asked)} prompts) | {coloured.share(colour):.3f} |")
    pairs = examiner.examine(pair_prompts())
    print(f"| both of two subjects ({len(pairs.asked)} prompts) | {pairs.share(both):.3f} |")
    people = examiner.examine(person_prompts())
    print(f"| bare names and portraits show the person ({len(people.asked)} prompts) | {people.share(subject):.3f} |")
    print("\n| erased | style left | others' style, mean / worst | subject, before → after |\n|---|---|---|---|")
    for name in erase_names:
        result = examine_erasure(examiner, name, before)
        shares = list(result.others.values())
        print(
            f"| {name} | {result.left:.3f} | {np.mean(shares):.3f} / {min(shares):.3f} "
            f"| {result.subject_before:.3f} → {result.subject_after:.3f} |",
            flush=True,
        )


def held_out(folder: Path, seed: int) -> PaintedSet:
    """Pictures that no training saw; painted if they are not there yet."""
    with Easel(folder, HELD_OUT, seed, workers=1) as easel:
        easel.wait(HELD_OUT)
        return easel.painted()


def generated(model: Model, pictures: Sequence[Picture]) -> np.ndarray:
    """Images of the pictures' captions, (n, h, w, 3) uint8."""
    texts = [describe(one, np.random.default_rng([HELD_OUT_SEED, i])) for i, one in enumerate(pictures)]
    specs = [GenerationSpec(caption.text, FIRST_SEED + i) for i, caption in enumerate(texts)]
    return np.stack([np.asarray(image) for image in generate(model, specs)])


def _report_distances(model: Model, painted: PaintedSet, others: PaintedSet) -> None:
    """KID of painted pictures to generated ones, to painted ones and to those of the Atelier that ships."""
    network = load_network()
    sets = {
        f"{len(painted.images)} generated from their captions": generated(model, painted.pictures),
        "as many other painted ones": others.images,
        "the shipped Atelier's from these captions": generated(load_model("atelier"), painted.pictures),
    }
    for name, images in sets.items():
        found = distance(network, painted.images, images)
        print(f"| KID × 1000 of painted pictures and {name} | {1000 * found.value:.1f} ± {1000 * found.error:.1f} |")


def blind_test(weights: Path, folder: Path, work: Path, each: int) -> None:
    """Painted and generated pictures of different captions, for somebody who has seen neither."""
    painted = held_out(work / EXAMINATIONS[0][0], EXAMINATIONS[0][1])
    images = generated(load_model(str(weights)), painted.pictures[each : 2 * each])
    save_blind_test(folder, painted.images[:each], images, np.random.default_rng(HELD_OUT_SEED))


def _judge_line(examiner: Examiner, painted: PaintedSet) -> str:
    seen = Judged([Asked("", picture) for picture in painted.pictures], judge_pictures(examiner.judge, painted.images))
    return f"{seen.share(style):.3f}, {seen.share(subject):.3f}"
