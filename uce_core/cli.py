"""python -m uce_core …: the engine on the command line.

Each command prints human text, or one JSON object with --json. Exit 0, or 2 with one line on stderr.
"""

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.comparing import Pair, compare
from uce_core.edit import Edit, EditSpec
from uce_core.editing import erase
from uce_core.generate import GenerationSpec
from uce_core.models import load_model

app = typer.Typer(help="Erase concepts from diffusion models in closed form.", add_completion=False)
UsageError: Any = typer.BadParameter.__mro__[1]  # of whichever click this typer is built on
SPEC, DRAWING = EditSpec(erase=("-",)), GenerationSpec("-")  # where the defaults are written

ModelName = Annotated[str, typer.Option(help="atelier, a diffusers folder, or a hub id.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Dtype = Annotated[str, typer.Option(help="auto, fp32, bf16 or fp16, of the pipeline.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def show(as_json: bool, facts: dict[str, Any], text: str) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else text)


@app.command("erase")
def erase_command(
    erased: Annotated[list[str], typer.Option("--erase", help="Artist or concept to erase; repeat for more.")],
    out: Annotated[Path, typer.Option(help="The edit file to write.")],
    retain: Annotated[list[str], typer.Option(help="Artist or concept to keep; repeat for more.")] = [],  # noqa: B006 (typer copies it)
    guide: Annotated[str, typer.Option(help="What the erased becomes.")] = SPEC.guide,
    wording: Annotated[
        str, typer.Option(help="name, style, portrait, expanded, or a text with one {}.")
    ] = SPEC.wording,
    span: Annotated[str, typer.Option(help="Token positions: last, rest or all.")] = SPEC.span,
    lam: Annotated[float, typer.Option(help="Weight of staying near the original weights.")] = SPEC.lam,
    erase_scale: Annotated[float, typer.Option(help="Weight of what is erased.")] = SPEC.erase_scale,
    retain_scale: Annotated[float, typer.Option(help="Weight of what is kept.")] = SPEC.retain_scale,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Solve an edit and save it."""
    spec = EditSpec(tuple(erased), guide, tuple(retain), wording, span, lam, erase_scale, retain_scale)
    loaded = load_model(model, device, dtype)
    unknown = loaded.unknown(spec.erase + spec.retain)
    edit = erase(loaded, spec)
    edit.save(out)
    facts = {
        "out": str(out),
        "rank": edit.rank,
        "width": edit.width,
        "bytes": out.stat().st_size,
        "not_in_catalogue": unknown,
        "spec": asdict(spec),
    }
    lines = [f"Saved {out}: {', '.join(spec.erase)} → {spec.guide!r}, rank {edit.rank}, {facts['bytes']:,} bytes."]
    lines += [f"Note: {name!r} is not in the catalogue of this model; it is edited all the same." for name in unknown]
    show(as_json, facts, "\n".join(lines))


@app.command("compare")
def compare_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    prompt: Annotated[list[str], typer.Option(help="What to draw; repeat for more.")],
    out: Annotated[Path, typer.Option(help="Folder for the images and scores.json.")],
    seed: Annotated[list[int], typer.Option(help="Seed; repeat for more.")] = [DRAWING.seed],  # noqa: B006 (typer copies it)
    steps: Annotated[int, typer.Option(help="Denoising steps.")] = DRAWING.steps,
    guidance_scale: Annotated[float, typer.Option(help="How closely to follow the prompt.")] = DRAWING.guidance_scale,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Draw every prompt and seed with the original and the edited model."""
    loaded_edit = Edit.load(edit)
    specs = [GenerationSpec(text, number, steps, guidance_scale) for text in prompt for number in seed]
    pairs = compare(load_model(model, device, dtype), loaded_edit, specs)
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


@app.command("inspect")
def inspect_command(file: Annotated[Path, typer.Argument(help="The edit file.")], as_json: AsJson = False) -> None:
    """Say what is in an edit file."""
    edit = Edit.load(file)
    spec = asdict(edit.spec)
    facts = {
        "file": str(file),
        "rank": edit.rank,
        "width": edit.width,
        "text_encoder": edit.text_encoder,
        "created": edit.created,
        "spec": spec,
    }
    lines = [
        f"{key.replace('_', ' ')}: {', '.join(value) if isinstance(value, tuple) else value}"
        for key, value in (spec | facts).items()
        if key != "spec"
    ]
    show(as_json, facts, "\n".join(lines))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    logging.basicConfig(level=logging.ERROR)
    try:
        app(arguments, prog_name="python -m uce_core", standalone_mode=False)
    except UsageError as error:
        return fail(error.format_message())
    except (ValueError, OSError) as error:
        return fail(str(error))
    return 0


def fail(sentence: str) -> int:
    print("Error: " + " ".join(sentence.split()), file=sys.stderr)
    return 2
