"""Recorded runs in a database, and what they made in a folder beside it, each file once.

A run's id is random, so that nobody guesses another's; its digest follows from what was asked and
where, so that the same run is kept once. Knows nothing about models or what a run means.
"""

import hashlib
import json
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from uce_core.problems import Problem
from uce_core.storage import whole

METADATA = sa.MetaData()
RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(64), unique=True),
    sa.Column("kind", sa.String(16)),
    sa.Column("created", sa.String(32)),
    sa.Column("title", sa.Text),
    sa.Column("request", sa.JSON),
    sa.Column("surroundings", sa.JSON),
    sa.Column("outcome", sa.JSON),
    sa.Column("pinned", sa.Boolean),
    sa.Column("note", sa.Text),
    sa.Column("deleted", sa.String(32)),
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
ID_BYTES = 12  # 96 bits: nobody guesses one
UNDONE = timedelta(hours=1)  # for so long can a deletion be
HERE = RUNS.c.deleted.is_(None)


@dataclass(frozen=True)
class Part:
    """A file of a run. role: "original", "edited", "edit" …; position: among those of the role."""

    role: str
    position: int
    digest: str
    suffix: str


@dataclass(frozen=True)
class Run:
    """request: what was asked. surroundings: library versions, device and the like, on which a result may depend.
    outcome: scores and the like."""

    id: str
    kind: str
    created: datetime
    title: str
    request: Mapping[str, Any]
    surroundings: Mapping[str, Any]
    outcome: Mapping[str, Any]
    pinned: bool
    note: str
    parts: tuple[Part, ...]

    def files(self, role: str) -> list[Part]:
        return [part for part in self.parts if part.role == role]


@dataclass(frozen=True)
class Content:
    """A file to be kept with a run."""

    role: str
    suffix: str
    data: bytes


