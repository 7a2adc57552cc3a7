"""The engine of UCE Studio: erase concepts from text-to-image diffusion models in closed form.

    from uce_core import Edit, EditSpec, GenerationSpec, compare, erase, load_model

    model = load_model("atelier")                     # or a hub id, a diffusers folder, a .safetensors file
    spec = EditSpec(erase=("Vincent van Gogh",), guide="art", retain=("Claude Monet", "Piet Mondrian"))
    edit = erase(model, spec)                         # solved in closed form; the model is as it was
    edit.save("no-van-gogh.safetensors")              # a few kilobytes
    [pair] = compare(model, Edit.load("no-van-gogh.safetensors"), [GenerationSpec("a house by Vincent van Gogh")])
    pair.original, pair.edited, pair.scores           # two PIL images, CLIP and LPIPS

Knows torch and diffusers, which take seconds to import: a name's module is imported when it is first asked for. Never
imports Gradio.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from uce_core.garbage import collection_paused

if TYPE_CHECKING:
    from uce_core.edits.combine import compose, stack
    from uce_core.edits.debias_spec import DebiasSpec
    from uce_core.edits.dense import DenseEdit
    from uce_core.edits.edit import AnyEdit, Edit
    from uce_core.edits.layered import LayeredEdit
    from uce_core.edits.spec import EditSpec
    from uce_core.evaluation.evaluate import evaluate
    from uce_core.evaluation.leakage_inputs import leakage_inputs
    from uce_core.evaluation.task_inputs import task_inputs
    from uce_core.generation.compare import Pair, compare, compare_all
    from uce_core.generation.generate import generate
    from uce_core.generation.generate import generate as draw
    from uce_core.generation.progress import Cancelled
    from uce_core.generation.spec import GenerationSpec
    from uce_core.grids.axes import Axis
    from uce_core.grids.plan import Grid
    from uce_core.methods import preset
    from uce_core.methods.debias_search import Debiased, debias
    from uce_core.methods.drift import impact, suggest_retain
    from uce_core.methods.erase import erase
    from uce_core.methods.export import export
    from uce_core.methods.impact import Impact
    from uce_core.metrics.scores import Scores
    from uce_core.models.applying import applied
    from uce_core.models.fits import check_fits
    from uce_core.models.model import Model, load_model
    from uce_core.problems import Problem
    from uce_core.runs.grid_image import run_grid
    from uce_core.runs.replay import edit_of, replay
    from uce_core.workflows import (
        not_kept,
        run_comparison,
        run_comparisons,
        run_debiasing,
        run_evaluation,
        run_impact,
    )

MODULES = {  # where each public name lives
    "AnyEdit": "edits.edit",
    "Axis": "grids.axes",
    "Cancelled": "generation.progress",
    "DebiasSpec": "edits.debias_spec",
    "Debiased": "methods.debias_search",
    "DenseEdit": "edits.dense",
    "Edit": "edits.edit",
    "EditSpec": "edits.spec",
    "GenerationSpec": "generation.spec",
    "Grid": "grids.plan",
    "Impact": "methods.impact",
    "LayeredEdit": "edits.layered",
    "Model": "models.model",
    "Pair": "generation.compare",
    "Problem": "problems",
    "Scores": "metrics.scores",
    "applied": "models.applying",
    "check_fits": "models.fits",
    "compare": "generation.compare",
    "compare_all": "generation.compare",
    "compose": "edits.combine",
    "debias": "methods.debias_search",
    "draw": "generation.generate",
    "edit_of": "runs.replay",
    "erase": "methods.erase",
    "evaluate": "evaluation.evaluate",
    "export": "methods.export",
    "generate": "generation.generate",
    "impact": "methods.drift",
    "load_model": "models.model",
    "not_kept": "workflows",
    "preset": "methods",
    "replay": "runs.replay",
    "run_comparison": "workflows",
    "run_comparisons": "workflows",
    "run_debiasing": "workflows",
    "run_evaluation": "workflows",
    "run_grid": "runs.grid_image",
    "run_impact": "workflows",
    "leakage_inputs": "evaluation.leakage_inputs",
    "stack": "edits.combine",
    "suggest_retain": "methods.drift",
    "task_inputs": "evaluation.task_inputs",
}
RENAMED = {"draw": "generate"}  # public names of version 0.1

__all__ = [
    "AnyEdit",
    "Axis",
    "Cancelled",
    "DebiasSpec",
    "Debiased",
    "DenseEdit",
    "Edit",
    "EditSpec",
    "GenerationSpec",
    "Grid",
    "Impact",
    "LayeredEdit",
    "Model",
    "Pair",
    "Problem",
    "Scores",
    "applied",
    "check_fits",
    "compare",
    "compare_all",
    "compose",
    "debias",
    "draw",
    "edit_of",
    "erase",
    "evaluate",
    "export",
    "generate",
    "impact",
    "leakage_inputs",
    "load_model",
    "not_kept",
    "preset",
    "replay",
    "run_comparison",
    "run_comparisons",
    "run_debiasing",
    "run_evaluation",
    "run_grid",
    "run_impact",
    "stack",
    "suggest_retain",
    "task_inputs",
]


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with collection_paused():
        import_module("uce_core.methods")  # every kind of spec is known to whoever opens an edit file
        found = getattr(import_module(f"uce_core.{MODULES[name]}"), RENAMED.get(name, name))
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
