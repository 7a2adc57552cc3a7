"""Commands that read edit files: inspect, export and impact."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.additions import extends
from uce_core.cli.options import AsJson, Device, Dtype, ModelName, app, encoding, output, plain
from uce_core.concepts.name_lists import names_in
from uce_core.edits.edit import Edit
from uce_core.edits.formats import ADVICE, DTYPES, FORMATS
from uce_core.methods.drift import impact, most_affected
from uce_core.methods.export import check_export, exported
from uce_core.models.model import load_model
from uce_core.problems import Problem


@app.command("inspect")
def inspect_command(file: Annotated[Path, typer.Argument(help="The edit file.")], as_json: AsJson = False) -> None:
    """Show what is in an edit file."""
    edit = Edit.load(file)
    facts: dict[str, Any] = {
        "file": str(file),
        "kind": "low rank" if edit.low_rank else "dense" if edit.changes_weights else "no weights",
        "rank": edit.rank,
        "width": edit.width,
        "strength": edit.strength,
        "text_encoder": edit.text_encoder or "unknown",
        "created": edit.created,
        "spec": edit.spec.facts() if edit.spec else None,
        "stacked": [spec.facts() for spec in edit.stacked],
    }
    listed = (facts["spec"] or {}) | {key: value for key, value in facts.items() if key not in ("spec", "stacked")}
    lines = [f"{key.replace('_', ' ')}: {plain(value)}" for key, value in listed.items()]
    lines += [f"stacked: {plain(part.edited)}" for part in edit.stacked]
    output(as_json, facts, "\n".join(lines))


@app.command("export")
@extends
def export_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    to: Annotated[str, typer.Option(help=f"The format: {', '.join(FORMATS)}.")],
    out: Annotated[Path, typer.Option(help="The file to write; of a checkpoint that is a folder, the folder.")],
    rank: Annotated[int | None, typer.Option(help="Rank of a LoRA, at most; default: the edit's own.")] = None,
    dtype: Annotated[str, typer.Option(help=f"Precision of the file: {', '.join(DTYPES)}.")] = DTYPES[0],
    model: ModelName = "atelier",
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Export an edit to other programs (the published code, diffusers, ComfyUI, AUTOMATIC1111), or as a checkpoint."""
    check_export(to, rank, dtype)
    if out.exists() and edit.exists() and out.samefile(edit):
        raise Problem("export_over_edit", "{file} is the edit itself: choose another name for --out.", file=out)
    asked = Edit.load(edit)
    done = exported(load_model(model, device), asked, to, out, rank, dtype)
    facts = {"out": str(out), "to": to, "bytes": size_of(out), "rank": done.rank, "error": done.error}
    of_rank = f", of rank {done.rank}" if done.rank else ""
    lines = [f"Saved {out} as {to}{of_rank}, {facts['bytes']:,} bytes.", ADVICE[to]]
    if done.error:
        lines.insert(1, f"It leaves out {done.error:.1%} of the edit's change of a projection, at most.")
    output(as_json, facts, "\n".join(lines))


def size_of(path: Path) -> int:
    """Bytes of a file, or of a folder's files."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


@app.command("impact")
@extends
def impact_command(
    edit: Annotated[Path, typer.Option(help="The edit file.")],
    catalog: Annotated[
        Path | None,
        typer.Option(
            help="File of concepts, one a line, as for erase --erase-from; default: the artists of the model."
        ),
    ] = None,
    suggest: Annotated[int, typer.Option(help="Number of concepts to suggest to retain.")] = 5,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Show which concepts an edit affects, without generating: the drift of each, and which to retain."""
    loaded_edit = Edit.load(edit)
    listed = names_in(catalog) if catalog else None
    loaded = load_model(model, device, dtype)
    concepts = listed.names if listed else loaded.catalog
    with encoding(as_json, len(concepts)) as on_text:
        found = impact(loaded, loaded_edit, concepts, on_text)
    rows, retain = list(map(asdict, found)), most_affected(loaded_edit, found, suggest)
    lines = [*([str(listed)] if listed else []), *(f"{row['drift']:.4f}  {row['concept']}" for row in rows)]
    advice = f"Suggested to retain: {', '.join(retain)}." if retain else "No further concepts to retain."
    if not loaded_edit.specs:
        advice = "The file does not say what it erases, so nothing is suggested to retain: it may be what comes first."
    output(as_json, {"rows": rows, "suggest_retain": retain}, "\n".join([*lines, advice]))
