"""Pairs of images, original and edited: while they are generated, as a grid, and in a large view, laid over each other.

lightbox.js opens the latter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.html.pieces import section
from app.studio.previews import Preview
from app.words import translate
from uce_core.images import thumbnail_data_url
from uce_core.review.tasks import SIDES
from uce_core.runs.run import AnyRun, EvaluationRun


@dataclass(frozen=True)
class Shown:
    """A pair on the page. images: addresses of original and edited. title: what tells it from the others. prompt:
    what is to be seen."""

    addresses: tuple[str, str]
    title: str
    prompt: str


def grid(pairs: Sequence[Shown], language: str) -> str:
    """Each opens the large view. Prompts are said where there are several."""
    named = len({pair.prompt for pair in pairs}) > 1
    return _viewed(_rows(pairs, language, named, _several(len(pairs))), language) if pairs else ""


Addresses = Sequence[tuple[str, str]]  # of original and edited of each pair


def run_grid(run: AnyRun, addresses: Addresses, language: str) -> str:
    """The pairs of a run."""
    return grid(run_pairs(run, addresses, language), language)


def run_pairs(run: AnyRun, addresses: Addresses, language: str) -> list[Shown]:
    try:
        specs = run.generations
    except ValueError:  # a debiasing of an earlier version
        return [Shown(both, "", run.title) for both in addresses]
    return [seeded(both, spec.prompt, spec.seed, language) for both, spec in zip(addresses, specs, strict=True)]


def seeded(addresses: tuple[str, str], prompt: str, seed: int, language: str) -> Shown:
    """A pair that its seed tells from the others."""
    return Shown(addresses, f"{translate(language, 'seed')} {seed}", prompt)


def _rows(pairs: Sequence[Shown], language: str, named: bool, looks: str) -> str:
    found = "".join(_pair(pair, language, named) for pair in pairs)
    return f'<div class="uce-grid {looks}">{found}</div>'


def _several(count: int) -> str:
    return "uce-several" if count > 1 else ""


def _pair(pair: Shown, language: str, named: bool) -> str:
    opens = translate(language, "large_view_of", title=pair.title or pair.prompt)
    sides = "".join(
        f'<span><img src="{escape(address)}" alt="{escape(f"{name}: {pair.prompt}")}" loading="lazy">'
        f"<span>{escape(_caption(name, pair.title))}</span></span>"
        for name, address in zip((translate(language, side) for side in SIDES), pair.addresses, strict=True)
    )
    prompt = f'<span class="uce-prompt">{escape(pair.prompt)}</span>' if named else ""
    return (
        f'<button type="button" class="uce-pair" aria-label="{escape(opens)}" '
        f'data-title="{escape(_caption(pair.prompt, pair.title))}">{sides}{prompt}</button>'
    )


def _caption(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def preview_grid(previews: Sequence[Preview], seeds: Sequence[int], language: str) -> str:
    """Live previews, where the images will be."""
    if not previews:
        return ""
    known = {preview.place: preview.image for preview in previews}
    pairs = []
    for number, seed in enumerate(seeds):
        sides = []
        for place, side in enumerate(SIDES, 2 * number):
            text = escape(_caption(translate(language, side), f"{translate(language, 'seed')} {seed}"))
            alt = translate(language, "draft_alt", image=text)
            shown = (
                f'<img alt="{alt}" src="{thumbnail_data_url(known[place])}">'
                if place in known
                else '<i class="uce-blank"></i>'
            )
            sides.append(f"<span>{shown}<span>{text}</span></span>")
        pairs.append(f'<div class="uce-pair">{"".join(sides)}</div>')
    return f'<div class="uce-previews uce-grid {_several(len(seeds))}">{"".join(pairs)}</div>'


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


def leakage_matrix(run: EvaluationRun, addresses: Addresses, language: str) -> str:
    """The images of an evaluation, facet by facet; other artists' last."""
    groups: dict[str, list[Shown]] = {}
    for image, both in zip(run.outcome.images, addresses, strict=True):
        facet = image.facet or "none" if image.artist in run.erased else "others"
        groups.setdefault(facet, []).append(Shown(both, "", image.prompt))
    found = [
        section(translate(language, f"facet_{facet}"), _rows(pairs, language, True, "uce-smaller"))
        for facet, pairs in groups.items()
    ]
    return _viewed("".join(found), language)
