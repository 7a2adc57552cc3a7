"""Recorded runs as sets to review, and what reviewers judged of them, kept beside the runs.

A rating is deleted with its run (the database sees to it).
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import singledispatch
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from uce_core.checks import normalised
from uce_core.files import atomic_file, csv_safe, write_text
from uce_core.problems import Problem
from uce_core.review.agreement import ReviewResults, results, rows
from uce_core.review.tasks import EDITED, ORIGINAL, SCALES, SIDES, Item, Rating
from uce_core.runs.run import AnyRun, ComparisonRun, DebiasingRun, EvaluationRun
from uce_core.runs.schema import METADATA, RUNS, Typed
from uce_core.runs.store import Store

RATINGS = sa.Table(
    "judgements",
    METADATA,
    sa.Column("run", sa.String(32), sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("item", sa.String(32), primary_key=True),
    sa.Column("reviewer", Typed, primary_key=True),
    sa.Column("ratings", sa.JSON),
    sa.Column("flag", sa.Boolean),
    sa.Column("comment", Typed),
    sa.Column("moment", sa.String(32)),
    sa.Column("visitor", sa.String(40), nullable=False, server_default=""),
)
EVALUATION = str(EvaluationRun.model_fields["kind"].default)
MEASURED = (("before", ORIGINAL), ("after", EDITED))


def items_of(run: AnyRun) -> tuple[Item, ...]:
    """The images of a run, original and edited in turn. Raises ValueError if it has none that are described."""
    items = described(run)
    files = [len(run.files_of(side)) for side in SIDES]
    if not items or files != [len(items) // 2] * 2:
        raise Problem(
            "run_not_reviewable",
            "Run {run} cannot be reviewed: it has no images whose prompts are known.",
            run=run.id,
        )
    return tuple(items)


@singledispatch
def described(run: AnyRun) -> list[Item]:
    """What is known of its images, original and edited in turn; none if nothing is."""
    return []


@described.register
def _(run: ComparisonRun) -> list[Item]:
    """The style to look for is that of the first artist in the pair's verdict, or else of the erased."""
    verdicts = run.outcome.verdicts or (None,) * len(run.generations)
    items = []
    for number, (spec, scores, verdict) in enumerate(zip(run.generations, run.scores, verdicts, strict=True)):
        style = next(iter(verdict.styles), None) if verdict else None
        for when, side in MEASURED:
            items.append(
                Item(
                    pair=number,
                    side=side,
                    prompt=spec.prompt,
                    seed=spec.seed,
                    **_asked(run, style.name if style else ""),
                    style_score=getattr(style, when) if style else None,
                    shown=getattr(style, f"shown_{when}") if style else None,
                    clip=getattr(scores, f"clip_{side}") if scores else None,
                    lpips=scores.lpips if scores else None,
                )
            )
    return items


def _asked(run: ComparisonRun, artist: str) -> dict[str, str]:
    """The artist whose style to look for, by default all erased ones, and what the edit does to them."""
    if not artist:
        return {"artist": ", ".join(run.erased), "role": "erased" if run.erased else ""}
    retained = run.spec.retain if run.spec else ()
    named = {normalised(name): "retained" for name in retained} | {normalised(name): "erased" for name in run.erased}
    return {"artist": artist, "role": named.get(normalised(artist), "other")}


@described.register
def _(run: EvaluationRun) -> list[Item]:
    items = []
    for number, image in enumerate(run.outcome.images):
        for when, side in MEASURED:
            measures = getattr(image, when)
            items.append(
                Item(
                    pair=number,
                    side=side,
                    prompt=image.prompt,
                    seed=image.seed,
                    artist=image.artist,
                    facet=image.facet,
                    subject=image.subject,
                    role=image.role,
                    style_score=measures.style,
                    shown=measures.shown,
                    clip=measures.clip,
                    lpips=image.lpips,
                )
            )
    return items


@described.register
def _(run: DebiasingRun) -> list[Item]:
    """No artist is asked for."""
    samples = enumerate(run.outcome.samples)
    return [Item(pair=number, side=side, prompt=one.prompt, seed=one.seed) for number, one in samples for side in SIDES]


def reviewable_runs(store: Store, unpinned: bool, most: int = 200) -> list[AnyRun]:
    """Runs that can be reviewed, the newest first: the pinned ones; unpinned: and all evaluations."""
    found = {run.id: run for run in store.page(most, pinned=True)}
    if unpinned:
        found |= {run.id: run for run in store.page(most, kind=EVALUATION)}
    return sorted(filter(described, found.values()), key=lambda run: run.latest, reverse=True)


