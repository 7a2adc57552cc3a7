"""An edit as LoRA: the change of every projection, W' − W, as up·down.

Edits of low rank have that form exactly, up = W Uᵀ and down = V. Of a dense edit, or for a smaller rank, it is the
truncated singular value decomposition of each change, which no factors of that rank come nearer to (Eckart and Young
1936). Knows nothing about files.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from uce_core.edits.edit import AnyEdit, Edit
from uce_core.edits.layered import LayeredEdit
from uce_core.problems import Problem

NEGLIGIBLE = 1e-3  # of a dense edit's change, in the Frobenius norm, that low rank may leave out unasked

Factors = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Lora:
    """factors: of every projection, by name without “.weight”, up (out, r) and down (r, d), float32. error: what they
    leave out, at most, of any projection's change: ‖W' − W − up·down‖ / ‖W' − W‖ (Frobenius), 0 if nothing."""

    factors: Mapping[str, Factors]
    error: float

    @property
    def rank(self) -> int:
        return max(down.shape[0] for _, down in self.factors.values())


def lora_of(masters: Mapping[str, Tensor], edit: AnyEdit, rank: int | None = None) -> Lora:
    """masters: W (out, d) by name. rank: at most that; None for all that it takes.

    Raises ValueError for a dense edit whose changes are not of low rank, if no rank is given.
    """
    if rank is not None and rank < 1:
        raise Problem("bad_rank", "The rank is {rank}: use a whole number from 1.", rank=rank)
    if isinstance(edit, Edit | LayeredEdit):
        exact = edit.lora_factors(masters)
        if rank is None or edit.rank <= rank:
            return Lora(exact, 0.0)
        return _worst({name: _truncated(up, down, rank) for name, (up, down) in exact.items()})
    changes = {name: edited.double() - masters[name].double() for name, edited in edit.projections(masters)}
    return _worst({name.removesuffix(".weight"): _low_rank(change, rank) for name, change in changes.items()})


def _truncated(up: Tensor, down: Tensor, rank: int) -> tuple[Factors, float]:
    """up (out, k), down (k, d): their product in rank r, and what is left out. With downᵀ = QR, the singular values of
    up·down are those of the small up·Rᵀ."""
    q, r = torch.linalg.qr(down.double().T)  # (d, k), (k, k)
    return _cut(up.double() @ r.T, rank, q.T)


def _low_rank(change: Tensor, rank: int | None) -> tuple[Factors, float]:
    """change (out, d)."""
    if rank is None:
        left_out = torch.linalg.svdvals(change).square().flip(0).cumsum(0).flip(0).sqrt()  # by the ranks from 0 on
        rank = max(1, int((left_out > NEGLIGIBLE * left_out[0]).sum()))
        if rank > min(change.shape) // 2:
            raise Problem(
                "dense_has_no_lora",
                "The changes of this edit are not of low rank: give a rank to approximate them, or export it as "
                "published.",
            )
    return _cut(change, rank, torch.eye(change.shape[1], dtype=change.dtype))


def _cut(matrix: Tensor, rank: int, basis: Tensor) -> tuple[Factors, float]:
    """matrix (out, k)·basis (k, d), whose rows are orthonormal, in rank r; and what is left out."""
    u, s, vh = torch.linalg.svd(matrix, full_matrices=False)
    whole = torch.linalg.norm(s)
    error = float(torch.linalg.norm(s[rank:]) / whole) if whole else 0.0
    up, down = u[:, :rank] * s[:rank], vh[:rank] @ basis  # (out, r), (r, d)
    return (up.float(), down.float()), error


def _worst(found: Mapping[str, tuple[Factors, float]]) -> Lora:
    return Lora({name: factors for name, (factors, _) in found.items()}, max(error for _, error in found.values()))
