"""A page of a query, found along the indexes: nothing is sorted or scanned but the few files of a narrow filter."""

from __future__ import annotations

import bisect
import heapq
import itertools
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from files_tui.catalog.cells import Cell, cells_of
from files_tui.catalog.conditions import Values, all_of, in_range
from files_tui.catalog.query import LARGEST, Key, Place, Query, Range
from files_tui.catalog.selection import Part, few_parts

# What is sorted by, the id, and the number of the file.
Row = tuple[int | str, str, int]

COLUMNS = {"created": "created", "size": "size", "name": "folded", "expires": "expires"}
SMALL_CELL = 2_000
FEWEST_WALKED = 8_000


class Way(msgspec.Struct, frozen=True):
    """How to come by the files of one cell: already sorted, or walking along the order within some ranges.

    `starts` tells for walks down and up at which value the first file was that the query wants.
    """

    ranges: list[Range]
    rows: list[Row] | None = None
    starts: dict[bool, int | str] = msgspec.field(default_factory=dict)


class Memo(msgspec.Struct):
    """What was found out for one query, for the next page of it: the way to each cell, and all that its text found."""

    cells: dict[int, Way] = msgspec.field(default_factory=dict)
    matches: list[Row] | None = None
    is_searched: bool = False


def page_numbers(
    reader: sqlite3.Connection, query: Query, place: Place, limit: int, now: float, memo: Memo
) -> list[int]:
    """The numbers of the files of a page, in the order of the query."""
    walk = Walk(reader, query, place, now, memo)
    cells = cells_of(reader, query)
    if not memo.is_searched:
        parts = few_parts(reader, query, now)
        memo.matches = None if parts is None else walk.matches(cells, parts)
        memo.is_searched = True
    try:
        streams = [walk.along(cell) for cell in cells] if memo.matches is None else [walk.from_sorted(memo.matches)]
        found = [row[2] for row in itertools.islice(heapq.merge(*streams, reverse=walk.down), limit)]
    finally:
        walk.close()
    return found[::-1] if place.backward else found


def fixed_value(cell: Cell, query: Query) -> str:
    """What all files of a cell are sorted by when that is the purpose or the status."""
    return cell.purpose.true if query.sort == "purpose" else cell.kind


