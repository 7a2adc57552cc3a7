"""The engine of UCE Studio: erase concepts from text-to-image diffusion models in closed form.

Knows torch and diffusers; never imports Gradio.
"""

from uce_core.comparing import Pair, compare
from uce_core.edit import DenseEdit, Edit, stack
from uce_core.editing import erase
from uce_core.export import export
from uce_core.generate import Cancelled, GenerationSpec, draw
from uce_core.impact import Impact, impact, suggest_retain
from uce_core.models import Model, applied, load_model
from uce_core.scores import Scores
from uce_core.spec import EditSpec, preset

__all__ = [
    "Cancelled",
    "DenseEdit",
    "Edit",
    "EditSpec",
    "GenerationSpec",
    "Impact",
    "Model",
    "Pair",
    "Scores",
    "applied",
    "compare",
    "draw",
    "erase",
    "export",
    "impact",
    "load_model",
    "preset",
    "stack",
    "suggest_retain",
]
