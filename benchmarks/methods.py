"""python -m benchmarks.methods: how long each erasing method that changes weights solves, as a multiple of UCE's time,
in one run.

At Stable Diffusion 1.4's true shapes, with random weights and random vectors, one for each concept, through the
methods' own solve functions; texts are not encoded. Times are the CPU's, the best of three, so that what else the
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
    """What methods ask of EditInputs, and of it for a text space, without a model: one vector (1, d) float32 for each
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


def made_up(erased: int, retained: int, masters: Mapping[str, Tensor]) -> MadeUp:
    """What is retained spans no more than half the dimensions: with all of them double-projections erases nothing."""
    spans = list(zip(vectors(erased, 1).split(1), vectors(erased, 2).split(1), strict=True))
    captions = vectors(CAPTIONS, 4).double()
    kept = vectors(WIDTH // 2, 3).repeat(1 + 2 * retained // WIDTH, 1)[:retained]
    return MadeUp(spans, kept, masters, captions.T @ captions / CAPTIONS, vectors(4, 5).double())


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
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sizes, masters = [(erased, retained) for retained in RETAINED for erased in ERASED], projections()
    inputs = [made_up(*size, masters) for size in sizes]
    methods = {name: method for name, method in erasing().items() if not issubclass(method.spec, WeightlessSpec)}
    times = {name: [solving(method, one) for one in inputs] for name, method in methods.items()}
    print("| method | " + " | ".join(f"{erased} + {retained:,}" for erased, retained in sizes) + " |")
    print("|---" * (1 + len(sizes)) + "|")
    for name, found in times.items():
        print(f"| `{name}` | " + " | ".join(ratios(found, times[EditSpec.kind])) + " |")


if __name__ == "__main__":
    main()