class Store:
    """folder: for the files, and the database unless url names another one (as SQLAlchemy writes them). Threads may
    share a store; processes may share a folder as long as only one of them deletes.

    Raises ValueError if the database cannot be opened.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self._changing = threading.RLock()  # a file that nobody needs any more is not deleted while someone keeps it
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self.engine = sa.create_engine(url or f"sqlite:///{folder / 'runs.sqlite'}")
            if self.engine.dialect.name == "sqlite":
                sa.event.listen(self.engine, "connect", _for_many_readers)
            self._migrate()
        except (
            SQLAlchemyError,
            CommandError,
            ImportError,
        ) as error:  # CommandError: of a later version of this program
            reason = str(error).splitlines()[0]
            raise Problem("The database of runs cannot be opened: {reason}.", reason=reason) from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def add(
        self,
        kind: str,
        title: str,
        request: Mapping[str, Any],
        surroundings: Mapping[str, Any],
        outcome: Mapping[str, Any],
        contents: Sequence[Content],
        from_elsewhere: bool = False,
    ) -> str:
        """The id of the run; if the same was run before in the same surroundings, of that one, and nothing is kept.
        A run from elsewhere is the same only if its files are, too: nothing says that it is what it says."""
        facts: dict[str, Any] = {"kind": kind, "request": request, "surroundings": surroundings}
        digest = digest_of(facts)
        with self._changing, self.engine.begin() as connection:
            known = connection.execute(sa.select(RUNS.c.id).where(RUNS.c.digest == digest)).scalar()
            if from_elsewhere:
                files = sorted((content.role, _sha256(content)) for content in contents)
                if not known or files != _files_of(connection, known):
                    digest = digest_of(facts | {"outcome": outcome, "files": files})
                    known = connection.execute(sa.select(RUNS.c.id).where(RUNS.c.digest == digest)).scalar()
            if known:
                connection.execute(RUNS.update().where(RUNS.c.id == known).values(deleted=None))
                return known
            run = secrets.token_hex(ID_BYTES)
            values = {"kind": kind, "title": title, "request": request, "surroundings": surroundings}
            moment = {"created": datetime.now(UTC).isoformat(), "pinned": False, "note": ""}
            connection.execute(RUNS.insert().values(id=run, digest=digest, outcome=outcome, **values, **moment))
            count: dict[str, int] = {}
            for content in contents:
                position = count[content.role] = count.get(content.role, -1) + 1
                blob = self._keep(connection, content)
                connection.execute(PARTS.insert().values(run=run, role=content.role, position=position, blob=blob))
            return run

    def _keep(self, connection: sa.Connection, content: Content) -> str:
        digest = _sha256(content)
        path = self.path(Part(content.role, 0, digest, content.suffix))
        if not path.is_file():
            with whole(path) as part:
                part.write_bytes(content.data)
        if not connection.execute(sa.select(BLOBS.c.digest).where(BLOBS.c.digest == digest)).scalar():
            connection.execute(BLOBS.insert().values(digest=digest, suffix=content.suffix, bytes=len(content.data)))
        return digest

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def path(self, part: Part) -> Path:
        return self.files / part.digest[:2] / f"{part.digest}{part.suffix}"

    def get(self, run: str) -> Run:
        """Raises ValueError if there is none of that id."""
        found = self._read(sa.select(RUNS).where(HERE, RUNS.c.id == run))
        if not found:
            raise Problem("There is no run {run!r}: it may have been deleted, or aged out.", run=run)
        return found[0]

    def page(
        self, limit: int = 24, offset: int = 0, search: str = "", pinned: bool = False, kind: str = ""
    ) -> list[Run]:
        """The newest first. search: words that a title or note holds; pinned, kind: such only."""
        query = _matching(sa.select(RUNS), search, pinned, kind).order_by(RUNS.c.created.desc())
        return self._read(query.limit(limit).offset(offset))

    def count(self, search: str = "", pinned: bool = False, kind: str = "") -> int:
        with self.engine.connect() as connection:
            query = _matching(sa.select(sa.func.count()).select_from(RUNS), search, pinned, kind)
            return int(connection.execute(query).scalar_one())

    def _read(self, query: sa.Select[Any]) -> list[Run]:
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            of = sa.select(PARTS, BLOBS.c.suffix).join(BLOBS).where(PARTS.c.run.in_([row["id"] for row in rows]))
            parts: dict[str, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
            for part in connection.execute(of.order_by(PARTS.c.role, PARTS.c.position)).mappings():
                parts[part["run"]].append(dict(part))
        return [_run(dict(row), parts[row["id"]]) for row in rows]

    def pin(self, run: str, pinned: bool = True) -> None:
        self._change(run, pinned=pinned)

    def write_note(self, run: str, note: str) -> None:
        self._change(run, note=note)

    def _change(self, run: str, **values: object) -> None:
        self.get(run)
        with self.engine.begin() as connection:
            connection.execute(RUNS.update().where(RUNS.c.id == run).values(**values))

    def set_aside(self, run: str) -> None:
        """Delete a run in such a way that it can be brought back until prune finds it there an hour later."""
        self._change(run, deleted=datetime.now(UTC).isoformat())

    def bring_back(self, run: str) -> None:
        """Undo that. Raises ValueError if it is too late."""
        with self._changing, self.engine.begin() as connection:
            connection.execute(RUNS.update().where(RUNS.c.id == run).values(deleted=None))
        self.get(run)

    def delete(self, runs: Iterable[str]) -> None:
        """With the files that no other run holds."""
        runs = list(runs)
        with self._changing:
            self._delete(runs)

    def _delete(self, runs: list[str]) -> None:
        with self.engine.begin() as connection:
            connection.execute(PARTS.delete().where(PARTS.c.run.in_(runs)))
            connection.execute(RUNS.delete().where(RUNS.c.id.in_(runs)))
            orphans = sa.select(BLOBS).where(BLOBS.c.digest.not_in(sa.select(PARTS.c.blob)))
            gone = connection.execute(orphans).mappings().all()
            connection.execute(BLOBS.delete().where(BLOBS.c.digest.in_([row["digest"] for row in gone])))
        for row in gone:
            self.path(Part("", 0, row["digest"], row["suffix"])).unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes of all files."""
        with self.engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.coalesce(sa.func.sum(BLOBS.c.bytes), 0))).scalar_one())

    def prune(self, limit: int) -> int:
        """Delete what was set aside long enough ago, and until the files take at most limit bytes also what was set
        aside since, and then the oldest runs that are not pinned. Returns how many runs."""
        before = (datetime.now(UTC) - UNDONE).isoformat()
        gone = self._ids(RUNS.c.deleted < before)
        self.delete(gone)
        count = len(gone)
        while self.size() > limit:
            oldest = self._ids(sa.not_(HERE) | sa.not_(RUNS.c.pinned), 10)
            if not oldest:
                break
            for run in oldest:
                if self.size() > limit:
                    self.delete([run])
                    count += 1
        return count

    def _ids(self, which: sa.ColumnElement[bool], most: int | None = None) -> list[str]:
        """Of such runs those set aside first, then the oldest."""
        query = sa.select(RUNS.c.id).where(which).order_by(HERE, RUNS.c.created).limit(most)
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())


def _sha256(content: Content) -> str:
    return hashlib.sha256(content.data).hexdigest()


def _files_of(connection: sa.Connection, run: str) -> list[tuple[str, str]]:
    rows = connection.execute(sa.select(PARTS.c.role, PARTS.c.blob).where(PARTS.c.run == run))
    return sorted((role, blob) for role, blob in rows)


def digest_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _for_many_readers(connection: Any, record: object) -> None:
    """Readers go on while someone writes; a second writer waits."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _matching(query: sa.Select[Any], search: str, pinned: bool, kind: str) -> sa.Select[Any]:
    query = query.where(HERE)
    for word in search.split():
        query = query.where(
            sa.or_(RUNS.c.title.icontains(word, autoescape=True), RUNS.c.note.icontains(word, autoescape=True))
        )
    if kind:
        query = query.where(RUNS.c.kind == kind)
    return query.where(RUNS.c.pinned) if pinned else query


def _run(row: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> Run:
    return Run(
        row["id"],
        row["kind"],
        datetime.fromisoformat(row["created"]),
        row["title"],
        row["request"],
        row["surroundings"],
        row["outcome"],
        bool(row["pinned"]),
        row["note"],
        tuple(Part(part["role"], part["position"], part["blob"], part["suffix"]) for part in parts),
    )
