"""python -m app: the studio in the browser."""

import os
import sys
from pathlib import Path
from typing import Annotated

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported

import typer

from app.main import serve
from app.studio.limits import Limits
from app.studio.settings import Settings

DEFAULTS = Settings()
MODELS = list(DEFAULTS.models)
LIMITS = DEFAULTS.limits


def main(
    model: Annotated[
        list[str],
        typer.Option(help="atelier, a diffusers folder, a .safetensors file, or a hub id; repeat to offer more."),
    ] = MODELS,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole network.")] = DEFAULTS.host,
    port: Annotated[int | None, typer.Option(help="Port; by default the first free one from 7860.")] = DEFAULTS.port,
    share: Annotated[bool, typer.Option("--share", help="Open a public link through Gradio's tunnel.")] = False,
    edits: Annotated[Path, typer.Option(help="Folder where edits are saved.")] = DEFAULTS.edits,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = DEFAULTS.device,
    dtype: Annotated[str, typer.Option(help="auto, fp32, bf16 or fp16, of the pipeline.")] = DEFAULTS.dtype,
    offload: Annotated[
        bool, typer.Option("--offload", help="Keep parts on the CPU until they work: for small GPUs.")
    ] = DEFAULTS.offload,
    compiled: Annotated[
        bool, typer.Option("--compile", help="Compile the UNet: a slow start, then faster steps.")
    ] = DEFAULTS.compiled,
    database: Annotated[
        str,
        typer.Option(
            help="URL of the database of runs, as SQLAlchemy writes it; by default UCE_STUDIO_DATABASE or SQLite."
        ),
    ] = DEFAULTS.database,
    keep: Annotated[
        int, typer.Option(min=0, help="Megabytes of recorded pictures; the oldest that are not pinned age out.")
    ] = DEFAULTS.keep,
    auth_file: Annotated[
        Path | None, typer.Option(help="Who may see the page: a file made by python -m app.passwords.")
    ] = DEFAULTS.auth_file,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Show pinned runs and those whose link one has; draw nothing.")
    ] = DEFAULTS.read_only,
    lang: Annotated[str, typer.Option(help="en, ko, or auto: what each browser asks for.")] = DEFAULTS.language,
    root_path: Annotated[
        str, typer.Option(help="Path or address at which a proxy serves the page, such as /studio.")
    ] = DEFAULTS.root_path,
    max_pictures: Annotated[
        int, typer.Option(min=2, help="Pictures that one request may draw, before and after counted.")
    ] = LIMITS.pictures,
    max_steps: Annotated[int, typer.Option(min=1, help="Steps of a picture.")] = LIMITS.steps,
    max_waiting: Annotated[int, typer.Option(min=1, help="Requests that may wait in the queue.")] = LIMITS.waiting,
    max_upload: Annotated[int, typer.Option(min=1, help="Megabytes of an uploaded file.")] = LIMITS.upload,
    max_concepts: Annotated[
        int, typer.Option(min=1, help="Concepts that one edit may erase and retain.")
    ] = LIMITS.concepts,
) -> None:
    """Erase artist styles from a diffusion model and see what is left."""
    try:
        serve(
            Settings(
                tuple(model),
                device,
                dtype,
                edits,
                lang,
                host,
                port,
                share,
                offload,
                compiled,
                database,
                keep,
                auth_file,
                read_only,
                root_path.rstrip("/"),
                Limits(max_pictures, max_steps, max_waiting, max_upload, max_concepts),
            )
        )
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


typer.run(main)
