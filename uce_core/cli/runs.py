"""Commands for recorded runs: runs list, show, replay, pin, delete, export, import."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from uce_core.cli.options import AsJson, Device, Dtype, Offload, app, output, plain, progress
from uce_core.models.model import load_model
from uce_core.runs.archive import export_run, import_run
from uce_core.runs.home import home, open_store
from uce_core.runs.replay import replay
from uce_core.runs.store import Run, Store

runs = typer.Typer(help="What was drawn, recorded: list it, draw it again, send it.", no_args_is_help=True)
app.add_typer(runs, name="runs")

Id = Annotated[str, typer.Argument(help="The run's id.")]
Database = Annotated[
    str,
    typer.Option(
        help="URL of the database, as SQLAlchemy writes it; by default UCE_STUDIO_DATABASE or SQLite at home."
    ),
]


def kept(database: str) -> Store:
    return open_store(home(), database)


@runs.command("list")
def list_command(
    search: Annotated[str, typer.Option(help="Words of the prompt or the note.")] = "",
    pinned: Annotated[bool, typer.Option("--pinned", help="Pinned ones only.")] = False,
    kind: Annotated[str, typer.Option(help="compare, debias or evaluate; by default all.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """What was drawn last first."""
    found = kept(database).page(limit, 0, search, pinned, kind)
    lines = [
        f"{run.id}  {run.latest.astimezone():%Y-%m-%d %H:%M}  {run.kind}  {'pinned  ' if run.pinned else ''}{run.title}"
        + (f"  ({run.note})" if run.note else "")
        for run in found
    ]
    output(as_json, {"runs": [facts(run) for run in found]}, "\n".join(lines) or "No runs.")


@runs.command("show")
def show_command(run: Id, database: Database = "", as_json: AsJson = False) -> None:
    """All that is known of a run, and where its pictures lie."""
    where = kept(database)
    found = where.get(run)
    known = facts(found) | {"files": [str(where.path(part)) for part in found.parts]}
    output(as_json, known, "\n".join(f"{name}: {plain(value)}" for name, value in known.items()))


@runs.command("replay")
def replay_command(
    run: Id,
    model: Annotated[str, typer.Option(help="By default the one that it was drawn with.")] = "",
    device: Device = "auto",
    dtype: Dtype = "auto",
    offload: Offload = False,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Draw a run's pictures again, and say whether the pictures are identical, within tolerance, or different."""
    where = kept(database)
    found = where.get(run)
    loaded = load_model(model or found.request["model"], device, dtype, offload)
    with progress(as_json) as on_step:
        again = replay(where, found, loaded, on_step)
    lines = [again.verdict, *(f"{name} was {then}, is {now}" for name, (then, now) in again.changed.items())]
    output(as_json, {"verdict": again.verdict, "changed": again.changed}, "\n".join(lines))


@runs.command("pin")
def pin_command(
    run: Id,
    unpin: Annotated[bool, typer.Option("--unpin", help="Let it age out again.")] = False,
    note: Annotated[str | None, typer.Option(help="A note to find it by.")] = None,
    database: Database = "",
) -> None:
    """Keep a run for ever."""
    where = kept(database)
    where.pin(run, not unpin)
    if note is not None:
        where.write_note(run, note)


@runs.command("delete")
def delete_command(run: Id, database: Database = "") -> None:
    """Delete a run, and its pictures unless another run holds them."""
    where = kept(database)
    where.get(run)
    where.delete([run])


@runs.command("export")
def export_command(
    run: Id, out: Annotated[Path, typer.Option(help="The zip file to write.")], database: Database = ""
) -> None:
    """One zip file with manifest, pictures, edit, and the command that draws it again."""
    where = kept(database)
    export_run(where, where.get(run), out)


@runs.command("import")
def import_command(file: Annotated[Path, typer.Argument(help="The zip file.")], database: Database = "") -> None:
    """Keep a run that was exported, here or elsewhere."""
    typer.echo(import_run(kept(database), file))


def facts(run: Run) -> dict[str, Any]:
    return asdict(run) | {"created": run.created.isoformat(), "latest": run.latest.isoformat(), "parts": len(run.parts)}
