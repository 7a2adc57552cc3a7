"""How fast and how exact: our closed form against the published code's loops, in one run on this machine.

At Stable Diffusion 1.4's true shapes, with random vectors of its texts' length. The loops' cost is
the sum over layers and over texts of the same work, so it is timed on some of them and scaled: the
2025 loop on all texts and one layer of each size, the 2023 loop on two texts and one layer. Every
time is the best of three.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import psutil
import torch
from torch import Tensor

from uce_core.bench.reference_loops import loop_2023, loop_2025
from uce_core.edits.closed_form import projector, solve
from uce_core.problems import Problem
from uce_core.runtime import best

WIDTH, TOKENS, NORM = 768, 77, 27.0  # of CLIP ViT-L/14's last hidden states
CHANNELS = (320,) * 10 + (640,) * 10 + (1280,) * 12  # to_k and to_v of SD 1.4's 16 cross-attentions
SCALES = (0.5, 1.0, 1.0)  # λ, erase, retain
SIZES = ("1+0", "1+1000", "10+0", "10+1000", "100+0", "100+1000", "1000+0", "1000+1000")
SAMPLED_TEXTS = 2  # of each list, for the 2023 loops


@dataclass(frozen=True, kw_only=True)
class Solving:
    """One size. Seconds of an edit of all 32 projections; error: the largest entry of W' − W'(float64), relative to
    the largest of W'; extra_bytes: resident memory at its peak above what it was, of ours."""

    erased: int
    retained: int
    seconds: float
    seconds_2025: float
    seconds_2023: float
    error: float
    error_2025: float
    extra_bytes: int
    edited_bytes: int

    @property
    def ratio_2025(self) -> float:
        return self.seconds_2025 / self.seconds

    @property
    def ratio_2023(self) -> float:
        return self.seconds_2023 / self.seconds


@dataclass(frozen=True)
class Layered:
    layers: int
    seconds: float
    seconds_2025: float


def bench_solve(sizes: Iterable[str] = SIZES) -> Iterator[Solving]:
    """A row for each size "erased+retained". Raises ValueError for a size that is not of that form."""
    counts = [_counts(size) for size in sizes]
    weights = [torch.randn(channels, WIDTH, generator=_seeded(channels)) / WIDTH**0.5 for channels in CHANNELS]
    for erased, retained in counts:
        yield _solving(weights, erased, retained)


def bench_layers(layers: Iterable[int] = (1, 8, 32), erased: int = 100, retained: int = 1000) -> list[Layered]:
    """How the cost grows with the number of projections edited, all of 1,280 channels."""
    c, g, p = (vectors(n, seed) for n, seed in ((erased, 1), (erased, 2), (retained, 3)))
    weight = torch.randn(1280, WIDTH, generator=_seeded(0)) / WIDTH**0.5
    loop = _best(lambda: loop_2025([weight], c, g, p, *SCALES))
    return [Layered(n, _best(lambda n=n: ours([weight] * n, c, g, p)), n * loop) for n in layers]  # type: ignore[misc]


def ours(weights: list[Tensor], c: Tensor, g: Tensor, p: Tensor) -> list[Tensor]:
    edited = projector(*solve(c, g, p, *SCALES))
    return [edited(weight) for weight in weights]


def _solving(weights: list[Tensor], erased: int, retained: int) -> Solving:
    c, g, p = (vectors(n, seed) for n, seed in ((erased, 1), (erased, 2), (retained, 3)))
    one_of_each = [weights[CHANNELS.index(channels)] for channels in sorted(set(CHANNELS))]
    times = {w.shape[0]: _best(lambda w=w: loop_2025([w], c, g, p, *SCALES)) for w in one_of_each}  # type: ignore[misc]
    exact = _exact(one_of_each[0], c, g, p)
    loop = loop_2025(one_of_each[:1], c, g, p, *SCALES)[0]
    extra = _peak(lambda: ours(weights, c, g, p))
    return Solving(
        erased=erased,
        retained=retained,
        seconds=_best(lambda: ours(weights, c, g, p)),
        seconds_2025=sum(times[channels] for channels in CHANNELS),
        seconds_2023=_seconds_2023(weights, erased, retained),
        error=_error(ours(one_of_each[:1], c, g, p)[0], exact),
        error_2025=_error(loop, exact),
        extra_bytes=extra,
        edited_bytes=sum(weight.nbytes for weight in weights),
    )


def _seconds_2023(weights: list[Tensor], erased: int, retained: int) -> float:
    """For each of 32 layers: a fixed part, and the same for every text, timed on one layer and two texts."""
    texts = [vectors(TOKENS, seed) for seed in range(SAMPLED_TEXTS)]
    middle = [CHANNELS.index(640)]
    fixed = _best(lambda: loop_2023(weights, [], [], [], *SCALES, layers=middle))
    whole = _best(lambda: loop_2023(weights, texts, texts, [], *SCALES, layers=middle))
    return len(weights) * (fixed + (whole - fixed) / SAMPLED_TEXTS * (erased + retained))


def _exact(weight: Tensor, c: Tensor, g: Tensor, p: Tensor) -> Tensor:
    """Equation 7 in float64, as it is written."""
    w, c, g, p = weight.double(), c.double(), g.double(), p.double()
    lam, e, r = SCALES
    left = lam * w + e * (w @ g.T) @ c + r * (w @ p.T) @ p
    right = lam * torch.eye(WIDTH, dtype=torch.float64) + e * c.T @ c + r * p.T @ p
    exact: Tensor = left @ torch.linalg.inv(right)
    return exact


def _error(found: Tensor, exact: Tensor) -> float:
    return float((found.double() - exact).abs().max() / exact.abs().max())


def vectors(count: int, seed: int) -> Tensor:
    """(count, d): a direction that all texts share, and one of their own, of about the same length."""
    generator = _seeded(seed)
    shared = torch.randn(WIDTH, generator=_seeded(99))
    vectors: Tensor = (shared + torch.randn(count, WIDTH, generator=generator)) * (NORM / (2 * WIDTH) ** 0.5)
    return vectors


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _counts(size: str) -> tuple[int, int]:
    parts = size.split("+")
    if len(parts) != 2 or not all(part.isdigit() for part in parts) or int(parts[0]) < 1:
        raise Problem(
            "bad_bench_size",
            "The size {size!r} is not valid: write erased+retained, for example 100+1000.",
            size=size,
        )
    return int(parts[0]), int(parts[1])


def _peak(action: Callable[[], object]) -> int:
    """How far the resident memory rose above its start while the action ran, sampled every millisecond."""
    process, done = psutil.Process(), threading.Event()
    start: int = process.memory_info().rss
    highest = [start]

    def watch() -> None:
        while not done.wait(0.001):
            highest.append(process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        action()
        highest.append(process.memory_info().rss)
    finally:
        done.set()
        watcher.join()
    return max(highest) - start


def _best(action: Callable[[], object]) -> float:
    return best(action, 3)