def save_ratings(store: Store, run: str, ratings: Iterable[Rating]) -> None:
    """Keep what a reviewer said, in place of what the same one said before of the same images, as said by the store's
    visitor.

    Raises ValueError if there is no such run, or no such image in it.
    """
    ratings = list(ratings)
    check_items(items_of(store.get(run)), ratings, run)
    with store.engine.begin() as connection:
        connection.execute(sa.select(RUNS.c.id).where(RUNS.c.id == run).with_for_update())  # one after the other
        write_ratings(connection, run, ratings, store.visitor)


def check_items(items: Iterable[Item], ratings: Iterable[Rating], run: str) -> None:
    """Raises ValueError if there is none of an image that is rated. run: as people know it."""
    known = {item.key for item in items}
    unknown = [one.item for one in ratings if one.item not in known]
    if unknown:
        raise Problem("no_such_image", "There is no image {item} in run {run}.", item=unknown[0], run=run)


def write_ratings(connection: sa.Connection, run: str, ratings: Iterable[Rating], visitor: str) -> None:
    """In a transaction of somebody else. visitor: whose they are."""
    table = RATINGS.c
    for one in ratings:
        same = (table.run == run) & (table.item == one.item) & (table.reviewer == one.reviewer)
        connection.execute(RATINGS.delete().where(same))
        connection.execute(RATINGS.insert().values(run=run, visitor=visitor, **_row(one)))


def _row(one: Rating) -> dict[str, Any]:
    scores = {scale: getattr(one, scale) for scale in SCALES} | {"mode": one.mode}
    moment = one.moment or datetime.now(UTC).isoformat()
    values = {name: getattr(one, name) for name in ("item", "reviewer", "flag", "comment")}
    return values | {"ratings": scores, "moment": moment}


def ratings_of(store: Store, run: str, reviewer: str = "") -> list[Rating]:
    """Of everyone, or of one reviewer; the oldest first."""
    query = sa.select(RATINGS).where(RATINGS.c.run == run)
    if reviewer:
        query = query.where(RATINGS.c.reviewer == reviewer)
    with store.engine.connect() as connection:
        found = connection.execute(query.order_by(RATINGS.c.moment, RATINGS.c.item)).mappings().all()
    return [
        Rating(
            item=row["item"],
            reviewer=row["reviewer"],
            **row["ratings"],
            flag=bool(row["flag"]),
            comment=row["comment"],
            moment=row["moment"],
        )
        for row in found
    ]


def reviewers_of(store: Store, run: str) -> dict[str, str]:
    """Who has rated a run: the visitor behind each name."""
    query = sa.select(RATINGS.c.reviewer, RATINGS.c.visitor).where(RATINGS.c.run == run).distinct()
    with store.engine.connect() as connection:
        return {row.reviewer: row.visitor for row in connection.execute(query.order_by(RATINGS.c.reviewer))}


def canonical_reviewer(store: Store, run: str, reviewer: str) -> str:
    """The name as its bearer wrote it before in this run, where only capitals or spaces differ: one person is not to
    count as two. Raises ValueError if the store's visitor is not its bearer; the operator may use any."""
    names = reviewers_of(store, run)
    known = {normalised(name): name for name in names}
    name = reviewer if reviewer in names else known.get(normalised(reviewer), reviewer)
    if store.visitor not in ("", names.get(name, store.visitor)):
        raise Problem("reviewer_name_taken", "Someone else reviews this set as {name}: choose another name.", name=name)
    return name


def results_of(store: Store, run: str) -> ReviewResults:
    """What everyone's ratings of a run add up to. Raises ValueError if it cannot be reviewed."""
    return results(items_of(store.get(run)), ratings_of(store, run))


def write_review(store: Store, run: str, path: Path) -> Path:
    """All ratings of a run with what is known of the images, as .csv, or as .json with the results; returns the
    path. Raises ValueError if it cannot be reviewed, or for another suffix."""
    items, ratings = items_of(store.get(run)), ratings_of(store, run)
    table = rows(items, ratings)
    if path.suffix == ".json":
        facts = {"run": run, "results": asdict(results(items, ratings)), "ratings": table}
        write_text(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    elif path.suffix == ".csv":
        columns = dict.fromkeys(field.name for kind in (Item, Rating) for field in fields(kind))
        with (
            atomic_file(path) as part,
            part.open("w", encoding="utf-8-sig", newline="") as file,
        ):  # the mark is for Excel
            writer = csv.DictWriter(file, ("run", *columns))
            writer.writeheader()
            writer.writerows({"run": run} | {name: csv_safe(value) for name, value in row.items()} for row in table)
    else:
        raise Problem("not_csv_or_json", "{path} is neither a .csv nor a .json file: choose another name.", path=path)
    return path
