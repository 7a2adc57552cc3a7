"""The database of runs behind SQLAlchemy, so that SQLite and PostgreSQL do the same.

Knows nothing about what the tables hold.
"""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


def engine_for(url: str) -> sa.Engine:
    """url: as SQLAlchemy writes it."""
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,  # a database server may have been restarted
        hide_parameters=True,  # errors go into logs, what people typed does not
        json_serializer=lambda value: json.dumps(_finite(value)),
    )
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _as_servers_do)
    return engine


@contextmanager
def writing(engine: sa.Engine, table: sa.Table) -> Iterator[sa.Connection]:
    """A transaction in which nobody else writes into a table, other processes included. SQLite has one writer at a
    time, from the first change on, be it of nothing."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
        else:
            connection.execute(table.delete().where(sa.false()))
        yield connection


def _as_servers_do(connection: Any, record: object) -> None:
    """Readers go on while someone writes; a second writer waits; capitals of all alphabets have their small letters."""
    connection.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _finite(value: Any) -> Any:
    """With texts for numbers that JSON does not have, and PostgreSQL refuses: they are read as numbers again."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
