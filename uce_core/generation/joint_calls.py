"""Calls of a denoiser that are made as one, each row with its own edit. Knows nothing about whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from uce_core.edits.edit import AnyEdit
from uce_core.models.applying import Changes, applied, applied_beside
from uce_core.models.model import Model

WITHOUT_ROWS = {"txt_ids", "img_ids"}  # positions, which FLUX's calls of one shape share


@dataclass(frozen=True, eq=False)
class Call:
    """Of a model's denoiser, waiting to be made with others. changes: what the edit of each row makes of projections
    (models/applying.py). swapped: the edit for which weights are swapped, of all rows. most: rows that one call may
    have."""

    denoiser: Any
    model: Model
    changes: Sequence[Changes | None]
    swapped: AnyEdit | None
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    most: int

    @property
    def rows(self) -> int:
        return len(self.changes)

    def joins(self, other: "Call") -> bool:
        """Whether both can be one: of the same denoiser with the same weights, latents and texts of the same shapes, at
        the same places."""
        ours, theirs = (_shape([*call.arguments, call.named]) for call in (self, other))
        alike = self.denoiser is other.denoiser and self.swapped is other.swapped and bool(ours == theirs)
        shared = WITHOUT_ROWS & self.named.keys()
        return alike and all(torch.equal(self.named[name], other.named[name]) for name in shared)


def joint_call(calls: Sequence[Call]) -> list[tuple[Tensor, ...]]:
    """Of the denoiser that all of them are for, each row with its edit; what comes back for each."""
    one = calls[0]
    changes = [row for call in calls for row in call.changes]
    with applied(one.model, one.swapped) if one.swapped else applied_beside(one.model, changes):
        return _joint_call(calls)


def _joint_call(calls: Sequence[Call]) -> list[tuple[Tensor, ...]]:
    if len(calls) == 1:
        return [calls[0].denoiser(*calls[0].arguments, **calls[0].named)]
    rows = [call.rows for call in calls]
    arguments = [_merged(values, rows) for values in zip(*(call.arguments for call in calls), strict=True)]
    named = {
        name: value if name in WITHOUT_ROWS else _merged([call.named[name] for call in calls], rows)
        for name, value in calls[0].named.items()
    }
    output = calls[0].denoiser(*arguments, **named)
    return list(zip(*(part.split(rows) for part in output), strict=True))


def _merged(values: Sequence[Any], rows: Sequence[int]) -> Any:
    """Tensors one below the other, a timestep in each of its rows; of all else the first, which the others equal."""
    first = values[0]
    if isinstance(first, Tensor):
        return torch.cat([value.expand(n) if value.ndim == 0 else value for value, n in zip(values, rows, strict=True)])
    if isinstance(first, dict):
        return {name: _merged([value[name] for value in values], rows) for name in first}
    return first


def _shape(value: Any) -> Any:
    """What must be equal for values to be merged."""
    if isinstance(value, Tensor):
        return value.shape[1:], value.dtype
    if isinstance(value, dict):
        return {name: _shape(one) for name, one in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list | tuple) else value
