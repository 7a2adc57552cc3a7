"""The database of runs behind SQLAlchemy, so that SQLite and PostgreSQL do the same, and whatever keeps it from being
used in one sentence.

Knows nothing about what the tables hold.
"""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from uce_core.files import disk_full, not_writable
from uce_core.problems import Problem

WAIT = 10_000  # milliseconds, for another process that writes
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def engine_for(url: str) -> sa.Engine:
    """url: as SQLAlchemy writes it. Whoever uses it gets ValueErrors for what a person can mend, of all else
    SQLAlchemy's own."""
    engine = sa.create_engine(
        url,
        pool_pre_ping=True,  # a database server may have been restarted
        hide_parameters=True,  # errors go into logs, what people typed does not
        json_serializer=lambda value: json.dumps(_finite(value)),
        json_deserializer=_facts,
    )
    sa.event.listen(engine, "handle_error", _say)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _as_servers_do)
    return engine


@contextmanager
def alone_writing(engine: sa.Engine, table: sa.Table) -> Iterator[sa.Connection]:
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
    connection.text_factory = _text
    connection.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
    for pragma in (f"busy_timeout={WAIT}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _finite(value: Any) -> Any:
    """With texts for numbers that JSON does not have, and PostgreSQL refuses: they are read as numbers again."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value


def _text(stored: bytes) -> str:
    """Also of a damaged row: it must not keep the others from being read."""
    return stored.decode(errors="replace")


def _facts(stored: str) -> Any:
    """Nothing of a damaged row."""
    try:
        return json.loads(stored)
    except ValueError:
        return None


def _say(context: sa.engine.ExceptionContext) -> Problem | None:
    code = getattr(context.original_exception, "sqlite_errorcode", None)
    if code is None:
        return _unreachable() if context.is_disconnect and not context.is_pre_ping else None
    file, kind = _file(context.engine), code & 0xFF  # the rest says more exactly which
    if kind in LOCKED:
        return Problem(
            "database_locked",
            "The database of runs {file} is locked by another program: end that, or try again in a minute.",
            file=file,
        )
    if kind in DAMAGED:
        context.is_disconnect = True  # so that a backup in its place is looked at anew
        return Problem(
            "database_damaged",
            "The database of runs {file} is damaged: put a backup in its place, or move it away to begin anew.",
            file=file,
        )
    if kind == sqlite3.SQLITE_IOERR:
        return Problem(
            "database_disk_fails",
            "The disk with the database of runs {file} is full or fails: free some space or check it, then try again.",
            file=file,
        )
    if kind == sqlite3.SQLITE_FULL:
        return disk_full(file)
    return not_writable(file) if kind in READ_ONLY else None


def _unreachable() -> Problem:
    return Problem("database_unreachable", "The database of runs cannot be reached: try again in a minute.")


def _file(engine: sa.Engine | None) -> str:
    """Its name, which is no secret as its folder's may be."""
    return Path((engine and engine.url.database) or "").name
