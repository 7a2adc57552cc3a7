"""What the app has imported by the time that its first images are there."""

import app.main  # noqa: I001  # before anything else imports Gradio

import diffusers
import lpips
import open_clip
import transformers

import uce_core.metrics.scorer
import uce_core.workflows

LOADED = (
    app.main,
    uce_core.metrics.scorer,
    uce_core.workflows,
    diffusers.StableDiffusionPipeline,
    diffusers.DPMSolverMultistepScheduler,
    transformers.CLIPTextModel,
    transformers.CLIPTokenizer,
    open_clip,
    lpips,
)
