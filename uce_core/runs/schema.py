"""The tables of recorded runs, as the newest of migrations/ leaves them."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from uce_core.checks import storable


class Typed(sa.types.TypeDecorator[str]):
    """What people type, and search for, so that every database takes it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else storable(value)


class Facts(sa.TypeDecorator[Any]):
    """JSON; None if it is damaged, so that the other rows are read."""

    impl = sa.JSON
    cache_ok = True

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        usual = super().result_processor(dialect, coltype)

        def read(value: Any) -> Any:
            try:
                return usual(value) if usual else value
            except ValueError:
                return None

        return read


METADATA = sa.MetaData()
RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(64), unique=True),
    sa.Column("kind", sa.String(16)),
    sa.Column("created", sa.String(32)),
    sa.Column("title", Typed),
    sa.Column("request", Facts),
    sa.Column("surroundings", Facts, key="environment"),
    sa.Column("outcome", Facts),
    sa.Column("pinned", sa.Boolean),
    sa.Column("note", Typed),
    sa.Column("deleted", sa.String(32)),
    sa.Column("latest", sa.String(32)),
    sa.Column("visitor", sa.String(40), nullable=False, server_default=""),
    sa.Column("bytes", sa.Integer, nullable=False, server_default="0"),
)
BLOBS = sa.Table(
    "blobs",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("suffix", sa.String(16)),
    sa.Column("bytes", sa.Integer),
)
PARTS = sa.Table(
    "parts",
    METADATA,
    sa.Column("run", sa.String(32), sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("role", sa.String(16), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("blob", sa.String(64), sa.ForeignKey("blobs.digest")),
)
NOT_DELETED = RUNS.c.deleted.is_(None)  # of a run that has not been deleted
LATEST = sa.func.coalesce(RUNS.c.latest, RUNS.c.created)  # processes of an earlier version don't say the former
