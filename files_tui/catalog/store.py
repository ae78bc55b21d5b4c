"""One SQLite file and the connections to it: one that writes, and as many as are needed that read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from files_tui.catalog.errors import CatalogFailed, TooSlow, Unusable

T = TypeVar("T")

BATCH = 500
APPLICATION = 0x66746C73
VERSION = 1
BUSY_SECONDS = 30.0
WRITER_CACHE = 4_000
"""Pages kept in memory, in KiB; a reader has SQLite's usual 2,000."""
CHECK_STEPS = 4_000
"""Steps of SQLite's machine between two looks at the clock: well under a millisecond."""

# The indexes but the first are made when the first listing is whole: kept up from the first row on they would triple
# its time. Each holds what a filter looks at, so that a file that does not match costs no look into the table.
_SCHEMA = """
create table meta (name text primary key, value) without rowid;
create table cells (
    cell integer primary key,
    purpose text not null,
    kind text not null,
    files integer not null default 0,
    bytes real not null default 0,
    unique (purpose, kind)
);
create table files (
    n integer primary key,
    id text not null unique,
    cell integer not null,
    filename text not null,
    folded text not null,
    size integer not null,
    created integer not null,
    expires integer not null,
    status text,
    details text,
    raw blob not null,
    generation integer not null
);
create index by_created on files (cell, created, id, size, expires);
create table tally (
    axis text not null,
    cell integer not null,
    bucket integer not null,
    files integer not null,
    bytes real not null,
    primary key (axis, cell, bucket)
) without rowid;
create table removed (id text primary key, at real not null) without rowid;
"""
# Not of the first version: they are added to a catalog that was made without them.
_USES = """
create table if not exists holders (
    kind text not null,
    id text not null,
    name text not null,
    status text not null,
    created integer,
    look integer not null,
    primary key (kind, id)
) without rowid;
create table if not exists uses (
    kind text not null,
    holder text not null,
    role text not null,
    file text not null,
    look integer not null,
    primary key (kind, holder, role, file)
) without rowid;
create index if not exists uses_by_file on uses (file, kind, holder);
create table if not exists looks (
    kind text primary key,
    at integer,
    seen integer not null,
    note text,
    problem text
) without rowid;
"""
_WORDS = "create virtual table words using fts5 (said, tokenize = 'trigram case_sensitive 1', content = '', \
detail = none, columnsize = 0)"
LATE_INDEXES = {
    "by_size": "(cell, size, id, created, expires)",
    "by_name": "(cell, folded, id, size, created, expires)",
    "by_expires": "(cell, expires, id, size, created)",
    "by_id": "(cell, id, size, created, expires)",
}


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Failures of the database as an error of this package."""
    try:
        yield
    except sqlite3.Error as error:
        raise CatalogFailed(str(error), is_damage=_is_damage(error)) from error


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is no use any more; some damage shows as a table that is missing, or as text that is none."""
    words = str(error).lower()
    return type(error) is sqlite3.DatabaseError or words.startswith(("no such", "could not decode", "malformed"))


