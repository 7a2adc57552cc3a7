"""A spec and a model in, an edit out."""

from dataclasses import dataclass

import torch
from torch import Tensor

from uce_core.concepts.vectors import erasure_vectors, retained_vectors
from uce_core.edits.closed_form import right_factor, solve, tensor_projection
from uce_core.edits.edit import AnyEdit, DenseEdit, Edit
from uce_core.edits.spec import EditSpec
from uce_core.models.model import Model


@dataclass(frozen=True)
class Vectors:
    """A spec's vectors, float32. concepts, guides: for each erased text (n, d), row by row. retained: (m, d)."""

    concepts: list[Tensor]
    guides: list[Tensor]
    retained: Tensor

    @property
    def erased(self) -> tuple[Tensor, Tensor]:
        """All concepts' rows and all guides' rows, (k, d) each."""
        return torch.cat(self.concepts), torch.cat(self.guides)


def vectors_of(model: Model, spec: EditSpec) -> Vectors:
    """What the spec's texts are to the model. Raises ValueError if one is too long."""
    wording, span = spec.retain_wording or spec.wording, spec.retain_span or spec.span
    with model.lock:  # the text encoder's memory is one for all
        pairs = erasure_vectors(model.text, spec.erase, spec.guides, spec.wording, spec.span, spec.empty_token)
        retained = retained_vectors(model.text, spec.retain, wording, span, spec.retain_empty, spec.empty_token)
    return Vectors([c for c, _ in pairs], [g for _, g in pairs], retained)


def erase(model: Model, spec: EditSpec) -> AnyEdit:
    """Solve an erasure for a model, without touching its weights.

    Returns an Edit, or for the technique "tensor" a DenseEdit. Raises ValueError if a text is too
    long or the equations cannot be solved.
    """
    vectors = vectors_of(model, spec)
    erased, guides = vectors.erased
    scales = (spec.lam, spec.erase_scale, spec.retain_scale)
    if spec.technique == "replace":
        return Edit(spec, *solve(erased, guides, vectors.retained, *scales), model.text.fingerprint)
    right = right_factor(erased, vectors.retained, *scales)
    weights = {
        name: tensor_projection(weight.double(), vectors.concepts, vectors.guides, right).float().cpu()
        for name, weight in model.masters.items()
    }
    return DenseEdit(weights, spec, model.text.fingerprint)
