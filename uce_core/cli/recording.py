"""How commands keep what they drew: among the runs at home, beside the app's, unless they are told not to.

Nothing is ever deleted from here; the app lets old runs age out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from uce_core.edits.edit import AnyEdit
from uce_core.edits.spec import EditSpec
from uce_core.evaluation.evaluate import Evaluation
from uce_core.evaluation.image_folder import ORIGINAL
from uce_core.evaluation.measure import Candidate
from uce_core.evaluation.verdicts import verdicts
from uce_core.generation.compare import Pair
from uce_core.generation.generate import Cancelled
from uce_core.metrics.scorer import scorer_for
from uce_core.models.model import Model
from uce_core.runs.home import home, open_store
from uce_core.runs.record import record, record_evaluation
from uce_core.runs.store import Store

NoRecord = Annotated[bool, typer.Option("--no-record", help="Don't keep this among the recorded runs.")]


def recorded(unwanted: bool, keep: Callable[[Store], Iterable[str]]) -> list[str]:
    """The ids of the runs that keep made. What hinders it is said on stderr and shall not lose what was drawn."""
    found: list[str] = []
    if unwanted:
        return found
    try:
        for run in keep(open_store(home())):
            found.append(run)
    except Cancelled:
        typer.echo("Not recorded: it was stopped.", err=True)
    except (OSError, ValueError, SQLAlchemyError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
        advice = "nothing else is lost; mend that, set UCE_STUDIO_HOME to another folder, or use --no-record."
        typer.echo(f"Not recorded ({reason}): {advice}", err=True)
    return found


def recorded_line(runs: Sequence[str]) -> list[str]:
    """What people are told of it, if anything was recorded."""
    return [f"Recorded as run{'s' * (len(runs) > 1)} {', '.join(runs)}."] if runs else []


def comparison(kept: Store, model: Model, edit: AnyEdit, pairs: Sequence[Pair], path: str) -> Iterator[str]:
    """Keep it as the app does: with what became of style and content."""
    erased = edit.spec.erase if isinstance(edit.spec, EditSpec) else ()
    found = verdicts(scorer_for(model.folder), pairs, erased, model.catalog) if pairs[0].scores else ()
    yield record(kept, model, edit, pairs, found, path, chosen=path != "auto")


def evaluations(kept: Store, model: Model, candidates: Iterable[Candidate], found: Evaluation) -> Iterator[str]:
    """Keep what was found of each edit, a run each."""
    for one in candidates:
        yield record_evaluation(kept, model, one.edit, of_one(found, one.name))


def of_one(found: Evaluation, name: str) -> Evaluation:
    """What an evaluation of several edits found of one; the files are still those of all."""
    plan = found.plan | {"title": f"{name}: {found.plan['title']}", "names": {name: found.plan["names"][name]}}
    return replace(
        found,
        plan=plan,
        reports=tuple(report for report in found.reports if report.edit == name),
        rows=tuple(row for row in found.rows if row.edit == name),
        lines=tuple(
            replace(line, cells=tuple(cell for cell in line.cells if cell.which in (ORIGINAL, name)))
            for line in found.lines
        ),
    )
