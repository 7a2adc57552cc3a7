"""python -m benchmarks.measures: does each measure see what it claims to? Asked of Atelier, where the truth is known.

Painted: the painter's own images, every artist and subject and the photographed people, whose labels
are exact. ROC-AUC of each measure for “shows it” against “doesn't”, for each artist, person or subject
by itself; mean and worst. Generated: three artists erased at strengths from 0 to 1, every image's measure
against the probability that the judge, a classifier trained on painter images, gives to the artist;
Spearman's rank correlation, mean and worst. A measure below 0.9 on average is called weak. A second table
says of each score whether it sees the style or the person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from scipy.stats import mannwhitneyu, spearmanr
from torch import Tensor

from atelier.autoencoder import to_tensor
from atelier.evaluate import with_article
from atelier.painter import paint
from atelier.recognition import Judge, load_judge
from atelier.train import WEIGHTS
from atelier.world import BY_NAME, PERSONS, PHOTO, RENDERINGS, SUBJECTS, Picture, cast
from uce_core import EditSpec, GenerationSpec, Model, applied, erase, generate, load_model
from uce_core.edits.edit import AnyEdit
from uce_core.metrics.scorer import Scorer, scorer_for
from uce_core.metrics.style_identity import (
    artist_probabilities,
    gram_distances,
    identity_direction,
    identity_scores,
    person_direction,
    style_direction,
    style_scores,
    zero_shot,
)

ARTISTS = tuple(BY_NAME)
ERASED = ("Vincent van Gogh", "Pablo Picasso", "Gustav Klimt")
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
ASKED = ("house", "cat", "boat", "man")
PERSON_PICTURES = 16
REFERENCES = 8  # images of each artist that the Gram distance compares with
STRONG = 0.9

Images = Sequence[Image.Image]
Measure = Callable[[Scorer, Images, str], Tensor]


@dataclass(frozen=True)
class Painted:
    picture: Picture
    image: Image.Image


def painted(seed: int, renderings: Sequence[str], subjects: Sequence[str], times: int) -> list[Painted]:
    rng = np.random.default_rng(seed)
    pictures = [cast(r, s, rng) for _ in range(times) for r in renderings for s in subjects]
    return [Painted(picture, Image.fromarray(paint(picture, rng))) for picture in pictures]


def style_measures() -> dict[str, Measure]:
    references = {artist: [one.image for one in painted(3, [artist], SUBJECTS[:REFERENCES], 1)] for artist in ARTISTS}
    return {
        "CLIP score with “a painting in the style of X”": lambda scorer, images, artist: scorer.clip_scores(
            images, [f"a painting in the style of {artist}"] * len(images)
        ),
        "CLIP score with the bare name": lambda scorer, images, artist: scorer.clip_scores(
            images, [artist] * len(images)
        ),
        "style score": style_scores,
        "probability of the artist": lambda scorer, images, artist: artist_probabilities(scorer, images, ARTISTS)[
            :, ARTISTS.index(artist)
        ],
        "Gram distance (negative)": lambda scorer, images, artist: -gram_distances(scorer, images, references[artist]),
    }


def subject_score(scorer: Scorer, images: Images, subject: str) -> Tensor:
    return zero_shot(scorer, images, [f"a picture of {with_article(one)}" for one in SUBJECTS])[
        :, SUBJECTS.index(subject)
    ]


def auc(scores: Tensor, truth: Sequence[bool]) -> float:
    """Of a positive and a negative picked at random, how often the positive scores higher; ties count half."""
    values, shows = scores.numpy(), np.asarray(truth)
    return float(mannwhitneyu(values[shows], values[~shows]).statistic / (shows.sum() * (~shows).sum()))


def aucs(
    scorer: Scorer, measure: Measure, shown: list[Painted], of: Callable[[Picture], str], names: Sequence[str]
) -> list[float]:
    images = [one.image for one in shown]
    return [auc(measure(scorer, images, name), [of(one.picture) == name for one in shown]) for name in names]


def judged(judge: Judge, images: Images, artist: str) -> np.ndarray:
    """Log-probability (n,) of the artist's rendering."""
    with torch.inference_mode():
        found: Tensor = judge(to_tensor(np.stack([np.asarray(image) for image in images])))[0].log_softmax(1)
    return found[:, RENDERINGS.index(artist)].numpy()


