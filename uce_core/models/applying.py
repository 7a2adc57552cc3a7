"""An edit in a model for a while, in its weights or in the values that they make; then the model is what it was.

Knows nothing about how an edit was asked for or what will be generated.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from uce_core.concepts.text_spaces import VALUES
from uce_core.edits.edit import AnyEdit, WeightEdit
from uce_core.edits.weightless import WeightlessEdit
from uce_core.models.fits import check_editable, check_fits
from uce_core.models.model import Model

if TYPE_CHECKING:  # defined for type checkers alone
    from uce_core.edits.weightless_spec import OnValues

ROOM = 2**26  # bytes of an edit's weights that may stand beside the model's, with those of a batch's other edits

Change = Callable[[Tensor, Tensor], Tensor]
"""What a projection reads and what it makes of that, to what it shall have made."""
Changes = Sequence[tuple[nn.Linear, Change]]
"""Of an edit, for each projection."""


@contextmanager
def applied(model: Model, edit: AnyEdit | None) -> Iterator[None]:
    """The model with the edit in its weights, or in the values that they make; on leaving, it is what it was, bit for
    bit.

    None applies nothing. Holds the model's lock. Raises ValueError if the edit is for another model, or only changes
    what is read of a prompt.
    """
    with model.lock:
        if edit is None:
            yield
            return
        check_fits(model, edit)
        check_editable(model)
        model.rewritten = True
        try:
            with values_changed(model, edit) if isinstance(edit, WeightlessEdit) else weights_changed(model, edit):
                yield
        finally:
            model.rewritten = False


@contextmanager
def weights_changed(model: Model, edit: WeightEdit) -> Iterator[None]:
    try:
        write_edit(model, edit)
        yield
    finally:
        restore(model)


@contextmanager
def values_changed(model: Model, edit: WeightlessEdit) -> Iterator[None]:
    """Every value projection's outputs, computed in float32, in their dtype. Raises ValueError if the edit changes
    none."""
    if edit.edits_text:
        edit.projections(model.masters)
    with ExitStack() as hooks:
        for projection, change in _changes(model, edit):
            hook = projection.register_forward_hook(lambda _, read, made, change=change: change(read[0], made))
            hooks.callback(hook.remove)
        yield


def swapped(model: Model, edit: AnyEdit | None) -> AnyEdit | None:
    """The edit, if the model's weights must be swapped for it; None for one that can stand beside them, so that images
    with it and without it are generated in one batch."""
    if edit is None:
        return None
    weights = sum(master.numel() for master in model.masters.values()) if edit.changes_weights else 0
    return edit if model.compiled or weights * model.dtype.itemsize > ROOM else None


class Beside:
    """What edits of a model make of its projections, for as long as images are generated: of each edit it is computed
    once, in float32, and kept in the model's dtype. The edits have been checked (models/fits.py)."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._known: dict[int, tuple[AnyEdit, Changes]] = {}  # with the edit, so that its id stays its own

    def changes(self, edit: AnyEdit | None) -> Changes | None:
        if edit is None:
            return None
        if id(edit) not in self._known:
            self._known[id(edit)] = edit, tuple(_changes(self.model, edit))
        return self._known[id(edit)][1]


@contextmanager
def applied_beside(model: Model, changes: Sequence[Changes | None]) -> Iterator[None]:
    """For calls that generate so many images, each with what its own edit makes of the projections, or None.

    The rows of a call are the images in their order, once or, with guidance, twice.
    """
    places: dict[int, tuple[Changes, list[int]]] = {}
    for place, one in enumerate(changes):
        if one:
            places.setdefault(id(one), (one, []))[1].append(place)
    with model.lock, ExitStack() as hooks:
        for of_edit, some in places.values():
            for projection, change in of_edit:
                hook = projection.register_forward_hook(partial(_change_rows, change, some, len(changes)))
                hooks.callback(hook.remove)
        yield


def _change_rows(
    change: Change, places: list[int], images: int, _: nn.Module, read: tuple[Tensor, ...], made: Tensor
) -> None:
    """In place, of some images."""
    some, rows = (part.unflatten(0, (-1, images)) for part in (read[0], made))  # (1 or 2, images, …)
    changed = change(some[:, places].flatten(0, 1), rows[:, places].flatten(0, 1))
    rows[:, places] = changed.unflatten(0, (-1, len(places)))


@torch.no_grad()
def _changes(model: Model, edit: WeightEdit | WeightlessEdit) -> Iterator[tuple[nn.Linear, Change]]:
    """Projections, and what becomes of their outputs."""
    if isinstance(edit, WeightlessEdit):
        for name, master in model.masters.items():
            if name.endswith(VALUES):
                yield _projection(model, name), partial(_changed_values, edit.on_values(master))
        return
    for name, edited in edit.projections(model.masters):
        projection = _projection(model, name)
        yield projection, partial(_projected, edited.to(model.device, model.dtype), projection.bias)


def _projection(model: Model, name: str) -> nn.Linear:
    return cast(nn.Linear, model.denoiser.get_submodule(name.removesuffix(".weight")))


def _changed_values(on_values: "OnValues", read: Tensor, made: Tensor) -> Tensor:
    return on_values(made.float()).to(made)


def _projected(weight: Tensor, bias: Tensor | None, read: Tensor, made: Tensor) -> Tensor:
    return functional.linear(read, weight, bias)


@torch.no_grad()
def write_edit(model: Model, edit: WeightEdit) -> None:
    """W' of every projection, computed in float32 from the master, copied in place."""
    for name, edited in edit.projections(model.masters):
        model.denoiser.get_parameter(name).copy_(edited)
        del edited  # its memory serves the next one, instead of pages that are new to the process


@torch.no_grad()
def restore(model: Model) -> None:
    for name, master in model.masters.items():
        model.denoiser.get_parameter(name).copy_(model.originals.get(name, master))
