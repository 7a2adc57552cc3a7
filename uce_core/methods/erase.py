"""A spec and a model in, an edit out: by the method that the spec is of."""

from dataclasses import replace

from uce_core.concepts.text_encoder import OnText
from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import MethodSpec
from uce_core.methods import method_of
from uce_core.methods.inputs import EditInputs
from uce_core.models.model import Model


def erase(model: Model, spec: MethodSpec, on_text: OnText | None = None) -> AnyEdit:
    """Solve an edit for a model, without touching its weights; of the model only what the method asks for is read.

    on_text: told how many texts have been encoded, and of how many; raise Cancelled from it to stop. Raises ValueError
    if a text is too long, the equations cannot be solved, or the spec is of a method that is not here.
    """
    method = method_of(spec)
    inputs = EditInputs(model, spec)
    with model.lock, model.text.ahead(inputs.texts, on_text):  # the text encoder's memory is one for all
        return replace(method.solve(inputs, spec), encoder_sample=model.text.sample)
