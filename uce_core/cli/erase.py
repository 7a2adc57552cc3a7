"""The command that solves an edit: erase."""

from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.options import AsJson, Device, Dtype, ModelName, app, output
from uce_core.cli.spec_options import check_known, takes
from uce_core.methods import METHODS, erasing, preset, preset_names
from uce_core.methods.erase import erase
from uce_core.models.model import load_model

PRESETS = preset_names()


@app.command("erase")
@takes(*(method.spec for method in erasing().values()))
def erase_command(
    given: dict[str, Any],
    erased: Annotated[list[str], typer.Option("--erase", help="Artist or concept to erase; repeatable.")],
    out: Annotated[Path, typer.Option(help="The edit file to write.")],
    retain: Annotated[list[str], typer.Option(help="Artist or concept to retain; repeat for more.")] = [],  # noqa: B006 (typer copies it)
    method: Annotated[str, typer.Option(help=f"How to edit: {', '.join(erasing())}.")] = next(iter(METHODS)),
    preset_name: Annotated[
        str, typer.Option("--preset", help=f"Where defaults come from: {', '.join(PRESETS)}.")
    ] = PRESETS[0],
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: AsJson = False,
) -> None:
    """Solve an edit and save it."""
    if method in erasing():
        check_known(given, METHODS[method].spec)
    spec = preset(preset_name, erased, retain, method, **given)
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
        "started_from": "float32" if edit.low_rank else str(loaded.stored).removeprefix("torch."),
        "spec": spec.facts(),
    }
    becomes = ", ".join(f"{concept} → {text!r}" for concept, text in zip(spec.erase, spec.guides, strict=True))
    lines = [f"Saved {out}: {becomes}, rank {edit.rank}, {facts['bytes']:,} bytes."]
    lines += [f"Note: {name!r} is not in the catalogue of this model; it is edited all the same." for name in unknown]
    if not edit.low_rank and not loaded.has_fp32_source:  # the others are solved from texts alone
        lines.append(f"Note: {model} has no float32 weights; the edit starts from {facts['started_from']}.")
    output(as_json, facts, "\n".join(lines))
