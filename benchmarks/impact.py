"""python -m benchmarks.impact: does the drift, known before drawing, predict how much the pictures change?

Every artist of Atelier is erased with nobody retained; for every other artist the drift is set
against LPIPS between original and edited pictures. Prints Spearman's rank correlation with a
bootstrap 95 % interval (whole erasures resampled) and draws docs/impact.png.
"""

from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from scipy.stats import spearmanr

from uce_core import EditSpec, GenerationSpec, Model, applied, draw, erase, impact, load_model
from uce_core.scores import scorer_for

FIGURE = Path(__file__).resolve().parent.parent / "docs" / "impact.png"
SUBJECTS = ("a house", "a cat", "a boat")
RESAMPLES = 2000


@dataclass(frozen=True)
class Hit:
    erased: str
    artist: str
    drift: float
    lpips: float


def hits_of(model: Model, erased: str, originals: dict[str, list]) -> list[Hit]:
    """One for every artist but the erased."""
    others = [name for name in model.catalog if name != erased]
    edit = erase(model, EditSpec(erase=(erased,)))
    drifts = {one.concept: one.drift for one in impact(model, edit, others)}
    with applied(model, edit):
        edited = {name: draw(model, drawings(name)) for name in others}
    scorer = scorer_for(model.folder)
    distances = {name: float(scorer.lpips_distances(originals[name], edited[name]).mean()) for name in others}
    return [Hit(erased, name, drifts[name], distances[name]) for name in others]


def drawings(artist: str) -> list[GenerationSpec]:
    return [GenerationSpec(f"{subject} in the style of {artist}", seed) for seed, subject in enumerate(SUBJECTS)]


def correlation(hits: list[Hit]) -> float:
    return float(spearmanr([hit.drift for hit in hits], [hit.lpips for hit in hits]).statistic)


def interval(hits: list[Hit], names: list[str]) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    of = {name: [hit for hit in hits if hit.erased == name] for name in names}
    found = [correlation([hit for name in rng.choice(names, len(names)) for hit in of[name]]) for _ in range(RESAMPLES)]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def plot(hits: list[Hit], names: list[str]) -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5), dpi=120)
    colours = pyplot.get_cmap("tab20")
    for number, name in enumerate(names):
        own = [hit for hit in hits if hit.erased == name]
        axes.scatter([h.drift for h in own], [h.lpips for h in own], s=18, color=colours(number), label=name)
    axes.set(xlabel="drift of another artist, before drawing", ylabel="LPIPS original–edited of that artist's pictures")
    axes.legend(title="erased", fontsize=6, title_fontsize=7, ncols=2)
    figure.tight_layout()
    figure.savefig(FIGURE)


def main() -> None:
    model = load_model("atelier")
    names = list(model.catalog)
    originals = {name: draw(model, drawings(name)) for name in names}
    hits = [hit for name in names for hit in hits_of(model, name, originals)]
    low, high = interval(hits, names)
    print(f"{len(hits)} pairs of erased and other artist: Spearman {correlation(hits):.2f} [{low:.2f}, {high:.2f}]")
    plot(hits, names)


if __name__ == "__main__":
    main()
