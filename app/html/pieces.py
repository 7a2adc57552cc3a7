"""Small pieces of HTML: progress, notices and scores. Everything a visitor typed is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from html import escape
from typing import TYPE_CHECKING

from app.html.clock import moment_in
from app.words import finding_text, has_text, option_text, translate
from uce_core.checks import normalised
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.spec import MethodSpec
from uce_core.evaluation.edit_report import EditReport, GroupSummary
from uce_core.evaluation.tables import MEASURES, Finding, moved, with_minus
from uce_core.evaluation.verdict import Detection, Verdict
from uce_core.methods import title_of
from uce_core.methods.debias import Iterate
from uce_core.methods.impact import Impact
from uce_core.metrics.scores import Scores
from uce_core.specs import settings_of

if TYPE_CHECKING:  # seconds to import
    from uce_core import AnyEdit

COLOURS = ("#4f46e5", "#b45309", "#047857", "#be123c", "#0369a1")  # of attributes; white text is legible on each
MOST_IN_A_LINE = 2  # verdicts
SCORES = ("clip_original", "clip_edited", "lpips")


def progress_bar(text: str, share: float) -> str:
    """share: how much is done, 0 to 1."""
    percent = round(100 * min(max(share, 0.0), 1.0))
    return (
        f'<div class="uce-progress" role="status"><div class="uce-track" role="progressbar" '
        f'aria-label="{escape(text)}" aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100">'
        f'<div class="uce-bar" style="width:{percent}%"></div></div>'
        f"<p>{escape(text)}</p></div>"
    )


def notice(*texts: str) -> str:
    return "".join(f'<p class="uce-notice" role="status">{escape(text)}</p>' for text in texts)


def problem(text: str) -> str:
    return f'<p class="uce-problem" role="alert">{escape(text)}</p>'


def verdict_lines(seeds: Sequence[int], found: Sequence[Verdict], erased: Sequence[str], language: str) -> str:
    """What became of each pair, in words and figures. seeds: of the pairs."""
    if not found:
        return ""
    gone = set(map(normalised, erased))
    lines = []
    for number, verdict in zip(seeds, found, strict=True):
        parts = [
            _style_words(style, "erased" if normalised(style.name) in gone else "kept", language)
            for style in verdict.styles
        ]
        if verdict.content:
            parts.append(f"“<bdi>{escape(verdict.content.name)}</bdi>”: {_word(verdict.content, 'kept', language)}")
        seed = f"<b>{translate(language, 'seed')} {number}</b> " if len(seeds) > 1 else ""
        lines.append(f"<li>{seed}{('<br>' if len(parts) > MOST_IN_A_LINE else ' · ').join(parts)}</li>")
    return f'<ul class="uce-verdicts">{"".join(lines)}</ul>'


def verdict_reading(language: str) -> str:
    """How to read such lines."""
    return f'<p class="uce-reading">{translate(language, "verdict_reading")}</p>'


def _style_words(style: Detection, target: str, language: str) -> str:
    figures = f"{signed(style.before)} → {signed(style.after)}"
    name = translate(language, "verdict_style", artist=style.name)
    return f"<bdi>{escape(name)}</bdi>: {figures}, {_word(style, target, language)}"


def signed(value: float) -> str:
    """With a minus sign, which is no hyphen."""
    return with_minus(f"{value:.2f}")


def _word(seen: Detection, target: str, language: str) -> str:
    """target: "erased" or "kept", which decides whether the outcome is good or bad."""
    good = seen.outcome == ("removed" if target == "erased" else "remaining")
    kind = "uce-good" if good else "uce-plain" if seen.outcome == "absent" else "uce-bad"
    return f'<span class="{kind}">{translate(language, f"verdict_{target}_{seen.outcome}")}</span>'


def score_table(names: Sequence[object], scores: Sequence[Scores | None], language: str, what: str = "seed") -> str:
    """A row for each name, and under the table one line on how to read each column. what: key of what the names are."""
    if None in scores:
        return notice(translate(language, "no_scores"))
    head = "".join(f"<th>{translate(language, column)}</th>" for column in SCORES)
    rows = "".join(
        f"<tr><td>{escape(str(name))}</td><td>{one.clip_original:.1f}</td><td>{one.clip_edited:.1f}</td>"
        f"<td>{one.lpips:.3f}</td></tr>"
        for name, one in zip(names, scores, strict=True)
        if one
    )
    lines = "".join(
        f"<li><b>{translate(language, column)}</b> — {translate(language, f'read_{column}')}</li>" for column in SCORES
    )
    return (
        f'<table class="uce-scores"><thead><tr><th>{translate(language, what)}</th>{head}</tr></thead>'
        f'<tbody>{rows}</tbody></table><ul class="uce-reading">{lines}</ul>'
    )


def in_percent(ratios: Iterable[float]) -> str:
    return ", ".join(f"{100 * ratio:g}" for ratio in ratios)


def listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def edit_table(edit: "AnyEdit", size: int, language: str, zone: tzinfo) -> str:
    """What a saved edit is. size: of its file, in bytes."""
    unsaid = {translate(language, "erase"): translate(language, "edits_not_stated")}
    facts = {
        "strength": f"{edit.strength:g}",
        "edits_rank": str(edit.rank),
        "edits_size": size_of(size),
        "edits_created": moment_in(edit.created, zone),
    }
    asked = spec_facts(edit.spec, language) if edit.spec else unsaid
    return fact_table(asked | {translate(language, key): value for key, value in facts.items() if value})


def spec_facts(spec: MethodSpec, language: str) -> dict[str, str]:
    """What a method was asked, by its name; what has no name here only where it is not the default."""
    facts = {"erase" if spec.erases else "debias_concepts": listed(spec.edited), "retain": listed(spec.retain)}
    named = {translate(language, key): value for key, value in facts.items() if value}
    for item, _ in settings_of(type(spec)):
        if not spec.uses(item.name):
            continue
        value = getattr(spec, item.name)
        key = next((key for key in _keys(spec, item.name) if has_text(language, key)), "")
        if value not in ("", None) and (key or value != item.default):
            name = translate(language, key) if key else item.name.replace("_", " ")
            named[name] = setting_text(item.name, value, language)
    return named


def _keys(spec: MethodSpec, setting: str) -> tuple[str, ...]:
    """Under which a setting may have a text."""
    return (f"{spec.kind}_{setting}", setting)


def setting_text(name: str, value: object, language: str) -> str:
    """A setting's value in a visitor's words."""
    if isinstance(value, bool):
        return translate(language, "yes" if value else "no")
    if name == "ratios" and isinstance(value, tuple):
        return in_percent(value)
    if name == "tolerance" and isinstance(value, float):
        return f"{100 * value:g}"
    if isinstance(value, str):
        return title_of(value) if name == "solved_by" else option_text(language, name.removeprefix("retain_"), value)
    return f"{value:g}" if isinstance(value, float) else listed(value)


def size_of(count: int) -> str:
    """count: bytes."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def fact_table(facts: Mapping[str, str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in facts.items()
    )
    return f'<table class="uce-facts"><tbody>{rows}</tbody></table>'


