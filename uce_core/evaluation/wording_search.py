"""Which concept text and token span to erase an artist by: every choice solved, generated and measured alike.

A bare name is also the man's, so a text that names the style need not erase the same thing. The rule
by which one is recommended is written at recommended().
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from uce_core.edits.spec import EditSpec
from uce_core.evaluation.candidates import Candidate, as_candidate
from uce_core.evaluation.edit_report import EditReport, GroupSummary
from uce_core.evaluation.measures import ROLES
from uce_core.methods.erase import erase
from uce_core.models.model import Model
from uce_core.statistics import Mean

WORDINGS = ("name", "style", "portrait", "expanded")
SPANS = ("last", "rest", "all")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a wording and a span leave. style, indirect: share of images that show the style though it is erased,
    asked with and without the name. person: identity score of the bare name's images, after − before. others:
    change of the share of other artists' images that show theirs. content: change of the share that show the asked
    subject. None where nothing was generated."""

    wording: str
    span: str
    style: Mean
    indirect: Mean | None
    person: Mean
    others: Mean
    content: Mean


def choices(model: Model, spec: EditSpec) -> list[Candidate]:
    """The spec in every one of WORDINGS, for what is erased and what is retained, and every one of SPANS."""
    return [
        as_candidate(f"{wording}-{span}", erase(model, replace(spec, wording=wording, span=span)))
        for wording in WORDINGS
        for span in SPANS
    ]


def scored(reports: Sequence[EditReport]) -> list[Choice]:
    """reports: of choices(), in their order."""
    return [_choice(report) for report in reports]


def recommended(found: Sequence[Choice]) -> Choice:
    """Of the choices that leave no more of the style than the one that leaves least, as far as the images can tell
    (their interval reaches down to its upper end), the one that spares other artists and contents most."""
    least = min(found, key=lambda choice: (choice.style.value, choice.style.high))
    good = [
        choice for choice in found if choice.style.low <= least.style.high and choice.style.value <= least.style.high
    ]
    return max(good, key=lambda choice: (choice.others.value + choice.content.value, -choice.style.value))


def _choice(report: EditReport) -> Choice:
    wording, span = report.edit.split("-")
    parts = {(part.role, part.facet): part for part in report.parts}
    style, name, content = (parts["erased", facet] for facet in ("style", "name", "content"))
    others = next(parts[role, "style"] for role in ROLES[1:] if (role, "style") in parts)
    indirect = parts.get(("erased", "indirect"))
    return Choice(
        wording=wording,
        span=span,
        style=_after(style),
        indirect=_after(indirect) if indirect else None,
        person=name.identity.difference if name.identity else Mean(0, 0, 0),
        others=others.shown.difference if others.shown else Mean(0, 0, 0),
        content=content.subject_shown.difference if content.subject_shown else Mean(0, 0, 0),
    )


def _after(part: GroupSummary) -> Mean:
    assert part.shown is not None  # an erased artist has a name
    return part.shown.after
