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
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from uce_core.files import remove_old_parts, writing
from uce_core.problems import Problem
from uce_core.runs.blobs import Blobs, NewFile
from uce_core.runs.database import alone_writing, engine_for
from uce_core.runs.migrate import migrate
from uce_core.runs.queries import EXAMPLES, larger_than, matching, taken, unpinned_by_size
from uce_core.runs.run import EXAMPLE, RECORDED, AnyRun, StoredFile, UnreadableRun, read_run, recorded
from uce_core.runs.schema import BLOBS, LATEST, NOT_DELETED, PARTS, RUNS

DATABASE = "runs.sqlite"
ID_BYTES = 12  # 96 bits: nobody guesses one
LONGEST_TITLE, LONGEST_NOTE = 1000, 2000  # characters; searched at every letter that is typed
UNDO_WINDOW = timedelta(hours=1)  # for so long can a deletion be
WithRun = Callable[[sa.Connection, str], None]  # told of the transaction in which a run is recorded, and its id


class Store:
    """folder: for the files, and the database unless url names another one (as SQLAlchemy writes them). Threads may
    share a store; processes may share a folder as long as only one of them deletes. visitor: whose runs are added,
    "" for the operator's; examples, which ship with the app, are pinned from the beginning.

    Raises ValueError if the database cannot be opened.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.visitor = folder, ""
        self.blobs = Blobs(folder / "files")
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
                files = sorted((content.role, content.digest) for content in contents)
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
            return self._insert(values, [self._written(content) for content in contents], with_it)

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

    def _written(self, content: NewFile) -> tuple[StoredFile, int]:
        """Before anything is said of it in the database, where others would wait. Returns it and its size."""
        return self.blobs.write(content), len(content.data)

    def _insert(
        self, values: Mapping[str, Any], files: Sequence[tuple[StoredFile, int]], with_it: WithRun | None
    ) -> str:
        """files: with the size of each."""
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
            for file, size in files:
                position = count[file.role] = count.get(file.role, -1) + 1
                if not connection.execute(sa.select(BLOBS.c.digest).where(BLOBS.c.digest == file.digest)).scalar():
                    connection.execute(BLOBS.insert().values(digest=file.digest, suffix=file.suffix, bytes=size))
                connection.execute(PARTS.insert().values(run=run, role=file.role, position=position, blob=file.digest))
            if with_it:
                with_it(connection, run)
            if not all(self.path(file).is_file() for file, _ in files):
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
        return self.blobs.folder

    def path(self, part: StoredFile) -> Path:
        return self.blobs.path(part)

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
        query = matching(sa.select(RUNS), self._find, search, pinned, kind, whose).order_by(LATEST.desc())
        return self._read(query.limit(limit).offset(offset))

    def count(self, search: str = "", pinned: bool = False, kind: str = "", whose: str = "") -> int:
        with self.engine.connect() as connection:
            count = sa.select(sa.func.count()).select_from(RUNS)
            query = matching(count, self._find, search, pinned, kind, whose)
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
        old = self.blobs.old()
        with self.engine.connect() as connection:
            known = set(connection.execute(sa.select(BLOBS.c.digest)).scalars())
        self._remove(path for path in old if path.stem not in known)

    def size(self) -> int:
        """Bytes of all files and records but those of examples alone."""
        with self.engine.connect() as connection:
            return sum(int(connection.execute(query).scalar_one()) for query in taken())

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
        unpinned, too_large = sa.not_(RUNS.c.pinned), RUNS.c.id.in_(larger_than(limit))
        with self.engine.connect() as connection:
            most = connection.execute(unpinned_by_size()).scalar()
        for which in (sa.not_(NOT_DELETED), unpinned & too_large, unpinned & (RUNS.c.visitor == most)):
            if found := self._ids(which):
                return found[0]
        return ""

    def _ids(self, which: sa.ColumnElement[bool]) -> list[str]:
        """Of such runs, what was generated longest ago first."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(RUNS.c.id).where(which).order_by(LATEST)).scalars())


def _undo_cutoff() -> str:
    """Since when deletions can be undone."""
    return (datetime.now(UTC) - UNDO_WINDOW).isoformat()


def _now() -> str:
    return datetime.now(UTC).isoformat()


def digest_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _run(row: Mapping[str, Any], parts: Iterable[Mapping[str, Any]]) -> AnyRun | None:
    """None for a row that cannot be listed: the others can."""
    files = tuple(StoredFile(part["role"], part["position"], part["blob"], part["suffix"]) for part in parts)
    moments = {"created": row["created"], "latest": row["latest"] or row["created"]}
    try:
        return read_run(dict(row) | moments | {"files": files})
    except (ValueError, TypeError):
        logging.getLogger(__name__).warning("the run %s in the database is damaged", row["id"])
        return None
