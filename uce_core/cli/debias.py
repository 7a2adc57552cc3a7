"""The command that balances attributes: debias."""

from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.checks import one_of
from uce_core.cli.additions import extends
from uce_core.cli.names import as_known
from uce_core.cli.options import (
    AsJson,
    Compiled,
    Cores,
    Device,
    Dtype,
    ModelName,
    Offload,
    Ray,
    WorkerCount,
    app,
    log,
    output,
    stoppable,
    to_file,
)
from uce_core.cli.recording import NoRecord, ids_of, keeping, recorded_line
from uce_core.cli.spec_options import takes
from uce_core.cluster.ray_images import ray_images
from uce_core.cluster.ray_workers import Source
from uce_core.concepts.names import PEOPLE
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.generation.progress import OnStep
from uce_core.methods import debiasing
from uce_core.methods.debias import Iterate
from uce_core.methods.debias_images import SAMPLES
from uce_core.methods.debias_quality import lost, spoilt
from uce_core.methods.debias_search import Debiased
from uce_core.models.model import load_model
from uce_core.problems import Problem
from uce_core.workflows import run_debiasing


@app.command("debias")
@takes(DebiasSpec)
@extends
def debias_command(
    given: dict[str, Any],
    concept: Annotated[list[str], typer.Option(help="Concept to debias, for example doctor; repeatable.")],
    out: Annotated[Path, typer.Option(help="The edit file to write.", callback=to_file)],
    retain: Annotated[list[str], typer.Option(help="Concept to retain; repeat for more.")] = [],  # noqa: B006 (typer copies it)
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    compiled: Compiled = False,
    ray: Ray = "",
    workers: WorkerCount = 0,
    cores: Cores = 1,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Balance attributes: generate, count and solve until the shares are right, and record it. Ctrl-C keeps the best
    so far. An edit that changes nothing is not saved, and the exit status is 2 unless the model is right as it is."""
    named = {"concepts": concept, "retain": retain} | {name: given[name] for name in ("attributes",) if name in given}
    spec = DebiasSpec(**given | {name: as_known(texts, PEOPLE, as_json) for name, texts in named.items()})
    one_of("method", spec.solved_by, debiasing())
    log(as_json, f"With {spec.images} images a share is accurate to ±{spec.half_width:.3f} (95 %).")
    loaded = load_model(model, device, dtype, offload, compiled)
    source = Source(model=model, device=device, dtype=dtype, offload=offload)
    on_cluster = ray_images(ray, source, count=workers, cores=cores) if ray else nullcontext()
    with on_cluster as embed, ExitStack() as stack:

        def on_found(found: Debiased) -> OnStep:
            if not found.changes_nothing:
                found.edit.save(out)
            stack.close()  # what stopped the search does not stop the samples
            if not no_record:
                log(
                    as_json,
                    f"Generating {SAMPLES} images of each concept, before and after, to record them; Ctrl-C skips it.",
                )
            return stack.enter_context(stoppable(as_json))

        def on_unrecognised(names: tuple[str, ...]) -> None:
            for line in unrecognised_line(names):
                log(as_json, line)

        on_step = stack.enter_context(stoppable(as_json))
        done = run_debiasing(
            loaded,
            spec,
            None if no_record else keeping(no_record),
            on_progress=lambda _, step, total: on_step(step, total),
            on_iterate=lambda one: log(as_json, iterate_line(spec, one)),
            on_unrecognised=on_unrecognised,
            on_found=on_found,
            embed=embed,
        )
    if done.stopped:
        typer.echo("The run was not saved: it was stopped.", err=True)
    found, runs = done.found, ids_of([done.run])
    output(as_json, facts_of(spec, found, out, runs), "\n".join([*found_lines(spec, found, out), *recorded_line(runs)]))
    if found.changes_nothing and not found.converged:
        raise nothing_found(found)


def facts_of(spec: DebiasSpec, found: Debiased, out: Path, runs: list[str]) -> dict[str, Any]:
    return {
        "out": None if found.changes_nothing else str(out),
        "converged": found.converged,
        "cancelled": found.cancelled,
        "changes_nothing": found.changes_nothing,
        "half_width": spec.half_width,
        "best": found.best,
        "history": [asdict(one) for one in found.history],
        "not_recognised": found.unrecognised,
        "spec": found.edit.spec.facts() if found.edit.spec else None,
        "run": next(iter(runs), None),
    }


def found_lines(spec: DebiasSpec, found: Debiased, out: Path) -> list[str]:
    shares = shares_line(spec, found.history[found.best])
    if found.changes_nothing:
        verdict = "The model is within the tolerance as it is" if found.converged else "The model as it is"
        needless = [f"No edit is needed: {out} was not written."] if found.converged else []
        return [f"{verdict}: {shares}.", *needless]
    missed = f"{'Stopped' if found.cancelled else 'Target not reached'}; this is the best iterate"
    return [f"{'Target reached' if found.converged else missed}: {shares}.", *spoilt_line(spec, found), f"Saved {out}."]


def spoilt_line(spec: DebiasSpec, found: Debiased) -> list[str]:
    """A note if images spoiled on the way to the target."""
    one = spoilt(found.history)
    if not one:
        return []
    scores = lost(spec.concepts, found.history[0], one)
    if one is found.history[found.best]:
        return [f"Note: images have spoiled, their CLIP score fell: {scores}. No iterate without that was better."]
    return [f"Note: the iterate nearest to the target was passed over, since its CLIP score fell: {scores}."]


def nothing_found(found: Debiased) -> Problem:
    if found.cancelled:
        return Problem(
            "debias_stopped_early",
            "Stopped while the best edit still changes nothing, so that it was not saved: let the search go on longer.",
        )
    return Problem(
        "debias_found_nothing",
        "No edit was better than the original model, and one that changes nothing is not saved: use more iterations, "
        "more images or a larger step size.",
    )


def unrecognised_line(names: Sequence[str]) -> list[str]:
    """One note for all concepts and attributes that mean nothing to the model or the classifier."""
    return [
        f"Note: to CLIP, other images look hardly less like {', '.join(map(repr, names))} than its own: the model or "
        "the classifier does not know the word, and its shares mean little."
    ] * bool(names)


def iterate_line(spec: DebiasSpec, one: Iterate) -> str:
    return f"gap {one.gap:.3f}: {shares_line(spec, one)}"


def shares_line(spec: DebiasSpec, one: Iterate) -> str:
    """doctor: man 0.52, woman 0.48, CLIP 27.1; …"""
    return "; ".join(
        f"{concept}: {', '.join(f'{name} {share:.2f}' for name, share in zip(spec.attributes, shares, strict=True))}, "
        f"CLIP {clip:.1f}{' (fell)' if fell else ''}"
        for concept, shares, clip, fell in zip(spec.concepts, one.shares, one.clip, one.fell, strict=True)
    )
