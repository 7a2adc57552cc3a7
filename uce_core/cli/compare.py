"""Commands that generate: compare and generate."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.additions import extends
from uce_core.cli.names import say_syntax
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
    log,
    output,
    progress,
)
from uce_core.cli.recording import NoRecord, ids_of, keeping, recorded_line
from uce_core.edits.edit import Edit
from uce_core.generation.compare import Pair
from uce_core.generation.generate import generate
from uce_core.generation.spec import PATHS, GenerationSpec
from uce_core.methods.drift import overshoot
from uce_core.models.model import applied, load_model
from uce_core.workflows import run_comparison

DEFAULT_SEED = GenerationSpec("-").seed
Prompts = Annotated[list[str], typer.Option(help="Prompt; repeatable.")]
Seeds = Annotated[list[int], typer.Option(help="Seed; repeatable.")]
Steps = Annotated[int | None, typer.Option(help="Denoising steps; default: that of the model family.")]
NegativePrompt = Annotated[str, typer.Option(help="What the images should not show; for a guidance scale above 1.")]
Width = Annotated[int | None, typer.Option(help="Width in pixels, a multiple of 8; default: the model's own.")]
Height = Annotated[int | None, typer.Option(help="Height in pixels, a multiple of 8; default: the model's own.")]


@app.command("compare")
@extends
def compare_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    prompt: Prompts,
    out: Annotated[Path, typer.Option(help="Folder for the images and scores.json.")],
    seed: Seeds = [DEFAULT_SEED],  # noqa: B006 (typer copies it)
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    negative_prompt: NegativePrompt = "",
    width: Width = None,
    height: Height = None,
    sampler: SamplerName = "",
    path: Annotated[
        str,
        typer.Option(help=f"{', '.join(PATHS)}: edit the text, in one batch, apart or alone, or swap the weights."),
    ] = PATHS[0],
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Generate every prompt and seed with the original and the edited model, and save the run."""
    loaded_edit = Edit.load(edit)
    asked = asked_for(prompt, seed, steps, guidance_scale, negative_prompt, width, height, sampler)
    say_syntax([*prompt, negative_prompt], as_json)
    loaded = load_model(model, device, dtype, offload, compiled)
    times = overshoot(loaded, loaded_edit)
    if times:
        log(
            as_json,
            f"Note: the edit moves what it erases by {times:.1f} times its own size, and images turn to noise from "
            "about 3 on: use a smaller strength.",
        )
    with progress(as_json) as on_step:
        done = run_comparison(loaded, loaded_edit, asked, keeping(no_record), path=path, on_step=on_step)
    rows = write_pairs(done.pairs, out)
    runs = ids_of([done.run])
    lines = [f"{i}: {row['prompt']!r}, seed {row['seed']}: {score_line(row)}" for i, row in enumerate(rows)]
    lines += [f"Saved {len(rows)} pairs to {out}.", *recorded_line(runs)]
    output(as_json, {"out": str(out), "pairs": rows, "run": next(iter(runs), None)}, "\n".join(lines))


@app.command("generate")
@extends
def generate_command(
    prompt: Prompts,
    out: Annotated[Path, typer.Option(help="Folder for the images.")],
    edit: Annotated[Path | None, typer.Option(help="The edit file; without one, the original model is used.")] = None,
    seed: Seeds = [DEFAULT_SEED],  # noqa: B006 (typer copies it)
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
    """Generate every prompt and seed, with or without an edit."""
    loaded_edit = Edit.load(edit) if edit else None
    asked = asked_for(prompt, seed, steps, guidance_scale, negative_prompt, width, height, sampler)
    say_syntax([*prompt, negative_prompt], as_json)
    loaded = load_model(model, device, dtype, offload, compiled)
    with applied(loaded, loaded_edit), progress(as_json) as on_step:
        images = generate(loaded, asked, on_step)
    out.mkdir(parents=True, exist_ok=True)
    specs = [spec.resolved(loaded.family) for spec in asked]
    rows = [{**asdict(spec), "image": f"image_{i}.png"} for i, spec in enumerate(specs)]
    for row, image in zip(rows, images, strict=True):
        image.save(out / row["image"])
    output(as_json, {"out": str(out), "images": rows}, f"Saved {len(rows)} images to {out}.")


def asked_for(
    prompts: Sequence[str],
    seeds: Sequence[int],
    steps: int | None,
    guidance_scale: float | None,
    negative_prompt: str,
    width: int | None,
    height: int | None,
    sampler: str,
) -> list[GenerationSpec]:
    """Every prompt with every seed, refused before a model is loaded if one makes no sense."""
    how: dict[str, Any] = {"negative_prompt": negative_prompt, "width": width, "height": height, "sampler": sampler}
    return [GenerationSpec(text, number, steps, guidance_scale, **how) for text in prompts for number in seeds]


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
