"""The mirror itself: one table, written by syncs and jobs, read by the screen."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Totals:
    """How many files, and how many bytes they hold together."""

    files: int
    bytes: int


class Catalog:
    """The files of one account as they were last seen.

    Safe to use from any thread: readers never wait for a writer. A file that was removed here stays away for the
    session, since a page that was asked for before a delete may still bring it.
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
        self._removed: dict[str, int] = {}

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
        """A new generation: what is written from now on belongs to it."""
        with self._write_lock:
            self._generation += 1
            return self._generation

    def finish_sync(self, generation: int) -> int:
        """Remove what this finished sync did not see; gives the number of files removed."""
        with self._write_lock:
            return self._writer.execute("delete from files where generation < ?", (generation,)).rowcount

    def upsert(self, files: Iterable[File]) -> int:
        """Add or update files; gives how many of them were new to the current generation."""
        with self._write_lock:
            rows, returned = [], 0
            for file in files:
                if file.id not in self._removed:
                    rows.append(self._row(file))
                elif self._removed[file.id] < self._generation:
                    # A lagging listing still gets on when a page brings nothing but what was removed here.
                    self._removed[file.id] = self._generation
                    returned += 1
            self._writer.execute("begin")
            try:
                ids = msgspec.json.encode([row[0] for row in rows]).decode()
                (seen,) = self._writer.execute(
                    "select count(*) from files where generation = ? and id in (select value from json_each(?))",
                    (self._generation, ids),
                ).fetchone()
                self._writer.executemany(f"insert or replace into files values ({', '.join('?' * 12)})", rows)
            finally:
                self._writer.execute("commit")
            return len({row[0] for row in rows}) - int(seen) + returned

    def remove(self, ids: Iterable[str]) -> None:
        """Forget files that are gone from the server."""
        with self._write_lock:
            gone = list(ids)
            self._removed.update(dict.fromkeys(gone, 0))
            self._writer.executemany("delete from files where id = ?", [(file_id,) for file_id in gone])

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
        wanted = list(ids)
        found: list[File] = []
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ", ".join("?" * len(batch))
            found += self._files(f"select {_COLUMNS} from files where id in ({marks})", batch)
        return sorted(found, key=lambda file: (file.created_at or 0, file.id), reverse=True)

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


def _storable(text: str) -> str:
    """SQLite keeps UTF-8 only, which has no lone surrogates."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
