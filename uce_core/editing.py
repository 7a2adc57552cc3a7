"""A spec and a model in, an edit out."""

import torch
from torch import Tensor

from uce_core.closed_form import right_factor, solve, tensor_projection
from uce_core.concepts import erasure_vectors, retained_vectors
from uce_core.edit import AnyEdit, DenseEdit, Edit
from uce_core.models import Model
from uce_core.spec import EditSpec


def erase(model: Model, spec: EditSpec) -> AnyEdit:
    """Solve an erasure for a model, without touching its weights.

    Returns an Edit, or for the technique "tensor" a DenseEdit. Raises ValueError if a text is too
    long or the equations cannot be solved.
    """
    with model.lock:  # the text encoder's memory is one for all
        pairs = erasure_vectors(model.text, spec.erase, spec.guides, spec.wording, spec.span, spec.empty_token)
        retained = retained_of(model, spec)
    concepts, targets = [c for c, _ in pairs], [g for _, g in pairs]
    erased, guides = torch.cat(concepts), torch.cat(targets)  # (k, d) each
    scales = (spec.lam, spec.erase_scale, spec.retain_scale)
    if spec.technique == "replace":
        return Edit(spec, *solve(erased, guides, retained, *scales), model.text.fingerprint)
    right = right_factor(erased, retained, *scales)
    weights = {
        name: tensor_projection(weight.double(), concepts, targets, right).float()
        for name, weight in model.masters.items()
    }
    return DenseEdit(weights, spec, model.text.fingerprint)


def retained_of(model: Model, spec: EditSpec) -> Tensor:
    """(m, d) float32 of everything that the spec retains."""
    wording, span = spec.retain_wording or spec.wording, spec.retain_span or spec.span
    return retained_vectors(model.text, spec.retain, wording, span, spec.retain_empty, spec.empty_token)
