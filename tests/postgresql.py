"""A PostgreSQL of the tests' own: a private cluster that listens to nothing but a socket, with a schema for each test.

PostgreSQL refuses to run as root; for root it runs as the user that Debian's package makes.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa

REQUIRED = os.environ.get("UCE_TEST_POSTGRESQL") == "required"
MISSING = "PostgreSQL is not installed (Debian's package postgresql): the store was tested with SQLite only"
IN_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # for tests of what is no database's matter
FAST = {"fsync": "off", "synchronous_commit": "off", "listen_addresses": "", "max_connections": "50"}


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version; Debian keeps them off the path."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = Path(on_path).resolve() if on_path else folders[-1] if folders else None
    return found.parent if found else None


def programs_to_test_with() -> Path:
    """Where there are none that is said, and where there must be some it fails."""
    found = programs()
    if not found:
        (pytest.fail if REQUIRED else pytest.skip)(MISSING)
    return found


@dataclass
class Cluster:
    """Its superuser is called uce and needs no password."""

    folder: Path
    names: Iterator[int] = field(default_factory=count)

    def new(self) -> str:
        """The URL of a schema with nothing in it, which costs far less than a database."""
        name = f"test_{next(self.names)}"
        url = f"postgresql+psycopg://uce@/postgres?host={self.folder}"
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(name))
        engine.dispose()
        return f"{url}&options=-csearch_path%3D{name}"


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    """programs: their folder."""
    with TemporaryDirectory(prefix="uce-pg-") as name:  # pytest's folders are too long for a socket, and for root only
        folder, user = Path(name), _user()
        if user:
            shutil.chown(folder, user)

        def run(program: str, *arguments: str) -> None:
            command = [programs / program, "-D", folder / "data", *arguments]
            done = subprocess.run(command, **_as(user), cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr

        run("initdb", "-U", "uce", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in FAST.items())
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"{options} -k {folder}", "start")
        try:
            yield Cluster(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def _user() -> str:
    """Who runs it, if not whoever runs the tests."""
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as(user: str) -> dict[str, Any]:
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