class Walk:
    """Streams of files from a place on, nearest first; merged they are the order of a query."""

    def __init__(self, reader: sqlite3.Connection, query: Query, place: Place, now: float, memo: Memo) -> None:
        self._reader = reader
        self._query = query
        self._place = place
        self._memo = memo
        self._column = COLUMNS.get(query.sort)
        self._ranges = query.ranges(now)
        self._cursors: list[sqlite3.Cursor] = []
        self.down = query.descending != place.backward

    def close(self) -> None:
        """End all streams."""
        for cursor in self._cursors:
            cursor.close()

    def matches(self, cells: Sequence[Cell], parts: Iterable[Part]) -> list[Row]:
        """The files of some conditions, sorted."""
        fixed = {cell.cell: fixed_value(cell, self._query) for cell in cells}
        rows: list[Row] = []
        for where, values in parts:
            found = self._reader.execute(f"select {self._column or 'cell'}, id, n from files where {where}", values)
            rows += found if self._column else ((fixed[cell], file_id, n) for cell, file_id, n in found)
        return sorted(rows)

    def from_sorted(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Rows in ascending order, from the place on."""
        start, end, key = 0, len(rows), self._place.key
        if key is not None:
            first = bisect.bisect_left(rows, (key.value, key.id, 0))
            behind = first + (first < end and rows[first][:2] == (key.value, key.id))
            if self.down:
                end = behind if self._place.inclusive else first
            else:
                start = first if self._place.inclusive else behind
        order = range(end - 1, start - 1, -1) if self.down else range(start, end)
        return (rows[at] for at in order)

    def along(self, cell: Cell) -> Iterator[Row]:
        """The files of one cell that the query wants, along the index of its order."""
        key = self._place.key
        fixed = None if self._column else fixed_value(cell, self._query)
        if key is not None and fixed is not None and fixed != key.value:
            if (fixed < str(key.value)) != self.down:
                return iter(())
            key = None  # the whole cell lies behind the place
        if cell.cell not in self._memo.cells:
            self._memo.cells[cell.cell] = self._way(cell, fixed)
        way = self._memo.cells[cell.cell]
        if way.rows is not None:
            return self.from_sorted(way.rows)
        if self._column is None:
            return self._ordered(cell, way.ranges, key, fixed)
        if key is None:
            return self._noting_start(way, self._ordered(cell, way.ranges, key, fixed))
        return self._ordered(cell, [*way.ranges, *self._known_start(way)], key, fixed)

    def _noting_start(self, way: Way, rows: Iterator[Row]) -> Iterator[Row]:
        """Rows from the beginning or the end, whose first may be long in coming: the next page need not look for it."""
        for row in rows:
            way.starts.setdefault(self.down, row[0])
            yield row

    def _known_start(self, way: Way) -> Iterator[Range]:
        start = way.starts.get(self.down)
        if start is not None and start != LARGEST:  # no number is beyond that
            behind = start + 1 if isinstance(start, int) else start + "\0"
            yield Range(self._column or "", None, behind) if self.down else Range(self._column or "", start, None)

    def _way(self, cell: Cell, fixed: str | None) -> Way:
        """How to come by the files of a cell: sorted when a range of another column leaves few of them."""
        ranges = list(self._ranges)
        for wanted in self._ranges if cell.files > SMALL_CELL else ():
            if wanted.column != self._column:
                files, least, most = self._measured(cell, wanted)
                if files <= min(cell.files // 50, FEWEST_WALKED):
                    return Way(ranges, self._sorted(cell, wanted, fixed) if files else [])
                if files <= cell.files // 8 and isinstance(least, int) and isinstance(most, int):
                    ranges.append(Range(self._column or "", least, None if most == LARGEST else most + 1))
        return Way(ranges)

    def _measured(self, cell: Cell, wanted: Range) -> tuple[int, int | None, int | None]:
        """How many files of a cell are in a range of another column, an eighth of it at most, and between which values
        of this order they lie. What expires soon, say, was made in one month: its walk begins there."""
        where, values = in_range(wanted)
        # A name is not in the other indexes, and would have to be looked up.
        column = self._column if self._column not in (None, "folded") else "null"
        row = self._reader.execute(
            f"""select count(*), min(value), max(value) from
            (select {column} as value from files where cell = ? and {" and ".join(where)} limit ?)""",
            (cell.cell, *values, cell.files // 8 + 1),
        ).fetchone()
        return row[0], row[1], row[2]

    def _sorted(self, cell: Cell, narrow: Range, fixed: str | None) -> list[Row]:
        where, values = all_of(self._query, self._ranges, along=narrow.column)
        return sorted(self._rows(cell, where, values, fixed))

    def _ordered(self, cell: Cell, ranges: Sequence[Range], key: Key | None, fixed: str | None) -> Iterator[Row]:
        own, key = self._from_where([wanted for wanted in ranges if wanted.column == self._column], key)
        others = [wanted for wanted in ranges if wanted.column != self._column]
        where, values = all_of(self._query, [*others, own] if own else others, along=self._column)
        if key is not None:
            sign = ("<" if self.down else ">") + ("=" if self._place.inclusive else "")
            where.append(f"({self._column}, id) {sign} (?, ?)" if self._column else f"id {sign} ?")
            values += [key.value, key.id] if self._column else [key.id]
        direction = "desc" if self.down else "asc"
        order = f"{self._column} {direction}, id {direction}" if self._column else f"id {direction}"
        return self._rows(cell, where, values, fixed, f"order by {order}")

    @staticmethod
    def _common(ranges: Sequence[Range]) -> Range:
        """What lies in all of some ranges of one column."""
        least: Any = max((wanted.least for wanted in ranges if wanted.least is not None), default=None)
        below: Any = min((wanted.below for wanted in ranges if wanted.below is not None), default=None)
        return Range(ranges[0].column, least, below)

    def _from_where(self, own: Sequence[Range], key: Key | None) -> tuple[Range | None, Key | None]:
        """The range of this order's own to walk in, and the key to begin at: an index takes one bound a side, so that
        the farther of both is the start."""
        if not own:
            return None, key
        common = self._common(own)
        value: Any = None if key is None else key.value
        if key is None:
            return common, None
        if self.down:
            if common.below is not None and value >= common.below:
                return common, None
            return Range(common.column, common.least, None), key
        if common.least is not None and value < common.least:
            return common, None
        return Range(common.column, None, common.below), key

    def _rows(
        self, cell: Cell, where: Collection[str], values: Values, fixed: str | None, order: str = ""
    ) -> sqlite3.Cursor:
        value = self._column if fixed is None else "?"
        cursor = self._reader.execute(
            f"select {value}, id, n from files where {' and '.join(['cell = ?', *where])} {order}",
            [*([] if fixed is None else [fixed]), cell.cell, *values],
        )
        self._cursors.append(cursor)
        return cursor
