"""HTML of the Review tab: what is judged, and what the judgements add up to. Whatever was typed is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from PIL import Image

from app.html.pieces import signed
from app.words import say
from uce_core.evaluation.tables import spread
from uce_core.images import embedded
from uce_core.review.agreement import Agreement, Group, Leak, Opinion, Results
from uce_core.review.tasks import SCALES

RELIABLE, TENTATIVE = 0.8, 0.667  # α: Krippendorff, Content Analysis, 2004, p. 241
WORDINGS, THUMBNAILS = 12, 24  # shown at most
Files = Mapping[str, Sequence[Path]]  # of each side, by the pair's number


def task_pictures(pictures: Sequence[str], number: int, prompt: str, language: str) -> str:
    """pictures: data URLs, one or two. Which is which is neither here nor asked for."""
    figures = []
    for place, picture in zip("AB", pictures, strict=False):
        mark = f", {place}" if len(pictures) > 1 else ""
        caption = f"<figcaption>{place}</figcaption>" if mark else ""
        alt = say(language, "review_alt", number=number) + mark
        figures.append(f'<figure><img src="{picture}" alt="{alt}">{caption}</figure>')
    return (
        f'<p class="uce-asked"><span>{say(language, "prompt")}</span> {escape(prompt)}</p>'
        f'<div class="uce-judged" data-task="{number}">{"".join(figures)}</div>'
    )


def results_page(title: str, found: Results, files: Files, language: str) -> str:
    head = f"<h3>{escape(say(language, 'review_results', title=title))}</h3>"
    if not found.judgements:
        return f"{head}<p>{say(language, 'review_nobody')}</p>"
    names = ", ".join(found.reviewers)
    count = say(
        language, "review_count", judgements=found.judgements, pictures=found.pictures,
        count=len(found.reviewers), names=names,
    )  # fmt: skip
    sections = [
        _section("means", _means(found.groups, language), language),
        _section("agreement", _agreements(found.agreements, language), language),
        _section("leaks", _leaks(found, language), language),
        _section("measures", _against_measures(found, files, language), language),
        _section("remarks", _thumbnails(found.remarks, files, language), language) if found.remarks else "",
    ]
    return f"{head}<p>{escape(count)}</p>{''.join(sections)}"


def _section(name: str, content: str, language: str) -> str:
    reading = say(language, f"review_{name}_reading")
    title = say(language, f"review_{name}_title")
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


def _means(groups: Sequence[Group], language: str) -> str:
    head = ["", say(language, "pictures"), *(say(language, f"review_{scale}_head") for scale in SCALES)]
    return _table(head, (_mean_row(one, language) for one in groups))


def _mean_row(one: Group, language: str) -> list[str]:
    what = f"{say(language, 'role_' + (one.role or 'none'))}: {say(language, one.side)}"
    return [what, str(one.count), *(spread(getattr(one, scale), 1) for scale in SCALES)]


def _agreements(agreements: Sequence[Agreement], language: str) -> str:
    head = ["", *(say(language, f"review_{name}") for name in ("alpha", "verdict", "shared"))]
    rows = [
        [
            say(language, f"review_{one.scale}_head"),
            "–" if one.alpha is None else signed(one.alpha),
            say(language, f"review_{_verdict(one)}"),
            str(one.count),
        ]
        for one in agreements
    ]
    return _table(head, rows)


def _verdict(one: Agreement) -> str:
    if one.alpha is None:
        return one.why
    return "reliable" if one.alpha >= RELIABLE else "tentative" if one.alpha >= TENTATIVE else "unreliable"


def _leaks(found: Results, language: str) -> str:
    if not found.by_artist:
        return f"<p>{say(language, 'review_no_leaks')}</p>"
    numbers = [say(language, "pictures"), say(language, "review_style_head")]
    artists = _table(
        [say(language, "review_artist"), *numbers],
        ([one.artist, str(one.count), spread(one.style, 1)] for one in found.by_artist),
    )
    wordings = _table(
        [say(language, "review_wording"), *numbers],
        ([_asked(one, language), str(one.count), spread(one.style, 1)] for one in found.by_wording[:WORDINGS]),
    )
    return artists + wordings


def _asked(one: Leak, language: str) -> str:
    return f"{say(language, 'facet_' + one.facet)}: {one.wording}" if one.facet else one.wording


def _against_measures(found: Results, files: Files, language: str) -> str:
    if not found.compared:
        return f"<p>{say(language, 'review_no_scores')}</p>"
    everything, edited = ("–" if value is None else signed(value) for value in found.of_style)
    rank = say(language, "review_rank", all=everything, edited=edited, count=found.compared)
    lists = [
        f"<h5>{say(language, f'review_{name}', count=len(some))}</h5>{_thumbnails(some, files, language)}"
        for name, some in (("overlooked", found.overlooked), ("imagined", found.imagined))
        if some
    ]
    return f"<p>{rank}</p>" + ("".join(lists) or f"<p>{say(language, 'review_agreed')}</p>")


def _thumbnails(opinions: Sequence[Opinion], files: Files, language: str) -> str:
    figures = "".join(_thumbnail(one, files[one.item.side][one.item.pair], language) for one in opinions[:THUMBNAILS])
    return f'<div class="uce-small">{figures}</div>'


def _thumbnail(opinion: Opinion, path: Path, language: str) -> str:
    item = opinion.item
    with Image.open(path) as image:
        picture = embedded(image)
    lines = [
        f"{say(language, item.side)}: {item.prompt} · {say(language, 'seed')} {item.seed}",
        say(language, "review_people", mean=f"{opinion.mean('style'):.1f}")
        + ("" if item.style_score is None else f" · {say(language, 'measure_style')} {signed(item.style_score)}"),
        *(
            f"{'⚑ ' if one.flag else ''}{one.reviewer}{': ' if one.comment else ''}{one.comment}"
            for one in opinion.judgements
            if one.flag or one.comment
        ),
    ]
    said = "<br>".join(map(escape, lines))
    return (
        f'<figure><img src="{picture}" alt="{escape(lines[0])}" loading="lazy"><figcaption>{said}</figcaption></figure>'
    )
