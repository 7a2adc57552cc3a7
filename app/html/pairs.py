"""Pairs of pictures, original and edited: while they are drawn, as a grid, and in a large view, laid over each other.

lightbox.js opens the latter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.html.pieces import section
from app.studio.previews import Draft
from app.words import translate
from uce_core.evaluation.report_page import Line
from uce_core.images import embedded
from uce_core.review.tasks import SIDES
from uce_core.runs.replay import drawings_of
from uce_core.runs.store import Run


@dataclass(frozen=True)
class Shown:
    """A pair on the page. pictures: addresses of original and edited. title: what tells it from the others. prompt:
    what is to be seen."""

    pictures: tuple[str, str]
    title: str
    prompt: str


def grid(pairs: Sequence[Shown], language: str) -> str:
    """Each opens the large view. Prompts are said where there are several."""
    named = len({pair.prompt for pair in pairs}) > 1
    return _viewed(_rows(pairs, language, named, _several(len(pairs))), language) if pairs else ""


def run_pairs(run: Run, pictures: Sequence[tuple[str, str]], language: str) -> list[Shown]:
    """pictures: addresses of the run's pairs."""
    try:
        drawings = drawings_of(run)
    except ValueError:  # a debiasing of an earlier version
        return [Shown(both, "", run.title) for both in pictures]
    return [seeded(both, one.prompt, one.seed, language) for both, one in zip(pictures, drawings, strict=True)]


def seeded(pictures: tuple[str, str], prompt: str, seed: int, language: str) -> Shown:
    """A pair that its seed tells from the others."""
    return Shown(pictures, f"{translate(language, 'seed')} {seed}", prompt)


def _rows(pairs: Sequence[Shown], language: str, named: bool, looks: str) -> str:
    found = "".join(_pair(pair, language, named) for pair in pairs)
    return f'<div class="uce-grid {looks}">{found}</div>'


def _several(count: int) -> str:
    return "uce-several" if count > 1 else ""


def _pair(pair: Shown, language: str, named: bool) -> str:
    opens = translate(language, "large_view_of", title=pair.title or pair.prompt)
    sides = "".join(
        f'<span><img src="{escape(picture)}" alt="{escape(f"{name}: {pair.prompt}")}" loading="lazy">'
        f"<span>{escape(_caption(name, pair.title))}</span></span>"
        for name, picture in zip((translate(language, side) for side in SIDES), pair.pictures, strict=True)
    )
    prompt = f'<span class="uce-prompt">{escape(pair.prompt)}</span>' if named else ""
    return (
        f'<button type="button" class="uce-pair" aria-label="{escape(opens)}" '
        f'data-title="{escape(_caption(pair.prompt, pair.title))}">{sides}{prompt}</button>'
    )


def _caption(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def drafts(unfinished: Sequence[Draft], seeds: Sequence[int], language: str) -> str:
    """Live previews, where the pictures will be."""
    if not unfinished:
        return ""
    known = {draft.place: draft.picture for draft in unfinished}
    pairs = []
    for number, seed in enumerate(seeds):
        sides = []
        for place, side in enumerate(SIDES, 2 * number):
            text = escape(_caption(translate(language, side), f"{translate(language, 'seed')} {seed}"))
            alt = translate(language, "draft_alt", picture=text)
            shown = (
                f'<img alt="{alt}" src="{embedded(known[place])}">' if place in known else '<i class="uce-blank"></i>'
            )
            sides.append(f"<span>{shown}<span>{text}</span></span>")
        pairs.append(f'<div class="uce-pair">{"".join(sides)}</div>')
    return f'<div class="uce-drafts uce-grid {_several(len(seeds))}">{"".join(pairs)}</div>'


def _viewed(pairs: str, language: str) -> str:
    """Pairs in HTML, and their large view."""
    words = {
        key: escape(translate(language, key)) for key in ("large_view", "slider", "next", "previous", "close", *SIDES)
    }
    sides = "".join(
        f'<figure><img alt="{words[side]}"><figcaption>{words[side]} '
        f'<a download data-side="{side}">{escape(translate(language, "download"))}</a></figcaption></figure>'
        for side in SIDES
    )
    return f"""<div class="uce-viewed">{pairs}<dialog class="uce-large" aria-label="{words["large_view"]}">
<div class="uce-large-head"><b></b>
<button type="button" data-go="-1" aria-label="{words["previous"]}">‹</button>
<button type="button" data-go="1" aria-label="{words["next"]}">›</button>
<button type="button" data-close aria-label="{words["close"]}">✕</button></div>
<div class="uce-stage"><img alt="{words["original"]}"><img alt="{words["edited"]}"><i></i>
<input type="range" min="0" max="100" value="50" aria-label="{words["slider"]}"></div>
<div class="uce-beside">{sides}</div></dialog></div>"""


def leakage_matrix(lines: Sequence[Line], erased: Sequence[str], language: str) -> str:
    """The pictures of an evaluation, facet by facet; other artists' last."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.facet or "none" if line.artist in erased else "others", []).append(line)
    found = []
    for facet, some in groups.items():
        pairs = [Shown((line.cells[0].image, line.cells[1].image), "", line.prompt) for line in some]
        rows = _rows(pairs, language, True, "uce-smaller")
        found.append(section(translate(language, f"facet_{facet}"), rows))
    return _viewed("".join(found), language)
