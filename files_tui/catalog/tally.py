"""Numbers and bytes of files by day of creation, by day of expiry and by size, kept up as files come and go.

A sum over any span is then the sum of whole buckets, and a count along an index in the buckets at its ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from files_tui.catalog.cells import Cell, one_of
from files_tui.catalog.query import LARGEST, NEVER, UNKNOWN, Range, Totals
from files_tui.text import DAY


class Axis(msgspec.Struct, frozen=True):
    """A column with its buckets: of a stored value in SQL, of any value, and the least value of one."""

    sql: str
    bucket: Callable[[int], int]
    start: Callable[[int], int]


def _size_bucket(size: int) -> int:
    """The number of digits and the first one: nine buckets for each power of ten."""
    digits = str(size)
    return len(digits) * 10 + int(digits[0]) if size >= 0 else UNKNOWN


def _size_start(bucket: int) -> int:
    length, first = divmod(bucket, 10)
    return max(1, first) * 10 ** (length - 1) if bucket > 10 else min(bucket, 0)


def _day(moment: int) -> int:
    return NEVER if moment == NEVER else moment // DAY if moment >= 0 else UNKNOWN


def _day_start(bucket: int) -> int:
    return bucket * DAY if 0 <= bucket < NEVER else bucket


AXES = {
    "created": Axis(f"iif(created < 0, {UNKNOWN}, created / {DAY})", _day, _day_start),
    "expires": Axis(f"iif(expires = {NEVER}, expires, expires / {DAY})", _day, _day_start),
    "size": Axis(f"iif(size < 0, {UNKNOWN}, length(size) * 10 + substr(size, 1, 1))", _size_bucket, _size_start),
}


def touch(writer: sqlite3.Connection, which: str, values: Sequence[int] = ()) -> None:
    """Make the table `touched` anew with the files that a condition in SQL selects."""
    writer.execute("delete from touched")
    writer.execute(f"insert into touched select n, cell, size, created, expires from files where {which}", values)


def add_touched(writer: sqlite3.Connection, sign: int) -> None:
    """Add the files of the table `touched` to all tallies, or take them away when `sign` is −1."""
    for column, axis in AXES.items():
        writer.execute(
            f"""insert into tally
            select '{column}', cell, {axis.sql}, {sign} * count(*), {sign} * total(max(size, 0))
            from touched group by 2, 3
            on conflict do update set files = files + excluded.files, bytes = bytes + excluded.bytes"""
        )
    sums = writer.execute("select count(*), total(max(size, 0)), cell from touched group by cell").fetchall()
    writer.executemany(f"update cells set files = files + {sign} * ?, bytes = bytes + {sign} * ? where cell = ?", sums)


def within(reader: sqlite3.Connection, cells: Sequence[Cell], wanted: Range) -> Totals:
    """The files of these cells in a range of one of the axes."""
    axis = AXES[wanted.column]
    assert not isinstance(wanted.least, str)
    assert not isinstance(wanted.below, str)
    least = UNKNOWN if wanted.least is None else wanted.least
    first = axis.bucket(least)
    if least != axis.start(first):
        first += 1
    last = None if wanted.below is None else axis.bucket(wanted.below)
    if last is not None and last < first:
        return _counted(reader, cells, wanted.column, least, wanted.below)
    found = [
        _counted(reader, cells, wanted.column, least, axis.start(first)),
        _whole(reader, cells, wanted, first, last),
    ]
    if last is not None:
        found.append(_counted(reader, cells, wanted.column, axis.start(last), wanted.below))
    return Totals(sum(each.files for each in found), sum(each.bytes for each in found))


def _whole(reader: sqlite3.Connection, cells: Sequence[Cell], wanted: Range, first: int, last: int | None) -> Totals:
    """What lies in whole buckets, before the last one where there is one."""
    files, size = reader.execute(
        f"""select ifnull(sum(files), 0), total(bytes) from tally
        where axis = ? and {one_of(cells)} and bucket >= ? {"" if last is None else f"and bucket < {last}"}""",
        (wanted.column, first),
    ).fetchone()
    return Totals(files, int(size))


def _counted(reader: sqlite3.Connection, cells: Sequence[Cell], column: str, least: int, below: int | None) -> Totals:
    """What lies between two values, counted one by one."""
    if below is not None and below <= least:
        return Totals(0, 0)
    endless = below is None or below > LARGEST
    upper, values = ("", [least]) if endless else (f"and {column} < ?", [least, below])
    files, size = reader.execute(
        f"select count(*), total(max(size, 0)) from files where {one_of(cells)} and {column} >= ? {upper}", values
    ).fetchone()
    return Totals(files, int(size))
