"""The database of runs, brought up to date when it is opened: whole or not at all, and by one process.

Knows nothing about what the tables hold.
"""

from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from uce_core.files import atomic_file
from uce_core.problems import Problem

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
LOCK = 0x75636573747564  # PostgreSQL's, for one process at a time


def migrate(engine: sa.Engine, file: Path | None) -> None:
    """file: of an SQLite database. Raises what SQLAlchemy and Alembic raise, and ValueError for a file that lost what
    it held."""
    if file and file.is_file() and file.stat().st_size == 0 and any((file.parent / "files").glob("*/*")):
        raise Problem(
            "database_empty",
            "The database of runs {file} is empty, though there are files of runs beside it: put a backup in its "
            "place, or delete it to begin anew.",
            file=file.name,
        )
    if version(engine) == NEWEST:  # nearly always
        return
    if engine.dialect.name == "sqlite":
        _upgrade_sqlite(engine, file)
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        _upgrade(connection)


def version(engine: sa.Engine) -> str:
    """The migration that a database is of; "" for a new one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")


def _upgrade_sqlite(engine: sa.Engine, file: Path | None) -> None:
    """Python's driver would end the transaction before each change of a table, and others could write in between."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            _back_up(engine, file)
            _upgrade(connection)
        except BaseException:
            with suppress(sa.exc.OperationalError):  # SQLite has done so itself when the disk was full
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


def _back_up(engine: sa.Engine, file: Path | None) -> None:
    """A copy as it was, beside it; one for each version. By a connection of its own: SQLite copies none that has
    changes under way."""
    before = version(engine)
    copy = file and file.with_name(f"{file.name}.{before}.backup")
    if copy and before and before < NEWEST and not copy.exists():
        with atomic_file(copy) as part, engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM INTO ?", (str(part),))


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # half a second to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
