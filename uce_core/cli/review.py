"""Commands for what reviewers judged in the app: review results, export."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from uce_core.cli.options import AsJson, app, output, to_file
from uce_core.cli.runs import Database, Id, opened
from uce_core.evaluation.tables import FACET_WORDS, ROLE_WORDS, Table, spread
from uce_core.review.agreement import Agreement, RatedImage, RatedLeakage, RatingGroup, ReviewResults
from uce_core.review.tasks import SCALES
from uce_core.runs.ratings import results_of, write_review

review = typer.Typer(help="Blind human ratings from the Review tab of the app.", no_args_is_help=True)
app.add_typer(review, name="review")

WHY = {
    "alone": "none: one reviewer only",
    "apart": "none: no image was rated by two",
    "alike": "none: all ratings are the same",
}


@review.command("results")
def results_command(run: Id, database: Database = "", as_json: AsJson = False) -> None:
    """Mean ratings with intervals, agreement, leakage, and where reviewers and metrics disagree."""
    found = results_of(opened(database), run)
    output(as_json, asdict(found), review_text(found))


@review.command("export")
def export_command(
    run: Id,
    out: Annotated[Path, typer.Option(help="The .csv or .json file to write.", callback=to_file)],
    database: Database = "",
) -> None:
    """Export every rating with the facts of its image; .json includes the results."""
    write_review(opened(database), run, out)


def review_text(found: ReviewResults) -> str:
    if not found.ratings:
        return "Nobody has reviewed this run yet: review it in the app."
    head = f"{found.ratings} ratings of {found.images} images by {', '.join(found.reviewers)}."
    return "\n\n".join([head, *(table.markdown for table in tables_of(found) if table.rows)])


def tables_of(found: ReviewResults) -> list[Table]:
    agreed = tuple((one.scale, alpha(one), str(one.count)) for one in found.agreements)
    correlations = tuple(
        (name, "–" if value is None else f"{value:.2f}")
        for name, value in zip(("all images", "edited images"), found.style_correlation, strict=True)
    )
    return [
        Table("Ratings, 0 to 4", ("images", "number", *SCALES), tuple(map(group_row, found.groups))),
        Table("Agreement, Krippendorff's α", ("scale", "α", "images rated by two or more"), agreed),
        leak_table("Remaining style, by artist", found.by_artist),
        leak_table("Remaining style, by wording", found.by_wording),
        Table(
            "Rank correlation of reviewers' style ratings with the style score",
            ("of", "Spearman's ρ"),
            correlations if found.compared else (),
        ),
        opinion_table("Style seen by reviewers, not by the metrics", found.human_only),
        opinion_table("Style seen by the metrics, not by reviewers", found.metric_only),
    ]


def group_row(group: RatingGroup) -> tuple[str, ...]:
    what = f"{ROLE_WORDS.get(group.role, group.role)}, {group.side}"
    return what, str(group.count), *(spread(getattr(group, scale)) for scale in SCALES)


def alpha(one: Agreement) -> str:
    return WHY[one.why] if one.alpha is None else f"{one.alpha:.2f}"


def leak_table(title: str, leaks: tuple[RatedLeakage, ...]) -> Table:
    lines = tuple((one.artist, asked(one), str(one.count), spread(one.style)) for one in leaks)
    return Table(title, ("artist", "wording", "images", "style"), lines)


def asked(leak: RatedLeakage) -> str:
    return f"{FACET_WORDS.get(leak.facet, leak.facet)}: {leak.wording}" if leak.wording else "all"


def opinion_table(title: str, rated_images: tuple[RatedImage, ...]) -> Table:
    lines = tuple(
        (one.item.key, one.item.prompt, str(one.item.seed), f"{one.mean('style'):.1f}",
         "–" if one.item.style_score is None else f"{one.item.style_score:.2f}")
        for one in rated_images
    )  # fmt: skip
    return Table(title, ("image", "prompt", "seed", "people", "style score"), lines)
