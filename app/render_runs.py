"""HTML of recorded runs: what was asked and with what, how two differ, how a replay compares."""

from html import escape
from typing import Any

from app.render import SCORES, fact_table, in_percent, listed, sentences
from app.words import chosen, say
from uce_core.runs import Replay
from uce_core.store import Run
from uce_core.tables import Finding


def run_name(run: Run, language: str) -> str:
    """What tells a run from the others: when, of what kind unless it is a comparison, as most are, and of what."""
    kind = "" if run.kind == "compare" else f"{say(language, f'runs_{run.kind}')}: "
    return f"{run.created:%m-%d %H:%M} · {kind}{run.title}"


def facts_of(run: Run, language: str) -> dict[str, str]:
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
        "debias_before": shares_of(run, 0),
        "debias_after": shares_of(run, run.outcome.get("best", 0)),
        "erase": listed(spec.get("erase") or named.get("erased")),
        "retain": listed(spec.get("retain") or named.get("retained")),
        "guide": listed(spec.get("guide")),
        "wording": chosen(language, "wording", spec.get("wording", "")),
        "span": chosen(language, "span", spec.get("span", "")),
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
        "created": f"{run.created:%Y-%m-%d %H:%M} UTC",
    } | {column: scores_of(run, column) for column in SCORES}
    return {say(language, key): str(value) for key, value in facts.items() if value not in (None, "", " · ")}


def scores_of(run: Run, column: str) -> str:
    places = 3 if column == "lpips" else 1
    return ", ".join(f"{scores[column]:.{places}f}" for scores in run.outcome.get("scores", []) if scores)


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


def settings_table(run: Run, language: str) -> str:
    """What was asked, and of an evaluation what was found."""
    findings = [Finding(**finding) for finding in run.outcome.get("summary", [])]
    return sentences(findings, language) + fact_table(facts_of(run, language))


def difference_table(chosen_run: Run, aside: Run, language: str) -> str:
    """What the chosen run and the one that was set aside do not have in common."""
    ours, theirs = facts_of(chosen_run, language), facts_of(aside, language)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(ours.get(name, "–"))}</td>'
        f"<td>{escape(theirs.get(name, '–'))}</td></tr>"
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    )
    head = "".join(
        f'<th scope="col">{say(language, key)}</th>' for key in ("runs_difference", "runs_this", "runs_aside")
    )
    return f'<table class="uce-facts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def replay_lines(replay: Replay, language: str) -> list[str]:
    """identical, within tolerance or different; and what is not as it was."""
    changes = [
        say(language, "replay_changed", name=name, then=then, now=now) for name, (then, now) in replay.changed.items()
    ]
    return [say(language, f"replay_{replay.verdict.replace(' ', '_')}"), *changes]
