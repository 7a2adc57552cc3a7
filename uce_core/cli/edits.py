"""Commands that make edits: erase and debias."""

from collections.abc import Iterator
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
    log,
    output,
    stoppable,
)
from uce_core.cli.recording import NoRecord, recorded, recorded_line
from uce_core.concepts.wordings import SPANS, WORDINGS
from uce_core.edits.presets import PRESETS, preset
from uce_core.edits.spec import TECHNIQUES, DebiasSpec, EditSpec
from uce_core.methods.debias import SAMPLES, Debiased, Iterate, debias, samples
from uce_core.methods.uce import erase
from uce_core.models.model import Model, load_model
from uce_core.runs.record import record_debiasing
from uce_core.runs.store import Store

SPEC, DEBIAS = EditSpec(erase=("-",)), DebiasSpec(concepts=("-",))  # where the defaults are written
ATTRIBUTES = list(DEBIAS.attributes)


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
        "started_from": str(loaded.stored).removeprefix("torch."),
        "spec": asdict(spec),
    }
    becomes = ", ".join(f"{concept} → {text!r}" for concept, text in zip(spec.erase, spec.guides, strict=True))
    lines = [f"Saved {out}: {becomes}, rank {edit.rank}, {facts['bytes']:,} bytes."]
    lines += [f"Note: {name!r} is not in the catalogue of this model; it is edited all the same." for name in unknown]
    if not loaded.has_fp32_source:
        lines.append(f"Note: {model} has no float32 weights; the edit starts from {facts['started_from']}.")
    output(as_json, facts, "\n".join(lines))


@app.command("debias")
def debias_command(
    concept: Annotated[list[str], typer.Option(help="What to debias, for example doctor; repeat for more.")],
    out: Annotated[Path, typer.Option(help="The edit file to write.")],
    attribute: Annotated[list[str], typer.Option(help="Attribute to balance; repeat.")] = ATTRIBUTES,
    ratio: Annotated[list[float], typer.Option(help="Wished share of each attribute; even if none.")] = [],  # noqa: B006 (typer copies it)
    retain: Annotated[list[str], typer.Option(help="Concept to keep; repeat for more.")] = [],  # noqa: B006
    prompt: Annotated[str, typer.Option(help="How concepts and attributes are written.")] = DEBIAS.prompt,
    span: Annotated[str, typer.Option(help=f"Token positions: {', '.join(SPANS)}.")] = DEBIAS.span,
    lam: Annotated[float, typer.Option(help="Weight of staying near the weights.")] = DEBIAS.lam,
    edit_scale: Annotated[float, typer.Option(help="Weight of what is debiased.")] = DEBIAS.edit_scale,
    retain_scale: Annotated[float, typer.Option(help="Weight of the kept.")] = DEBIAS.retain_scale,
    retain_empty: Annotated[bool, typer.Option(help="Keep the empty text too.")] = DEBIAS.retain_empty,
    tolerance: Annotated[float, typer.Option(help="How far from the wished share is right.")] = DEBIAS.tolerance,
    images: Annotated[int, typer.Option(help="Images of each concept in each iteration.")] = DEBIAS.images,
    iterations: Annotated[int, typer.Option(help="At most so many.")] = DEBIAS.iterations,
    step_size: Annotated[float, typer.Option(help="Move of the targets, in multiples of the gap.")] = DEBIAS.step_size,
    seed: Annotated[int, typer.Option(help="First of the seeds.")] = DEBIAS.seed,
    steps: Annotated[int, typer.Option(help="Denoising steps.")] = DEBIAS.steps,
    guidance_scale: GuidanceScale = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Balance attributes: draw, count, solve, and again until the shares are right, and record it. Ctrl-C keeps the
    best so far."""
    spec = DebiasSpec(
        tuple(concept), tuple(attribute), tuple(ratio), tuple(retain), prompt, span,
        lam, edit_scale, retain_scale, retain_empty, tolerance, images, iterations, step_size, seed, steps,
    )  # fmt: skip
    log(as_json, f"{images} images tell a share to ±{spec.half_width:.3f} (95 %).")
    loaded = load_model(model, device, dtype, offload, compiled)
    usual = loaded.family.guidance_scale
    spec = replace(spec, guidance_scale=usual if guidance_scale is None else guidance_scale)
    with stoppable(as_json) as on_step:
        found = debias(
            loaded,
            spec,
            lambda _, done, total: on_step(done, total),
            lambda one: log(as_json, iterate_line(spec, one)),
        )
    found.edit.save(out)
    runs = recorded(no_record, lambda kept: debiasing(kept, loaded, spec, found, as_json))
    best = found.history[found.best]
    facts: dict[str, Any] = {
        "out": str(out),
        "converged": found.converged,
        "cancelled": found.cancelled,
        "half_width": spec.half_width,
        "best": found.best,
        "history": [asdict(one) for one in found.history],
        "spec": asdict(spec),
        "run": next(iter(runs), None),
    }
    verdict = "Within the tolerance" if found.converged else "Not within the tolerance; this is the best iterate"
    lines = [f"{verdict}: {shares_line(spec, best)}.", f"Saved {out}.", *recorded_line(runs)]
    output(as_json, facts, "\n".join(lines))


def debiasing(kept: Store, model: Model, spec: DebiasSpec, found: Debiased, as_json: bool) -> Iterator[str]:
    """Keep it with a few pictures before and after, which are drawn for that. Raises Cancelled after Ctrl-C."""
    log(as_json, f"Drawing {SAMPLES} pictures of each concept, before and after, to record them. Ctrl-C skips that.")
    with stoppable(as_json) as on_step:
        pictures = samples(model, spec, found.edit, on_step=on_step)
    yield record_debiasing(kept, model, found, pictures)


def iterate_line(spec: DebiasSpec, one: Iterate) -> str:
    return f"gap {one.gap:.3f}: {shares_line(spec, one)}"


def shares_line(spec: DebiasSpec, one: Iterate) -> str:
    """doctor: man 0.52, woman 0.48; …"""
    return "; ".join(
        f"{concept}: " + ", ".join(f"{name} {share:.2f}" for name, share in zip(spec.attributes, shares, strict=True))
        for concept, shares in zip(spec.concepts, one.shares, strict=True)
    )
