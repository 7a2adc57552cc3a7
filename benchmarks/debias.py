"""python -m benchmarks.debias: Atelier's biased professions, debiased, and counted again on fresh seeds.

Women's share among images of each profession: by CLIP on the seeds that the search used, before
and after; and on 100 seeds that it never saw, by CLIP and by the judge, which took no part in it.
"""

import sys

import numpy as np

from atelier.recognition import judge_pictures, load_judge
from atelier.train import WEIGHTS
from atelier.world import PROFESSIONS
from uce_core import DebiasSpec, GenerationSpec, Model, applied, debias, generate, load_model
from uce_core.metrics.scorer import scorer_for

FRESH_SEED, FRESH = 70_000, 100


def fresh_shares(model: Model, spec: DebiasSpec, profession: str) -> tuple[float, float]:
    """Women's share by CLIP and by the judge."""
    prompt = spec.prompt.format(profession)
    specs = [GenerationSpec(prompt, FRESH_SEED + i, spec.steps, spec.guidance_scale) for i in range(FRESH)]
    images = generate(model, specs)
    labels = [spec.prompt.format(attribute) for attribute in spec.attributes]
    by_clip = scorer_for(model.folder).nearest(images, labels).float().mean()
    seen = judge_pictures(load_judge(WEIGHTS / "judge.safetensors"), np.stack([np.asarray(image) for image in images]))
    return float(by_clip), float(np.mean([picture.woman for picture in seen]))


def main() -> None:
    model = load_model("atelier")
    spec = DebiasSpec(concepts=tuple(PROFESSIONS))
    found = debias(model, spec, on_iterate=lambda one: print(f"gap {one.gap:.3f}: {one}", file=sys.stderr, flush=True))
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


if __name__ == "__main__":
    main()
