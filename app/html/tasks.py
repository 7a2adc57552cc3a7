"""HTML of a task: what it will generate, and the tables of what it found."""

from collections.abc import Iterable, Sequence
from html import escape

from app.html.pieces import fact_table, heat_map, section
from app.studio.tasks import TaskPlan
from app.words import translate
from uce_core.evaluation.edit_report import EditReport
from uce_core.evaluation.tables import Table, drop_table, leak_table, published_table, with_minus

DROPS = ("artist", "images", "drop", "identity", "style", "neither", "identity_share")
LEAKS = ("artist", "wording", "images", "recognised", "style_score")


def plan_facts(plan: TaskPlan, language: str) -> str:
    """Before it begins."""
    first, last = plan.seeds
    images = translate(language, "task_images_value", images=plan.images, prompts=plan.prompts, each=plan.each)
    said = {
        "task_images": images,
        "task_erased": _named(plan.erased),
        "task_others": _named(plan.others),
        "task_seeds": translate(language, "task_seeds_value", first=first, last=last),
    }
    return fact_table({translate(language, key): text for key, text in said.items() if text})


def _named(artists: Sequence[str]) -> str:
    return f"{len(artists)}: {', '.join(artists)}" if artists else ""


def found_tables(report: EditReport, shows: Sequence[str], language: str) -> str:
    """As the command line prints them. shows: which of the papers' metrics."""
    published = published_table(report.published, shows)
    parts = [
        section(translate(language, "task_groups"), heat_map(report, language)),
        _table("task_published", published.head, published, language),
        _table("task_drops", _heads("drops", DROPS, language), drop_table(report.drops), language),
        _table("task_leaks", _heads("leaks", LEAKS, language), leak_table(report.leaks), language),
    ]
    return "".join(parts)


def _heads(table: str, columns: Iterable[str], language: str) -> list[str]:
    return [translate(language, f"{table}_{column}") for column in columns]


def _table(title: str, heads: Sequence[str], table: Table, language: str) -> str:
    """Nothing where it has no rows. title: a text's key. heads: in the visitor's language."""
    if not table.rows:
        return ""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(with_minus(cell))}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return section(
        translate(language, title),
        f'<div class="uce-scroll" tabindex="0"><table class="uce-heat"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>",
    )
