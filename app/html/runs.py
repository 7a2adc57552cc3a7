"""HTML of recorded runs: what was asked and with what, what came of it, how a replay compares."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import singledispatch
from html import escape
from typing import TYPE_CHECKING

from app.html.clock import moment
from app.html.pieces import (
    fact_table,
    impact_bars,
    listed,
    notice,
    score_table,
    section,
    sentences,
    share_bars,
    spec_facts,
    verdict_lines,
    verdict_reading,
)
from app.words import has_text, translate
from uce_core.generation.samplers import SAMPLERS
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun

if TYPE_CHECKING:  # seconds to import
    from uce_core.runs.replay import Replay


def kind_of(run: AnyRun, language: str) -> str:
    """What runs of this kind are called."""
    name = f"runs_{run.kind_name}"
    known = next((one for one in (name, f"runs_{run.kind}") if has_text(language, one)), "")
    return translate(language, known) if known else run.kind  # of another version of this program


def run_name(run: AnyRun, language: str, zone: tzinfo) -> str:
    """What tells a run from the others: when, of what kind unless it is a comparison, as most are, and of what."""
    kind = "" if isinstance(run, ComparisonRun) else f"{kind_of(run, language)}: "
    return f"{moment_of(run, language, zone)} · {kind}{run.title}"


def moment_of(run: AnyRun, language: str, zone: tzinfo) -> str:
    """When it was generated last; examples are of no moment here."""
    return translate(language, "example") if run.is_example else moment(run.latest, zone)


def run_links(runs: Sequence[AnyRun], thumbnails: Sequence[str], language: str, zone: tzinfo) -> str:
    """A list of runs, which navigation.js opens. thumbnails: their addresses."""
    return _links("tab_runs", runs, thumbnails, language, zone)


def example_links(runs: Sequence[AnyRun], thumbnails: Sequence[str], language: str, zone: tzinfo) -> str:
    """The same of those that ship, under a heading of their own."""
    return section(translate(language, "examples_runs"), _links("examples_runs", runs, thumbnails, language, zone))


def _links(name: str, runs: Sequence[AnyRun], thumbnails: Sequence[str], language: str, zone: tzinfo) -> str:
    """name: key of what they are called."""
    entries = "".join(_run_link(*one, language, zone) for one in zip(runs, thumbnails, strict=True))
    return f'<nav aria-label="{translate(language, name)}"><ul class="uce-runs">{entries}</ul></nav>' if runs else ""


def _run_link(run: AnyRun, thumbnail: str, language: str, zone: tzinfo) -> str:
    pin = f"★ {translate(language, 'runs_pinned_one')} · " if run.pinned and not run.is_example else ""
    about = f"{pin}{moment_of(run, language, zone)} · {kind_of(run, language)}"
    erased = f"{translate(language, 'erase')}: {listed(run.erased)}" if run.erased else ""
    asked = " · ".join(filter(None, (erased, run.edit_title)))
    picks = translate(language, "runs_pick", name=run.title)
    return (
        f'<li><a href="?run={run.id}" data-run="{run.id}"><img src="{escape(thumbnail)}" alt="" loading="lazy">'
        f"<b>{escape(run.title)}</b><span>{escape(about)}</span><span>{escape(asked)}</span></a>"
        f'<input type="checkbox" data-pick="{run.id}" aria-label="{escape(picks)}"></li>'
    )


def facts_of(run: AnyRun, language: str, zone: tzinfo) -> dict[str, str]:
    """What was asked and with what, in a visitor's words; empty values are left out."""
    device = [run.environment.get("dtype", ""), run.environment.get("device", "")]
    if "stored" in run.environment:
        device.append(translate(language, "stored_as", dtype=run.environment["stored"]))
    libraries = [name for name in ("torch", "diffusers") if name in run.environment]
    common = {
        "model": run.model,
        "precision": " · ".join(filter(None, device)),
        "versions": ", ".join(f"{name} {run.environment[name]}" for name in libraries),
        "created": moment(run.created, zone) if run.id and not run.is_example else "",
        "latest": moment(run.latest, zone) if run.latest > run.created and not run.is_example else "",
    }
    facts = asked(run, language) | {translate(language, key): value for key, value in common.items()}
    return {name: value for name, value in facts.items() if value}


