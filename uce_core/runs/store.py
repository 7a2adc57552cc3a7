"""Recorded runs in a database, and what they made in a folder beside it, each file once.

A run's id is random, so that nobody guesses another's; its digest follows from what was asked and
where, so that the same run is kept once. What a run means is read in run.py; knows nothing about models.
"""

import copy
import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from uce_core.checks import storable
from uce_core.files import ABANDONED, atomic_file, remove_old_parts, writing
from uce_core.problems import Problem
from uce_core.runs.database import alone_writing, engine_for
from uce_core.runs.migrate import migrate
from uce_core.runs.run import EXAMPLE, RECORDED, AnyRun, StoredFile, UnreadableRun, read_run, recorded
from uce_core.runs.schema import BLOBS, LATEST, NOT_DELETED, PARTS, RUNS

DATABASE = "runs.sqlite"
ID_BYTES = 12  # 96 bits: nobody guesses one
LONGEST_TITLE, LONGEST_NOTE = 1000, 2000  # characters; searched at every letter that is typed
MOST_WORDS = 20  # that are looked for
UNDO_WINDOW = timedelta(hours=1)  # for so long can a deletion be
EXAMPLES = RUNS.c.visitor.startswith(EXAMPLE)  # which count for nothing, and are listed by themselves
WithRun = Callable[[sa.Connection, str], None]  # told of the transaction in which a run is recorded, and its id


@dataclass(frozen=True)
class NewFile:
    """A file to be kept with a run."""

    role: str
    suffix: str
    data: bytes


