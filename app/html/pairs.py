"""Images of the same prompt and seed beside each other, the original and one edited image or several: while they are
generated, as a grid, and as what an evaluation saw.

large_view.py lays two of them over each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from app.html.large_view import viewed
from app.html.pieces import section
from app.studio.previews import Preview
from app.words import translate
from uce_core.images import thumbnail_data_url
from uce_core.review.tasks import EDITED, ORIGINAL
from uce_core.runs.run import AnyRun, EvaluationRun

PAIR = 2  # images: one edited column


@dataclass(frozen=True)
class Shown:
    """A row of images on the page. addresses, names: of the original, and of the edited image of each column. title:
    what tells it from the others. prompt: what is to be seen."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    title: str
    prompt: str


def grid(rows: Sequence[Shown], language: str) -> str:
    """All with the same columns; each opens the large view. Prompts are said where there are several."""
    if not rows:
        return ""
    named = len({row.prompt for row in rows}) > 1
    names, found = rows[0].names, (_row(row, language, named) for row in rows)
    return viewed(_grid(found, len(names), _several(len(rows))), names, language)


Addresses = Sequence[tuple[str, str]]  # of original and edited of each pair


def run_grid(run: AnyRun, addresses: Addresses, language: str) -> str:
    """The pairs of a run."""
    return grid(run_pairs(run, addresses, language), language)


def runs_grid(runs: Sequence[AnyRun], addresses: Sequence[Addresses], names: Sequence[str], language: str) -> str:
    """Edited images of runs of the same generations, a column a run, beside the originals of the first. addresses,
    names: of each run. Raises ValueError if they have not equally many pairs."""
    edited = [[pair[1] for pair in some] for some in addresses]
    pairs = run_pairs(runs[0], addresses[0], language)
    rows = zip(pairs, *edited, strict=True)
    columns = column_names(language, names)
    return grid(
        [Shown((pair.addresses[0], *images), columns, pair.title, pair.prompt) for pair, *images in rows], language
    )


def run_pairs(run: AnyRun, addresses: Addresses, language: str) -> list[Shown]:
    names = column_names(language)
    try:
        specs = run.generations
    except ValueError:  # a debiasing of an earlier version
        return [Shown(both, names, "", run.title) for both in addresses]
    return [
        Shown(both, names, _of_seed(spec.seed, language), spec.prompt)
        for both, spec in zip(addresses, specs, strict=True)
    ]


def column_names(language: str, edited: Sequence[str] = ()) -> tuple[str, ...]:
    """What the images of a row are called. edited: the names of the edited ones where there are several."""
    return (translate(language, ORIGINAL), *(edited or (translate(language, EDITED),)))


def _of_seed(seed: int, language: str) -> str:
    return f"{translate(language, 'seed')} {seed}"


def _several(count: int) -> str:
    return "uce-several" if count > 1 else ""


def _grid(rows: Iterable[str], columns: int, looks: str) -> str:
    """columns: images in a row; pairs stand beside each other, longer rows below each other, and are scrolled sideways
    together, so that columns stay columns. looks: a class."""
    found = "".join(rows)
    if columns == PAIR:
        return f'<div class="uce-grid {looks}">{found}</div>'
    return f'<div class="uce-scroll"><div class="uce-grid uce-across" style="--columns: {columns}">{found}</div></div>'


def _row(row: Shown, language: str, named: bool) -> str:
    opens = translate(language, "large_view_of", title=row.title or row.prompt)
    images = [
        f'<img src="{escape(address)}" alt="{escape(f"{name}: {row.prompt}")}" loading="lazy">'
        for name, address in zip(row.names, row.addresses, strict=True)
    ]
    return (
        f'<button type="button" class="uce-pair" aria-label="{escape(opens)}" '
        f'data-title="{escape(_caption(row.prompt, row.title))}">'
        f"{_cells(images, row.names, row.title, row.prompt if named else '')}</button>"
    )


def _cells(images: Sequence[str], names: Sequence[str], title: str, prompt: str = "") -> str:
    """images: HTML, named below; what belongs to the whole row is said once where there are many, else with each
    name."""
    pair = len(images) == PAIR
    cells = "".join(
        f"<span>{image}<span>{escape(_caption(name, title) if pair else name)}</span></span>"
        for image, name in zip(images, names, strict=True)
    )
    of_all = prompt if pair else _caption(title, prompt)
    said = f'<span class="uce-prompt">{escape(of_all)}</span>' if of_all else ""
    return cells + said if pair else said + cells


def _caption(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def preview_grid(previews: Sequence[Preview], seeds: Sequence[int], language: str, edited: Sequence[str] = ()) -> str:
    """Live previews, where the images will be: their places count along the row of the first seed, then along that of
    the second. edited: names of the edited columns where there are several."""
    if not previews:
        return ""
    names = column_names(language, edited)
    known = {preview.place: preview for preview in previews}
    rows = []
    for number, seed in enumerate(seeds):
        title = _of_seed(seed, language)
        images = [
            _preview(known.get(place), _caption(name, title), language)
            for place, name in enumerate(names, number * len(names))
        ]
        rows.append(f'<div class="uce-pair">{_cells(images, names, title)}</div>')
    return f'<div class="uce-previews">{_grid(rows, len(names), _several(len(seeds)))}</div>'


def _preview(preview: Preview | None, text: str, language: str) -> str:
    """text: what the image will be."""
    if preview is None:
        return '<i class="uce-blank"></i>'
    alt = escape(translate(language, "draft_alt", image=text))
    return f'<img alt="{alt}" src="{thumbnail_data_url(preview.image)}">'


def leakage_matrix(run: EvaluationRun, addresses: Addresses, language: str) -> str:
    """The images of an evaluation, facet by facet; other artists' last."""
    names = column_names(language)
    groups: dict[str, list[Shown]] = {}
    for image, both in zip(run.outcome.images, addresses, strict=True):
        facet = image.facet or "none" if image.artist in run.erased else "others"
        groups.setdefault(facet, []).append(Shown(both, names, "", image.prompt))
    found = [
        section(
            translate(language, f"facet_{facet}"),
            _grid((_row(pair, language, True) for pair in pairs), PAIR, "uce-smaller"),
        )
        for facet, pairs in groups.items()
    ]
    return viewed("".join(found), names, language)
