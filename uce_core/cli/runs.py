"""Commands for recorded runs: runs list, show, replay, pin, delete, export, import."""

from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.additions import extends
from uce_core.cli.options import AsJson, Device, Dtype, Offload, app, output, plain, progress, to_file
from uce_core.models.additions import joined, split
from uce_core.models.model import load_model
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.home import home, open_store
from uce_core.runs.replay import replay
from uce_core.runs.run import AnyRun
from uce_core.runs.store import Store

runs = typer.Typer(help="Saved runs: list, replay, pin, export and import them.", no_args_is_help=True)
app.add_typer(runs, name="runs")

Id = Annotated[str, typer.Argument(help="The run's id.")]
Database = Annotated[
    str,
    typer.Option(help=("SQLAlchemy URL of the database; default: UCE_STUDIO_DATABASE, or SQLite in UCE_STUDIO_HOME.")),
]


def opened(database: str) -> Store:
    return open_store(home(), database)


@runs.command("list")
def list_command(
    search: Annotated[str, typer.Option(help="Words in the prompt or the note.")] = "",
    pinned: Annotated[bool, typer.Option("--pinned", help="Only pinned runs.")] = False,
    kind: Annotated[str, typer.Option(help="compare, debias or evaluate; default: all.")] = "",
    visitor: Annotated[str, typer.Option(help="Id of a hosted page's visitor: only their runs.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of runs.")] = 20,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """List runs, most recent first."""
    store = opened(database)
    found = store.runs_of(visitor, limit) if visitor else store.page(limit, 0, search, pinned, kind)
    lines = [
        f"{run.id}  {run.latest.astimezone():%Y-%m-%d %H:%M}  {run.kind}  {'pinned  ' if run.pinned else ''}{run.title}"
        + (f"  [{run.edit_title}]" if run.edit_title else "")
        + (f"  ({run.note})" if run.note else "")
        + (f"  {run.visitor}" if run.visitor else "")
        for run in found
    ]
    output(as_json, {"runs": [facts(run) for run in found]}, "\n".join(lines) or "No runs.")


@runs.command("show")
def show_command(run: Id, database: Database = "", as_json: AsJson = False) -> None:
    """Show everything about a run, and where its images are stored."""
    store = opened(database)
    found = store.get(run)
    known = facts(found) | {"files": [str(store.path(part)) for part in found.files]}
    output(as_json, known, "\n".join(f"{name}: {plain(value)}" for name, value in known.items()))


@runs.command("replay")
@extends
def replay_command(
    run: Id,
    model: Annotated[str, typer.Option(help="Model; default: the one that generated the run.")] = "",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Generate a run again and say whether its images are identical, within tolerance, or different."""
    store = opened(database)
    found = store.get(run)
    base, additions = split(model)
    if additions:  # of a recorded one only the file's name is known
        model = joined(base or split(found.model)[0], additions)
    loaded = load_model(model or found.model, device, dtype, offload)
    with progress(as_json) as on_step:
        again = replay(store, found, loaded, on_step)
    lines = [
        again.verdict,
        *(f"{name} was {then or 'not recorded'}, is {now}" for name, (then, now) in again.changed.items()),
    ]
    output(as_json, {"verdict": again.verdict, "changed": again.changed}, "\n".join(lines))


@runs.command("pin")
def pin_command(
    run: Id,
    unpin: Annotated[bool, typer.Option("--unpin", help="Allow it to be deleted when space runs out.")] = False,
    note: Annotated[str | None, typer.Option(help="A note; search finds it.")] = None,
    database: Database = "",
) -> None:
    """Keep a run for good."""
    store = opened(database)
    store.pin(run, not unpin)
    if note is not None:
        store.write_note(run, note)


@runs.command("delete")
def delete_command(
    run: Annotated[str, typer.Argument(help="The run's id.")] = "",
    visitor: Annotated[str, typer.Option(help="Id of a hosted page's visitor: all their runs.")] = "",
    database: Database = "",
) -> None:
    """Delete a run, or all of a visitor's; images go unless another run shares them."""
    store = opened(database)
    store.delete(one.id for one in (store.runs_of(visitor) if visitor else [store.get(run)]))


@runs.command("export")
def export_command(
    run: Id,
    out: Annotated[Path, typer.Option(help="The zip file to write.", callback=to_file)],
    database: Database = "",
) -> None:
    """Export a run as a zip file: manifest, images, edit, and the command that generates it again."""
    store = opened(database)
    export_run(store, store.get(run), out)


@runs.command("import")
def import_command(file: Annotated[Path, typer.Argument(help="The zip file.")], database: Database = "") -> None:
    """Import an exported run."""
    typer.echo(import_run(opened(database), file))


def facts(run: AnyRun) -> dict[str, Any]:
    """As JSON; of its files the number."""
    return run.model_dump(mode="json") | {"files": len(run.files)}