class Store:
    """folder: for the files, and the database unless url names another one (as SQLAlchemy writes them). Threads may
    share a store; processes may share a folder as long as only one of them deletes. visitor: whose runs are added,
    "" for the operator's; examples, which ship with the app, are pinned from the beginning.

    Raises ValueError if the database cannot be opened.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.visitor = folder, ""
        self._changing = threading.RLock()  # a file that nobody needs any more is not deleted while someone keeps it
        with writing(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            self.engine = engine_for(url or f"sqlite:///{folder / DATABASE}")
            migrate(self.engine, folder / DATABASE if not url else None)
        except Problem:
            raise
        except Exception as error:  # SQLAlchemy's, Alembic's, a driver's that is missing, the disk's
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise Problem(
                "database_not_readable", "The database of runs cannot be opened: {reason}.", reason=reason
            ) from error

    def for_visitor(self, visitor: str) -> "Store":
        """The same store, in which this visitor's runs are added."""
        store = copy.copy(self)
        store.visitor = visitor
        return store

    def after_fork(self) -> None:
        """In a process that was forked: to use or close no connection of that which it comes from, and wait for none
        of its threads."""
        self.engine.dispose(close=False)
        self._changing = threading.RLock()

    def add(
        self,
        kind: str,
        title: str,
        request: Mapping[str, Any],
        environment: Mapping[str, Any],
        outcome: Mapping[str, Any],
        contents: Iterable[NewFile],
        from_elsewhere: bool = False,
        with_it: WithRun | None = None,
    ) -> str:
        """The id of the run; if the same was run before in the same environment, of that one, and nothing is kept
        but that it was generated again now. Each visitor's runs are runs of their own. A run from elsewhere is the same
        only if its files are, too: nothing says that it is what it says; nor does it say when one that is here was
        generated.

        contents: looked at one at a time, and only if they are to be kept; twice if they are from elsewhere. with_it:
        writes what belongs to a run that was not here, at once with it. Raises OSError or ValueError if they cannot be
        kept.
        """
        facts: dict[str, Any] = {"kind": kind, "request": request, "environment": environment}
        whose = {"visitor": self.visitor} if self.visitor else {}
        digest = digest_of(facts | whose)
        with self._changing:
            known = self._known(digest)
            if from_elsewhere:
                files = sorted((content.role, _sha256(content)) for content in contents)
                known = known or self._same_of_before(facts, files)
                if not known or self._is_soft_deleted(known) or files != self._files_of(known):
                    digest = digest_of(facts | whose | {"outcome": outcome, "files": files})
                    known = self._known(digest)
                    if known and self._is_soft_deleted(known):  # by someone who did not want it, its pin and its note
                        self.delete([known])
                        known = ""
            if known:
                self._update(known, deleted=None, **({} if from_elsewhere else {"latest": self._latest()}))
                return known
            whole = facts | {"title": title[:LONGEST_TITLE], "outcome": outcome}
            values = whole | {"digest": digest, "visitor": self.visitor}
            return self._insert(values, [(content.role, *self._write(content)) for content in contents], with_it)

    def _known(self, digest: str) -> str:
        """The id of the run with this digest, "" if there is none."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(RUNS.c.id).where(RUNS.c.digest == digest)).scalar() or ""

    def _is_soft_deleted(self, run: str) -> bool:
        return bool(self._ids(sa.not_(NOT_DELETED) & (RUNS.c.id == run)))

    def _files_of(self, run: str) -> list[tuple[str, str]]:
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(PARTS.c.role, PARTS.c.blob).where(PARTS.c.run == run))
            return sorted((role, blob) for role, blob in rows)

    def _same_of_before(self, facts: Mapping[str, Any], files: Sequence[tuple[str, str]]) -> str:
        """The id of a run that says the same in the words of an earlier version, and has just these files."""
        digests = [digest for _, digest in files]
        query = sa.select(PARTS.c.run).where(PARTS.c.blob.in_(digests)).distinct()
        with self.engine.connect() as connection:
            ids = list(connection.execute(query).scalars())
        for run in self._read(sa.select(RUNS).where(NOT_DELETED, RUNS.c.id.in_(ids), RUNS.c.visitor == self.visitor)):
            said = dict(zip(RECORDED, recorded(run), strict=True)) if not isinstance(run, UnreadableRun) else {}
            if all(said.get(name) == facts[name] for name in RECORDED[:2]) and files == self._files_of(run.id):
                return run.id
        return ""

    def _write(self, content: NewFile) -> tuple[str, str, int]:
        """Before anything is said of it in the database, where others would wait. Returns digest, suffix and size."""
        digest = _sha256(content)
        path = self.path(StoredFile(content.role, 0, digest, content.suffix))
        if not path.is_file() or path.stat().st_size != len(content.data):  # cut off when the disk was full
            with atomic_file(path, f"{content.role}{content.suffix}") as part:
                part.write_bytes(content.data)
        return digest, content.suffix, len(content.data)

    def _insert(
        self, values: Mapping[str, Any], files: Sequence[tuple[str, str, str, int]], with_it: WithRun | None
    ) -> str:
        """files: role, digest, suffix and size of each."""
        run = secrets.token_hex(ID_BYTES)
        pinned = values["visitor"].startswith(EXAMPLE)
        moment = {"created": _now(), "latest": self._latest(), "pinned": pinned, "note": ""}
        size = sum(len(json.dumps(values[name])) for name in RECORDED)
        with alone_writing(self.engine, BLOBS) as connection:
            known = sa.select(RUNS.c.id).where(RUNS.c.digest == values["digest"])
            if by_another := connection.execute(known).scalar():
                return str(by_another)
            connection.execute(RUNS.insert().values(id=run, bytes=size, **values, **moment))
            count: dict[str, int] = {}
            for role, digest, suffix, size in files:
                position = count[role] = count.get(role, -1) + 1
                if not connection.execute(sa.select(BLOBS.c.digest).where(BLOBS.c.digest == digest)).scalar():
                    connection.execute(BLOBS.insert().values(digest=digest, suffix=suffix, bytes=size))
                connection.execute(PARTS.insert().values(run=run, role=role, position=position, blob=digest))
            if with_it:
                with_it(connection, run)
            if not all(self.path(StoredFile(role, 0, digest, suffix)).is_file() for role, digest, suffix, _ in files):
                raise FileNotFoundError("another process deleted a file of this run in the meantime")
        return run

    def _latest(self) -> str:
        """Now, or behind the last run if the clock was set back: else what is newest would age out first."""
        with self.engine.connect() as connection:
            last = connection.execute(sa.select(sa.func.max(LATEST))).scalar() or ""
        if not last:
            return _now()
        return max(datetime.now(UTC), datetime.fromisoformat(last) + timedelta(microseconds=1)).isoformat()

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def path(self, part: StoredFile) -> Path:
        return self.files / part.digest[:2] / f"{part.digest}{part.suffix}"

    def get(self, run: str) -> AnyRun:
        """Raises ValueError if there is none of that id."""
        found = self._read(sa.select(RUNS).where(NOT_DELETED, RUNS.c.id == run)) if run.isascii() else ()
        if not found:
            raise Problem(
                "no_such_run", "There is no run {run!r}: it may have been deleted, by hand or to free space.", run=run
            )
        return found[0]

    def page(
        self,
        limit: int = 24,
        offset: int = 0,
        search: str = "",
        pinned: bool = False,
        kind: str = "",
        whose: str = "",
    ) -> list[AnyRun]:
        """What was generated last first, without examples. search: words that a title or note holds, of many the
        longest; pinned, kind: such only. whose: a visitor, whose runs count as pinned."""
        query = _matching(sa.select(RUNS), self._find, search, pinned, kind, whose).order_by(LATEST.desc())
        return self._read(query.limit(limit).offset(offset))

    def count(self, search: str = "", pinned: bool = False, kind: str = "", whose: str = "") -> int:
        with self.engine.connect() as connection:
            count = sa.select(sa.func.count()).select_from(RUNS)
            query = _matching(count, self._find, search, pinned, kind, whose)
            return int(connection.execute(query).scalar_one())

    @property
    def _find(self) -> Any:
        return sa.func.strpos if self.engine.dialect.name == "postgresql" else sa.func.instr

    def runs_of(self, visitor: str, limit: int | None = None) -> list[AnyRun]:
        """Of one visitor, what was generated last first; none for ""."""
        query = sa.select(RUNS).where(NOT_DELETED, RUNS.c.visitor == visitor, RUNS.c.visitor != "")
        return self._read(query.order_by(LATEST.desc()).limit(limit))

    def examples(self) -> list[AnyRun]:
        """Runs that ship with the app, of whatever version."""
        return self._read(sa.select(RUNS).where(NOT_DELETED, EXAMPLES))

    def _read(self, query: sa.Select[Any]) -> list[AnyRun]:
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
            of = sa.select(PARTS, BLOBS.c.suffix).join(BLOBS).where(PARTS.c.run.in_([row["id"] for row in rows]))
            parts: dict[str, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
            for part in connection.execute(of.order_by(PARTS.c.role, PARTS.c.position)).mappings():
                parts[part["run"]].append(dict(part))
        return [run for row in rows if (run := _run(dict(row), parts[row["id"]]))]

    def pin(self, run: str, pinned: bool = True) -> None:
        self._change(run, pinned=pinned)

    def write_note(self, run: str, note: str) -> None:
        """Raises ValueError if it is too long."""
        if len(note) > LONGEST_NOTE:
            raise Problem(
                "note_too_long",
                "The note has {count} characters: shorten it to {most}.",
                count=len(note),
                most=LONGEST_NOTE,
            )
        self._change(run, note=note)

    def write_outcome(self, run: str, outcome: Mapping[str, Any]) -> None:
        """What came of it, with what has been found out since."""
        self._change(run, outcome=outcome)

    def _change(self, run: str, **values: object) -> None:
        self.get(run)
        self._update(run, **values)

    def _update(self, run: str, **values: object) -> None:
        with self._changing, self.engine.begin() as connection:
            connection.execute(RUNS.update().where(RUNS.c.id == run).values(**values))

    def soft_delete(self, run: str) -> None:
        """Delete a run in such a way that it can be brought back, until prune finds it an hour later."""
        self._change(run, deleted=_now())

    def soft_deleted(self) -> list[AnyRun]:
        """What can be brought back, the last at the end."""
        return self._read(sa.select(RUNS).where(RUNS.c.deleted >= _undo_cutoff()).order_by(RUNS.c.deleted))

    def undelete(self, run: str) -> None:
        """Undo that. Raises ValueError if it is too late."""
        self._update(run, deleted=None)
        self.get(run)

    def delete(self, runs: Iterable[str]) -> None:
        """With the files that no other run holds."""
        runs = list(runs)
        with self._changing, alone_writing(self.engine, BLOBS) as connection:
            connection.execute(PARTS.delete().where(PARTS.c.run.in_(runs)))
            connection.execute(RUNS.delete().where(RUNS.c.id.in_(runs)))
            orphans = sa.select(BLOBS).where(BLOBS.c.digest.not_in(sa.select(PARTS.c.blob)))
            gone = connection.execute(orphans).mappings().all()
            connection.execute(BLOBS.delete().where(BLOBS.c.digest.in_([row["digest"] for row in gone])))
        self._remove(self.path(StoredFile("", 0, row["digest"], row["suffix"])) for row in gone)

    def _remove(self, paths: Iterable[Path]) -> None:
        """Files that no run holds, after the database says so: a crash in between leaves files without a run, which
        sweep finds, not a run without files."""
        with (
            self._changing,
            alone_writing(self.engine, BLOBS) as connection,
        ):  # nobody needs them meanwhile
            for path in paths:
                if not connection.execute(sa.select(BLOBS.c.digest).where(BLOBS.c.digest == path.stem)).scalar():
                    path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a crash has left: files without a run, and half written ones."""
        remove_old_parts(self.folder)
        before = time.time() - ABANDONED  # others may be about to record theirs
        old = [path for path in self.files.glob("*/*") if path.stat().st_mtime < before]
        with self.engine.connect() as connection:
            known = set(connection.execute(sa.select(BLOBS.c.digest)).scalars())
        self._remove(path for path in old if path.stem not in known)

    def size(self) -> int:
        """Bytes of all files and records but those of examples alone."""
        held = sa.select(PARTS.c.blob).join(RUNS)
        by_examples = BLOBS.c.digest.in_(held.where(EXAMPLES))
        by_others = held.where(sa.not_(EXAMPLES), PARTS.c.blob == BLOBS.c.digest).exists()
        files = sa.select(sa.func.coalesce(sa.func.sum(BLOBS.c.bytes), 0)).where(sa.not_(by_examples) | by_others)
        records = sa.select(sa.func.coalesce(sa.func.sum(RUNS.c.bytes), 0)).where(sa.not_(EXAMPLES))
        with self.engine.connect() as connection:
            return sum(int(connection.execute(query).scalar_one()) for query in (files, records))

    def prune(self, limit: int) -> int:
        """Delete what was discarded long enough ago and, until everything takes at most limit bytes, what was discarded
        since, what alone takes more, and then, of the visitor whose runs take most, what was generated longest ago;
        never what is pinned. Returns how many runs."""
        with self._changing:
            gone = self._ids(RUNS.c.deleted < _undo_cutoff())
            self.delete(gone)
            count = len(gone)
            while self.size() > limit and (run := self._dispensable(limit)):  # seldom
                self.delete([run])
                count += 1
        return count

    def _dispensable(self, limit: int) -> str:
        """The run to be deleted first; "" if all are pinned."""
        unpinned, too_large = sa.not_(RUNS.c.pinned), RUNS.c.id.in_(_larger_than(limit))
        with self.engine.connect() as connection:
            most = connection.execute(_unpinned_by_size()).scalar()
        for which in (sa.not_(NOT_DELETED), unpinned & too_large, unpinned & (RUNS.c.visitor == most)):
            if found := self._ids(which):
                return found[0]
        return ""

    def _ids(self, which: sa.ColumnElement[bool]) -> list[str]:
        """Of such runs, what was generated longest ago first."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(RUNS.c.id).where(which).order_by(LATEST)).scalars())


def _sizes() -> sa.Subquery:
    """Bytes of each run with its files, which count for every run that holds them."""
    with_files = RUNS.outerjoin(PARTS, PARTS.c.run == RUNS.c.id).outerjoin(BLOBS)
    size = RUNS.c.bytes + sa.func.coalesce(sa.func.sum(BLOBS.c.bytes), 0)
    return sa.select(RUNS.c.id, size.label("size")).select_from(with_files).group_by(RUNS.c.id).subquery()


def _larger_than(limit: int) -> sa.Select[Any]:
    """Ids of runs that take more bytes."""
    sizes = _sizes()
    return sa.select(sizes.c.id).where(sizes.c.size > limit)


def _unpinned_by_size() -> sa.Select[Any]:
    """Visitors with runs that are not pinned, who takes most with these first."""
    sizes = _sizes()
    unpinned = sa.select(RUNS.c.visitor).join(sizes, sizes.c.id == RUNS.c.id).where(sa.not_(RUNS.c.pinned))
    return unpinned.group_by(RUNS.c.visitor).order_by(sa.func.sum(sizes.c.size).desc(), RUNS.c.visitor)


def _undo_cutoff() -> str:
    """Since when deletions can be undone."""
    return (datetime.now(UTC) - UNDO_WINDOW).isoformat()


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _sha256(content: NewFile) -> str:
    return hashlib.sha256(content.data).hexdigest()


def digest_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _matching(query: sa.Select[Any], find: Any, search: str, pinned: bool, kind: str, whose: str) -> sa.Select[Any]:
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


def _run(row: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> AnyRun | None:
    """None for a row that cannot be listed: the others can."""
    files = tuple(StoredFile(part["role"], part["position"], part["blob"], part["suffix"]) for part in parts)
    moments = {"created": row["created"], "latest": row["latest"] or row["created"]}
    try:
        return read_run(dict(row) | moments | {"files": files})
    except (ValueError, TypeError):
        logging.getLogger(__name__).warning("the run %s in the database is damaged", row["id"])
        return None
