"""The engine of UCE Studio: erase concepts from text-to-image diffusion models in closed form.

Knows torch and diffusers; never imports Gradio.
"""

from uce_core.edits.edit import DenseEdit, Edit, stack
from uce_core.edits.presets import preset
from uce_core.edits.spec import DebiasSpec, EditSpec
from uce_core.generation.compare import Pair, compare
from uce_core.generation.generate import Cancelled, generate
from uce_core.generation.spec import GenerationSpec
from uce_core.methods.debias import Debiased, debias
from uce_core.methods.export import export
from uce_core.methods.impact import Impact, impact, suggest_retain
from uce_core.methods.uce import erase
from uce_core.metrics.scorer import Scores
from uce_core.models.model import Model, applied, load_model

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
    "erase",
    "export",
    "generate",
    "impact",
    "load_model",
    "preset",
    "stack",
    "suggest_retain",
]
