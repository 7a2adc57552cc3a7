"""Commands that study the cost of generating: evaluate precision, steps."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import torch
import typer

from uce_core.cli.options import AsJson, Device, Dtype, ModelName, Offload, evaluate, log, output
from uce_core.evaluation.plots import check_figure, plot_costs
from uce_core.evaluation.precision_study import (
    STEPS,
    Cost,
    default_generations,
    default_spec,
    precision_study,
    steps_study,
)
from uce_core.models.loading import pick_device
from uce_core.models.model import load_model

STEP_COUNTS = list(STEPS)

Seeds = Annotated[int, typer.Option(min=1, help="Seeds per prompt, of eight prompts.")]
Plot = Annotated[Path | None, typer.Option(help="Also plot the table into this PNG, SVG or PDF file.")]


@evaluate.command("precision")
def precision_command(
    seeds: Seeds = 2,
    model: ModelName = "atelier",
    device: Device = "auto",
    offload: Offload = False,
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """The cost of half precision, in the pipeline and in the edit."""
    if plot:
        check_figure(plot)
    half = "bf16" if pick_device(device) == torch.device("cpu") else "fp16"
    first = load_model(model, device, "fp32", offload)
    rows = precision_study(
        lambda dtype: first if dtype == "fp32" else load_model(model, device, dtype, offload),
        ("fp32", half),
        default_spec(first),
        default_generations(first, seeds),
    )
    print_costs(rows, as_json, plot)


@evaluate.command("steps")
def steps_command(
    steps: Annotated[list[int], typer.Option(help="Denoising steps; repeatable.")] = STEP_COUNTS,
    seeds: Seeds = 2,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    plot: Plot = None,
    as_json: AsJson = False,
) -> None:
    """The cost of fewer steps."""
    if plot:
        check_figure(plot)
    reference, other = load_model(model, device, "fp32", offload), load_model(model, device, dtype, offload)
    generations = default_generations(reference, seeds)
    print_costs(steps_study(reference, other, default_spec(reference), generations, steps), as_json, plot)


def print_costs(rows: Iterable[Cost], as_json: bool, plot: Path | None) -> None:
    """The first row is the reference: images of other seeds."""
    found: list[Cost] = []
    for row in rows:
        found.append(row)
        log(as_json, f"{row.what}: {row.verdict(found[0].lpips)}")
    verdicts = ["", *(row.verdict(found[0].lpips) for row in found[1:])]
    lines = ["| | LPIPS from fp32, 50 steps | change of CLIP | time per image | |", "|---|---|---|---|---|"]
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
    output(as_json, facts, "\n".join(lines))