def section(title: str, content: str) -> str:
    """content: HTML."""
    return f'<section class="uce-section"><h3>{escape(title)}</h3>{content}</section>'


def sentences(findings: Sequence[Finding], language: str) -> str:
    lines = "".join(f"<li>{escape(finding_text(finding, language))}</li>" for finding in findings)
    return f'<ul class="uce-sentences">{lines}</ul>' if lines else ""


def heat_map(report: EditReport, language: str) -> str:
    """Every measure of every group of prompts, before → after, the darker the larger the certain change."""
    names = [name for name in MEASURES if any(getattr(part, name) for part in report.parts)]
    most = {name: max(_change(part, name) for part in report.parts) or 1.0 for name in names}
    head = "".join(f'<th scope="col">{translate(language, f"measure_{name}")}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{_group(part, language)}</th>'
        + "".join(_heat_cell(part, name, most[name]) for name in names)
        + "</tr>"
        for part in report.parts
    )
    reading = translate(language, "heat_reading")
    return (
        f'<div class="uce-scroll" tabindex="0"><table class="uce-heat"><thead><tr><td></td>{head}</tr></thead>'
        f'<tbody>{rows}</tbody></table></div><p class="uce-reading">{reading}</p>'
    )


def _group(part: GroupSummary, language: str) -> str:
    role, facet = (f"{kind}_{name or 'none'}" for kind, name in (("role", part.role), ("facet", part.facet)))
    return f"{translate(language, role)}: {translate(language, facet)}"


