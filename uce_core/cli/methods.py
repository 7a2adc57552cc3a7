"""Command evaluate methods: all methods that erase, on the same originals."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from uce_core.checks import one_of
from uce_core.cli.additions import extends
from uce_core.cli.evaluation import How, Images, evaluated, evaluates
from uce_core.cli.names import listed_artists
from uce_core.cli.options import evaluate
from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.method_inputs import study_inputs
from uce_core.evaluation.method_study import Entry, counts_of, result_of, study_tables
from uce_core.evaluation.plots import check_figure, plot_methods
from uce_core.methods import erasing, preset_names
from uce_core.remote import make

FIGURE = "methods.png"


@evaluate.command("methods")
@extends
@evaluates
def methods_command(
    how: How,
    method: Annotated[list[str], typer.Option(help="Method; default: all that erase; repeatable.")] = [],  # noqa: B006
    preset: Annotated[str, typer.Option(help=f"Settings of each method: {', '.join(preset_names())}.")] = "default",
    erased: Annotated[
        str, typer.Option(metavar="N,N", help="How many of the artists are erased: numbers, or all-but-one.")
    ] = "1",
    artists_from: Annotated[
        Path | None, typer.Option(help="File of artists, one a line; default: the model's catalogue.")
    ] = None,
    artists: Annotated[
        int | None, typer.Option(min=2, help="How many artists images are generated of; default: all.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Where the plot goes; default: methods.png in the folder.")] = None,
    images: Images = 1,
) -> None:
    """Erase the first artists of a list by every method and retain half of the others; measure what is left, what is
    kept and what it costs, as tables and a plot. After an interruption, run it again to continue."""
    for name in method:
        one_of("method", name, erasing())
    known = listed_artists(artists_from, how.model, how.as_json)
    counts = counts_of(erased, len(known))
    entries = [Entry(name, count) for count in counts for name in dict.fromkeys(method or erasing())]
    make(how.folder)
    if plot:
        check_figure(plot)
    figure = plot or how.folder / FIGURE
    loaded = how.load()
    inputs, costs = study_inputs(
        loaded,
        entries,
        known,
        how.folder,
        preset=preset,
        asked=artists,
        images=images,
        steps=how.steps,
        guidance_scale=how.guidance_scale,
        sampler=how.sampler,
    )

    def drawn(reports: Sequence[EditReport]) -> str:
        found = [result_of(*one) for one in zip(entries, costs, reports, strict=True)]
        plot_methods(found, figure)
        tables = "\n\n".join(table.markdown for table in study_tables(found))
        return f"{tables}\n\nThe plot is {figure}."

    rows = [entry.facts() | asdict(cost) for entry, cost in zip(entries, costs, strict=True)]
    evaluated(loaded, inputs, how, drawn, {"methods": rows})
