"""Search for a part of a name or id: an index of all runs of three characters, made behind the sync.

It covers the files up to a number that is kept; those behind it are looked through one by one, so that a search is
right at any moment, and quick once the index has caught up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from files_tui.catalog.conditions import HAS_TEXT
from files_tui.catalog.query import folded, storable
from files_tui.catalog.store import Store, read_meta, write_meta

RUN = 3
FEW = 4_000
"""More matches than this are found sooner by walking along the order than by looking each of them up."""
TAIL = 20_000
BATCH = 5_000


def few_matches(reader: sqlite3.Connection, text: str) -> list[int] | None:
    """The numbers of all files that may hold the text, or None where they are many or the index is not far enough."""
    words = folded(storable(text))
    if len(words) < RUN or not _has_index(reader):
        return None
    reached = read_meta(reader, "words_to") or 0
    if (read_meta(reader, "last_n") or 0) - reached > TAIL:
        return None
    runs = {words[start : start + RUN] for start in range(len(words) - RUN + 1)}
    wanted = " ".join('"' + run.replace('"', '""') + '"' for run in sorted(runs))
    rows = reader.execute("select rowid from words where words match ? limit ?", (wanted, FEW + 1)).fetchall()
    rows += reader.execute(f"select n from files where n > ? and {HAS_TEXT}", (reached, words, words)).fetchall()
    return None if len(rows) > FEW else [row[0] for row in rows]


def extend(store: Store) -> bool:
    """Take the next files into the index; gives whether more of them wait."""
    with store.writing() as writer:
        if not _has_index(writer):
            return False
        reached = read_meta(writer, "words_to") or 0
        rows = writer.execute(
            "select n, folded || char(10) || lower(id) from files where n > ? order by n limit ?", (reached, BATCH)
        ).fetchall()
        if not rows:
            return False
        writer.executemany("insert into words (rowid, said) values (?, ?)", rows)
        write_meta(writer, "words_to", rows[-1][0])
        return len(rows) == BATCH


class Renamed(msgspec.Struct, frozen=True):
    """A file that the index may know by an old name; both names are folded."""

    n: int
    id: str
    old: str
    new: str


def rename(writer: sqlite3.Connection, files: Sequence[Renamed]) -> None:
    """Let the index know files by their new names."""
    if not files or not _has_index(writer):
        return
    reached = read_meta(writer, "words_to") or 0
    for file in files:
        if file.n <= reached:
            said = "insert into words (words, rowid, said) values ('delete', ?, ? || char(10) || lower(?))"
            writer.execute(said, (file.n, file.old, file.id))
            said = "insert into words (rowid, said) values (?, ? || char(10) || lower(?))"
            writer.execute(said, (file.n, file.new, file.id))


def _has_index(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("select 1 from sqlite_master where name = 'words'").fetchone())
