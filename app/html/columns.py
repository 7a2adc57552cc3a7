"""Comparisons under several edits beside each other: what each is called, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from app.html.pieces import score_table, section, spec_facts, verdict_lines, verdict_reading
from app.words import translate
from uce_core.metrics.scores import Scores
from uce_core.runs.run import ComparisonRun


def column_titles(runs: Sequence[ComparisonRun], language: str) -> list[str]:
    """By method and strength, and what else is different where those are the same."""
    titles = [_title(run, language) for run in runs]
    times = Counter(titles)
    asked = [spec_facts(run.spec, language) if run.spec else {} for run in runs]
    found = []
    for title, facts in zip(titles, asked, strict=True):
        alike = [other for name, other in zip(titles, asked, strict=True) if name == title]
        differs = [f"{key}: {facts[key]}" for key in facts if len({other.get(key) for other in alike}) > 1]
        found.append(" · ".join((title, *differs)) if times[title] > 1 else title)
    return [title if found.count(title) == 1 else f"{title} ({number})" for number, title in enumerate(found, 1)]


def _title(run: ComparisonRun, language: str) -> str:
    unknown = translate(language, "edited")
    return run.edit_title or (unknown if run.request.strength == 1 else f"{unknown} × {run.request.strength:g}")


def column_findings(runs: Sequence[ComparisonRun], titles: Sequence[str], language: str) -> str:
    """What became of each pair, column by column."""
    seeds = [spec.seed for spec in runs[0].generations]
    found = [
        section(title, verdict_lines(seeds, run.outcome.verdicts, run.erased, language))
        for run, title in zip(runs, titles, strict=True)
        if run.outcome.verdicts
    ]
    return "".join((*found, verdict_reading(language))) if found else ""


def column_scores(runs: Sequence[ComparisonRun], titles: Sequence[str], language: str) -> str:
    """A row for each column, the means of its pairs."""
    return score_table(titles, [mean_scores(run) for run in runs], language, "column")


def mean_scores(run: ComparisonRun) -> Scores | None:
    """None if a pair has none."""
    scores = [one for one in run.scores if one]
    if len(scores) < len(run.scores):
        return None
    means = (fmean(getattr(one, name) for one in scores) for name in ("clip_original", "clip_edited", "lpips"))
    return Scores(*means)
