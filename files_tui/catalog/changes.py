"""What happens to the catalog's tables when files come, change and go; each inside a transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import msgspec

from files_tui.api.models import File
from files_tui.catalog import tally, words
from files_tui.catalog.cells import cell_for
from files_tui.catalog.query import storable
from files_tui.catalog.rows import Values, known_rows, row_of, select
from files_tui.catalog.store import read_meta, write_meta

LAG = 60.0
"""Seconds for which a listing may still show a file that is gone (API reference, "Delete")."""

_CHANGING = "n in (select n from changing)"


class Run(msgspec.Struct):
    """One sync, begun at a time in unix seconds. What it returns from the removed files is counted once."""

    generation: int
    began: float
    returned: set[str] = msgspec.field(default_factory=set)


class Upserted(msgspec.Struct, frozen=True):
    """What some files were to the catalog: `new` to it, `changed` since, and `unseen` by the running sync before."""

    new: int = 0
    changed: int = 0
    unseen: int = 0

    def __add__(self, other: Upserted) -> Upserted:
        return Upserted(self.new + other.new, self.changed + other.changed, self.unseen + other.unseen)


def put(writer: sqlite3.Connection, files: Mapping[str, File], run: Run | None, listed_at: float | None) -> Upserted:
    """Add or update files, by id, but for those that were removed here and may only seem to be there."""
    there, returned = _without_removed(writer, files, listed_at, run)
    known = known_rows(writer, list(there))
    generation = read_meta(writer, "generation") or 0
    number = first_new = (read_meta(writer, "last_n") or 0) + 1
    new: list[Values] = []
    changed: list[Values] = []
    renamed: list[words.Renamed] = []
    cells: dict[tuple[str, str], int] = {}
    for file_id, file in there.items():
        at = (storable(file.purpose), file.kind)
        if at not in cells:
            cells[at] = cell_for(writer, *at)
        row = row_of(file, cells[at])
        n, before = known.get(file_id, (0, None))
        if before is None:
            new.append((number, file_id, *row, generation))
            number += 1
        elif before != row:
            changed.append((*row, generation, n))
            if before[2] != row[2]:
                renamed.append(words.Renamed(n, file_id, before[2], row[2]))
    _update(writer, changed)
    words.rename(writer, renamed)
    _insert(writer, new, first_new)
    write_meta(writer, "last_n", number - 1)
    unseen = 0
    if run is not None:
        changes = writer.total_changes
        writer.executemany("insert or ignore into seen values (?)", [(n,) for n, _ in known.values()])
        writer.execute("insert into seen select n from files where n >= ?", (first_new,))
        unseen = writer.total_changes - changes + returned
    return Upserted(len(new), len(changed), unseen)


def remove(writer: sqlite3.Connection, ids: Sequence[str], now: float) -> list[int]:
    """Take files out, and keep them out for a while; gives the numbers of those that were there."""
    writer.executemany("insert or replace into removed values (?, ?)", [(file_id, now) for file_id in ids])
    writer.execute("delete from changing")
    writer.executemany(
        "insert or ignore into changing select n from files where id = ?", [(file_id,) for file_id in ids]
    )
    return _remove(writer)


def remove_unseen(writer: sqlite3.Connection, run: Run) -> list[int]:
    """Take out what a finished sync did not see, but for what others have written since it began."""
    writer.execute("delete from removed where at < ?", (run.began - LAG,))
    (known,) = writer.execute("select ifnull(sum(files), 0) from cells").fetchone()
    (seen,) = writer.execute("select count(*) from seen where n in (select n from files)").fetchone()
    if seen >= known:
        return []
    writer.execute("delete from changing")
    writer.execute("insert into changing select n from files where n not in (select n from seen)")
    return _remove(writer, "and generation < ?", [run.generation])


def _without_removed(
    writer: sqlite3.Connection, files: Mapping[str, File], listed_at: float | None, run: Run | None
) -> tuple[Mapping[str, File], int]:
    """The files without those that were removed, and how many of these are new to the sync: a lagging listing still
    gets on when a page brings nothing else."""
    if not writer.execute("select 1 from removed limit 1").fetchone():
        return files, 0
    there = dict(files)
    returned = 0
    for file_id, at in select(writer, "select id, at from removed where id in ({})", list(files)):
        if listed_at is not None and listed_at - at > LAG:
            writer.execute("delete from removed where id = ?", (file_id,))
        else:
            del there[file_id]
            if run is not None and file_id not in run.returned:
                run.returned.add(file_id)
                returned += 1
    return there, returned


def _insert(writer: sqlite3.Connection, rows: Sequence[Values], first: int) -> None:
    if rows:
        writer.executemany(f"insert into files values ({', '.join('?' * 12)})", rows)
        tally.touch(writer, "n >= ?", [first])
        tally.add_touched(writer, 1)


def _update(writer: sqlite3.Connection, rows: Sequence[Values]) -> None:
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


def _remove(writer: sqlite3.Connection, also: str = "", values: Sequence[int] = ()) -> list[int]:
    """Remove the files of the table `changing`, for which a further condition may be given; gives their numbers."""
    tally.touch(writer, f"{_CHANGING} {also}", values)
    tally.add_touched(writer, -1)
    writer.execute("delete from files where n in (select n from touched)")
    return [row[0] for row in writer.execute("select n from touched")]