def generated_at_all_strengths(model: Model, artist: str) -> list[Image.Image]:
    edit: AnyEdit = erase(model, EditSpec(erase=(artist,), retain=tuple(a for a in ARTISTS if a != artist)))
    specs = [
        GenerationSpec(f"{with_article(subject)} in the style of {artist}", seed)
        for subject in ASKED
        for seed in range(3)
    ]
    images = []
    for strength in STRENGTHS:
        with applied(model, edit.at_strength(strength)):
            images += generate(model, specs)
    return images


def crosstalk(scorer: Scorer, shown: list[Painted], name: str, direction: Callable[[Scorer, str], Tensor]) -> str:
    """A row for the artists whose bare name generates the person: does the score see the style, or the person?"""
    vectors = scorer.image_vectors([one.image for one in shown])
    styles, people, means = [], [], []
    for artist in PERSONS:
        scores = vectors @ direction(scorer, artist)
        style = [one.picture.rendering == artist for one in shown]
        person = [one.picture.subject == artist for one in shown]
        neither = [not (a or b) for a, b in zip(style, person, strict=True)]
        styles.append(auc(scores, style))
        people.append(auc(scores, person))
        means.append([float(scores[torch.tensor(where)].mean()) for where in (style, person, neither)])
    found = [f"{np.mean(areas):.3f}" for areas in (styles, people)] + [f"{mean:+.2f}" for mean in np.mean(means, 0)]
    return f"| {name} | {' | '.join(found)} |"


def row(what: str, measure: str, areas: list[float], ranks: list[float]) -> str:
    verdict = "" if np.mean(areas) >= STRONG else "weak"
    rank = f"{np.mean(ranks):.2f} / {min(ranks):.2f}" if ranks else "–"
    return f"| {what} | {measure} | {np.mean(areas):.3f} / {min(areas):.3f} | {rank} | {verdict} |"


def main() -> None:
    model = load_model("atelier")
    scorer, judge = scorer_for(model.folder), load_judge(WEIGHTS / "judge.safetensors")
    shown = painted(1, RENDERINGS, SUBJECTS, 1) + painted(2, [PHOTO], PERSONS, PERSON_PICTURES)
    generated = {artist: generated_at_all_strengths(model, artist) for artist in ERASED}
    print(f"{len(shown)} painted pictures, {sum(map(len, generated.values()))} generated ones.\n")
    print("| truth | measure | AUC, mean / worst | rank correlation, mean / worst | |\n|---|---|---|---|---|")
    for name, measure in style_measures().items():
        ranks = [
            float(spearmanr(measure(scorer, images, artist).numpy(), judged(judge, images, artist)).statistic)
            for artist, images in generated.items()
        ]
        print(row("the artist's style", name, aucs(scorer, measure, shown, lambda p: p.rendering, ARTISTS), ranks))
    people = aucs(scorer, identity_scores, shown, lambda p: p.subject, PERSONS)
    print(row("the person", "identity score", people, []))
    print(row("the subject", "content score", aucs(scorer, subject_score, shown, lambda p: p.subject, SUBJECTS), []))
    print(f"\nFor {', '.join(PERSONS)}:\n")
    print("| score | AUC, the style | AUC, the person | mean in the style | of the person | of neither |")
    print("|---|---|---|---|---|---|")
    directions = {
        "style score": style_direction,
        "identity score": person_direction,
        "identity score, the style not taken out": identity_direction,
    }
    for name, direction in directions.items():
        print(crosstalk(scorer, shown, name, direction))


if __name__ == "__main__":
    main()
