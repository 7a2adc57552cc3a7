"""Commands for tasks: evaluate list, show, validate and run."""

from functools import partial
from typing import Annotated

import typer

from uce_core.cli.evaluation import (
    Cores,
    Csd,
    Edits,
    Erased,
    How,
    MostFailed,
    Out,
    Ray,
    Retained,
    ShardOption,
    SingleFile,
    Steps,
    WorkerCount,
    evaluated,
    read_edits,
    tables_of,
)
from uce_core.cli.names import artists_of, as_known
from uce_core.cli.options import (
    AsJson,
    Device,
    Dtype,
    GuidanceScale,
    ModelName,
    Offload,
    evaluate,
    output,
)
from uce_core.cli.recording import NoRecord
from uce_core.cluster.ray_workers import Source
from uce_core.evaluation.task_files import TaskFile, names, read_task
from uce_core.models.model import load_model
from uce_core.workflows import task_inputs

NameOrFile = Annotated[str, typer.Argument(help="Name of a task, as evaluate list shows them, or a YAML file.")]


@evaluate.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Show the tasks that come with this program: protocols of papers, and its own."""
    found = [read_task(name).task for name in names()]
    lines = [f"{task.name}, version {task.version}: {task.source}." for task in found]
    facts = [task.model_dump(include={"name", "version", "source"}) for task in found]
    output(as_json, {"tasks": facts}, "\n".join(lines))


@evaluate.command("show")
def show_command(task: NameOrFile, as_json: AsJson = False) -> None:
    """Show what a task asks: its file, to copy and change."""
    found = read_task(task)
    output(as_json, facts_of(found), found.path.read_text(encoding="utf-8").strip())


@evaluate.command("validate")
def validate_command(task: NameOrFile, as_json: AsJson = False) -> None:
    """Check a task's file, and its prompt file if it has one, without opening a model."""
    found = read_task(task)
    notes = found.prompts.notes if found.prompts else ()
    output(as_json, facts_of(found) | {"notes": notes}, "\n".join([f"{found.label} It is valid.", *notes]))


@evaluate.command("run")
def run_command(
    task: NameOrFile,
    out: Out,
    edit: Edits = [],  # noqa: B006 (typer copies it)
    erased: Erased = [],  # noqa: B006
    retain: Retained = [],  # noqa: B006
    images: Annotated[int | None, typer.Option(min=1, help="Images per prompt; default: the task's.")] = None,
    steps: Steps = None,
    guidance_scale: GuidanceScale = None,
    csd: Csd = None,
    model: ModelName = "atelier",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    shard: ShardOption = "",
    ray: Ray = "",
    workers: WorkerCount = 0,
    cores: Cores = 1,
    most_failed: MostFailed = 0.0,
    single_file: SingleFile = False,
    no_record: NoRecord = False,
    as_json: AsJson = False,
) -> None:
    """Run a task: solve its edits, or take those of --edit; generate, measure and report. After an interruption, run it
    again to continue."""
    found, given = read_task(task), read_edits(edit, ())
    wanted, kept = (as_known(texts, artists_of(model), as_json) for texts in (erased, retain))
    loaded = load_model(model, device, dtype, offload)
    inputs = task_inputs(
        loaded,
        found,
        given,
        out,
        erased=wanted,
        retained=kept,
        images=images,
        steps=steps,
        guidance_scale=guidance_scale,
    )
    how = How(
        out=out,
        source=Source(model=model, device=device, dtype=dtype, offload=offload, csd=csd),
        shard=shard,
        ray=ray,
        workers=workers,
        cores=cores,
        no_record=no_record,
        most_failed=most_failed,
        single_file=single_file,
        as_json=as_json,
    )
    evaluated(loaded, inputs, how, partial(tables_of, shows=found.task.shows))


def facts_of(found: TaskFile) -> dict[str, object]:
    return found.task.model_dump() | {"digest": found.digest, "path": str(found.path)}
