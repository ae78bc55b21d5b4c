"""Where files are used, as it was last looked: kept beside the listing.

One look tells of all files at once, since the API has no way to ask for those of one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from files_tui.api.holders import ROLES, Holder, HolderKind, Use
from files_tui.catalog.query import storable
from files_tui.catalog.rows import select
from files_tui.catalog.store import Store, read_meta, write_meta
from files_tui.text import Untrusted

KINDS: tuple[HolderKind, ...] = ("batch", "job", "store")

NAMES: dict[HolderKind, tuple[str, str]] = {
    "batch": ("batch", "batches"),
    "job": ("fine-tuning job", "fine-tuning jobs"),
    "store": ("vector store", "vector stores"),
}
"""What one of a kind is called, and several."""


class Looked(msgspec.Struct, frozen=True):
    """How it was last looked for one kind of holders.

    `at` is when that ended (unix seconds), None where it never did, and `seen` the holders; `note` says why there may
    be more, `problem` why a later look failed.
    """

    at: int | None = None
    seen: int = 0
    note: str | None = None
    problem: str | None = None


class InUse(msgspec.Struct, frozen=True):
    """How many of some files are used, and by how many holders of each kind."""

    files: int
    holders: dict[HolderKind, int]


class KeptUses:
    """The holders of one account, and the files that they name. Any thread may use it; all raise `CatalogFailed`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Writing

    def begin(self) -> int:
        """The number of a new look; what is put with it replaces what older ones have found."""
        with self._store.writing() as writer:
            number = (read_meta(writer, "last_look") or 0) + 1
            write_meta(writer, "last_look", number)
            return number

    def put(self, look: int, holders: Iterable[Holder]) -> None:
        """Add holders with the files that they name."""
        with self._store.writing() as writer:
            for holder in holders:
                holder_id = storable(holder.id)
                row = (holder.kind, holder_id, storable(holder.name), storable(holder.status), holder.created_at, look)
                writer.execute("insert or replace into holders values (?, ?, ?, ?, ?, ?)", row)
                rows = [(holder.kind, holder_id, use.role, storable(use.file), look) for use in holder.uses]
                writer.executemany("insert or replace into uses values (?, ?, ?, ?, ?)", rows)

    def put_members(self, look: int, store_id: Untrusted, files: Iterable[Untrusted]) -> None:
        """Add files of a vector store."""
        rows = [("store", storable(store_id), "member", storable(file), look) for file in files]
        with self._store.writing() as writer:
            writer.executemany("insert or replace into uses values (?, ?, ?, ?, ?)", rows)

    def finish(self, kind: HolderKind, look: int, looked: Looked) -> None:
        """End a look for one kind: what it did not find is gone."""
        with self._store.writing() as writer:
            for table in ("uses", "holders"):
                writer.execute(f"delete from {table} where kind = ? and look < ?", (kind, look))
            row = (kind, looked.at, looked.seen, looked.note, looked.problem)
            writer.execute("insert or replace into looks values (?, ?, ?, ?, ?)", row)

    def fail(self, kind: HolderKind, problem: str) -> None:
        """Note why a look failed; what is known stays."""
        with self._store.writing() as writer:
            writer.execute("insert or ignore into looks values (?, null, 0, null, null)", (kind,))
            writer.execute("update looks set problem = ? where kind = ?", (problem, kind))

    def detached(self, store_id: Untrusted, file_id: Untrusted) -> None:
        """A file was taken out of a vector store."""
        sql = "delete from uses where kind = 'store' and holder = ? and file = ?"
        with self._store.writing() as writer:
            writer.execute(sql, (storable(store_id), storable(file_id)))

    def deleted(self, ids: Iterable[Untrusted]) -> None:
        """These files are gone, and with them their places in vector stores; batches and jobs still name them."""
        with self._store.writing() as writer:
            writer.executemany(
                "delete from uses where kind = 'store' and file = ?", [(storable(file_id),) for file_id in ids]
            )

    # Reading

    def looked(self) -> dict[HolderKind, Looked]:
        """How it was last looked, by kind; kinds that were never looked for are left out."""
        with self._store.reading() as reader:
            return {
                row[0]: Looked(*row[1:]) for row in reader.execute("select kind, at, seen, note, problem from looks")
            }

    def of(self, file_id: Untrusted) -> list[Holder]:
        """What uses a file, newest first, with all the files that it names; of a vector store with this one alone."""
        wanted = storable(file_id)
        sql = """select holders.kind, id, name, status, created from holders
            where (kind, id) in (select kind, holder from uses where file = ?)
            order by created desc, id desc"""
        with self._store.reading() as reader:
            found = reader.execute(sql, (wanted,)).fetchall()
            return [_holder(row, _uses(reader, row[0], row[1], wanted)) for row in found]

    def in_use(self, ids: Collection[Untrusted]) -> InUse:
        """How many of these files are used."""
        files: set[str] = set()
        holders: set[tuple[HolderKind, str]] = set()
        with self._store.reading() as reader:
            sql = "select file, kind, holder from uses where file in ({})"
            for file, kind, holder in select(reader, sql, [storable(file_id) for file_id in ids]):
                files.add(file)
                holders.add((kind, holder))
        return InUse(len(files), {kind: sum(each == kind for each, _ in holders) for kind in KINDS})

    def stores_of(self, ids: Collection[Untrusted]) -> list[tuple[Holder, Untrusted]]:
        """The vector stores that these files are in, with each of the files."""
        sql = """select kind, id, name, status, created, uses.file from uses join holders using (kind)
            where holders.id = uses.holder and kind = 'store' and uses.file in ({})"""
        with self._store.reading() as reader:
            rows = select(reader, sql, [storable(file_id) for file_id in ids])
            return [(_holder(row[:5], ()), Untrusted(row[5])) for row in rows]


def _holder(row: Sequence[Any], uses: Sequence[Use]) -> Holder:
    kind, holder_id, name, status, created = row
    texts = Untrusted(holder_id), Untrusted(name), Untrusted(status)
    return Holder(kind, *texts, created_at=created, uses=tuple(uses))


def _uses(reader: sqlite3.Connection, kind: HolderKind, holder_id: str, file_id: str) -> list[Use]:
    sql, values = "select role, file from uses where kind = ? and holder = ?", [kind, holder_id]
    if kind == "store":
        sql, values = f"{sql} and file = ?", [*values, file_id]
    uses = [Use(role, Untrusted(file)) for role, file in reader.execute(sql, values)]
    return sorted(uses, key=lambda use: ROLES.index(use.role))