def _change(part: GroupSummary, name: str) -> float:
    change = getattr(part, name)
    return abs(change.difference.value) if change and not change.difference.none else 0.0


def _heat_cell(part: GroupSummary, name: str, most: float) -> str:
    shade = round(60 * _change(part, name) / most)
    text = with_minus(moved(getattr(part, name), 1 if name == "clip" else 2))
    return f'<td style="background: color-mix(in srgb, var(--color-accent) {shade}%, transparent)">{text}</td>'


def share_bars(spec: DebiasSpec, history: Sequence[Iterate], language: str, best: int | None = None) -> str:
    """Ratios of the attributes for each concept: target, before, and the best iterate, by default the latest."""
    latest = history[len(history) - 1 if best is None else best]
    blocks = []
    for number, concept in enumerate(spec.concepts):
        rows = (
            ("debias_before", history[0].shares[number]),
            ("debias_after", latest.shares[number]),
            ("debias_target", spec.ratios),
        )
        bars = "".join(_share_bar(translate(language, key), shares, spec.attributes) for key, shares in rows)
        blocks.append(section(concept, bars + _quality(history[0], latest, number, language)))
    legend = "".join(
        f'<span><i style="background: {COLOURS[i % len(COLOURS)]}"></i>{escape(name)}</span>'
        for i, name in enumerate(spec.attributes)
    )
    return f'<div class="uce-legend">{legend}</div>{"".join(blocks)}'


def _share_bar(name: str, shares: Sequence[float], attributes: Sequence[str]) -> str:
    spoken = ", ".join(f"{attribute} {share:.0%}" for attribute, share in zip(attributes, shares, strict=True))
    parts = "".join(
        f'<b style="width: {100 * share:.1f}%; background: {COLOURS[i % len(COLOURS)]}">{_percent(share)}</b>'
        for i, share in enumerate(shares)
    )
    return (
        f'<div class="uce-share"><span>{name}</span><div role="img" aria-label="{escape(spoken)}">{parts}</div></div>'
    )


def _quality(start: Iterate, latest: Iterate, number: int, language: str) -> str:
    """How well images fit their prompt, before and now, if that was measured. number: of the concept."""
    if not latest.clip:
        return ""
    key = "debias_clip_fell" if latest.fell[number] else "debias_clip"
    scores = {"before": f"{start.clip[number]:.1f}", "after": f"{latest.clip[number]:.1f}"}
    return f'<p class="uce-reading">{translate(language, key, **scores)}</p>'


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.08 else ""


def impact_bars(impacts: Sequence[Impact], erased: Sequence[str], retained: Sequence[str], language: str) -> str:
    """Drift of every artist, relative to the most affected; the erased and the retained are marked."""
    roles = {normalised(name): "affected_erased" for name in erased} | {
        normalised(name): "affected_retained" for name in retained
    }
    most = max((one.drift for one in impacts), default=0.0) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{escape(one.concept)}</th><td>{_role(roles, one.concept, language)}</td>'
        f'<td class="uce-drift"><i style="width: {100 * one.drift / most:.1f}%"></i></td><td>{one.drift:.3f}</td></tr>'
        for one in impacts
    )
    reading = translate(language, "impact_reading")
    return f'<table class="uce-facts"><tbody>{rows}</tbody></table><p class="uce-reading">{reading}</p>'


def _role(roles: Mapping[str, str], name: str, language: str) -> str:
    key = roles.get(normalised(name))
    return translate(language, key) if key else ""
