"""How commands keep what they generated: among the runs at home, beside the app's, unless they are told not to.

Nothing is ever deleted from here; the app lets old runs age out.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from uce_core.runs.home import home, open_store
from uce_core.runs.record import Record
from uce_core.runs.run import AnyRun
from uce_core.workflows import Keep, not_kept

NoRecord = Annotated[bool, typer.Option("--no-record", help="Do not save this as a run.")]


def keeping(no_record: bool) -> Keep:
    """A Keep for the home's store. A failure is reported on stderr; what was generated is not lost."""
    return not_kept if no_record else _kept_at_home


def _kept_at_home(record: Record) -> AnyRun:
    try:
        store = open_store(home())
        return store.get(record.keep(store))
    except (OSError, ValueError, SQLAlchemyError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        advice = "the results are not lost. Fix that, set UCE_STUDIO_HOME to another folder, or use --no-record."
        typer.echo(f"The run was not saved ({reason}): {advice}", err=True)
        return record.run


def ids_of(runs: Iterable[AnyRun | None]) -> list[str]:
    """Of those that were kept."""
    return [run.id for run in runs if run and run.id]


def recorded_line(ids: Sequence[str]) -> list[str]:
    """What people are told of it, if anything was recorded."""
    return [f"Saved as run{'s' * (len(ids) > 1)} {', '.join(ids)}."] if ids else []
