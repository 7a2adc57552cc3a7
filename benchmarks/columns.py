"""python -m benchmarks.columns: six edits beside the original, against as many images generated plainly; and what each
edit adds to an image.

Each is done in turn, in one process: the comparison as the page does it, scored, put into words and recorded, and the
same number of images of the same prompt by the model's pipeline in one call of diffusers. For what an edit adds, a
batch of images without it and one with it, by turns.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import torch

from uce_core import AnyEdit, GenerationSpec, Model, erase, generate, load_model, preset
from uce_core.generation.jobs import batch_size
from uce_core.models.onednn import packed
from uce_core.runs.record import Record
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store
from uce_core.workflows import run_comparisons

TEXT = ("uce", "rece", "double-projections", "cure", "semantic-surgery", "negative-prompt")
MIXED = ("uce", "rece", "semantic-surgery", "oce", "uce-tensor", "adavd")
ROUNDS = 5
TOGETHER = 4  # images of a batch, for what an edit adds


def print_added(model: Model, edits: Mapping[str, AnyEdit], prompt: str) -> None:
    print("\n| edit | without, s an image | with, s an image | ratio |\n|---|---|---|---|")
    for kind, edit in edits.items():
        pairs = []
        for number in range(1 + ROUNDS):  # the first is to warm up
            specs = [GenerationSpec(prompt, seed=100 * number + seed) for seed in range(TOGETHER)]
            began = time.perf_counter()
            generate(model, specs)
            between = time.perf_counter()
            generate(model, specs, edits=[edit] * TOGETHER)
            pairs.append(((between - began) / TOGETHER, (time.perf_counter() - between) / TOGETHER))
        without, with_it = (median(some) for some in zip(*pairs[1:], strict=True))
        print(f"| `{kind}` | {without:.3f} | {with_it:.3f} | {with_it / without:.2f} |", flush=True)


def main() -> None:
    model = load_model("atelier").ready()
    name = model.catalog[0]
    prompt = f"a house in the style of {name}"
    edits = {kind: erase(model, preset("default", [name], (), kind)) for kind in dict.fromkeys((*TEXT, *MIXED))}
    print(f"{torch.get_num_threads()} threads, {model.device.type}, {model.dtype}, median of {ROUNDS}\n")
    print("| columns | seeds | plainly, s | as the page does it, s | ratio |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))

        def keep(record: Record) -> AnyRun:
            return store.get(record.keep(store))

        for label, kinds in (
            ("six that edit the text", TEXT),
            ("three of them, three in the weights or values", MIXED),
        ):
            for seeds in (1, 4):
                pairs = []
                for number in range(1 + ROUNDS):  # the first is to warm up
                    specs = [GenerationSpec(prompt, seed=10 * number + seed) for seed in range(seeds)]
                    began = time.perf_counter()
                    plain(model, prompt, [spec.seed for spec in specs for _ in range(1 + len(kinds))])
                    between = time.perf_counter()
                    run_comparisons(model, [edits[kind] for kind in kinds], specs, keep)
                    pairs.append((between - began, time.perf_counter() - between))
                plainly, compared = (median(some) for some in zip(*pairs[1:], strict=True))
                print(f"| {label} | {seeds} | {plainly:.2f} | {compared:.2f} | {compared / plainly:.2f} |", flush=True)
    print_added(model, edits, prompt)


def plain(model: Model, prompt: str, seeds: list[int]) -> None:
    """In batches as the engine makes them."""
    with torch.no_grad(), packed(model.denoiser, model.pipeline.vae):
        for start in range(0, len(seeds), batch_size(model)):
            some = seeds[start : start + batch_size(model)]
            model.pipeline(
                [prompt] * len(some),
                num_inference_steps=model.family.steps,
                guidance_scale=model.family.guidance_scale,
                generator=[torch.Generator("cpu").manual_seed(seed) for seed in some],
            )


if __name__ == "__main__":
    main()
