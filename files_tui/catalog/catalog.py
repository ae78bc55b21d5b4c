"""The mirror itself: written by syncs and jobs, read by the screen."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from files_tui.api.models import File
from files_tui.catalog import pages, tally, words
from files_tui.catalog.cells import all_cells, cell_for
from files_tui.catalog.errors import Superseded
from files_tui.catalog.marks import Marks
from files_tui.catalog.query import BEGINNING, NEVER, UNKNOWN, Key, Place, Query, Totals, folded, storable
from files_tui.catalog.store import LATE_INDEXES, Store, in_batches, read_meta, write_meta
from files_tui.catalog.totals import files_before, totals

LAG = 60.0
"""Seconds for which a listing may still show a file that is gone (API reference, "Delete")."""

MEMO_SECONDS = 10

_COLUMNS = "id, filename, size, created, expires, purpose, status, details, kind, raw"
_AT_ONCE = 2_000
_CHANGING = "n in (select n from changing)"


class Upserted(msgspec.Struct, frozen=True):
    """What some files were to the catalog: `new` to it, `changed` since, and `unseen` by the running sync before."""

    new: int
    changed: int
    unseen: int


class Twins(msgspec.Struct, frozen=True):
    """Files of the same name, in any case, and the same size in bytes."""

    filename: str
    size: int
    files: int


class Run(msgspec.Struct):
    """One sync. What it returns from the removed files is counted once."""

    generation: int
    began: float
    returned: set[str] = msgspec.field(default_factory=set)


class Catalog:
    """The files of one account as they were last seen, in the file at `path`.

    Any thread may use it: readers never wait for a writer. A file that was removed here stays away for a while, since
    a listing may lag behind a delete. All methods raise `CatalogFailed`; those that take a
    `patience` in seconds raise `TooSlow` when they would need more.
    """

    def __init__(self, path: Path, *, durable: bool = True, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._store = Store(path, durable=durable)
        self._run: Run | None = None
        self._memo: tuple[object, pages.Memo] = (None, pages.Memo())
        self.marks = Marks(self._store)

    def close(self) -> None:
        """End what is under way and close."""
        self.marks.close()
        self._store.close()

    # Writing

    def begin_sync(self) -> Run:
        """A new generation: what is written with it belongs to it, and an older sync may write no more."""
        with self._store.writing() as writer:
            generation = (read_meta(writer, "generation") or 0) + 1
            write_meta(writer, "generation", generation)
            writer.execute("delete from seen")
            self._run = Run(generation, self._clock())
            return self._run

    def finish_sync(self, run: Run) -> int:
        """Remove what this finished sync did not see; gives the number of files removed.

        What others have written since it began stays. Raises `Superseded` when another sync has begun.
        """
        with self._store.writing() as writer:
            self._check(run)
            (known,) = writer.execute("select ifnull(sum(files), 0) from cells").fetchone()
            (seen,) = writer.execute("select count(*) from seen where n in (select n from files)").fetchone()
            removed: list[int] = []
            if seen < known:
                writer.execute("delete from changing")
                writer.execute("insert into changing select n from files where n not in (select n from seen)")
                removed = self._remove(writer, "and generation < ?", [run.generation])
            write_meta(writer, "synced_at", int(self._clock()))
        self.marks.forget_gone()
        return len(removed)

    def upsert(self, files: Iterable[File], *, run: Run | None = None, asked_at: float | None = None) -> Upserted:
        """Add or update files.

        A sync gives its own `run`, and is told by `Superseded` when another has begun. Files of any listing come with
        the time at which it was asked for (unix seconds), since they may have been removed here meanwhile.
        """
        listed_at = run.began if run else asked_at
        waiting = iter(files)
        new = changed = unseen = 0
        with self._store.writing() as writer:
            self._check(run)
            while some := list(itertools.islice(waiting, _AT_ONCE)):
                kept, returned = self._without_removed(
                    writer, {storable(file.id): file for file in some}, listed_at, run
                )
                done = self._put(writer, kept, run)
                new, changed, unseen = new + done.new, changed + done.changed, unseen + done.unseen + returned
        return Upserted(new, changed, unseen)

    def _put(self, writer: sqlite3.Connection, files: Mapping[str, File], run: Run | None) -> Upserted:
        known = self._known(writer, list(files))
        generation = read_meta(writer, "generation") or 0
        number = first_new = (read_meta(writer, "last_n") or 0) + 1
        new: list[tuple[Any, ...]] = []
        changed: list[tuple[Any, ...]] = []
        renamed: list[words.Renamed] = []
        cells: dict[tuple[str, str], int] = {}
        for file_id, file in files.items():
            at = (storable(file.purpose), file.kind)
            if at not in cells:
                cells[at] = cell_for(writer, *at)
            row = _row(file, cells[at])
            before = known.get(file_id)
            if before is None:
                new.append((number, file_id, *row, generation))
                number += 1
            elif before[1:] != row:
                changed.append((*row, generation, before[0]))
                if before[3] != row[2]:
                    renamed.append(words.Renamed(before[0], file_id, before[3], row[2]))
        self._update(writer, changed)
        words.rename(writer, renamed)
        self._insert(writer, new, first_new)
        write_meta(writer, "last_n", number - 1)
        unseen = 0
        if run is not None:
            changes = writer.total_changes
            writer.executemany("insert or ignore into seen values (?)", [(row[0],) for row in known.values()])
            writer.executemany("insert into seen values (?)", [(row[0],) for row in new])
            unseen = writer.total_changes - changes
        return Upserted(len(new), len(changed), unseen)

    def remove(self, ids: Iterable[str]) -> None:
        """Forget files that are gone from the server."""
        gone = [(storable(file_id),) for file_id in ids]
        now = self._clock()
        with self._store.writing() as writer:
            writer.executemany("insert or replace into removed values (?, ?)", [(*row, now) for row in gone])
            writer.execute("delete from changing")
            writer.executemany("insert or ignore into changing select n from files where id = ?", gone)
            removed = self._remove(writer)
        self.marks.forget(removed)

    def settle(self) -> bool:
        """Do the next piece of what the quick answers need: the late indexes, then that of all words.

        Gives whether there is more to do; blocking, for a second or two where there are a million files.
        """
        for name, columns in LATE_INDEXES.items():
            with self._store.writing() as writer:
                if not writer.execute("select 1 from sqlite_master where name = ?", (name,)).fetchone():
                    writer.execute(f"create index {name} on files {columns}")
                    return True
        return words.extend(self._store)

    def note(self, name: str, value: int) -> None:
        """Keep a number about this account: `page_limit` or `synced_at`."""
        with self._store.writing() as writer:
            write_meta(writer, name, value)

    def _check(self, run: Run | None) -> None:
        if run is not None and run is not self._run:
            raise Superseded

    def _without_removed(
        self, writer: sqlite3.Connection, files: dict[str, File], listed_at: float | None, run: Run | None
    ) -> tuple[dict[str, File], int]:
        """The files but for those that were removed here and may only seem to be there, and how many of these are
        new to the sync: a lagging listing still gets on when a page brings nothing else."""
        if not writer.execute("select 1 from removed limit 1").fetchone():
            return files, 0
        returned = 0
        for file_id, at in _rows(writer, "select id, at from removed where id in ({})", list(files)):
            if listed_at is not None and listed_at - at > LAG:
                writer.execute("delete from removed where id = ?", (file_id,))
            else:
                del files[file_id]
                if run is not None and file_id not in run.returned:
                    run.returned.add(file_id)
                    returned += 1
        return files, returned

    @staticmethod
    def _known(writer: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        columns = "id, n, cell, filename, folded, size, created, expires, status, details, raw"
        rows = _rows(writer, f"select {columns} from files where id in ({{}})", ids)
        return {row[0]: row[1:] for row in rows}

    @staticmethod
    def _insert(writer: sqlite3.Connection, rows: Sequence[tuple[Any, ...]], first: int) -> None:
        if rows:
            writer.executemany(f"insert into files values ({', '.join('?' * 12)})", rows)
            tally.touch(writer, "n >= ?", [first])
            tally.add_touched(writer, 1)

    @staticmethod
    def _update(writer: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            writer.execute("delete from changing")
            writer.executemany("insert into changing values (?)", [(row[-1],) for row in rows])
            tally.touch(writer, _CHANGING)
            tally.add_touched(writer, -1)
            writer.executemany(
                "update files set cell = ?, filename = ?, folded = ?, size = ?, created = ?, expires = ?, status = ?, "
                "details = ?, raw = ?, generation = ? where n = ?",
                rows,
            )
            tally.touch(writer, _CHANGING)
            tally.add_touched(writer, 1)

    @staticmethod
    def _remove(writer: sqlite3.Connection, also: str = "", values: Sequence[int] = ()) -> list[int]:
        """Remove the files of the table `changing`, for which a further condition may be given; gives their numbers."""
        tally.touch(writer, f"{_CHANGING} {also}", values)
        tally.add_touched(writer, -1)
        writer.execute("delete from files where n in (select n from touched)")
        return [row[0] for row in writer.execute("select n from touched")]

    # Reading

    def page(self, query: Query, limit: int, place: Place = BEGINNING, *, patience: float | None = None) -> list[File]:
        """Up to `limit` files of a query from a place on, in its order."""
        with self._store.reading(patience) as reader:
            now = self._clock()
            numbers = pages.page_numbers(reader, query, place, limit, now, self._memo_for(reader, query, now))
            found = self._files(reader, numbers)
            return [found[number] for number in numbers]

    def _memo_for(self, reader: sqlite3.Connection, query: Query, now: float) -> pages.Memo:
        """What was sorted for this query, unless something was written since or it has grown old."""
        version = self._store.version
        read_meta(reader, "generation")  # what the reader sees is what there is at its first look
        if self._store.version != version:
            return pages.Memo()
        about = (query, version, now // MEMO_SECONDS)
        memo = self._memo
        if memo[0] != about:
            self._memo = memo = (about, pages.Memo())
        return memo[1]

    def totals(self, query: Query, *, patience: float | None = None) -> Totals:
        """Number and bytes of all files of a query."""
        with self._store.reading(patience) as reader:
            return totals(reader, query, self._clock())

    def files_before(self, query: Query, key: Key, *, patience: float | None = None) -> int:
        """How many files of a query come before a place in its order."""
        with self._store.reading(patience) as reader:
            return files_before(reader, query, key, self._clock())

    def purposes(self) -> dict[str, int]:
        """The number of files of each purpose."""
        counts: dict[str, int] = {}
        with self._store.reading() as reader:
            for cell in all_cells(reader):
                counts[cell.purpose] = counts.get(cell.purpose, 0) + cell.files
        return counts

    def get(self, ids: Collection[str]) -> list[File]:
        """The files with these ids, newest first; ids that are not here are left out."""
        with self._store.reading() as reader:
            rows = _rows(reader, "select n from files where id in ({})", [storable(each) for each in ids])
            return self._newest_first(reader, [row[0] for row in rows])

    def marked(self) -> list[File]:
        """The marked files, newest first."""
        with self._store.reading() as reader:
            return self._newest_first(reader, self.marks.numbers())

    def busy(self, limit: int) -> list[File]:
        """The newest files that are not ready yet."""
        return self.page(Query(kinds=frozenset({"busy"})), limit)

    def twins(self, filename: str, size: int) -> list[str]:
        """The ids of files with exactly this name and size (bytes)."""
        name = storable(filename)
        with self._store.reading() as reader:
            cells = ", ".join(str(cell.cell) for cell in all_cells(reader))
            rows = reader.execute(
                f"select id from files where cell in ({cells}) and folded = ? and filename = ? and size = ?",
                (folded(name), name, size),
            )
            return [row[0] for row in rows]

    def likely_duplicates(self, limit: int) -> list[Twins]:
        """Groups of files with the same name and size, those first that would free the most; looks at every file."""
        with self._store.reading() as reader:
            rows = reader.execute(
                """select folded, size, count(*) as files from files where size >= 0
                group by folded, size having files > 1 order by (files - 1.0) * size desc limit ?""",
                (limit,),
            )
            return [Twins(*row) for row in rows]

    def noted(self, name: str) -> int | None:
        """A number about this account: `page_limit`, or `synced_at` in unix seconds; None when it is not known."""
        with self._store.reading() as reader:
            return read_meta(reader, name)

    def _newest_first(self, reader: sqlite3.Connection, numbers: Sequence[int]) -> list[File]:
        files = self._files(reader, numbers).values()
        return sorted(files, key=lambda file: (file.created_at or 0, file.id), reverse=True)

    @staticmethod
    def _files(reader: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, File]:
        sql = f"select n, {_COLUMNS} from files join cells using (cell) where n in ({{}})"
        return {row[0]: _file(row[1:]) for row in _rows(reader, sql, numbers)}


@contextlib.contextmanager
def temporary_catalog() -> Iterator[Catalog]:
    """A catalog that is kept for as long as the `with` lasts."""
    import tempfile

    with (
        tempfile.TemporaryDirectory(prefix="files-tui-") as folder,
        contextlib.closing(Catalog(Path(folder) / "catalog.sqlite", durable=False)) as catalog,
    ):
        yield catalog


def _row(file: File, cell: int) -> tuple[Any, ...]:
    name = storable(file.filename)
    return (
        cell,
        name,
        folded(name),
        UNKNOWN if file.bytes is None else file.bytes,
        UNKNOWN if file.created_at is None else file.created_at,
        NEVER if file.expires_at is None else file.expires_at,
        None if file.status is None else storable(file.status),
        None if file.status_details is None else storable(file.status_details),
        file.raw,
    )


def _file(row: Sequence[Any]) -> File:
    return File(
        id=row[0],
        filename=row[1],
        bytes=None if row[2] == UNKNOWN else row[2],
        created_at=None if row[3] == UNKNOWN else row[3],
        expires_at=None if row[4] == NEVER else row[4],
        purpose=row[5],
        status=row[6],
        status_details=row[7],
        kind=row[8],
        raw=row[9],
    )


def _rows(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement whose `{}` stands for some of the values."""
    for some in in_batches(values):
        yield from connection.execute(sql.format(", ".join("?" * len(some))), some).fetchall()
