"""The files that the person has marked: a set beside the catalog, whatever page, order or filter is shown."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence

from files_tui.catalog.query import Query, Totals, storable
from files_tui.catalog.selection import parts
from files_tui.catalog.store import Store, in_batches, transaction, translated
from files_tui.text import Untrusted


class Marks:
    """A set of files of one catalog; any thread may use it, and it ends with the program.

    `totals` is their number and bytes. What takes a query takes the time (unix seconds) for its ages, too.
    Everything raises `CatalogFailed`.
    """

    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        with translated():
            self._connection = store.dedicated()
            self._connection.execute("create temp table marks (file integer primary key, bytes integer not null)")
            self._connection.execute("create temp table chosen (file integer primary key, bytes integer not null)")
        self.totals = Totals(0, 0)

    def close(self) -> None:
        """Forget them."""
        with self._lock:
            self._connection.close()

    def __bool__(self) -> bool:
        return self.totals.files > 0

    def toggle(self, file_id: str | Untrusted) -> None:
        """Mark a file, or take its mark away."""
        chosen = "select n, max(size, 0) from files where id = ?"
        with self._changing() as connection:
            connection.execute(f"insert into chosen {chosen}", (storable(file_id),))
            self._swap(connection)

    def add(self, query: Query, now: float) -> None:
        """Mark all files of a query."""
        with self._changing() as connection:
            self._choose(connection, query, now)
            connection.execute("insert or ignore into marks select * from chosen")

    def invert(self, query: Query, now: float) -> None:
        """Mark those files of a query that are not marked, and take the mark from the others."""
        with self._changing() as connection:
            self._choose(connection, query, now)
            self._swap(connection)

    def clear(self) -> None:
        """Take all marks away."""
        with self._changing() as connection:
            connection.execute("delete from marks")

    def forget(self, numbers: Sequence[int]) -> None:
        """Take the marks from files that the catalog holds no more."""
        with self._transaction() as connection:
            for some in in_batches(numbers if self else ()):
                where = f"file in ({', '.join('?' * len(some))})"
                row = connection.execute(f"select count(*), total(bytes) from marks where {where}", some).fetchone()
                connection.execute(f"delete from marks where {where}", some)
                # Counting all that are left, for each of thousands of deletes, would be a second's work.
                self.totals = Totals(self.totals.files - row[0], self.totals.bytes - int(row[1]))

    def forget_gone(self) -> None:
        """Take the marks from all files that the catalog holds no more, whichever program removed them."""
        with self._changing() as connection:
            connection.execute("delete from marks where file not in (select n from files)")

    def among(self, ids: Collection[str | Untrusted]) -> set[str]:
        """Those of a page's ids that are marked."""
        if not self:
            return set()
        known = [storable(file_id) for file_id in ids]
        with self._lock, translated():
            rows = self._connection.execute(
                f"select id from files where id in ({', '.join('?' * len(known))}) and n in (select file from marks)",
                known,
            )
            return {row[0] for row in rows}

    def numbers(self) -> list[int]:
        """The catalog's numbers of the marked files."""
        with self._lock, translated():
            return [row[0] for row in self._connection.execute("select file from marks")]

    def outside(self, query: Query, now: float) -> int:
        """How many marked files a query does not show."""
        with self._lock, translated():
            inside = sum(
                self._connection.execute(
                    f"select count(*) from marks cross join files on n = file where {where}", values
                ).fetchone()[0]
                for where, values in list(parts(self._connection, query, now))
            )
        return self.totals.files - int(inside)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """A change of any marks, which are counted anew."""
        with self._transaction() as connection:
            yield connection
            connection.execute("delete from chosen")
            row = connection.execute("select count(*), total(bytes) from marks").fetchone()
            self.totals = Totals(row[0], int(row[1]))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(), transaction(self._connection, "deferred"):
            yield self._connection

    @staticmethod
    def _choose(connection: sqlite3.Connection, query: Query, now: float) -> None:
        for where, values in list(parts(connection, query, now)):
            connection.execute(f"insert into chosen select n, max(size, 0) from files where {where}", values)

    @staticmethod
    def _swap(connection: sqlite3.Connection) -> None:
        """Those chosen that were marked are not any more, and the others are."""
        connection.execute("update chosen set bytes = -1 where file in (select file from marks)")
        connection.execute("delete from marks where file in (select file from chosen where bytes < 0)")
        connection.execute("insert into marks select * from chosen where bytes >= 0")
