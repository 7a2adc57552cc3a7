"""python -m benchmarks.commands: time and memory of commands that solve and measure edits, at Stable Diffusion's true
shapes with random weights.

Each command runs in a process of its own, which reads and imports everything anew; the first does nothing but import.
CPU seconds are of all threads; on a machine that does other work besides, they say more than the seconds that pass.
Memory is the largest resident set, shared libraries included.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.true_shapes import FLUX, TEXT, TOWERS, alone, write_flux, write_model
from uce_core.bench.shapes import UNETS
from uce_core.concepts.tower import TOGETHER

TOKENS = 77  # of a text
ERASED, RETAINED = 1000, 734  # as in the largest erasure of the published code


def names() -> list[str]:
    """As many as there are artists in the published list, each of two words that nobody else has."""
    chance = random.Random(0)
    return [" ".join(_word(chance) for _ in range(2)) for _ in range(ERASED + RETAINED)]


def _word(chance: random.Random) -> str:
    syllables = (chance.choice("bdfghjklmnprstvwz") + chance.choice("aeiou") for _ in range(chance.randint(2, 3)))
    return "".join(syllables).capitalize()


def measured(what: str, arguments: Sequence[str]) -> str:
    """A row of the table."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "uce_core", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{what} failed")
    memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return f"| {what} | {seconds:.0f} s | {used.ru_utime + used.ru_stime:.0f} s | {memory / 1e6:,.0f} MB |"


def products(shape: str) -> str:
    """What the text encoder's float32 products are in the largest erasure, and how fast this machine multiplies."""
    operations = 0  # of a token
    for tower in (TEXT[name] for name in TOWERS[shape]):
        width, layers = tower["hidden_size"], tower["num_hidden_layers"] - (shape == "sdxl")  # it reads the penultimate
        operations += 2 * layers * width * (4 * width + 2 * tower["intermediate_size"])
    texts = operations * TOKENS * (ERASED + RETAINED)
    rows, weight = torch.rand(TOGETHER, 768), torch.rand(3072, 768)
    best = min(timeit.repeat(lambda: rows @ weight.T, number=5, repeat=20)) / 5
    speed = 2 * TOGETHER * weight.numel() / best
    return (
        f"Encoding all {ERASED + RETAINED:,} texts whole takes {texts / 1e12:.1f} TFLOP of products, multiplied at "
        f"{speed / 1e9:.0f} GFLOP/s at best."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=[*UNETS, FLUX], default="sd-1.4", help=f"of {FLUX} only the first two rows")
    parser.add_argument("--model", type=Path, help="a folder of that shape, instead of a new one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        if not chosen.model:
            alone(*((write_flux,) if chosen.shape == FLUX else (write_model, chosen.shape)), home / "model")
        model = ["--model", str(chosen.model or home / "model")]
        one, many, last, erased, retained, everyone = (
            home / name for name in ("one", "many", "last", "erased", "retained", "all")
        )
        for file, some in ((erased, names()[:ERASED]), (retained, names()[ERASED:]), (everyone, names())):
            file.write_text("\n".join(some), encoding="utf-8")
        lists = ["--erase-from", str(erased), "--retain-from", str(retained)]
        print(f"{chosen.shape}, random weights\n\n| command | time | CPU | memory |\n|---|---|---|---|")
        commands = (
            ("erase 1", ["erase", "--erase", "Vincent van Gogh", "--out", str(one), *model]),
            ("inspect, which only imports", ["inspect", str(one)]),
            (f"impact on {ERASED + RETAINED:,}", ["impact", "--edit", str(one), "--catalog", str(everyone), *model]),
            (f"erase {ERASED:,}, retain {RETAINED}", ["erase", *lists, "--out", str(many), *model]),
            ("the same by the last token", ["erase", *lists, "--span", "last", "--out", str(last), *model]),
        )
        for what, arguments in commands[: 2 if chosen.shape == FLUX else None]:
            print(measured(what, arguments), flush=True)
    if chosen.shape != FLUX:
        print(f"\n{products(chosen.shape)}")


if __name__ == "__main__":
    main()
