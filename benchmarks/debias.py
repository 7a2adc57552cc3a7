"""python -m benchmarks.debias: Atelier's biased professions, debiased, and counted again on fresh seeds.

Women's share among images of each profession: by CLIP on the seeds that the search used, before
and after; and on 100 seeds that it never saw, by CLIP and by the judge, which took no part in it.
--methods: instead, how far each method that takes a guide is from where it is to lead, as a share of the way; and a
search by each that can debias, with the largest gaps of all professions.
"""

import argparse
import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
import torch

from atelier.recognition import judge_pictures, load_judge
from atelier.train import WEIGHTS
from atelier.world import PROFESSIONS
from uce_core import Debiased, DebiasSpec, GenerationSpec, Model, applied, debias, generate, load_model
from uce_core.edits.spec import guided
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.methods import debiasing, erasing, preset
from uce_core.methods.debias_edit import led, space_of
from uce_core.metrics.scorer import scorer_for

FRESH_SEED, FRESH = 70_000, 100
STEP = 0.4  # s, of a first iteration that is far off


def fresh_shares(model: Model, spec: DebiasSpec, profession: str) -> tuple[float, float]:
    """Women's share by CLIP and by the judge."""
    prompt = spec.prompt.format(profession)
    specs = [GenerationSpec(prompt, FRESH_SEED + i, spec.steps, spec.guidance_scale) for i in range(FRESH)]
    images = generate(model, specs)
    labels = [spec.prompt.format(attribute) for attribute in spec.attributes]
    by_clip = scorer_for(model.folder).nearest(images, labels).float().mean()
    seen = judge_pictures(load_judge(WEIGHTS / "judge.safetensors"), np.stack([np.asarray(image) for image in images]))
    return float(by_clip), float(np.mean([picture.woman for picture in seen]))


def searched(model: Model, spec: DebiasSpec) -> Debiased:
    return debias(model, spec, on_iterate=lambda one: print(f"gap {one.gap:.3f}", file=sys.stderr, flush=True))


def print_professions(model: Model, spec: DebiasSpec) -> None:
    found = searched(model, spec)
    best = found.history[found.best]
    print(
        f"{len(found.history) - 1} iterations of {spec.images} images a profession, {'' if found.converged else 'not '}"
        f"within ±{spec.tolerance} including the uncertainty of ±{spec.half_width:.3f}.\n"
    )
    print("| profession | women before | after | fresh seeds, CLIP | fresh seeds, judge |\n|---|---|---|---|---|")
    with applied(model, found.edit):
        for number, profession in enumerate(spec.concepts):
            by_clip, by_judge = fresh_shares(model, spec, profession)
            before, after = found.history[0].shares[number][1], best.shares[number][1]
            print(f"| {profession} | {before:.2f} | {after:.2f} | {by_clip:.2f} | {by_judge:.2f} |")


def left_of_the_way(model: Model, spec: DebiasSpec, method: str) -> float:
    """‖W'c − Wt‖ / ‖Wc − Wt‖ of concepts c and targets t, the mean over all projections W that the method edits."""
    space = space_of(model, replace(spec, caption_scale=1.0))  # with all that a method may ask for
    scales = torch.tensor([[-STEP, STEP]] * len(spec.concepts))
    asked = preset("default", spec.concepts, (), method, guide="", text_space="tokens")
    found = []
    for name, edited in led(model, asked, space, scales).projections(model.masters):
        weight = model.masters[name]
        for concept, directions, own in zip(space.concepts, space.directions, scales, strict=True):
            target = (concept + torch.einsum("a,and->nd", own, directions)) @ weight.T
            found.append(float((concept @ edited.T - target).norm() / (concept @ weight.T - target).norm()))
    return sum(found) / len(found)


def print_methods(model: Model, spec: DebiasSpec) -> None:
    guiding = [name for name, one in erasing().items() if guided(one.spec) and not issubclass(one.spec, WeightlessSpec)]
    print("| method | left of the way |\n|---|---|")
    for method in guiding:
        print(f"| `{method}` | {left_of_the_way(model, spec, method):.2f} |", flush=True)
    print("\n| method | iterations | gap before | after | fresh seeds, CLIP | judge | CLIP score | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for method in debiasing():
        started = perf_counter()
        found = searched(model, replace(spec, solved_by=method))
        seconds, first, best = perf_counter() - started, found.history[0], found.history[found.best]
        with applied(model, found.edit):
            fresh = [fresh_shares(model, spec, profession) for profession in spec.concepts]
        gaps = [max(abs(share - spec.ratios[1]) for share in shares) for shares in zip(*fresh, strict=True)]
        moved = f"{sum(first.clip) / len(first.clip):.1f} → {sum(best.clip) / len(best.clip):.1f}"
        print(
            f"| `{method}` | {len(found.history) - 1}{'' if found.converged else ', not converged'} | {first.gap:.2f} "
            f"| {best.gap:.2f} | {gaps[0]:.2f} | {gaps[1]:.2f} | {moved} | {seconds:.0f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", action="store_true", help="compare the methods")
    parser.add_argument("--images", type=int, default=200, help="of a profession in each iteration")
    parser.add_argument("--tolerance", type=float, default=0.1, help="largest accepted gap")
    asked = parser.parse_args()
    spec = DebiasSpec(concepts=tuple(PROFESSIONS), images=asked.images, tolerance=asked.tolerance)
    (print_methods if asked.methods else print_professions)(load_model("atelier"), spec)


if __name__ == "__main__":
    main()
