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
from uce_core.concepts import SPANS, WORDINGS
from uce_core.edit import Edit
from uce_core.editing import erase
from uce_core.export import FORMATS, export
from uce_core.generate import GenerationSpec
from uce_core.impact import impact, suggest_retain
from uce_core.models import load_model
from uce_core.spec import PRESETS, TECHNIQUES, EditSpec, preset

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
    guide: Annotated[
        list[str] | None, typer.Option(help=f"What the erased becomes, one for all or one for each [{SPEC.guide}].")
    ] = None,
    wording: Annotated[
        str | None, typer.Option(help=f"{', '.join(WORDINGS)}, or a text with one {{}} [{SPEC.wording}].")
    ] = None,
    span: Annotated[str | None, typer.Option(help=f"Token positions: {', '.join(SPANS)} [{SPEC.span}].")] = None,
    lam: Annotated[float | None, typer.Option(help=f"Weight of staying near the weights [{SPEC.lam:g}].")] = None,
    erase_scale: Annotated[float | None, typer.Option(help=f"Weight of the erased [{SPEC.erase_scale:g}].")] = None,
    retain_scale: Annotated[float | None, typer.Option(help=f"Weight of the kept [{SPEC.retain_scale:g}].")] = None,
    retain_empty: Annotated[bool | None, typer.Option(help=f"Keep the empty text too [{SPEC.retain_empty}].")] = None,
    technique: Annotated[str | None, typer.Option(help=f"{' or '.join(TECHNIQUES)} [{SPEC.technique}].")] = None,
    preset_name: Annotated[
        str, typer.Option("--preset", help=f"Where defaults come from: {', '.join(PRESETS)}.")
    ] = "default",
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Solve an edit and save it."""
    chosen = {
        "guide": tuple(guide) if guide else None,
        "wording": wording,
        "span": span,
        "lam": lam,
        "erase_scale": erase_scale,
        "retain_scale": retain_scale,
        "retain_empty": retain_empty,
        "technique": technique,
    }
    changes = {name: value for name, value in chosen.items() if value is not None}
    spec = preset(preset_name, erased, retain, **changes)
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
    becomes = ", ".join(f"{concept} → {text!r}" for concept, text in zip(spec.erase, spec.guides, strict=True))
    lines = [f"Saved {out}: {becomes}, rank {edit.rank}, {facts['bytes']:,} bytes."]
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
    facts: dict[str, Any] = {
        "file": str(file),
        "kind": "low rank" if isinstance(edit, Edit) else "dense",
        "rank": edit.rank,
        "width": edit.width,
        "strength": edit.strength,
        "text_encoder": edit.text_encoder or "unknown",
        "created": edit.created,
        "spec": asdict(edit.spec) if edit.spec else None,
        "stacked": [asdict(spec) for spec in edit.stacked] if isinstance(edit, Edit) else [],
    }
    listed = (facts["spec"] or {}) | {key: value for key, value in facts.items() if key not in ("spec", "stacked")}
    lines = [f"{key.replace('_', ' ')}: {plain(value)}" for key, value in listed.items()]
    lines += [f"stacked: {plain(spec['erase'])} → {plain(spec['guide'])}" for spec in facts["stacked"]]
    show(as_json, facts, "\n".join(lines))


@app.command("export")
def export_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    to: Annotated[str, typer.Option(help=f"{', '.join(FORMATS)}.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Write an edit for other programs: the published code, diffusers, ComfyUI and AUTOMATIC1111."""
    export(load_model(model, device, dtype), Edit.load(edit), to, out)
    facts = {"out": str(out), "to": to, "bytes": out.stat().st_size}
    show(as_json, facts, f"Saved {out} as {to}, {facts['bytes']:,} bytes.")


@app.command("impact")
def impact_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    catalog: Annotated[Path | None, typer.Option(help="Concepts, one a line; by default the model's artists.")] = None,
    suggest: Annotated[int, typer.Option(help="How many concepts to suggest for retaining.")] = 5,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Say who else an edit hits, without drawing: the drift of every concept, and whom to retain."""
    loaded_edit, loaded = Edit.load(edit), load_model(model, device, dtype)
    concepts = catalog.read_text(encoding="utf-8").splitlines() if catalog else loaded.catalog
    rows = [asdict(one) for one in impact(loaded, loaded_edit, concepts)]
    retain = suggest_retain(loaded, loaded_edit, concepts, suggest)
    lines = [f"{row['drift']:.4f}  {row['concept']}" for row in rows]
    advice = f"Retain these to spare them: {', '.join(retain)}." if retain else "Nothing left to retain."
    show(as_json, {"rows": rows, "suggest_retain": retain}, "\n".join([*lines, advice]))


def plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


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
