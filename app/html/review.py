"""HTML of the Review tab: what is judged, and what the ratings add up to. Whatever was typed is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from PIL import Image

from app.html.pieces import signed
from app.words import translate
from uce_core.evaluation.tables import spread
from uce_core.images import thumbnail_data_url
from uce_core.review.agreement import Agreement, RatedImage, RatedLeakage, RatingGroup, ReviewResults
from uce_core.review.tasks import SCALES

RELIABLE, TENTATIVE = 0.8, 0.667  # α: Krippendorff, Content Analysis, 2004, p. 241
WORDINGS, THUMBNAILS = 12, 24  # shown at most
Files = Mapping[str, Sequence[Path]]  # of each side, by the pair's number


def task_images(images: Sequence[str], number: int, prompt: str, language: str) -> str:
    """images: data URLs, one or two. Which is which is neither here nor asked for."""
    figures = []
    for place, address in zip("AB", images, strict=False):
        mark = f", {place}" if len(images) > 1 else ""
        caption = f"<figcaption>{place}</figcaption>" if mark else ""
        alt = translate(language, "review_alt", number=number) + mark
        figures.append(f'<figure><img src="{address}" alt="{alt}">{caption}</figure>')
    return (
        f'<p class="uce-asked"><span>{translate(language, "prompt")}</span> {escape(prompt)}</p>'
        f'<div class="uce-review-task" data-task="{number}">{"".join(figures)}</div>'
    )


def results_page(title: str, found: ReviewResults, files: Files, named: bool, language: str) -> str:
    """named: with reviewers' names and remarks."""
    head = f"<h3>{escape(translate(language, 'review_results', title=title))}</h3>"
    if not found.ratings:
        return f"{head}<p>{translate(language, 'review_nobody')}</p>"
    names = f" ({', '.join(found.reviewers)})" if named else ""
    count = translate(
        language, "review_count", ratings=found.ratings, images=found.images,
        count=len(found.reviewers), names=names,
    )  # fmt: skip
    remarks = found.remarks if named else ()
    sections = [
        _section("means", _means(found.groups, language), language),
        _section("agreement", _agreements(found.agreements, language), language),
        _section("leaks", _leaks(found, language), language),
        _section("measures", _against_measures(found, files, named, language), language),
        *([_section("remarks", _thumbnails(remarks, files, named, language), language)] if remarks else []),
    ]
    return f"{head}<p>{escape(count)}</p>{''.join(sections)}"


def _section(name: str, content: str, language: str) -> str:
    reading = translate(language, f"review_{name}_reading")
    title = translate(language, f"review_{name}_title")
    return f'<section><h4>{title}</h4>{content}<p class="uce-reading">{reading}</p></section>'


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are escaped here; the first of a row is its head."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="uce-scroll" tabindex="0"><table class="uce-scores"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _means(groups: Sequence[RatingGroup], language: str) -> str:
    head = ["", translate(language, "images"), *(translate(language, f"review_{scale}_head") for scale in SCALES)]
    return _table(head, (_mean_row(one, language) for one in groups))


def _mean_row(one: RatingGroup, language: str) -> list[str]:
    what = f"{translate(language, 'role_' + (one.role or 'none'))}: {translate(language, one.side)}"
    return [what, str(one.count), *(spread(getattr(one, scale), 1) for scale in SCALES)]


def _agreements(agreements: Sequence[Agreement], language: str) -> str:
    head = ["", *(translate(language, f"review_{name}") for name in ("alpha", "verdict", "shared"))]
    rows = [
        [
            translate(language, f"review_{one.scale}_head"),
            "–" if one.alpha is None else signed(one.alpha),
            translate(language, f"review_{_verdict(one)}"),
            str(one.count),
        ]
        for one in agreements
    ]
    return _table(head, rows)


def _verdict(one: Agreement) -> str:
    if one.alpha is None:
        return one.why
    return "reliable" if one.alpha >= RELIABLE else "tentative" if one.alpha >= TENTATIVE else "unreliable"


def _leaks(found: ReviewResults, language: str) -> str:
    if not found.by_artist:
        return f"<p>{translate(language, 'review_no_leaks')}</p>"
    numbers = [translate(language, "images"), translate(language, "review_style_head")]
    artists = _table(
        [translate(language, "review_artist"), *numbers],
        ([one.artist, str(one.count), spread(one.style, 1)] for one in found.by_artist),
    )
    wordings = _table(
        [translate(language, "review_wording"), *numbers],
        ([_asked(one, language), str(one.count), spread(one.style, 1)] for one in found.by_wording[:WORDINGS]),
    )
    return artists + wordings


def _asked(one: RatedLeakage, language: str) -> str:
    return f"{translate(language, 'facet_' + one.facet)}: {one.wording}" if one.facet else one.wording


def _against_measures(found: ReviewResults, files: Files, named: bool, language: str) -> str:
    if not found.compared:
        return f"<p>{translate(language, 'review_no_scores')}</p>"
    everything, edited = ("–" if value is None else signed(value) for value in found.style_correlation)
    rank = translate(language, "review_rank", all=everything, edited=edited, count=found.compared)
    lists = [
        f"<h5>{translate(language, f'review_{name}', count=len(some))}</h5>{_thumbnails(some, files, named, language)}"
        for name, some in (("human_only", found.human_only), ("metric_only", found.metric_only))
        if some
    ]
    return f"<p>{rank}</p>" + ("".join(lists) or f"<p>{translate(language, 'review_agreed')}</p>")


def _thumbnails(rated_images: Sequence[RatedImage], files: Files, named: bool, language: str) -> str:
    figures = "".join(
        _thumbnail(one, files[one.item.side][one.item.pair], named, language) for one in rated_images[:THUMBNAILS]
    )
    return f'<div class="uce-small">{figures}</div>'


def _thumbnail(rated_image: RatedImage, path: Path, named: bool, language: str) -> str:
    item = rated_image.item
    with Image.open(path) as image:
        address = thumbnail_data_url(image)
    lines = [
        f"{translate(language, item.side)}: {item.prompt} · {translate(language, 'seed')} {item.seed}",
        translate(language, "review_people", mean=f"{rated_image.mean('style'):.1f}")
        + ("" if item.style_score is None else f" · {translate(language, 'measure_style')} {signed(item.style_score)}"),
        *(
            f"{'⚑ ' if one.flag else ''}{one.reviewer}{': ' if one.comment else ''}{one.comment}"
            for one in rated_image.ratings
            if named and (one.flag or one.comment)
        ),
    ]
    said = "<br>".join(map(escape, lines))
    return (
        f'<figure><img src="{address}" alt="{escape(lines[0])}" loading="lazy"><figcaption>{said}</figcaption></figure>'
    )
