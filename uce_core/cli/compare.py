"""Commands that draw: compare and generate."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.options import (
    AsJson,
    Compiled,
    Device,
    Dtype,
    GuidanceScale,
    ModelName,
    Offload,
    app,
    output,
    progress,
)
from uce_core.cli.recording import NoRecord, comparison, recorded, recorded_line
from uce_core.edits.edit import Edit
from uce_core.generation.compare import PATHS, Pair, compare
from uce_core.generation.generate import generate
from uce_core.generation.spec import GenerationSpec
from uce_core.models.model import Model, applied, load_model

DEFAULT_SEED = GenerationSpec("-").seed
Prompts = Annotated[list[str], typer.Option(help="What to draw; repeat for more.")]
Seeds = Annotated[list[int], typer.Option(help="Seed; repeat for more.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps; by default what the model's family uses.")]


@app.command("compare")
def compare_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    prompt: Prompts,
    out: Annotated[Path, typer.Option(help="Folder for the images and scores.json.")],
    seed: Seeds = [DEFAULT_SEED],  # noqa: B006 (typer copies it)
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    path: Annotated[
        str,
        typer.Option(help=f"{', '.join(PATHS)}: edit the text, in one batch or apart, or the weights."),
    ] = PATHS[0],
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Draw every prompt and seed with the original and the edited model, and record it."""
    loaded_edit = Edit.load(edit)
    asked = asked_for(prompt, seed, steps, guidance_scale)
    loaded = load_model(model, device, dtype, offload, compiled)
    drawings = with_defaults(loaded, asked, steps, guidance_scale)
    with progress(as_json) as on_step:
        pairs = compare(loaded, loaded_edit, drawings, on_step, path)
    rows = write_pairs(pairs, out)
    runs = recorded(no_record, lambda kept: comparison(kept, loaded, loaded_edit, pairs, path))
    lines = [f"{i}: {row['prompt']!r}, seed {row['seed']}: {score_line(row)}" for i, row in enumerate(rows)]
    lines += [f"Saved {len(rows)} pairs to {out}.", *recorded_line(runs)]
    output(as_json, {"out": str(out), "pairs": rows, "run": next(iter(runs), None)}, "\n".join(lines))


@app.command("generate")
def generate_command(
    prompt: Prompts,
    out: Annotated[Path, typer.Option(help="Folder for the images.")],
    edit: Annotated[Path | None, typer.Option(help="The edit file; without one the model draws as it is.")] = None,
    seed: Seeds = [DEFAULT_SEED],  # noqa: B006 (typer copies it)
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    as_json: AsJson = False,
) -> None:
    """Draw every prompt and seed, with or without an edit."""
    loaded_edit = Edit.load(edit) if edit else None
    asked = asked_for(prompt, seed, steps, guidance_scale)
    loaded = load_model(model, device, dtype, offload, compiled)
    drawings = with_defaults(loaded, asked, steps, guidance_scale)
    with applied(loaded, loaded_edit), progress(as_json) as on_step:
        images = generate(loaded, drawings, on_step)
    out.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(drawing), "image": f"image_{i}.png"} for i, drawing in enumerate(drawings)]
    for row, image in zip(rows, images, strict=True):
        image.save(out / row["image"])
    output(as_json, {"out": str(out), "images": rows}, f"Saved {len(rows)} images to {out}.")


def asked_for(
    prompts: Sequence[str], seeds: Sequence[int], steps: int | None, guidance_scale: float | None
) -> list[GenerationSpec]:
    """Every prompt with every seed, refused before a model is loaded if one makes no sense."""
    given = numbers_given(steps, guidance_scale)
    return [GenerationSpec(text, number, **given) for text in prompts for number in seeds]


def with_defaults(
    model: Model, drawings: Sequence[GenerationSpec], steps: int | None, guidance_scale: float | None
) -> list[GenerationSpec]:
    """With the steps and guidance scale of the model's family where none were given."""
    usual = {"steps": model.family.steps, "guidance_scale": model.family.guidance_scale}
    return [replace(drawing, **usual | numbers_given(steps, guidance_scale)) for drawing in drawings]


def numbers_given(steps: int | None, guidance_scale: float | None) -> dict[str, Any]:
    return {name: value for name, value in (("steps", steps), ("guidance_scale", guidance_scale)) if value is not None}


def write_pairs(pairs: Sequence[Pair], out: Path) -> list[dict[str, Any]]:
    """original_<i>.png, edited_<i>.png and scores.json; returns the rows of the latter."""
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for i, pair in enumerate(pairs):
        names = {"original": f"original_{i}.png", "edited": f"edited_{i}.png"}
        pair.original.save(out / names["original"])
        pair.edited.save(out / names["edited"])
        rows.append({**asdict(pair.spec), **names, "scores": asdict(pair.scores) if pair.scores else None})
    (out / "scores.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return rows


def score_line(row: dict[str, Any]) -> str:
    scores = row["scores"]
    return (
        "no scores"
        if scores is None
        else f"CLIP {scores['clip_original']:.1f} → {scores['clip_edited']:.1f}, LPIPS {scores['lpips']:.3f}"
    )
