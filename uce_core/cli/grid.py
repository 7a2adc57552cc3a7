"""The command that puts images over two axes on one sheet: grid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core import files
from uce_core.cli.additions import extends
from uce_core.cli.compare import DEFAULT_SEED, Height, NegativePrompt, Steps, Width, asked_for
from uce_core.cli.erase import DEFAULTS, PRESETS
from uce_core.cli.names import artists_of, as_known, say_syntax
from uce_core.cli.options import (
    AsJson,
    Compiled,
    Device,
    Dtype,
    GuidanceScale,
    ModelName,
    Offload,
    SamplerName,
    app,
    output,
    progress,
    to_file,
)
from uce_core.cli.spec_options import check_known, takes
from uce_core.edits.edit import Edit
from uce_core.edits.spec import MethodSpec
from uce_core.grids.axes import METHOD, STRENGTH, Axis
from uce_core.grids.plan import OF_IMAGES, ORIGINAL, Grid, SavedEdit, axis_named, edits_of, methods_of
from uce_core.methods import METHODS, erasing
from uce_core.models.model import load_model
from uce_core.problems import Problem
from uce_core.runs.grid_image import run_grid
from uce_core.runs.grid_metadata import GRID

AXES = ", ".join(name.replace("_", "-") for name in (METHOD, STRENGTH, *OF_IMAGES))
HowAxis = (
    f"NAME=VALUE,VALUE: {AXES}, or a setting of the method, such as lam. A value with commas stands in double quotation"
    f" marks, as in a CSV file; {ORIGINAL!r} among the values of method, strength or a setting is the original."
)


@app.command("grid")
@takes(*(method.spec for method in erasing().values()))
@extends
def grid_command(
    given: dict[str, Any],
    x: Annotated[str, typer.Option(help=f"Columns, as {HowAxis}")],
    out: Annotated[Path, typer.Option(help="The PNG file to write; its metadata has all settings.", callback=to_file)],
    y: Annotated[str, typer.Option(help="Rows, in the same way; default: a single row.")] = "",
    erased: Annotated[list[str], typer.Option("--erase", help="Artist or concept to erase; repeatable.")] = [],  # noqa: B006 (typer copies it)
    retain: Annotated[list[str], typer.Option(help="Artist or concept to retain; repeat for more.")] = [],  # noqa: B006
    method: Annotated[str, typer.Option(help=f"How to edit: {', '.join(erasing())}.")] = DEFAULTS[0],
    preset_name: Annotated[
        str, typer.Option("--preset", help=f"Where defaults come from: {', '.join(PRESETS)}.")
    ] = DEFAULTS[1],
    edit: Annotated[Path | None, typer.Option(help="Edit file, instead of --erase and what belongs to it.")] = None,
    strength: Annotated[float, typer.Option(help="Strength of the edit, where no axis says it.")] = 1.0,
    prompt: Annotated[str, typer.Option(help="Prompt, where no axis says it.")] = "",
    seed: Annotated[int, typer.Option(help="Seed, where no axis says it.")] = DEFAULT_SEED,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    negative_prompt: NegativePrompt = "",
    width: Width = None,
    height: Height = None,
    sampler: SamplerName = "",
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    as_json: AsJson = False,
) -> None:
    """Generate images over one or two axes, and save them as one image with labels, to share."""
    if out.suffix.lower() != ".png":
        raise Problem("grid_not_png", "{file} is no PNG, which alone keeps the settings: name a .png file.", file=out)
    if edit and (erased or retain or given or (method, preset_name) != DEFAULTS):
        raise typer.BadParameter("an edit file is solved: use --edit, or --erase with its settings, not both.")
    axes = [_as_known(axis_named(text), as_json) for text in ((x, y) if y else (x,))]
    prompts = next((axis.values for axis in axes if axis.name == "prompt"), (prompt,))
    [common] = asked_for(prompts[:1], [seed], steps, guidance_scale, negative_prompt, width, height, sampler)
    say_syntax([*prompts, negative_prompt], as_json)
    saved = Edit.load(edit) if edit else None
    if "guide" in given:
        given["guide"] = as_known(given["guide"], (), as_json)
    erase_all, retain_all = (as_known(names, artists_of(model), as_json) for names in (erased, retain))
    grid = Grid(
        x=axes[0],
        y=axes[1] if y else None,
        generation=common,
        edits=saved.specs if saved else _asked(erase_all, retain_all, axes, method, preset_name, given),
        strength=strength,
        saved=SavedEdit(saved.digest, saved.strength) if saved else None,
    )
    loaded = load_model(model, device, dtype, offload, compiled)
    with progress(as_json) as on_step:
        done = run_grid(loaded, grid, saved, on_step)
    files.write(out, done.png)
    size = {"width": done.sheet.width, "height": done.sheet.height, "bytes": len(done.png)}
    text = f"Saved {out}: {len(grid.rows[0])} × {len(grid.rows)} images, {size['width']}×{size['height']} pixels."
    output(as_json, {"out": str(out), **size, **done.facts.to_json()[GRID]}, text)


def _as_known(axis: Axis, as_json: bool) -> Axis:
    """With guides by the names that models know."""
    return replace(axis, values=as_known(axis.values, (), as_json)) if axis.name == "guide" else axis


def _asked(
    erase: Sequence[str],
    retain: Sequence[str],
    axes: Sequence[Axis],
    method: str,
    preset_name: str,
    given: Mapping[str, Any],
) -> tuple[MethodSpec, ...]:
    """What the edits are asked. Raises ValueError for a setting that one of the methods does not have."""
    methods = methods_of(axes, method)
    for name in methods:
        if name in erasing():
            check_known(given, METHODS[name].spec)
    return edits_of(methods, erase, retain, preset_name, **given) if erase else ()
