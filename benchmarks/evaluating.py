"""python -m benchmarks.evaluating: how long an evaluation takes, and how much of that is scoring.

Three edits, twelve artists, five prompts and two seeds each, on Atelier: 120 originals and 360 edited
images, generated, measured and reported as `python -m uce_core evaluate leakage` does it. Memory is the
process's resident memory after the originals and at the end.
"""

import tempfile
import time
from pathlib import Path

import psutil

from uce_core import EditSpec, erase, load_model
from uce_core.evaluation.candidates import as_candidate
from uce_core.evaluation.cases import facet_cases
from uce_core.evaluation.evaluate import evaluate
from uce_core.evaluation.inputs import EvaluationInputs

ERASED = ("Vincent van Gogh", "Pablo Picasso", "Gustav Klimt")
ARTISTS, IMAGES = 12, 2


def main() -> None:
    model = load_model("atelier").ready()
    artists = model.catalog[:ARTISTS]
    edits = [
        as_candidate(
            name.split()[-1], erase(model, EditSpec(erase=(name,), retain=tuple(a for a in model.catalog if a != name)))
        )
        for name in ERASED
    ]
    cases = facet_cases([], artists)
    resident: list[int] = []
    generated_at: list[float] = []

    def on_image(done: float, total: int) -> None:
        if generated_at:
            return  # it is told of measuring, too
        if done >= total:
            generated_at.append(time.perf_counter())
        if done >= total / (len(edits) + 1):
            resident.append(psutil.Process().memory_info().rss)

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        evaluate(
            model,
            EvaluationInputs(candidates=tuple(edits), cases=tuple(cases), images=IMAGES),
            Path(folder),
            on_image=on_image,
        )
    ended = time.perf_counter()
    scoring = ended - generated_at[0]
    print(f"{len(edits)} edits × {len(artists)} artists × {len(cases) // len(artists)} prompts × {IMAGES} seeds\n")
    print("| what | measured |\n|---|---|")
    print(f"| in all | {(ended - began) / 60:.1f} min |")
    print(f"| measuring and reporting, of that | {scoring:.0f} s, {scoring / (ended - began):.0%} |")
    print(f"| resident memory after the originals | {resident[0] / 2**20:.0f} MB |")
    print(f"| when all was generated | {resident[-1] / 2**20:.0f} MB |")
    print(f"| at the end | {psutil.Process().memory_info().rss / 2**20:.0f} MB |")


if __name__ == "__main__":
    main()
