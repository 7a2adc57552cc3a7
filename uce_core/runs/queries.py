"""Questions to the database of runs: which match a search, and what takes how much.

Selects only: knows nothing about connections or files.
"""

from typing import Any

import sqlalchemy as sa

from uce_core.checks import storable
from uce_core.runs.run import EXAMPLE
from uce_core.runs.schema import BLOBS, NOT_DELETED, PARTS, RUNS

MOST_WORDS = 20  # that are looked for
EXAMPLES = RUNS.c.visitor.startswith(EXAMPLE)  # which count for nothing, and are listed by themselves


def matching(query: sa.Select[Any], find: Any, search: str, pinned: bool, kind: str, whose: str) -> sa.Select[Any]:
    """find: the database's function for the place of a text in another, which does not get slow as LIKE does."""
    query = query.where(NOT_DELETED, sa.not_(EXAMPLES))
    for word in _words(search):
        query = query.where(
            sa.or_(*(find(sa.func.lower(text), sa.func.lower(word)) > 0 for text in (RUNS.c.title, RUNS.c.note)))
        )
    if kind:
        query = query.where(RUNS.c.kind == kind)
    own = RUNS.c.visitor == whose if whose else sa.false()
    return query.where(sa.or_(RUNS.c.pinned, own)) if pinned else query


def _words(search: str) -> list[str]:
    """To look for."""
    return sorted(dict.fromkeys(storable(search).split()), key=len, reverse=True)[:MOST_WORDS]


def taken() -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Bytes of all files and of all records, but those of examples alone."""
    held = sa.select(PARTS.c.blob).join(RUNS)
    by_examples = BLOBS.c.digest.in_(held.where(EXAMPLES))
    by_others = held.where(sa.not_(EXAMPLES), PARTS.c.blob == BLOBS.c.digest).exists()
    files = sa.select(sa.func.coalesce(sa.func.sum(BLOBS.c.bytes), 0)).where(sa.not_(by_examples) | by_others)
    return files, sa.select(sa.func.coalesce(sa.func.sum(RUNS.c.bytes), 0)).where(sa.not_(EXAMPLES))


def _sizes() -> sa.Subquery:
    """Bytes of each run with its files, which count for every run that holds them."""
    with_files = RUNS.outerjoin(PARTS, PARTS.c.run == RUNS.c.id).outerjoin(BLOBS)
    size = RUNS.c.bytes + sa.func.coalesce(sa.func.sum(BLOBS.c.bytes), 0)
    return sa.select(RUNS.c.id, size.label("size")).select_from(with_files).group_by(RUNS.c.id).subquery()


def larger_than(limit: int) -> sa.Select[Any]:
    """Ids of runs that take more bytes."""
    sizes = _sizes()
    return sa.select(sizes.c.id).where(sizes.c.size > limit)


def unpinned_by_size() -> sa.Select[Any]:
    """Visitors with runs that are not pinned, who takes most with these first."""
    sizes = _sizes()
    unpinned = sa.select(RUNS.c.visitor).join(sizes, sizes.c.id == RUNS.c.id).where(sa.not_(RUNS.c.pinned))
    return unpinned.group_by(RUNS.c.visitor).order_by(sa.func.sum(sizes.c.size).desc(), RUNS.c.visitor)