@singledispatch
def asked(run: AnyRun, language: str) -> dict[str, str]:
    """What was asked, by its name."""
    return {}


@asked.register
def _(run: ComparisonRun, language: str) -> dict[str, str]:
    specs = run.generations
    what = {
        "prompt": " · ".join(run.prompts),
        "seed": ", ".join(dict.fromkeys(str(spec.seed) for spec in specs)),
    }
    how = {
        "strength": f"{run.request.strength:g}",
        "steps": str(specs[0].steps),
        "guidance_scale": f"{specs[0].guidance_scale:g}",
        "negative_prompt": specs[0].negative_prompt,
        "width": str(specs[0].width or ""),
        "height": str(specs[0].height or ""),
        "sampler": SAMPLERS[specs[0].sampler].title if specs[0].sampler else "",
    }
    edit = spec_facts(run.spec, language) if run.spec else {}
    return _named(what, language) | edit | _named(how, language)


@asked.register
def _(run: DebiasingRun, language: str) -> dict[str, str]:
    return spec_facts(run.spec, language)


@asked.register
def _(run: EvaluationRun, language: str) -> dict[str, str]:
    facts = {
        "leakage_artist": listed(run.edit.erased) if run.edit.also_erased else "",
        "erase": listed((*run.edit.erased, *run.edit.also_erased)),
        "retain": listed(run.edit.retained),
        "steps": str(run.request.steps),
        "guidance_scale": f"{run.request.guidance_scale:g}",
        "sampler": SAMPLERS[run.request.sampler].title if run.request.sampler else "",
        "images": str(run.request.image_count),
    }
    return _named(facts, language)


def _named(facts: dict[str, str], language: str) -> dict[str, str]:
    return {translate(language, key): value for key, value in facts.items()}


@singledispatch
def findings_of(run: AnyRun, language: str) -> str:
    """What came of it, in words and bars."""
    return notice(translate(language, "runs_unreadable"))


@findings_of.register
def _(run: ComparisonRun, language: str) -> str:
    """What became of each pair."""
    lines = verdict_lines(_seeds(run), run.outcome.verdicts, run.erased, language)
    return lines and lines + verdict_reading(language)


@findings_of.register
def _(run: DebiasingRun, language: str) -> str:
    bars = share_bars(run.request.edit, run.outcome.history, language, run.outcome.best)
    return (notice(translate(language, "debias_changes_nothing")) if run.changes_nothing else "") + bars


@findings_of.register
def _(run: EvaluationRun, language: str) -> str:
    return sentences(run.outcome.summary, language)


def run_scores(run: AnyRun, language: str) -> str:
    """Of each pair of a comparison."""
    return score_table(_seeds(run), run.scores, language) if isinstance(run, ComparisonRun) else ""


def run_impact_bars(run: AnyRun, language: str) -> str:
    """Impact of a comparison's edit on other artists, if someone has asked for it."""
    if not isinstance(run, ComparisonRun) or run.outcome.impact is None:
        return ""
    return impact_bars(run.outcome.impact, run.erased, run.spec.retain if run.spec else (), language)


def _seeds(run: ComparisonRun) -> list[int]:
    return [spec.seed for spec in run.generations]


def settings_table(run: AnyRun, language: str, zone: tzinfo) -> str:
    """What was asked."""
    return fact_table(facts_of(run, language, zone))


def replay_lines(replay: "Replay", language: str) -> list[str]:
    """identical, within tolerance or different; and what is not as it was."""
    changes = [
        translate(language, "replay_changed" if then else "replay_unknown", name=name, then=then, now=now)
        for name, (then, now) in replay.changed.items()
    ]
    return [translate(language, f"replay_{replay.verdict.replace(' ', '_')}"), *changes]
