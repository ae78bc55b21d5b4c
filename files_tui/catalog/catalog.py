"""The mirror itself: written by syncs and jobs, read by the screen."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from files_tui.api.models import File
from files_tui.catalog import changes, pages, words
from files_tui.catalog.cells import all_cells
from files_tui.catalog.changes import Run, Upserted
from files_tui.catalog.errors import Superseded
from files_tui.catalog.marks import Marks
from files_tui.catalog.query import BEGINNING, Key, Place, Query, Totals, folded, storable
from files_tui.catalog.rows import files_of, select
from files_tui.catalog.store import LATE_INDEXES, Store, read_meta, write_meta
from files_tui.catalog.totals import files_before, totals
from files_tui.catalog.uses import KeptUses
from files_tui.text import Untrusted

MEMO_SECONDS = 10

AT_ONCE = 2_000
"""So many files are put away at a time: those of a whole page, as rows, would be five times the memory."""


class Twins(msgspec.Struct, frozen=True):
    """Files of the same name, in any case, and the same size in bytes."""

    filename: Untrusted
    size: int
    files: int


class Catalog:
    """The files of one account as they were last seen, in the file at `path`.

    Any thread may use it: readers never wait for a writer. A file that was removed here stays away for a while, since
    a listing may lag behind a delete. All methods raise `CatalogFailed`; those that take a `patience` in
    seconds raise `TooSlow` when they would need more.
    """

    def __init__(self, path: Path, *, durable: bool = True, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._store = Store(path, durable=durable)
        self._run: Run | None = None
        self._memo: tuple[object, pages.Memo] = (None, pages.Memo())
        self.uses = KeptUses(self._store)
        try:
            self.marks = Marks(self._store)
        except BaseException:
            self._store.close()
            raise

    def close(self) -> None:
        """End what is under way and close."""
        self.marks.close()
        self._store.close()

    # Writing

    def begin_sync(self, after: Run | None = None) -> Run:
        """A new generation: what is written with it belongs to it, and an older sync may write no more.

        A sync that begins again says `after` which run; it is told by `Superseded` when another has begun meanwhile.
        """
        with self._store.writing() as writer:
            self._check(after)
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
            removed = changes.remove_unseen(writer, run)
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
        done = Upserted()
        with self._store.writing() as writer:
            self._check(run)
            while some := list(itertools.islice(waiting, AT_ONCE)):
                done += changes.put(writer, {storable(file.id): file for file in some}, run, listed_at)
        return done

    def remove(self, ids: Iterable[str | Untrusted]) -> None:
        """Forget files that are gone from the server."""
        gone = [storable(file_id) for file_id in ids]
        with self._store.writing() as writer:
            removed = changes.remove(writer, gone, self._clock())
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
        """Keep a number about this account, such as `page_limit` or `synced_at`."""
        with self._store.writing() as writer:
            write_meta(writer, name, value)

    def forget_notes(self, prefix: str) -> None:
        """Remove the numbers whose names begin so."""
        with self._store.writing() as writer:
            writer.execute("delete from meta where substr(name, 1, ?) = ?", (len(prefix), prefix))

    def _check(self, run: Run | None) -> None:
        if run is not None and run is not self._run:
            raise Superseded

    # Reading

    def page(self, query: Query, limit: int, place: Place = BEGINNING, *, patience: float | None = None) -> list[File]:
        """Up to `limit` files of a query from a place on, in its order."""
        with self._store.reading(patience) as reader:
            now = self._clock()
            numbers = pages.page_numbers(reader, query, place, limit, now, self._memo_for(reader, query, now))
            found = files_of(reader, numbers)
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

    def purposes(self) -> dict[Untrusted, int]:
        """The number of files of each purpose."""
        counts: dict[Untrusted, int] = {}
        with self._store.reading() as reader:
            for cell in all_cells(reader):
                counts[cell.purpose] = counts.get(cell.purpose, 0) + cell.files
        return counts

    def get(self, ids: Collection[str | Untrusted]) -> list[File]:
        """The files with these ids, newest first; ids that are not here are left out."""
        with self._store.reading() as reader:
            rows = select(reader, "select n from files where id in ({})", [storable(each) for each in ids])
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
            return [Twins(Untrusted(row[0]), *row[1:]) for row in rows]

    def noted(self, name: str) -> int | None:
        """A number about this account, such as `synced_at` in unix seconds; None when it is not known."""
        with self._store.reading() as reader:
            return read_meta(reader, name)

    def _newest_first(self, reader: sqlite3.Connection, numbers: Sequence[int]) -> list[File]:
        files = files_of(reader, numbers).values()
        return sorted(files, key=lambda file: (file.created_at or 0, file.id.true), reverse=True)


@contextlib.contextmanager
def temporary_catalog() -> Iterator[Catalog]:
    """A catalog that is kept for as long as the `with` lasts."""
    import tempfile

    with (
        tempfile.TemporaryDirectory(prefix="files-tui-") as folder,
        contextlib.closing(Catalog(Path(folder) / "catalog.sqlite", durable=False)) as catalog,
    ):
        yield catalog
