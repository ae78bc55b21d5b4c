"""The mirror itself: one table, written by syncs and jobs, read by the screen."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from files_tui.api.models import File
from files_tui.catalog.query import SORT_KEYS, Query, folded

_SCHEMA = """
create table files (
    id text primary key,
    filename text not null,
    folded_name text not null,
    bytes integer,
    created_at integer,
    expires_at integer,
    purpose text not null,
    status text,
    status_details text,
    kind text not null,
    raw blob not null,
    generation integer not null
) without rowid;
create index files_by_created on files (ifnull(created_at, 0), id);
create index files_by_purpose on files (purpose, ifnull(created_at, 0), id);
"""
_COLUMNS = "id, filename, bytes, created_at, expires_at, purpose, status, status_details, kind, raw"
_BATCH = 500

LAG = 60.0
"""Seconds for which a listing may still show a file that is gone (API reference, "Delete")."""


class Totals(msgspec.Struct, frozen=True):
    """How many files, and how many bytes they hold together."""

    files: int
    bytes: int


class _Removal(msgspec.Struct):
    """When a file was removed here (unix seconds), and the last generation whose listing still had it."""

    at: float
    returned: int = 0


class Superseded(Exception):
    """Another sync has begun."""


class Catalog:
    """The files of one account as they were last seen.

    Safe to use from any thread: readers never wait for a writer. A file that was removed here stays away for a while,
    since a listing may lag behind a delete.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._folder = tempfile.TemporaryDirectory(prefix="files-tui-")
        path = Path(self._folder.name) / "catalog.sqlite"
        self._writer = self._connect(path)
        self._writer.executescript(_SCHEMA)
        self._reader = self._connect(path)
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._generation = 0
        self._began = 0.0
        self._removed: dict[str, _Removal] = {}

    @staticmethod
    def _connect(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.executescript("pragma journal_mode = wal; pragma synchronous = off;")
        return connection

    def close(self) -> None:
        """Close and delete the mirror."""
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()
        self._folder.cleanup()

    def begin_sync(self) -> int:
        """A new generation: what is written from now on belongs to it, and an older sync may write no more."""
        with self._write_lock:
            self._generation += 1
            self._began = self._clock()
            return self._generation

    def finish_sync(self, generation: int) -> int:
        """Remove what this finished sync did not see; gives the number of files removed.

        Raises `Superseded` when another sync has begun.
        """
        with self._write_lock:
            self._check(generation)
            return self._writer.execute("delete from files where generation < ?", (generation,)).rowcount

    def upsert(self, files: Iterable[File], generation: int | None = None) -> int:
        """Add or update files; gives how many of them were new to the generation.

        A sync gives its own `generation`, and is told by `Superseded` when another has begun; without one, the files
        join the current one.
        """
        with self._write_lock, self._transaction():
            self._check(generation)
            rows, returned = [], 0
            for file in files:
                removal = self._removed.get(file.id)
                if removal is None or self._outlives(removal, generation):
                    self._removed.pop(file.id, None)
                    rows.append(self._row(file))
                elif removal.returned < self._generation:
                    # A lagging listing still gets on when a page brings nothing but what was removed here.
                    removal.returned = self._generation
                    returned += 1
            ids = {row[0] for row in rows}
            seen: int = sum(
                self._writer.execute(
                    f"select count(*) from files where generation = ? and id in ({', '.join('?' * len(batch))})",
                    [self._generation, *batch],
                ).fetchone()[0]
                for batch in _batches(ids)
            )
            self._writer.executemany(f"insert or replace into files values ({', '.join('?' * 12)})", rows)
            return len(ids) - seen + returned

    def remove(self, ids: Iterable[str]) -> None:
        """Forget files that are gone from the server."""
        with self._write_lock, self._transaction():
            gone = list(ids)
            self._removed.update((file_id, _Removal(self._clock())) for file_id in gone)
            self._writer.executemany("delete from files where id = ?", [(file_id,) for file_id in gone])

    def _check(self, generation: int | None) -> None:
        if generation is not None and generation != self._generation:
            raise Superseded

    def _outlives(self, removal: _Removal, generation: int | None) -> bool:
        """Whether a file is there after all: a listing that began well after its removal still has it."""
        return generation is not None and self._began - removal.at > LAG

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._writer.execute("begin")
        try:
            yield
        except BaseException:
            if self._writer.in_transaction:  # a full disk has rolled it back already
                self._writer.execute("rollback")
            raise
        self._writer.execute("commit")

    def page(self, query: Query, offset: int, limit: int) -> list[File]:
        """`limit` files of a query from the `offset`-th on."""
        where, values = query.where(self._clock())
        return self._files(
            f"select {_COLUMNS} from files where {where} order by {query.order()} limit ? offset ?",
            [*values, limit, offset],
        )

    def totals(self, query: Query) -> Totals:
        """Number and bytes of all files of a query."""
        where, values = query.where(self._clock())
        # A sum would overflow where a server claims absurd sizes.
        ((files, size),) = self._read(f"select count(*), total(bytes) from files where {where}", values)
        return Totals(files, int(size))

    def position(self, query: Query, file_id: str) -> int | None:
        """How many files of the query come before this one; None when it is not among them."""
        where, values = query.where(self._clock())
        key = SORT_KEYS[query.sort]
        found = self._read(f"select {key} from files where {where} and id = ?", [*values, file_id])
        if not found:
            return None
        sign = ">" if query.descending else "<"
        ((before,),) = self._read(
            f"select count(*) from files where {where} and ({key}, id) {sign} (?, ?)", [*values, found[0][0], file_id]
        )
        return int(before)

    def ids(self, query: Query) -> list[str]:
        """The ids of all files of a query."""
        where, values = query.where(self._clock())
        return [row[0] for row in self._read(f"select id from files where {where} order by {query.order()}", values)]

    def get(self, ids: Collection[str]) -> list[File]:
        """The files with these ids, newest first; ids that are not here are left out."""
        found: list[File] = []
        for batch in _batches(ids):
            marks = ", ".join("?" * len(batch))
            found += self._files(f"select {_COLUMNS} from files where id in ({marks})", batch)
        return sorted(found, key=lambda file: (file.created_at or 0, file.id), reverse=True)

    def among(self, ids: Collection[str]) -> dict[str, int]:
        """Those of the ids that are here, each with its bytes."""
        found: dict[str, int] = {}
        for batch in _batches(ids):
            marks = ", ".join("?" * len(batch))
            found.update(self._read(f"select id, ifnull(bytes, 0) from files where id in ({marks})", batch))
        return found

    def purposes(self) -> dict[str, int]:
        """The number of files of each purpose."""
        return dict(self._read("select purpose, count(*) from files group by purpose", []))

    def twins(self, filename: str, size: int) -> list[str]:
        """The ids of files with this name and size."""
        rows = self._read("select id from files where filename = ? and bytes = ?", [_storable(filename), size])
        return [row[0] for row in rows]

    def _row(self, file: File) -> tuple[Any, ...]:
        name = _storable(file.filename)
        return (
            _storable(file.id),
            name,
            folded(name),
            file.bytes,
            file.created_at,
            file.expires_at,
            _storable(file.purpose),
            file.status,
            file.status_details,
            file.kind,
            msgspec.json.encode(file.raw),
            self._generation,
        )

    def _files(self, sql: str, values: Sequence[Any]) -> list[File]:
        return [
            File(
                id=row[0],
                filename=row[1],
                bytes=row[2],
                created_at=row[3],
                expires_at=row[4],
                purpose=row[5],
                status=row[6],
                status_details=row[7],
                kind=row[8],
                raw=msgspec.json.decode(row[9]),
            )
            for row in self._read(sql, values)
        ]

    def _read(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with self._read_lock:
            return self._reader.execute(sql, values).fetchall()


def _batches(ids: Collection[str]) -> Iterator[list[str]]:
    """As many at once as a statement takes parameters; passed as JSON, an id with a NUL would be cut."""
    wanted = list(ids)
    for start in range(0, len(wanted), _BATCH):
        yield wanted[start : start + _BATCH]


def _storable(text: str) -> str:
    """SQLite keeps UTF-8 only, which has no lone surrogates."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
