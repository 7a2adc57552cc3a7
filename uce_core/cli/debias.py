"""The command that balances attributes: debias."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.options import AsJson, Compiled, Device, Dtype, ModelName, Offload, app, log, output, stoppable
from uce_core.cli.recording import NoRecord, ids_of, keeping, recorded_line
from uce_core.cli.spec_options import takes
from uce_core.edits.spec import DebiasSpec
from uce_core.generation.progress import OnStep
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_search import SAMPLES, Debiased
from uce_core.models.model import load_model
from uce_core.workflows import run_debiasing


@app.command("debias")
@takes(DebiasSpec)
def debias_command(
    given: dict[str, Any],
    concept: Annotated[list[str], typer.Option(help="Concept to debias, for example doctor; repeatable.")],
    out: Annotated[Path, typer.Option(help="The edit file to write.")],
    retain: Annotated[list[str], typer.Option(help="Concept to retain; repeat for more.")] = [],  # noqa: B006 (typer copies it)
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Balance attributes: generate, count and solve until the shares are right, and record it. Ctrl-C keeps the best
    so far."""
    spec = DebiasSpec(concepts=tuple(concept), retain=tuple(retain), **given)
    log(as_json, f"With {spec.images} images a share is accurate to ±{spec.half_width:.3f} (95 %).")
    loaded = load_model(model, device, dtype, offload, compiled)
    with ExitStack() as stack:

        def on_found(found: Debiased) -> OnStep:
            found.edit.save(out)
            stack.close()  # what stopped the search does not stop the samples
            if not no_record:
                log(
                    as_json,
                    f"Generating {SAMPLES} images of each concept, before and after, to record them; Ctrl-C skips it.",
                )
            return stack.enter_context(stoppable(as_json))

        on_step = stack.enter_context(stoppable(as_json))
        done = run_debiasing(
            loaded,
            spec,
            None if no_record else keeping(no_record),
            on_progress=lambda _, step, total: on_step(step, total),
            on_iterate=lambda one: log(as_json, iterate_line(spec, one)),
            on_found=on_found,
        )
    if done.stopped:
        typer.echo("The run was not saved: it was stopped.", err=True)
    found, runs = done.found, ids_of([done.run])
    facts: dict[str, Any] = {
        "out": str(out),
        "converged": found.converged,
        "cancelled": found.cancelled,
        "half_width": spec.half_width,
        "best": found.best,
        "history": [asdict(one) for one in found.history],
        "spec": found.edit.spec.facts() if found.edit.spec else None,
        "run": next(iter(runs), None),
    }
    verdict = "Target reached" if found.converged else "Target not reached; this is the best iterate"
    lines = [f"{verdict}: {shares_line(spec, found.history[found.best])}.", f"Saved {out}.", *recorded_line(runs)]
    output(as_json, facts, "\n".join(lines))


def iterate_line(spec: DebiasSpec, one: Iterate) -> str:
    return f"gap {one.gap:.3f}: {shares_line(spec, one)}"


def shares_line(spec: DebiasSpec, one: Iterate) -> str:
    """doctor: man 0.52, woman 0.48; …"""
    return "; ".join(
        f"{concept}: " + ", ".join(f"{name} {share:.2f}" for name, share in zip(spec.attributes, shares, strict=True))
        for concept, shares in zip(spec.concepts, one.shares, strict=True)
    )
