"""Command evaluate sweep: a grid of edits on the same originals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from uce_core.cli.additions import extends
from uce_core.cli.evaluation import How, Images, evaluated, evaluates
from uce_core.cli.names import listed_artists
from uce_core.cli.options import evaluate
from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.plots import check_figure, plot_sweep
from uce_core.evaluation.sweep import axis_named, found_at, points_of, sweep_table
from uce_core.evaluation.sweep_inputs import sweep_inputs
from uce_core.remote import make

FIGURE = "sweep.png"


@evaluate.command("sweep")
@extends
@evaluates
def sweep_command(
    how: How,
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
) -> None:
    """Erase the first artists of a list and retain the others, in every combination of the axes' values; measure what
    is left and what is kept, and plot both against each axis. After an interruption, run it again to continue."""
    axes = [axis_named(one) for one in axis]
    points = points_of(axes)
    make(how.folder)
    if plot:
        check_figure(plot)
    figure = plot or how.folder / FIGURE
    artists = listed_artists(artists_from, how.model, how.as_json)
    loaded = how.load()
    inputs = sweep_inputs(
        loaded,
        points,
        artists,
        how.folder,
        asked=asked,
        images=images,
        steps=how.steps,
        guidance_scale=how.guidance_scale,
        sampler=how.sampler,
    )

    def drawn(reports: Sequence[EditReport]) -> str:
        found = [found_at(point, report) for point, report in zip(points, reports, strict=True)]
        plot_sweep(found, figure)
        return f"{sweep_table(found).markdown}\n\nThe plot is {figure}."

    evaluated(loaded, inputs, how, drawn)
