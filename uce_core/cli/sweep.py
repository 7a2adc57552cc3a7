"""Command evaluate sweep: a grid of edits on the same originals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from uce_core.cli.evaluation import (
    Cores,
    Csd,
    How,
    Images,
    MostFailed,
    Out,
    Ray,
    ShardOption,
    SingleFile,
    Steps,
    WorkerCount,
    evaluated,
)
from uce_core.cli.names import artists_of, as_known
from uce_core.cli.options import AsJson, Device, Dtype, GuidanceScale, ModelName, Offload, evaluate
from uce_core.cli.recording import NoRecord
from uce_core.cluster.ray_workers import Source
from uce_core.concepts.name_lists import names_in
from uce_core.evaluation.plots import check_figure, plot_sweep
from uce_core.evaluation.summary import EditReport
from uce_core.evaluation.sweep import Axis, found_at, points_of, sweep_table
from uce_core.models.model import load_model
from uce_core.workflows import sweep_inputs

FIGURE = "sweep.png"


@evaluate.command("sweep")
def sweep_command(
    out: Out,
    axis: Annotated[
        list[str],
        typer.Option(
            help="NAME=VALUE,VALUE: erased (how many of the artists), strength, method, or a setting of the method; "
            "repeatable."
        ),
    ],
    artists_from: Annotated[
        Path | None, typer.Option(help="File of artists, one a line; default: the model's catalogue.")
    ] = None,
    asked: Annotated[
        int | None, typer.Option(min=2, help="How many artists images are generated of; default: all.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Where the plot goes; default: sweep.png in the folder.")] = None,
    images: Images = 1,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    csd: Csd = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    shard: ShardOption = "",
    ray: Ray = "",
    workers: WorkerCount = 0,
    cores: Cores = 1,
    most_failed: MostFailed = 0.0,
    single_file: SingleFile = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Erase the first artists of a list and retain the others, in every combination of the axes' values; measure what
    is left and what is kept, and plot both against each axis. After an interruption, run it again to continue."""
    axes = [Axis.named(one) for one in axis]
    points = points_of(axes)
    figure = plot or out / FIGURE
    out.mkdir(parents=True, exist_ok=True)
    check_figure(figure)
    artists = as_known(names_in(artists_from).names, artists_of(model), as_json) if artists_from else artists_of(model)
    loaded = load_model(model, device, dtype, offload)
    inputs = sweep_inputs(
        loaded, points, artists, out, asked=asked, images=images, steps=steps, guidance_scale=guidance_scale
    )
    how = How(
        out=out,
        source=Source(model=model, device=device, dtype=dtype, offload=offload, csd=csd),
        shard=shard,
        ray=ray,
        workers=workers,
        cores=cores,
        no_record=no_record,
        most_failed=most_failed,
        single_file=single_file,
        as_json=as_json,
    )

    def drawn(reports: Sequence[EditReport]) -> str:
        found = [found_at(point, report) for point, report in zip(points, reports, strict=True)]
        plot_sweep(found, figure)
        return f"{sweep_table(found).markdown}\n\nThe plot is {figure}."

    evaluated(loaded, inputs, how, drawn)
