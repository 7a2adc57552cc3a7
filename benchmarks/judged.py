"""python -m benchmarks.judged DIR: what the judge sees in an evaluation's images of Atelier, beside what CLIP saw.

DIR: a folder of evaluate methods, or of any other evaluation of facets. The judge is a classifier trained on painter
pictures, which took no part in the model or its scorer. Shares of images: of the erased artists that show the style
that is asked for, by any facet but content, and the subject where no artist is named; of the others, their style.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image
from polars import col

from atelier.recognition import Judge, judge_pictures, load_judge
from atelier.train import WEIGHTS
from uce_core.evaluation import scores
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.plan import PLAN

GROUPS = {  # head: rows, as in scores.py
    "style left": (col("role") == "erased") & (col("facet") == "style"),
    "indirect wording left": (col("role") == "erased") & (col("facet") == "indirect"),
    "bare name left": (col("role") == "erased") & (col("facet") == "name"),
    "content": (col("role") == "erased") & (col("facet") == "content"),
    "retained": (col("role") == "retained") & (col("facet") == "style"),
    "near": (col("role") == "near") & (col("facet") == "style"),
    "far": (col("role") == "far") & (col("facet") == "style"),
}


def share(judge: Judge, folder: Path, which: str, rows: pl.DataFrame) -> tuple[float, float]:
    """Of the images that show what they should, by the judge and by CLIP. which: an edit's name, or ORIGINAL."""
    files = [f"{case}_{n}.png" for case, n in rows.select("case_number", "n").iter_rows()]
    seen = judge_pictures(judge, np.stack([np.asarray(Image.open(folder / which / file)) for file in files]))
    asked = list(rows.select("facet", "artist", "subject").iter_rows())
    right = [
        picture.subject == subject.partition(" ")[2] if facet == "content" else picture.rendering == artist
        for picture, (facet, artist, subject) in zip(seen, asked, strict=True)
    ]
    shown = "subject_shown" if asked[0][0] == "content" else "shown"
    side = "before" if which == ORIGINAL else "after"
    return float(np.mean(right)), float(rows[f"{shown}_{side}"].cast(pl.Float64).fill_null(0.0).to_numpy().mean())


def line(judge: Judge, folder: Path, which: str, rows: pl.DataFrame) -> str:
    cells = []
    for wanted in GROUPS.values():
        some = rows.filter(wanted)
        cells.append("{:.2f} / {:.2f}".format(*share(judge, folder, which, some)) if len(some) else "–")
    return f"| {'no edit' if which == ORIGINAL else which} | {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    folder, judge = Path(arguments[0]), load_judge(WEIGHTS / "judge.safetensors")
    names = list(json.loads((folder / PLAN).read_text(encoding="utf-8"))["names"])
    print(f"Judge / CLIP.\n\n| edit | {' | '.join(GROUPS)} |\n|{'---|' * (1 + len(GROUPS))}")
    for name in names:
        rows = scores.read(sorted((folder / scores.FOLDER / name).glob("*.parquet")))
        if name == names[0]:
            print(line(judge, folder, ORIGINAL, rows))
        print(line(judge, folder, name, rows), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
