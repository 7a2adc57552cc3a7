"""An edit in a model for a while, in its weights or in the values that they make; then the model is what it was.

Knows nothing about how an edit was asked for or what will be generated.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

from uce_core.concepts.text_spaces import VALUES
from uce_core.edits.edit import AnyEdit, WeightEdit
from uce_core.edits.weightless import WeightlessEdit
from uce_core.models.fits import check_editable, check_fits
from uce_core.models.model import Model


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
        for name, master in model.masters.items():
            if name.endswith(VALUES):
                on_values = edit.on_values(master)
                projection = model.denoiser.get_submodule(name.removesuffix(".weight"))
                hook = projection.register_forward_hook(
                    lambda _, read, values, change=on_values: change(values.float()).to(values)
                )
                hooks.callback(hook.remove)
        yield


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
