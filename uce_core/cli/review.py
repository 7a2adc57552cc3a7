"""Commands for what reviewers judged in the app: review results, export."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from uce_core.cli.options import AsJson, app, output
from uce_core.cli.runs import Database, Id, kept
from uce_core.evaluation.tables import FACET_WORDS, ROLE_WORDS, Table, spread
from uce_core.review.agreement import Agreement, RatedImage, RatedLeakage, RatingGroup, ReviewResults
from uce_core.review.tasks import SCALES
from uce_core.runs.judgements import results_of, write_review

review = typer.Typer(help="What people judged by eye, blind, in the app's Review tab.", no_args_is_help=True)
app.add_typer(review, name="review")

WHY = {
    "alone": "none: one reviewer only",
    "apart": "none: no picture was judged by two",
    "alike": "none: all ratings are the same",
}


@review.command("results")
def results_command(run: Id, database: Database = "", as_json: AsJson = False) -> None:
    """Means with intervals, agreement, what leaks, and where people and the measures disagree."""
    found = results_of(kept(database), run)
    output(as_json, asdict(found), review_text(found))


@review.command("export")
def export_command(
    run: Id, out: Annotated[Path, typer.Option(help="The .csv or .json file to write.")], database: Database = ""
) -> None:
    """Every judgement with its picture's facts; as .json with the results, too."""
    write_review(kept(database), run, out)


def review_text(found: ReviewResults) -> str:
    if not found.judgements:
        return "Nobody has judged this run yet: review it in the app."
    head = f"{found.judgements} judgements of {found.pictures} pictures by {', '.join(found.reviewers)}."
    return "\n\n".join([head, *(table.markdown for table in tables_of(found) if table.rows)])


def tables_of(found: ReviewResults) -> list[Table]:
    agreed = tuple((one.scale, alpha(one), str(one.count)) for one in found.agreements)
    correlations = tuple(
        (name, "–" if value is None else f"{value:.2f}")
        for name, value in zip(("all pictures", "edited pictures"), found.of_style, strict=True)
    )
    return [
        Table("Ratings, 0 to 4", ("pictures", "number", *SCALES), tuple(map(group_row, found.groups))),
        Table("Agreement, Krippendorff's α", ("scale", "α", "pictures judged by two or more"), agreed),
        leak_table("Style still visible, by artist", found.by_artist),
        leak_table("Style still visible, by wording", found.by_wording),
        Table(
            "Rank correlation of people's style and the style score",
            ("of", "Spearman's ρ"),
            correlations if found.compared else (),
        ),
        opinion_table("People see the style, the measures don't", found.human_only),
        opinion_table("The measures see the style, people don't", found.metric_only),
    ]


def group_row(group: RatingGroup) -> tuple[str, ...]:
    what = f"{ROLE_WORDS.get(group.role, group.role)}, {group.side}"
    return what, str(group.count), *(spread(getattr(group, scale)) for scale in SCALES)


def alpha(one: Agreement) -> str:
    return WHY[one.why] if one.alpha is None else f"{one.alpha:.2f}"


def leak_table(title: str, leaks: tuple[RatedLeakage, ...]) -> Table:
    lines = tuple((one.artist, asked(one), str(one.count), spread(one.style)) for one in leaks)
    return Table(title, ("artist", "wording", "pictures", "style"), lines)


def asked(leak: RatedLeakage) -> str:
    return f"{FACET_WORDS.get(leak.facet, leak.facet)}: {leak.wording}" if leak.wording else "all"


def opinion_table(title: str, rated_images: tuple[RatedImage, ...]) -> Table:
    lines = tuple(
        (one.item.key, one.item.prompt, str(one.item.seed), f"{one.mean('style'):.1f}",
         "–" if one.item.style_score is None else f"{one.item.style_score:.2f}")
        for one in rated_images
    )  # fmt: skip
    return Table(title, ("picture", "prompt", "seed", "people", "style score"), lines)
