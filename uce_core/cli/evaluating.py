"""Commands that study many pictures: evaluate precision, steps, facets."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer

from uce_core.cli.options import AsJson, Device, Dtype, ModelName, Offload, app, say, show
from uce_core.edit import Edit
from uce_core.evaluation import STEPS, Cost, default_drawings, default_spec, precision_study, steps_study
from uce_core.facets import PICTURES, Facet, facets_of
from uce_core.loading import pick_device
from uce_core.models import load_model
from uce_core.plots import check_figure, plot_costs
from uce_core.problems import Problem

evaluate = typer.Typer(help="Studies over many pictures, with intervals.", no_args_is_help=True)
app.add_typer(evaluate, name="evaluate")
STEP_COUNTS = list(STEPS)

Seeds = Annotated[int, typer.Option(min=1, help="Seeds for each of eight prompts.")]
Plot = Annotated[Path | None, typer.Option(help="Draw the table, too, into this PNG or SVG file.")]


@evaluate.command("precision")
def precision_command(
    seeds: Seeds = 2,
    model: ModelName = "atelier",
    device: Device = "auto",
    offload: Offload = False,
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """What half precision costs, in the pipeline and in the edit."""
    if plot:
        check_figure(plot)
    half = "bf16" if pick_device(device) == torch.device("cpu") else "fp16"
    first = load_model(model, device, "fp32", offload)
    rows = precision_study(
        lambda dtype: first if dtype == "fp32" else load_model(model, device, dtype, offload),
        ("fp32", half),
        default_spec(first),
        default_drawings(first, seeds),
    )
    print_costs(rows, as_json, plot)


@evaluate.command("steps")
def steps_command(
    steps: Annotated[list[int], typer.Option(help="Denoising steps; repeat for more.")] = STEP_COUNTS,
    seeds: Seeds = 2,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """What fewer steps cost."""
    if plot:
        check_figure(plot)
    reference, other = load_model(model, device, "fp32", offload), load_model(model, device, dtype, offload)
    drawings = default_drawings(reference, seeds)
    print_costs(steps_study(reference, other, default_spec(reference), drawings, steps), as_json, plot)


@evaluate.command("facets")
def facets_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    artist: Annotated[list[str], typer.Option(help="Whom to look at, by default all that are erased; repeat.")] = [],  # noqa: B006 (typer copies it)
    pictures: Annotated[int, typer.Option(help="Of each facet.")] = PICTURES,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    as_json: AsJson = False,
) -> None:
    """What an edit leaves of an artist: the bare name, the style, the portrait, the content, and other artists."""
    loaded_edit = Edit.load(edit)
    names = artist or (loaded_edit.spec.edited if loaded_edit.spec else ())
    if not names:
        raise Problem("{file} does not say whom it erases: name the artists with --artist.", file=edit.name)
    loaded = load_model(model, device, dtype, offload)
    found: dict[str, list[Facet]] = {}
    for name in names:
        found[name] = []
        for facet in facets_of(loaded, loaded_edit, name, pictures):
            say(as_json, f"{name}: {facet.name} done")
            found[name].append(facet)
    facts = {name: [asdict(facet) for facet in facets] for name, facets in found.items()}
    show(as_json, {"pictures": pictures, "artists": facts}, "\n\n".join(map(facet_table, found, found.values())))


def facet_table(artist: str, facets: list[Facet]) -> str:
    lines = [
        f"{artist}, before → after; ≈ marks a difference smaller than its interval",
        "",
        "| facet | style score | identity score | painted by the artist | CLIP | content | LPIPS |",
        "|---|---|---|---|---|---|---|",
    ]
    for facet in facets:
        changes = (facet.style, facet.identity, facet.shown, facet.clip, facet.content)
        cells = [f"{c.before.value:.2f} {'≈' if c.none else '→'} {c.after.value:.2f}" if c else "–" for c in changes]
        lines.append(f"| {facet.name} | {' | '.join(cells)} | {facet.lpips.value:.2f} |")
    lines += [
        f"\nOf the CLIP score's drop on the bare name, {drop.drop:+.1f}: identity {drop.identity:+.1f}, "
        f"style {drop.style:+.1f}, neither {drop.rest:+.1f}."
        for drop in (facet.drop for facet in facets)
        if drop
    ]
    return "\n".join(lines)


def print_costs(rows: Iterable[Cost], as_json: bool, plot: Path | None) -> None:
    """The first row is the yardstick: pictures of other seeds."""
    found: list[Cost] = []
    for row in rows:
        found.append(row)
        say(as_json, f"{row.what}: {row.verdict(found[0].lpips)}")
    verdicts = ["", *(row.verdict(found[0].lpips) for row in found[1:])]
    lines = ["| | LPIPS from fp32, 50 steps | change of CLIP | time per picture | |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.lpips.value:.3f} [{row.lpips.low:.3f}, {row.lpips.high:.3f}] "
        f"| {row.clip.value:+.2f} [{row.clip.low:+.2f}, {row.clip.high:+.2f}] | {row.seconds:.2f} s | {verdict} |"
        for row, verdict in zip(found, verdicts, strict=True)
    ]
    if plot:
        plot_costs(found, plot)
    facts = {
        "rows": [asdict(row) | {"verdict": verdict} for row, verdict in zip(found, verdicts, strict=True)],
        "plot": str(plot) if plot else None,
    }
    show(as_json, facts, "\n".join(lines))
