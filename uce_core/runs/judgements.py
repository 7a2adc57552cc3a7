"""Recorded runs as sets to review, and what reviewers judged of them, kept beside the runs.

A judgement is deleted with its run (the database sees to it).
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from uce_core.checks import normalised
from uce_core.files import cell, whole, write_text
from uce_core.problems import Problem
from uce_core.review.agreement import ReviewResults, results, rows
from uce_core.review.tasks import EDITED, ORIGINAL, SCALES, SIDES, Item, Judgement
from uce_core.runs.schema import METADATA
from uce_core.runs.store import Run, Store

JUDGEMENTS = sa.Table(
    "judgements",
    METADATA,
    sa.Column("run", sa.String(32), sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("item", sa.String(32), primary_key=True),
    sa.Column("reviewer", sa.String(80), primary_key=True),
    sa.Column("ratings", sa.JSON),
    sa.Column("flag", sa.Boolean),
    sa.Column("comment", sa.Text),
    sa.Column("moment", sa.String(32)),
)
NAMED = (("retained", "retain"), ("erased", "erase"))  # roles, and the fields of a spec
MEASURED = (("before", ORIGINAL), ("after", EDITED))


def items_of(run: Run) -> tuple[Item, ...]:
    """The pictures of a run, original and edited in turn. Raises ValueError if it has none that are described."""
    try:
        items = {"compare": _compared, "evaluate": _evaluated, "debias": _debiased}[run.kind](run)
    except (KeyError, TypeError, AttributeError, IndexError):  # of another version, or from an archive made by hand
        items = []
    files = [len(run.files(side)) for side in (ORIGINAL, EDITED)]
    if not items or files != [len(items) // 2] * 2:
        raise Problem("Run {run} cannot be reviewed: it has no pictures that say what was asked.", run=run.id)
    return tuple(items)


def _compared(run: Run) -> list[Item]:
    """The style to look for is that of the first artist in the pair's verdict, or else of the erased."""
    drawings = run.request["drawings"]
    scores = run.outcome.get("scores") or [None] * len(drawings)
    verdicts = run.outcome.get("verdicts") or [None] * len(drawings)
    items = []
    for number, (drawing, measured, verdict) in enumerate(zip(drawings, scores, verdicts, strict=True)):
        style = next(iter(verdict["styles"]), None) if verdict else None
        for when, side in MEASURED:
            items.append(
                Item(
                    number,
                    side,
                    drawing["prompt"],
                    drawing["seed"],
                    **_asked(run, style["name"] if style else ""),
                    style_score=style and style[when],
                    shown=style and style[f"shown_{when}"],
                    clip=measured and measured[f"clip_{side}"],
                    lpips=measured and measured["lpips"],
                )
            )
    return items


def _asked(run: Run, artist: str) -> dict[str, str]:
    """The artist whose style to look for, by default all erased ones, and what the edit does to them."""
    spec = run.request["edit"] or {}
    erased = list(spec.get("erase", ()))
    if not artist:
        return {"artist": ", ".join(erased), "role": "erased" if erased else ""}
    named = {normalised(name): role for role, field in NAMED for name in spec.get(field, ())}
    return {"artist": artist, "role": named.get(normalised(artist), "other")}


def _evaluated(run: Run) -> list[Item]:
    return [
        Item(
            number, side, facts["prompt"], facts["seed"], facts["artist"], facts["facet"], facts["subject"],
            facts["role"], facts[when]["style"], facts[when]["shown"], facts[when]["clip"], facts["lpips"],
        )
        for number, facts in enumerate(run.outcome.get("pictures", ()))
        for when, side in MEASURED
    ]  # fmt: skip


def _debiased(run: Run) -> list[Item]:
    """No artist is asked for."""
    samples = run.outcome["samples"]
    return [Item(number, side, one["prompt"], one["seed"]) for number, one in enumerate(samples) for side in SIDES]


