"""Small pieces of HTML: progress, notices and scores. Everything a visitor typed is escaped here."""

from collections.abc import Sequence
from html import escape

from app.words import say
from uce_core import Pair


def progress_bar(text: str, share: float) -> str:
    """share: how much is done, 0 to 1."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    return (
        f'<div class="uce-progress" role="status"><div class="uce-track" role="progressbar" aria-valuenow="{percent}" '
        f'aria-valuemin="0" aria-valuemax="100"><div class="uce-bar" style="width:{percent}%"></div></div>'
        f"<p>{escape(text)}</p></div>"
    )


def notice(*texts: str) -> str:
    return "".join(f'<p class="uce-notice" role="status">{escape(text)}</p>' for text in texts)


def problem(text: str) -> str:
    return f'<p class="uce-problem" role="alert">{escape(text)}</p>'


def score_table(pairs: Sequence[Pair], language: str) -> str:
    """One row a seed, and under the table one line on how to read each column."""
    if any(pair.scores is None for pair in pairs):
        return notice(say(language, "no_scores"))
    columns = ("clip_original", "clip_edited", "lpips")
    head = "".join(f"<th>{say(language, column)}</th>" for column in columns)
    rows = "".join(
        f"<tr><td>{pair.spec.seed}</td><td>{pair.scores.clip_original:.1f}</td>"
        f"<td>{pair.scores.clip_edited:.1f}</td><td>{pair.scores.lpips:.3f}</td></tr>"
        for pair in pairs
        if pair.scores
    )
    lines = "".join(
        f"<li><b>{say(language, column)}</b> — {say(language, f'read_{column}')}</li>" for column in columns
    )
    return (
        f'<table class="uce-scores"><thead><tr><th>{say(language, "seed")}</th>{head}</tr></thead>'
        f'<tbody>{rows}</tbody></table><ul class="uce-reading">{lines}</ul>'
    )
