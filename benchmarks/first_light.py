"""python -m benchmarks.first_light: the README's speed table, on Atelier and on this machine.

Medians of several runs in one process, after one warm-up, except for the two rows that say "first".
"""

import statistics
import time
from collections.abc import Callable

import torch
from gradio_client import Client

from app.studio.engine import ENGINE
from app.studio.settings import Settings
from app.studio.studio import Studio
from scripts.serving import served
from uce_core import Edit, EditSpec, GenerationSpec, compare, erase
from uce_core.edits.closed_form import projector
from uce_core.models.applying import restore, write_edit
from uce_core.runtime import seconds

RUNS = 7


def median_seconds(action: Callable[[], object], runs: int = RUNS) -> float:
    action()
    return statistics.median(seconds(action) for _ in range(runs))


def first_use() -> tuple[float, float]:
    """Seconds from the command to the page's first byte, and to the first comparison, asked for at once."""
    began = time.perf_counter()
    with served() as url:
        up = time.perf_counter() - began
        Client(url, verbose=False).predict(["Vincent van Gogh"], ["Claude Monet"], "a house", 7, api_name="/compare")
        return up, time.perf_counter() - began


def main() -> None:
    startup, first_images = first_use()
    studio = Studio(Settings())
    studio.warm_up()
    model = studio.models.load()
    names = model.catalog
    spec = EditSpec(erase=names[:1], retain=names[1:11])
    first = seconds(lambda: erase(model, spec))
    remembered = median_seconds(lambda: erase(model, spec))
    edit = erase(model, spec)
    assert isinstance(edit, Edit)
    generations = [GenerationSpec(f"a house in the style of {names[0]}", seed=7, steps=10)]
    first_compare = seconds(lambda: compare(model, edit, generations))
    later_compare = median_seconds(lambda: compare(model, edit, generations), 3)
    switch = median_seconds(lambda: write_edit(model, edit))
    back = median_seconds(lambda: restore(model))
    copies = {key: model.pipeline.unet.get_parameter(key).detach().clone() for key in model.masters}

    def plain() -> None:
        """What switching must do at least: the low-rank product and a copy of the same bytes."""
        edited = projector(edit.u, edit.v)
        for key, copy in copies.items():
            copy.copy_(edited(model.masters[key]))

    print(
        f"PyTorch {torch.__version__}, {model.device.type}, {torch.get_num_threads()} threads, pipeline {model.dtype}"
    )
    print("\n| what | time |\n|---|---|")
    print(f"| page up after `python -m app` | {startup:.1f} s |")
    print(f"| the first two images and their scores, asked for at once | {first_images:.1f} s |")
    print(f"| solving an edit, 1 erased + 10 retained, the first time | {1e3 * first:.0f} ms |")
    print(f"| the same with the texts remembered | {1e3 * remembered:.1f} ms |")
    print(f"| a comparison (two 128×128 images, 10 steps, scores), the first one | {first_compare:.2f} s |")
    print(f"| later ones | {later_compare:.2f} s |")
    print(f"| switching to an edit / back | {1e3 * switch:.2f} / {1e3 * back:.2f} ms |")
    print(f"| switching ÷ the bare product and copy | {switch / median_seconds(plain):.2f} |")


if __name__ == "__main__":
    ENGINE.do(main)  # as in the app, one thread does all computing