class Store:
    """The connections to one catalog file, which is made when it is not there. Any thread may use them.

    Readers never wait for a writer. Everything raises `CatalogFailed`; making one also `Unusable` for a file of
    another kind, and `OSError` where none can be made.
    """

    def __init__(self, path: Path, *, durable: bool) -> None:
        self.path = path
        self._durable = durable
        self._write_lock = threading.Lock()
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._readers: list[sqlite3.Connection] = []
        self._closed = False
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with translated(), contextlib.ExitStack() as unfinished:
            self._writer = unfinished.enter_context(contextlib.closing(self._connect()))
            self._watcher = unfinished.enter_context(contextlib.closing(self._connect()))
            try:
                self._prepare()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):  # such as a full disk, which no new file would mend
                    raise
                raise Unusable("damaged") from None
            unfinished.pop_all()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None, cached_statements=256
        )

    def _prepare(self) -> None:
        """Make the tables, or make sure that they are ours."""
        writer = self._writer
        with transaction(writer, "deferred"):
            self._is_ours()  # before a foreign file is changed in any way
        _use_wal(writer)
        writer.execute(f"pragma cache_size = -{WRITER_CACHE}")
        writer.execute(f"pragma synchronous = {'normal' if self._durable else 'off'}")
        writer.execute("pragma wal_autocheckpoint = 8000")  # a page of ten thousand files is more than the usual 1,000
        writer.execute("pragma journal_size_limit = 16777216")
        with transaction(writer, "immediate"):
            if not self._is_ours():
                self._make_tables()
            for statement in _USES.split(";"):
                writer.execute(statement)
        writer.execute("create temp table changing (n integer primary key)")
        writer.execute("create temp table seen (n integer primary key)")
        writer.execute("create temp table touched (n integer primary key, cell, size, created, expires)")

    def _is_ours(self) -> bool:
        """Whether the tables are there; raises `Unusable` for those of others."""
        (application,) = self._writer.execute("pragma application_id").fetchone()
        (version,) = self._writer.execute("pragma user_version").fetchone()
        if application == APPLICATION:
            if version != VERSION:
                raise Unusable(f"of {'a newer' if version > VERSION else 'an older'} version")
            return True
        if self._writer.execute("select 1 from sqlite_master limit 1").fetchone():
            raise Unusable("not a catalog")
        return False

    def _make_tables(self) -> None:
        writer = self._writer
        for statement in _SCHEMA.split(";"):
            writer.execute(statement)
        writer.execute(f"pragma application_id = {APPLICATION}")
        writer.execute(f"pragma user_version = {VERSION}")
        with contextlib.suppress(sqlite3.OperationalError):  # an SQLite without trigrams: searches then scan
            writer.execute(_WORDS)

    def close(self) -> None:
        """End all reading and close; a reader in another thread is interrupted."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._watcher.close()
            for reader in self._readers:
                if reader in self._idle:
                    reader.close()
                else:
                    reader.interrupt()
        self._writer.interrupt()
        with self._write_lock:
            self._writer.execute("select 1")  # ends the interrupt, which would keep the log from being put away
            self._writer.close()

    @property
    def version(self) -> int:
        """A number that changes whenever anyone has written, another program too."""
        with self._lock, translated():
            return int(self._watcher.execute("pragma data_version").fetchone()[0])

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The writing connection, in one transaction."""
        with self._write_lock, translated(), transaction(self._writer, "immediate"):
            yield self._writer

    @contextlib.contextmanager
    def reading(self, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the catalog; raises `TooSlow` after `patience` seconds."""
        with translated(), self._borrowed() as reader:
            if patience is not None:
                until = time.perf_counter() + patience
                reader.set_progress_handler(lambda: time.perf_counter() > until, CHECK_STEPS)
            try:
                reader.execute("begin")
                yield reader
            except sqlite3.OperationalError as error:
                if patience is not None and "interrupt" in str(error) and not self._closed:
                    raise TooSlow from None
                raise
            finally:
                reader.set_progress_handler(None, 0)

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        """A reader that no one else uses; each is warm with what the one before it read."""
        with self._lock:
            if self._closed:
                raise sqlite3.ProgrammingError("the catalog is closed")
            if not self._idle:
                reader = self._connect()
                self._readers.append(reader)
                self._idle.append(reader)
            reader = self._idle.pop()
        try:
            yield reader
        finally:
            with self._lock:
                if reader.in_transaction:
                    reader.execute("rollback")
                if self._closed:
                    reader.close()
                else:
                    self._idle.append(reader)

    def dedicated(self) -> sqlite3.Connection:
        """A connection of its own, for temporary tables beside the catalog's; the caller closes it."""
        return self._connect()


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, kind: Literal["deferred", "immediate"]) -> Iterator[None]:
    """All of it or nothing; an `immediate` one waits for other writers at its beginning."""
    connection.execute(f"begin {kind}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled it back already
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Readers beside a writer; two programs that make the change at the same moment lock each other out."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def in_batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many values at once as a statement of any SQLite takes; passed as JSON, a text with a NUL would be cut."""
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def read_meta(connection: sqlite3.Connection, name: str) -> int | None:
    """A number that the catalog keeps about itself."""
    row = connection.execute("select value from meta where name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def write_meta(writer: sqlite3.Connection, name: str, value: int) -> None:
    """Keep a number about the catalog itself."""
    writer.execute("insert or replace into meta values (?, ?)", (name, value))
