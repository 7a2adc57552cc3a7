"""Commands that study many pictures: evaluate precision, evaluate steps."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import torch
import typer

from uce_core.cli.options import AsJson, Device, Dtype, ModelName, app, say, show
from uce_core.evaluation import STEPS, Cost, default_drawings, default_spec, precision_study, steps_study
from uce_core.loading import pick_device
from uce_core.models import load_model

evaluate = typer.Typer(help="Studies over many pictures, with intervals.", no_args_is_help=True)
app.add_typer(evaluate, name="evaluate")
STEP_COUNTS = list(STEPS)

Seeds = Annotated[int, typer.Option(min=1, help="Seeds for each of eight prompts.")]


@evaluate.command("precision")
def precision_command(
    seeds: Seeds = 2, model: ModelName = "atelier", device: Device = "auto", as_json: AsJson = False
) -> None:
    """What half precision costs, in the pipeline and in the edit."""
    half = "bf16" if pick_device(device) == torch.device("cpu") else "fp16"
    first = load_model(model, device, "fp32")
    rows = precision_study(
        lambda dtype: first if dtype == "fp32" else load_model(model, device, dtype),
        ("fp32", half),
        default_spec(first),
        default_drawings(first, seeds),
    )
    print_costs(rows, as_json)


@evaluate.command("steps")
def steps_command(
    steps: Annotated[list[int], typer.Option(help="Denoising steps; repeat for more.")] = STEP_COUNTS,
    seeds: Seeds = 2,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """What fewer steps cost."""
    reference, other = load_model(model, device, "fp32"), load_model(model, device, dtype)
    drawings = default_drawings(reference, seeds)
    print_costs(steps_study(reference, other, default_spec(reference), drawings, steps), as_json)


def print_costs(rows: Iterable[Cost], as_json: bool) -> None:
    found = []
    for row in rows:
        say(as_json, f"{row.what}: {row.verdict}")
        found.append(row)
    lines = ["| | LPIPS from fp32, 50 steps | change of CLIP | time per picture | |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.lpips.value:.3f} [{row.lpips.low:.3f}, {row.lpips.high:.3f}] "
        f"| {row.clip.value:+.2f} [{row.clip.low:+.2f}, {row.clip.high:+.2f}] | {row.seconds:.2f} s | {row.verdict} |"
        for row in found
    ]
    show(as_json, {"rows": [asdict(row) | {"verdict": row.verdict} for row in found]}, "\n".join(lines))
