"""How far an edit has moved what should stay as a whole: KID between originals and edited images, by their embeddings,
of which each block has a file beside that of its figures.

Features are the embeddings of the scorer's CLIP, hence CLIP-KID: Inception's weights are not ours to ship, and CLIP's
embeddings are nearer to what people see (Jayasumana et al. 2024, arXiv 2401.09603). Knows nothing about models or
images.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import torch
from polars import col
from safetensors import safe_open
from torch import Tensor

from uce_core import tensor_files
from uce_core.evaluation.report_page import chosen
from uce_core.files import write
from uce_core.metrics.kid import LEAST, kid
from uce_core.statistics import NORMAL_95, Mean

MOST = 2000  # pairs of images, evenly spread, as each is held against each
AS_PRINTED = 1000  # times KID, as papers print it
# Rows, as in scores.py, that ask for no erased artist:
STAYS = (col("role") != "erased") | (col("facet") == "content")


def embeddings_beside(figures: Path) -> Path:
    """The file of them, of a block under an edit whose figures are there."""
    return figures.with_suffix(".safetensors")


def write_embeddings(before: Tensor, after: Tensor, path: Path) -> None:
    """(n, d) each, in the order of the rows of figures."""
    write(path, tensor_files.to_safetensors({"before": before, "after": after}, {}))


def distance(rows: pl.DataFrame, files: Iterable[Path]) -> Mean | None:
    """KID × 1000 of an edit's images that should stay; None of too few. rows: of an edit, as its files have them, one
    after the other."""
    stays = np.flatnonzero(rows.select(STAYS.alias("stays"))["stays"].to_numpy())
    numbers = stays[chosen(len(stays), MOST)]
    if len(numbers) < LEAST:
        return None
    before, after = (torch.cat(parts) for parts in zip(*_parts(numbers, files), strict=True))
    found = kid(features(before), features(after))
    value, reach = AS_PRINTED * found.value, AS_PRINTED * NORMAL_95 * found.error
    return Mean(value, value - reach, value + reach)


def features(embeddings: Tensor) -> Tensor:
    """Embeddings (n, d) of length 1 as long as √d, so that KID's kernel, which divides by d, has their cosines."""
    found: Tensor = embeddings.double() * embeddings.shape[1] ** 0.5
    return found


def _parts(numbers: np.ndarray, files: Iterable[Path]) -> Iterable[tuple[Tensor, Tensor]]:
    """Of each file the embeddings that are wanted. numbers: (m,) ascending, over all files."""
    start = 0
    for path in files:
        with safe_open(path, "pt") as file:
            before, after = file.get_tensor("before"), file.get_tensor("after")
        wanted = numbers[(start <= numbers) & (numbers < start + len(before))] - start
        if len(wanted):  # a block of which all is left out has embeddings of no length
            yield before[wanted], after[wanted]
        start += len(before)
