"""python -m benchmarks.methods: how long each erasing method that changes weights solves, as a multiple of UCE's time,
in one run.

At Stable Diffusion 1.4's true shapes, with random weights and random vectors, through the methods' own solve functions;
texts are not encoded. Times are the CPU's, the best of three, so that what else the
machine does counts little; set OMP_NUM_THREADS=1 to compare work, not threads. A method that makes whole weights
has them at the end; the others have small matrices, from which the weights are made when the edit is applied.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import process_time
from typing import Any, cast

import torch
from torch import Tensor

from uce_core.bench.solve import CHANNELS, WIDTH, vectors
from uce_core.edits.edit import Edit
from uce_core.edits.reviving import Spectrum, spectrum_of
from uce_core.edits.spec import EditSpec
from uce_core.edits.weightless_spec import WeightlessSpec
from uce_core.methods import erasing
from uce_core.methods.inputs import EditInputs
from uce_core.methods.method import Method

RETAINED = (100, 1000)
ERASED = (1, 10, 100)
CAPTIONS = 2000  # tokens of them
RUNS = 3


@dataclass(frozen=True)
class MadeUp:
    """What methods ask of EditInputs, and of it for a text space, without a model: vectors (n, d) float32 of each
    erased text and its guide, and of what is retained (m, d). masters: (out, d) float32 by name. second_moment: (d, d)
    float64. invariants: (4, d) float64."""

    spans: list[tuple[Tensor, Tensor]]
    retained: Tensor
    masters: Mapping[str, Tensor]
    second_moment: Tensor
    invariants: Tensor
    text_encoder: str = "random"

    @property
    def tokens(self) -> "MadeUp":
        return self

    @cached_property
    def spectrum(self) -> Spectrum:
        return spectrum_of(self.masters.values())

    def edited(self, solve: Callable[["MadeUp"], tuple[Tensor, Tensor]]) -> Edit:
        u, v = solve(self)
        return Edit(spec=None, u=u, v=v, text_encoder=self.text_encoder)

    @property
    def value_projections(self) -> dict[str, Tensor]:
        return {name: weight for name, weight in self.masters.items() if name.endswith("to_v.weight")}

    @property
    def concepts(self) -> list[Tensor]:
        return [concept for concept, _ in self.spans]

    @property
    def guides(self) -> list[Tensor]:
        return [guide for _, guide in self.spans]

    @property
    def erased(self) -> tuple[Tensor, Tensor]:
        return torch.cat(self.concepts), torch.cat(self.guides)


def projections() -> dict[str, Tensor]:
    """to_k and to_v of every cross-attention by turns, (out, d) by name."""
    noise = torch.Generator().manual_seed(0)
    weights = (torch.randn(out, WIDTH, generator=noise) / WIDTH**0.5 for out in CHANNELS)
    return {f"{i // 2}.attn2.{('to_k', 'to_v')[i % 2]}.weight": weight for i, weight in enumerate(weights)}


def made_up(erased: int, retained: int, tokens: int, masters: Mapping[str, Tensor]) -> MadeUp:
    """tokens: vectors of each erased concept. What is retained spans no more than half the dimensions: with all of them
    double-projections erases nothing."""
    concepts, guides = (vectors(erased * tokens, seed).split(tokens) for seed in (1, 2))
    captions = vectors(CAPTIONS, 4).double()
    kept = vectors(WIDTH // 2, 3).repeat(1 + 2 * retained // WIDTH, 1)[:retained]
    return MadeUp(
        list(zip(concepts, guides, strict=True)),
        kept,
        masters,
        captions.T @ captions / CAPTIONS,
        vectors(4, 5).double(),
    )


def solving(method: Method[Any], inputs: MadeUp) -> float:
    """Seconds of CPU time."""
    spec, times = method.spec(erase=("random",)), []
    for _ in range(RUNS):
        start = process_time()
        method.solve(cast(EditInputs, inputs), spec)
        times.append(process_time() - start)
    return min(times)


def ratios(times: Sequence[float], of_uce: Sequence[float]) -> list[str]:
    found = [time / first for time, first in zip(times, of_uce, strict=True)]
    return [f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}" for ratio in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=1, help="vectors of each erased concept")
    parser.add_argument("--method", nargs="*", help="these beside UCE; default: all")
    asked = parser.parse_args()
    sizes, masters = [(erased, retained) for retained in RETAINED for erased in ERASED], projections()
    inputs = [made_up(*size, asked.tokens, masters) for size in sizes]
    methods = {
        name: method
        for name, method in erasing().items()
        if not issubclass(method.spec, WeightlessSpec) and name in (EditSpec.kind, *(asked.method or erasing()))
    }
    columns = ["method", *(f"{erased} + {retained:,}" for erased, retained in sizes), "seconds of the last"]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    of_uce: list[float] = []
    for name, method in methods.items():
        times = [solving(method, one) for one in inputs]
        of_uce = of_uce or times  # the first
        print(f"| `{name}` | {' | '.join(ratios(times, of_uce))} | {times[-1]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
