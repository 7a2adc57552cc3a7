"""A spec and a model in, an Edit out."""

from uce_core.closed_form import solve
from uce_core.concepts import concept_vectors, erasure_vectors
from uce_core.edit import Edit, EditSpec
from uce_core.models import Model


def erase(model: Model, spec: EditSpec) -> Edit:
    """Solve an erasure for a model, without touching its weights.

    Raises ValueError if a text is too long or the equations cannot be solved.
    """
    with model.lock:  # the text encoder's memory is one for all
        erased, guides = erasure_vectors(model.text, spec.erase, spec.guide, spec.wording, spec.span)
        retained = concept_vectors(model.text, spec.retain, spec.wording, spec.span)
    u, v = solve(erased, guides, retained, spec.lam, spec.erase_scale, spec.retain_scale)
    return Edit(spec, u, v, model.text.fingerprint)
