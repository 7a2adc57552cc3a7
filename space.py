"""The entry of a Hugging Face Space: the studio, with its settings from the Space's variables.

UCE_STUDIO_MODEL, a hub id or several with commas; UCE_STUDIO_KEEP, megabytes; UCE_STUDIO_LANG;
UCE_STUDIO_READ_ONLY, 1 for a gallery; UCE_STUDIO_HOME, the folder of what is kept; UCE_STUDIO_MAX_IMAGES
(UCE_STUDIO_MAX_PICTURES in version 0.1) and UCE_STUDIO_MAX_STEPS. Not named app.py, which would hide the package app.
"""

import os
from contextlib import suppress

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported

with suppress(ImportError):
    import spaces  # noqa: F401  # before anything that could touch a GPU

from app import gradio_workarounds  # noqa: F401  # before anything else imports Gradio
from app.main import serve
from app.studio import zero_gpu
from app.studio.limits import Limits
from app.studio.settings import EDITS, Settings
from app.studio.studio import Studio
from uce_core.runs.home import home

DEFAULTS, LIMITS = Settings(), Limits(images=500, steps=50)


def setting(name: str, default: object) -> str:
    return os.environ.get(f"UCE_STUDIO_{name}") or str(default)


def settings() -> Settings:
    return Settings(
        models=tuple(name.strip() for name in setting("MODEL", DEFAULTS.models[0]).split(",")),
        language=setting("LANG", DEFAULTS.language),
        host="0.0.0.0",
        edits=home() / "edits" if os.environ.get("UCE_STUDIO_HOME") else EDITS,
        keep=int(setting("KEEP", DEFAULTS.keep)),
        read_only=setting("READ_ONLY", "") not in ("", "0"),
        limits=Limits(
            images=int(setting("MAX_IMAGES", setting("MAX_PICTURES", LIMITS.images))),
            steps=int(setting("MAX_STEPS", LIMITS.steps)),
        ),
    )


if __name__ == "__main__":
    chosen = settings()
    draws = zero_gpu.here() and not chosen.read_only
    serve(chosen, zero_gpu.ZeroGpuStudio(chosen) if draws else Studio(chosen))
