"""A spec and a model in, an edit out: by the method that the spec is of."""

from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import MethodSpec
from uce_core.methods import method_of
from uce_core.methods.inputs import EditInputs
from uce_core.models.model import Model


def erase(model: Model, spec: MethodSpec) -> AnyEdit:
    """Solve an edit for a model, without touching its weights.

    Raises ValueError if a text is too long, the equations cannot be solved, or the spec is of a method that is not
    here.
    """
    method = method_of(spec)
    with model.lock:  # the text encoder's memory is one for all
        return method.solve(EditInputs(model, spec), spec)
