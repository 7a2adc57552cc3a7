"""HTML of several runs beside each other: a column a run, a row a setting, and at first only the rows that differ."""

from collections.abc import Sequence
from datetime import tzinfo
from html import escape
from typing import Any

from app.html.pieces import SCORES, listed, notice, section, setting_text
from app.html.runs import kind_of, moment_of
from app.words import has_text, translate
from uce_core.generation.samplers import SAMPLERS
from uce_core.methods import title_of
from uce_core.runs.differences import ENVIRONMENT, OUTCOME, Row, rows_of
from uce_core.runs.run import AnyRun

JOINED = {"prompt": " · ", "debias_before": "; ", "debias_after": "; "}  # else by commas


def differences_table(runs: Sequence[AnyRun], thumbnails: Sequence[str], language: str, zone: tzinfo) -> str:
    """thumbnails: their addresses. page.css hides the rows that do not differ while the box is ticked."""
    rows = rows_of(runs)
    heads = "".join(
        _head(run, number, thumbnail, language, zone)
        for number, (run, thumbnail) in enumerate(zip(runs, thumbnails, strict=True), 1)
    )
    none = "" if any(row.differs for row in rows) else notice(translate(language, "runs_no_difference"))
    table = (
        f'<label class="uce-only"><input type="checkbox" checked> {translate(language, "runs_only_differing")}</label>'
        f'{none}<div class="uce-scroll" tabindex="0"><table class="uce-facts"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{''.join(_row(row, runs, language) for row in rows)}</tbody></table></div>"
    )
    return f'<div class="uce-differences">{section(translate(language, "runs_differences"), table)}</div>'


def _head(run: AnyRun, number: int, thumbnail: str, language: str, zone: tzinfo) -> str:
    about = " · ".join(filter(None, (run.edit_title, moment_of(run, language, zone), kind_of(run, language))))
    return (
        f'<th scope="col"><a href="?run={run.id}" data-run="{run.id}"><img src="{escape(thumbnail)}" alt="" '
        f'loading="lazy">{number} · {escape(run.title)}</a><span>{escape(about)}</span></th>'
    )


def _row(row: Row, runs: Sequence[AnyRun], language: str) -> str:
    cells = "".join(f"<td>{escape(_text(row, value, language))}</td>" for value in row.values)
    same = "" if row.differs else ' class="uce-same"'
    return f'<tr{same}><th scope="row">{escape(_name(row, runs, language))}</th>{cells}</tr>'


def _name(row: Row, runs: Sequence[AnyRun], language: str) -> str:
    """As the page calls it; what it does not know, and everything of an environment, as it was recorded."""
    if row.part == ENVIRONMENT:
        return row.name
    first = next(run for run, value in zip(runs, row.values, strict=True) if value is not None)
    keys = (f"{first.spec.kind}_{row.name}", row.name) if first.spec else (row.name,)
    key = next((key for key in keys if has_text(language, key)), "")
    if row.name in SCORES:
        return translate(language, "runs_mean", name=translate(language, key))
    return translate(language, key) if key else row.name.replace("_", " ")


def _text(row: Row, value: Any, language: str) -> str:
    if value is None:
        return "–"
    if row.part == OUTCOME and isinstance(value, float):
        return f"{value:.3f}" if row.name == "lpips" else f"{value:.1f}"
    if row.name in JOINED and isinstance(value, tuple):
        return JOINED[row.name].join(value)
    if row.name == "method":
        return title_of(str(value))
    if row.part == ENVIRONMENT:
        return listed(value)
    if row.name == "sampler" and value in SAMPLERS:
        return SAMPLERS[value].title
    return setting_text(row.name, value, language)