def reviewable_runs(kept: Store, unpinned: bool, most: int = 200) -> list[Run]:
    """Runs that can be reviewed, the newest first: the pinned ones; unpinned: and all evaluations."""
    found = kept.page(most, pinned=not unpinned, kind="evaluate")
    for kind in ("compare", "debias"):
        found += kept.page(most, pinned=True, kind=kind)
    return sorted(filter(_described, found), key=lambda run: run.latest, reverse=True)


def _described(run: Run) -> bool:
    try:
        return bool(items_of(run))
    except ValueError:  # of an earlier version
        return False


def save_ratings(kept: Store, run: str, judgements: Iterable[Judgement]) -> None:
    """Keep what a reviewer said, in place of what the same one said before of the same pictures.

    Raises ValueError if there is no such run, or no such picture in it.
    """
    judgements = list(judgements)
    known = {item.key for item in items_of(kept.get(run))}
    unknown = [one.item for one in judgements if one.item not in known]
    if unknown:
        raise Problem("There is no picture {item} in run {run}.", item=unknown[0], run=run)
    table = JUDGEMENTS.c
    with kept.engine.begin() as connection:
        for one in judgements:
            same = (table.run == run) & (table.item == one.item) & (table.reviewer == one.reviewer)
            connection.execute(JUDGEMENTS.delete().where(same))
            connection.execute(JUDGEMENTS.insert().values(run=run, **_row(one)))


def _row(one: Judgement) -> dict[str, Any]:
    ratings = {scale: getattr(one, scale) for scale in SCALES} | {"mode": one.mode}
    moment = one.moment or datetime.now(UTC).isoformat()
    values = {name: getattr(one, name) for name in ("item", "reviewer", "flag", "comment")}
    return values | {"ratings": ratings, "moment": moment}


def judgements_of(kept: Store, run: str, reviewer: str = "") -> list[Judgement]:
    """Of everyone, or of one reviewer; the oldest first."""
    query = sa.select(JUDGEMENTS).where(JUDGEMENTS.c.run == run)
    if reviewer:
        query = query.where(JUDGEMENTS.c.reviewer == reviewer)
    with kept.engine.connect() as connection:
        found = connection.execute(query.order_by(JUDGEMENTS.c.moment, JUDGEMENTS.c.item)).mappings().all()
    return [
        Judgement(
            row["item"], row["reviewer"], **row["ratings"], flag=bool(row["flag"]), comment=row["comment"],
            moment=row["moment"],
        )
        for row in found
    ]  # fmt: skip


def canonical_reviewer(kept: Store, run: str, reviewer: str) -> str:
    """The name as its bearer wrote it before in this run, where only capitals or spaces differ: one person is not to
    count as two."""
    names = {one.reviewer for one in judgements_of(kept, run)}
    known = {normalised(name): name for name in names}
    return reviewer if reviewer in names else known.get(normalised(reviewer), reviewer)


def results_of(kept: Store, run: str) -> ReviewResults:
    """What everyone's judgements of a run add up to. Raises ValueError if it cannot be reviewed."""
    return results(items_of(kept.get(run)), judgements_of(kept, run))


def write_review(kept: Store, run: str, path: Path) -> Path:
    """All judgements of a run with what is known of the pictures, as .csv, or as .json with the results; returns the
    path. Raises ValueError if it cannot be reviewed, or for another suffix."""
    items, judgements = items_of(kept.get(run)), judgements_of(kept, run)
    table = rows(items, judgements)
    if path.suffix == ".json":
        facts = {"run": run, "results": asdict(results(items, judgements)), "judgements": table}
        write_text(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    elif path.suffix == ".csv":
        columns = dict.fromkeys(field.name for kind in (Item, Judgement) for field in fields(kind))
        with whole(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:  # the mark is for Excel
            writer = csv.DictWriter(file, ("run", *columns))
            writer.writeheader()
            writer.writerows({"run": run} | {name: cell(value) for name, value in row.items()} for row in table)
    else:
        raise Problem("{path} is no .csv and no .json: choose another name.", path=path)
    return path
