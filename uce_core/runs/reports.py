"""The reports that an evaluation's run keeps: the page to mail, and the figures behind it."""

from pathlib import Path

from pydantic import TypeAdapter

from uce_core.checks import sound_json
from uce_core.evaluation.edit_report import EditReport
from uce_core.runs.run import EvaluationRun
from uce_core.runs.store import Store

LARGEST = 8_000_000  # bytes, of which reading makes twenty times as many
REPORT: TypeAdapter[EditReport] = TypeAdapter(EditReport)


def report_of(store: Store, run: EvaluationRun) -> EditReport | None:
    """Of the edit that was evaluated; None if the file is gone or of another version."""
    path = _file(store, run, ".json")
    if path is None or path.stat().st_size > LARGEST:
        return None
    try:
        edits = sound_json(path.read_bytes())["edits"]
        return next((REPORT.validate_python(one) for one in edits if one["edit"] in run.request.names), None)
    except (ValueError, KeyError, TypeError):  # what can be shown without it is shown
        return None


def page_of(store: Store, run: EvaluationRun) -> Path | None:
    """None if it is gone."""
    return _file(store, run, ".html")


def _file(store: Store, run: EvaluationRun, suffix: str) -> Path | None:
    paths = [store.path(file) for file in run.files_of("report") if file.suffix == suffix]
    return next((path for path in paths if path.is_file()), None)
