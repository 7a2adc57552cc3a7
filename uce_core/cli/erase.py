"""The command that solves an edit: erase."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.additions import extends
from uce_core.cli.names import artists_of, as_known, some
from uce_core.cli.options import AsJson, Device, Dtype, ModelName, app, encoding, output, to_file
from uce_core.cli.spec_options import check_known, takes
from uce_core.concepts.name_lists import all_of, names_in
from uce_core.edits.edit import AnyEdit, Edit
from uce_core.edits.spec import ErasureSpec, guided
from uce_core.methods import METHODS, erasing, preset, preset_names
from uce_core.methods.erase import erase
from uce_core.models.model import Model, load_model
from uce_core.precision import coarsest
from uce_core.problems import Problem

PRESETS = preset_names()
DEFAULTS = next(iter(METHODS)), PRESETS[0]
FromFile = "File of names, one a line; what follows a comma is left out, # begins a comment; repeatable."


@app.command("erase")
@takes(*(method.spec for method in erasing().values()))
@extends
def erase_command(
    given: dict[str, Any],
    out: Annotated[Path, typer.Option(help="The edit file to write.", callback=to_file)],
    erased: Annotated[list[str], typer.Option("--erase", help="Artist or concept to erase; repeatable.")] = [],  # noqa: B006 (typer copies it)
    erase_from: Annotated[list[Path], typer.Option(help=FromFile)] = [],  # noqa: B006
    retain: Annotated[list[str], typer.Option(help="Artist or concept to retain; repeat for more.")] = [],  # noqa: B006
    retain_from: Annotated[list[Path], typer.Option(help=FromFile)] = [],  # noqa: B006
    again: Annotated[
        Path | None, typer.Option(help="Edit file: solve what it was asked once more, for another model.")
    ] = None,
    method: Annotated[str, typer.Option(help=f"How to edit: {', '.join(erasing())}.")] = DEFAULTS[0],
    preset_name: Annotated[
        str, typer.Option("--preset", help=f"Where defaults come from: {', '.join(PRESETS)}.")
    ] = DEFAULTS[1],
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Solve an edit and save it."""
    if method in erasing():
        check_known(given, METHODS[method].spec)
    chosen = (method, preset_name) != DEFAULTS
    if bool(again) == bool(erased or erase_from or retain or retain_from or given or chosen):
        raise typer.BadParameter("say what to erase, by --erase or --erase-from, or by --again alone.")
    lists = [[names_in(file) for file in files] for files in (erase_from, retain_from)]
    erase_all, retain_all = (
        as_known((*named, *all_of(one)), artists_of(model), as_json)
        for named, one in zip((erased, retain), lists, strict=True)
    )
    if "guide" in given:
        given["guide"] = as_known(given["guide"], (), as_json)
    spec = asked_before(again) if again else preset(preset_name, erase_all, retain_all, method, **given)
    loaded = load_model(model, device, dtype)
    with encoding(as_json, len(spec.erase + spec.retain)) as on_text:
        edit = erase(loaded, spec, on_text)
    edit.save(out)
    unknown = loaded.unknown(spec.erase + spec.retain)
    started = started_from(loaded, edit)
    facts = {
        "out": str(out),
        "rank": edit.rank,
        "width": edit.width,
        "bytes": out.stat().st_size,
        "read": [{"file": str(one.file), "names": len(one.names)} for one in (*lists[0], *lists[1])],
        "not_in_catalogue": unknown,
        "started_from": started,
        "spec": spec.facts(),
    }
    lines = [*map(str, (*lists[0], *lists[1])), saved_line(out, spec, edit), *unknown_line(unknown)]
    if not loaded.has_fp32_source and started != "float32":
        lines.append(f"Note: {loaded.title} has no float32 weights; the edit starts from {started}.")
    output(as_json, facts, "\n".join(lines))


def asked_before(file: Path) -> ErasureSpec:
    """What an edit file was asked. Raises ValueError if it does not say, or does not erase."""
    spec = Edit.spec_in(file)
    if not isinstance(spec, ErasureSpec):
        raise Problem(
            "edit_not_an_erasure",
            "{file} does not say what it erases, so that it cannot be solved again.",
            file=file.name,
        )
    return spec


def started_from(model: Model, edit: AnyEdit) -> str:
    """The coarsest dtype of what the edit was made of: of texts alone, or of weights, too."""
    return coarsest([model.text.stored, *([model.source.stored] if edit.changes_weights and not edit.low_rank else [])])


def saved_line(out: Path, spec: ErasureSpec, edit: AnyEdit) -> str:
    becomes = [f"{concept} → {text!r}" for concept, text in zip(spec.erase, spec.guides, strict=True)]
    named = becomes if guided(type(spec)) else spec.erase
    what = f"rank {edit.rank}" if edit.changes_weights else "no weights"
    return f"Saved {out}: {some(named)}, {what}, {out.stat().st_size:,} bytes."


def unknown_line(names: Sequence[str]) -> list[str]:
    """One note for all concepts that are not in the catalogue."""
    are, them = ("is", "it is") if len(names) == 1 else ("are", "they are")
    what = (
        f"{some([repr(name) for name in names])} {are} not in the catalogue of this model; {them} edited all the same"
    )
    return [f"Note: {what}."] if names else []
