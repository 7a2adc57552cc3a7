"""HTML of recorded runs: what was asked and with what, how two differ, how a replay compares."""

from collections.abc import Sequence
from datetime import tzinfo
from html import escape
from typing import Any

from app.html.clock import moment
from app.html.pieces import SCORES, fact_table, in_percent, listed, score_table, sentences, share_bars, verdict_lines
from app.words import option_text, translate
from uce_core import DebiasSpec
from uce_core.evaluation.tables import Finding
from uce_core.methods.debias import Iterate
from uce_core.runs.replay import Replay, drawings_of, scores_of, verdicts_of
from uce_core.runs.store import Run


def run_name(run: Run, language: str, zone: tzinfo) -> str:
    """What tells a run from the others: when, of what kind unless it is a comparison, as most are, and of what."""
    kind = "" if run.kind == "compare" else f"{translate(language, f'runs_{run.kind}')}: "
    return f"{moment(run.latest, zone)} · {kind}{run.title}"


def run_links(runs: Sequence[Run], thumbnails: Sequence[str], language: str, zone: tzinfo) -> str:
    """A list of runs, which navigation.js opens. thumbnails: their addresses."""
    entries = "".join(_run_link(*one, language, zone) for one in zip(runs, thumbnails, strict=True))
    return (
        f'<nav aria-label="{translate(language, "tab_runs")}"><ul class="uce-runs">{entries}</ul></nav>' if runs else ""
    )


def _run_link(run: Run, thumbnail: str, language: str, zone: tzinfo) -> str:
    kind, pin = (
        translate(language, f"runs_{run.kind}"),
        f"★ {translate(language, 'runs_pinned_one')} · " if run.pinned else "",
    )
    return (
        f'<li><a href="?run={run.id}" data-run="{run.id}"><img src="{escape(thumbnail)}" alt="" loading="lazy">'
        f"<b>{escape(run.title)}</b><span>{pin}{moment(run.latest, zone)} · {kind}</span></a></li>"
    )


def facts_of(run: Run, language: str, zone: tzinfo) -> dict[str, str]:
    """What was asked and with what, in a visitor's words; empty values are left out."""
    request, spec, drawings = run.request, run.request.get("edit") or {}, run.request.get("drawings", [{}])
    first = drawings[0]
    named: dict[str, Any] = next(iter(request.get("names", {}).values()), {})  # of an evaluation's edits the first
    facts = {
        "prompt": " · ".join(dict.fromkeys(drawing["prompt"] for drawing in drawings if drawing)),
        "seed": ", ".join(dict.fromkeys(str(drawing["seed"]) for drawing in drawings if drawing)),
        "debias_concepts": listed(spec.get("concepts")),
        "debias_attributes": listed(spec.get("attributes")),
        "debias_ratios": in_percent(spec.get("ratios", [])),
        "erase": listed(spec.get("erase") or named.get("erased")),
        "retain": listed(spec.get("retain") or named.get("retained")),
        "guide": listed(spec.get("guide")),
        "wording": option_text(language, "wording", spec.get("wording", "")),
        "span": option_text(language, "span", spec.get("span", "")),
        "lam": spec.get("lam"),
        "strength": request.get("strength"),
        "steps": first.get("steps") or request.get("steps"),
        "guidance_scale": first.get("guidance_scale") or request.get("guidance_scale"),
        "pictures": request.get("pictures"),
        "model": request.get("model"),
        "precision": f"{run.surroundings.get('dtype', '')} · {run.surroundings.get('device', '')}",
        "versions": ", ".join(
            f"{name} {run.surroundings[name]}" for name in ("torch", "diffusers") if name in run.surroundings
        ),
        "created": moment(run.created, zone),
        "latest": moment(run.latest, zone) if run.latest > run.created else "",
    }
    return {translate(language, key): str(value) for key, value in facts.items() if value not in (None, "", " · ")}


def outcome_facts(run: Run, language: str) -> dict[str, str]:
    """Figures that came of it: scores of all pairs, or shares of all concepts."""
    if run.kind == "compare":
        found, places = [scores for scores in scores_of(run) if scores], {"lpips": 3}
        return {
            translate(language, column): ", ".join(
                f"{getattr(scores, column):.{places.get(column, 1)}f}" for scores in found
            )
            for column in SCORES
        }
    shares = {"debias_before": shares_of(run, 0), "debias_after": shares_of(run, run.outcome.get("best", 0))}
    return {translate(language, key): value for key, value in shares.items() if value}


def shares_of(run: Run, number: int) -> str:
    """Of an iterate of a debiasing: doctor: man 50%, woman 50%; …"""
    history, spec = run.outcome.get("history", []), run.request.get("edit") or {}
    if not history:
        return ""
    parts = []
    for concept, shares in zip(spec["concepts"], history[number]["shares"], strict=True):
        named = zip(spec["attributes"], shares, strict=True)
        parts.append(f"{concept}: " + ", ".join(f"{name} {share:.0%}" for name, share in named))
    return "; ".join(parts)


def findings_of(run: Run, language: str) -> str:
    """What came of it, in words: of a comparison what became of each pair, of a debiasing the shares, of an evaluation
    what it says in the end."""
    if run.kind == "compare":
        erased = (run.request.get("edit") or {}).get("erase", ())
        return verdict_lines(_seeds(run), verdicts_of(run), erased, language)
    if run.kind == "debias" and run.outcome.get("history"):
        history = [Iterate(**iterate) for iterate in run.outcome["history"]]
        return share_bars(DebiasSpec(**run.request["edit"]), history, language, run.outcome["best"])
    return sentences([Finding(**finding) for finding in run.outcome.get("summary", [])], language)


def run_scores(run: Run, language: str) -> str:
    """Of each pair of a comparison."""
    return score_table(_seeds(run), scores_of(run), language) if run.kind == "compare" else ""


def _seeds(run: Run) -> list[int]:
    return [drawing.seed for drawing in drawings_of(run)]


def settings_table(run: Run, language: str, zone: tzinfo) -> str:
    """What was asked."""
    return fact_table(facts_of(run, language, zone))


def difference_table(chosen_run: Run, aside: Run, language: str, zone: tzinfo) -> str:
    """What the chosen run and the one that was set aside do not have in common."""
    ours, theirs = (facts_of(run, language, zone) | outcome_facts(run, language) for run in (chosen_run, aside))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(ours.get(name, "–"))}</td>'
        f"<td>{escape(theirs.get(name, '–'))}</td></tr>"
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    )
    head = "".join(
        f'<th scope="col">{translate(language, key)}</th>' for key in ("runs_difference", "runs_this", "runs_aside")
    )
    return f'<table class="uce-facts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def replay_lines(replay: Replay, language: str) -> list[str]:
    """identical, within tolerance or different; and what is not as it was."""
    changes = [
        translate(language, "replay_changed", name=name, then=then, now=now)
        for name, (then, now) in replay.changed.items()
    ]
    return [translate(language, f"replay_{replay.verdict.replace(' ', '_')}"), *changes]
