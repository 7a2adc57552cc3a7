"""python -m benchmarks.impact: does the drift, known before generation, predict how much the images change?

Every artist of Atelier is erased with nobody retained; for every other artist the drift is set
against LPIPS between original and edited images of other subjects than the drift's. Prints
Spearman's rank correlation with a bootstrap 95 % interval (whole erasures resampled), the same for
other choices of vectors, how well one half of the images predicts the other, and generates
docs/impact.png.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image
from scipy.stats import spearmanr

from uce_core import EditSpec, GenerationSpec, Model, applied, erase, generate, impact, load_model
from uce_core.concepts.vectors import concept_vectors
from uce_core.methods.drift import drifts
from uce_core.metrics.scorer import scorer_for

FIGURE = Path(__file__).resolve().parent.parent / "docs" / "impact.png"
SUBJECTS = ("a house", "a cat", "a boat", "a bird", "a man", "a flower")  # none of drift.py's
SPANS = ("last", "rest", "all")
RESAMPLES = 2000


@dataclass(frozen=True)
class Effect:
    erased: str
    artist: str
    drift: float
    lpips: tuple[float, ...]  # of each image


def effects_of(model: Model, erased: str, originals: dict[str, list[Image.Image]]) -> list[Effect]:
    """One for every artist but the erased."""
    others = [name for name in model.catalog if name != erased]
    edit = erase(model, EditSpec(erase=(erased,)))
    drifts = {one.concept: one.drift for one in impact(model, edit, others)}
    with applied(model, edit):
        edited = {name: generate(model, specs(name)) for name in others}
    scorer = scorer_for(model.folder)
    distances = {name: tuple(scorer.lpips_distances(originals[name], edited[name]).tolist()) for name in others}
    return [Effect(erased, name, drifts[name], distances[name]) for name in others]


def specs(artist: str) -> list[GenerationSpec]:
    return [GenerationSpec(f"{subject} in the style of {artist}", seed) for seed, subject in enumerate(SUBJECTS)]


def correlation(effects: list[Effect]) -> float:
    return float(spearmanr([one.drift for one in effects], [np.mean(one.lpips) for one in effects]).statistic)


def with_other_vectors(model: Model, effects: list[Effect], wording: str, span: str) -> list[Effect]:
    """The same images, the drift of the vectors that a wording and a span give."""
    vectors = {name: concept_vectors(model.text, [name], wording, span) for name in model.catalog}
    found = []
    for erased in model.catalog:
        own = [one for one in effects if one.erased == erased]
        values = drifts(model, erase(model, EditSpec(erase=(erased,))), [vectors[one.artist] for one in own])
        found += [replace(one, drift=value) for one, value in zip(own, values, strict=True)]
    return found


def halves(effects: list[Effect]) -> float:
    """Rank correlation of the images of even numbers with those of odd ones: what noise leaves to be predicted."""
    return float(
        spearmanr([np.mean(one.lpips[::2]) for one in effects], [np.mean(one.lpips[1::2]) for one in effects]).statistic
    )


def interval(effects: list[Effect], names: list[str]) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    of = {name: [one for one in effects if one.erased == name] for name in names}
    found = [correlation([one for name in rng.choice(names, len(names)) for one in of[name]]) for _ in range(RESAMPLES)]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def plot(effects: list[Effect], names: list[str]) -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5), dpi=120)
    colours = pyplot.get_cmap("tab20")
    for number, name in enumerate(names):
        own = [one for one in effects if one.erased == name]
        axes.scatter([h.drift for h in own], [np.mean(h.lpips) for h in own], s=18, color=colours(number), label=name)
    axes.set(
        xlabel="drift of another artist, before generation", ylabel="LPIPS of that artist's original and edited images"
    )
    axes.legend(title="erased", fontsize=6, title_fontsize=7, ncols=2)
    figure.tight_layout()
    figure.savefig(FIGURE)


def main() -> None:
    model = load_model("atelier")
    names = list(model.catalog)
    originals = {name: generate(model, specs(name)) for name in names}
    effects = [one for name in names for one in effects_of(model, name, originals)]
    low, high = interval(effects, names)
    print(
        f"{len(effects)} pairs of erased and other artist: Spearman {correlation(effects):.2f} [{low:.2f}, {high:.2f}]"
    )
    print(f"One half of the images with the other half: {halves(effects):.2f}\n")
    print("| wording | span | Spearman |\n|---|---|---|")
    for wording in ("name", "style", "expanded"):
        for span in SPANS:
            other = with_other_vectors(model, effects, wording, span)
            print(f"| {wording} | {span} | {correlation(other):.2f} |")
    plot(effects, names)


if __name__ == "__main__":
    main()
