"""The engine of UCE Studio: erase concepts from text-to-image diffusion models in closed form.

Knows torch and diffusers; never imports Gradio.
"""

from uce_core.comparing import Pair, compare
from uce_core.debiasing import Debiased, debias
from uce_core.drift import Impact, impact, suggest_retain
from uce_core.edit import DenseEdit, Edit, stack
from uce_core.editing import erase
from uce_core.exporting import export
from uce_core.generate import Cancelled, GenerationSpec, draw
from uce_core.models import Model, applied, load_model
from uce_core.presets import preset
from uce_core.scores import Scores
from uce_core.spec import DebiasSpec, EditSpec

__all__ = [
    "Cancelled",
    "DebiasSpec",
    "Debiased",
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
    "debias",
    "draw",
    "erase",
    "export",
    "impact",
    "load_model",
    "preset",
    "stack",
    "suggest_retain",
]
