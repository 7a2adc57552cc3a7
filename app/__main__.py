"""uce-studio, or python -m app: the studio in the browser."""

import os
import sys
from pathlib import Path
from typing import Annotated

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported

from app.ending import ends_at_once

with ends_at_once():  # it takes seconds to import
    import typer

    from app import gradio_workarounds  # noqa: F401  # before anything else imports Gradio
    from app.main import serve
    from app.studio.limits import Limits
    from app.studio.settings import Settings
    from uce_core.version import VERSION, called

DEFAULTS = Settings()
MODELS = list(DEFAULTS.models)
LIMITS = DEFAULTS.limits


def print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"uce-studio {VERSION}")
        raise typer.Exit


def serve_as_asked(
    model: Annotated[
        list[str],
        typer.Option(help=("atelier, a diffusers folder, a .safetensors file, or a hub id; repeat to offer several.")),
    ] = MODELS,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole network.")] = DEFAULTS.host,
    port: Annotated[int | None, typer.Option(help="Port; default: the first free one from 7860.")] = DEFAULTS.port,
    share: Annotated[bool, typer.Option("--share", help="Open a public link through Gradio's tunnel.")] = False,
    edits: Annotated[Path, typer.Option(help="Folder of saved edits.")] = DEFAULTS.edits,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = DEFAULTS.device,
    dtype: Annotated[str, typer.Option(help="Precision of the pipeline: auto, fp32, bf16 or fp16.")] = DEFAULTS.dtype,
    offload: Annotated[
        bool, typer.Option("--offload", help="Keep parts of the model on the CPU until used: for small GPUs.")
    ] = DEFAULTS.offload,
    compiled: Annotated[
        bool, typer.Option("--compile", help="Compile the UNet: slower start, faster steps.")
    ] = DEFAULTS.compiled,
    database: Annotated[
        str,
        typer.Option(
            help=("SQLAlchemy URL of the database of runs; default: UCE_STUDIO_DATABASE, or SQLite in UCE_STUDIO_HOME.")
        ),
    ] = DEFAULTS.database,
    keep: Annotated[
        int,
        typer.Option(min=0, help="Megabytes of saved runs; beyond that, the oldest that are not pinned are deleted."),
    ] = DEFAULTS.keep,
    auth_file: Annotated[
        Path | None, typer.Option(help="Ask for a password: a file made by python -m app.passwords.")
    ] = DEFAULTS.auth_file,
    block_file: Annotated[
        Path | None, typer.Option(help="Addresses and visitors' ids to keep out, one a line; read whenever it changes.")
    ] = DEFAULTS.block_file,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Gallery: show pinned runs, and others by their link; generate nothing.")
    ] = DEFAULTS.read_only,
    metrics_port: Annotated[
        int | None, typer.Option(help="Port of the same address for Prometheus' /metrics; default: none is served.")
    ] = DEFAULTS.metrics_port,
    log: Annotated[str, typer.Option(help="What is written to standard error: json, text or off.")] = DEFAULTS.log,
    lang: Annotated[str, typer.Option(help="Language: en, ko, or auto (that of each browser).")] = DEFAULTS.language,
    root_path: Annotated[
        str, typer.Option(help="Path or address under which a proxy serves the app, such as /studio.")
    ] = DEFAULTS.root_path,
    ray: Annotated[
        str,
        typer.Option(
            help="Ray cluster for evaluations and debiasings: its address, auto, or local for one of this machine."
        ),
    ] = DEFAULTS.ray,
    workers: Annotated[
        int, typer.Option(min=0, help="Workers on the cluster; default: one a GPU, or one for --cores.")
    ] = DEFAULTS.workers,
    cores: Annotated[
        int, typer.Option(min=1, help="CPU cores of each worker, where there are no GPUs.")
    ] = DEFAULTS.cores,
    max_images: Annotated[
        int,
        typer.Option(
            "--max-images",
            "--max-pictures",  # its name in version 0.1
            min=2,
            help="Maximum images per request, originals and edited counted.",
        ),
    ] = LIMITS.images,
    max_steps: Annotated[int, typer.Option(min=1, help="Maximum steps per image.")] = LIMITS.steps,
    max_pixels: Annotated[
        int, typer.Option(min=1, help="Maximum pixels of an image that is not of the model's own size.")
    ] = LIMITS.pixels,
    max_together: Annotated[
        int, typer.Option(min=1, help="Maximum requests whose images are generated side by side.")
    ] = LIMITS.together,
    max_waiting: Annotated[int, typer.Option(min=0, help="Maximum requests waiting for their turn.")] = LIMITS.waiting,
    max_each: Annotated[
        int, typer.Option(min=1, help="Maximum requests of one visitor, waiting or being generated.")
    ] = LIMITS.each,
    max_requests: Annotated[
        int, typer.Option(min=1, help="Maximum requests of all kinds in a minute, of one address.")
    ] = LIMITS.requests,
    max_upload: Annotated[
        int, typer.Option(min=1, help="Maximum size of an uploaded file, in megabytes.")
    ] = LIMITS.upload,
    max_concepts: Annotated[
        int, typer.Option(min=1, help="Maximum concepts to erase and retain in one edit.")
    ] = LIMITS.concepts,
    max_images_an_hour: Annotated[
        int, typer.Option(min=1, help="Maximum images of one visitor in an hour.")
    ] = LIMITS.images_an_hour,
    max_uploads_an_hour: Annotated[
        int, typer.Option(min=1, help="Maximum uploads of one address in an hour, in megabytes.")
    ] = LIMITS.uploads_an_hour,
    max_edits: Annotated[int, typer.Option(min=1, help="Maximum saved edits of one visitor.")] = LIMITS.edits,
    max_edits_size: Annotated[
        int, typer.Option(min=1, help="Maximum size of one visitor's saved edits, in megabytes.")
    ] = LIMITS.edits_size,
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Erase artist styles from a diffusion model and see what is left."""
    try:
        serve(
            Settings(
                models=tuple(model),
                device=device,
                dtype=dtype,
                edits=edits,
                language=lang,
                host=host,
                port=port,
                share=share,
                offload=offload,
                compiled=compiled,
                database=database,
                keep=keep,
                auth_file=auth_file,
                block_file=block_file,
                read_only=read_only,
                metrics_port=metrics_port,
                log=log,
                root_path=root_path.rstrip("/"),
                ray=ray,
                workers=workers,
                cores=cores,
                limits=Limits(
                    images=max_images,
                    steps=max_steps,
                    pixels=max_pixels,
                    together=max_together,
                    waiting=max_waiting,
                    each=max_each,
                    requests=max_requests,
                    upload=max_upload,
                    concepts=max_concepts,
                    images_an_hour=max_images_an_hour,
                    uploads_an_hour=max_uploads_an_hour,
                    edits=max_edits,
                    edits_size=max_edits_size,
                ),
            )
        )
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


def main() -> None:
    """Read the command line and serve; ends the process."""
    app = typer.Typer(add_completion=False)
    app.command()(serve_as_asked)
    app(prog_name=called("uce-studio", "app"))


if __name__ == "__main__":
    main()
