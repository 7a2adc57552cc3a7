"""Commands for tasks: evaluate list, show, validate and run."""

from functools import partial
from typing import Annotated

import typer

from uce_core.cli.additions import extends
from uce_core.cli.evaluation import Edits, Erased, How, Retained, evaluated, evaluates, read_edits, tables_of
from uce_core.cli.names import artists_of, as_known
from uce_core.cli.options import (
    AsJson,
    evaluate,
    output,
)
from uce_core.evaluation.task_files import TaskFile, names, read_task
from uce_core.evaluation.task_inputs import task_inputs

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
@extends
@evaluates
def run_command(
    how: How,
    task: NameOrFile,
    edit: Edits = [],  # noqa: B006 (typer copies it)
    erased: Erased = [],  # noqa: B006
    retain: Retained = [],  # noqa: B006
    images: Annotated[int | None, typer.Option(min=1, help="Images per prompt; default: the task's.")] = None,
) -> None:
    """Run a task: solve its edits, or take those of --edit; generate, measure and report. After an interruption, run it
    again to continue."""
    found, given = read_task(task), read_edits(edit, ())
    wanted, kept = (as_known(texts, artists_of(how.model), how.as_json) for texts in (erased, retain))
    loaded = how.load()
    inputs = task_inputs(
        loaded,
        found,
        given,
        how.folder,
        erased=wanted,
        retained=kept,
        images=images,
        steps=how.steps,
        guidance_scale=how.guidance_scale,
        sampler=how.sampler,
    )
    evaluated(loaded, inputs, how, partial(tables_of, shows=found.task.shows))


def facts_of(found: TaskFile) -> dict[str, object]:
    return found.task.model_dump() | {"digest": found.digest, "path": str(found.path)}
