"""Commands that draw: compare."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.options import AsJson, Device, Dtype, ModelName, app, show
from uce_core.comparing import PATHS, Pair, compare
from uce_core.edit import Edit
from uce_core.generate import GenerationSpec
from uce_core.models import load_model

DRAWING = GenerationSpec("-")  # where the defaults are written


@app.command("compare")
def compare_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    prompt: Annotated[list[str], typer.Option(help="What to draw; repeat for more.")],
    out: Annotated[Path, typer.Option(help="Folder for the images and scores.json.")],
    seed: Annotated[list[int], typer.Option(help="Seed; repeat for more.")] = [DRAWING.seed],  # noqa: B006 (typer copies it)
    steps: Annotated[int, typer.Option(help="Denoising steps.")] = DRAWING.steps,
    guidance_scale: Annotated[float, typer.Option(help="How closely to follow the prompt.")] = DRAWING.guidance_scale,
    path: Annotated[str, typer.Option(help=f"{', '.join(PATHS)}: edit the text or the weights.")] = PATHS[0],
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Draw every prompt and seed with the original and the edited model."""
    loaded_edit = Edit.load(edit)
    specs = [GenerationSpec(text, number, steps, guidance_scale) for text in prompt for number in seed]
    pairs = compare(load_model(model, device, dtype), loaded_edit, specs, path=path)
    rows = write_pairs(pairs, out)
    text = "\n".join(f"{i}: {row['prompt']!r}, seed {row['seed']}: {score_line(row)}" for i, row in enumerate(rows))
    show(as_json, {"out": str(out), "pairs": rows}, f"{text}\nSaved {len(rows)} pairs to {out}.")


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
