"""The engine of UCE Studio: erase concepts from text-to-image diffusion models in closed form.

Knows torch and diffusers; never imports Gradio.
"""

from uce_core.comparing import Pair, compare
from uce_core.edit import Edit, EditSpec
from uce_core.editing import erase
from uce_core.generate import Cancelled, GenerationSpec, draw
from uce_core.models import Model, applied, load_model
from uce_core.scores import Scores

__all__ = [
    "Cancelled",
    "Edit",
    "EditSpec",
    "GenerationSpec",
    "Model",
    "Pair",
    "Scores",
    "applied",
    "compare",
    "draw",
    "erase",
    "load_model",
]
