"""How many files a query has, and their bytes: from what is kept up where that tells, else counted along an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from files_tui.catalog import tally
from files_tui.catalog.cells import Cell, cells_of, one_of
from files_tui.catalog.conditions import Values, all_of
from files_tui.catalog.pages import COLUMNS, fixed_value
from files_tui.catalog.query import NEVER, Key, Query, Range, Totals
from files_tui.catalog.selection import few_parts, parts


def totals(reader: sqlite3.Connection, query: Query, now: float) -> Totals:
    """All files of a query."""
    ranges = query.ranges(now)
    if not query.text:
        cells = cells_of(reader, query)
        if not ranges:
            return Totals(sum(cell.files for cell in cells), int(sum(cell.bytes for cell in cells)))
        if len(ranges) == 1 and ranges[0].column in tally.AXES:
            return tally.within(reader, cells, ranges[0])
    found = [_counted(reader, [where], values) for where, values in parts(reader, query, now)]
    return Totals(sum(each.files for each in found), sum(each.bytes for each in found))


def files_before(reader: sqlite3.Connection, query: Query, key: Key, now: float) -> int:
    """How many files of a query come before a place in its order."""
    cells = cells_of(reader, query)
    ranges = query.ranges(now)
    column = COLUMNS.get(query.sort)
    sign = ">" if query.descending else "<"
    if not query.text and not ranges and column in tally.AXES and isinstance(key.value, int):
        found = _counted(reader, [one_of(cells), f"{column} = ?", f"id {sign} ?"], [key.value, key.id]).files
        if not query.descending:
            return found + tally.within(reader, cells, Range(column, None, key.value)).files
        if key.value < NEVER:
            found += tally.within(reader, cells, Range(column, key.value + 1, None)).files
        return found
    few = few_parts(reader, query, now)
    if few is not None:
        beyond, more = _beyond(cells, query, key, sign)
        return sum(_counted(reader, [where, beyond], [*values, *more]).files for where, values in few)
    where, values = all_of(query, ranges, along=column)
    if column is not None:
        beyond, more = _beyond(cells, query, key, sign)
        return _counted(reader, [one_of(cells), *where, beyond], [*values, *more]).files
    found = 0
    for cell in cells:
        fixed = fixed_value(cell, query)
        if fixed == key.value:
            found += _counted(reader, [one_of([cell]), *where, f"id {sign} ?"], [*values, key.id]).files
        elif (fixed > str(key.value)) == query.descending:
            found += _counted(reader, [one_of([cell]), *where], values).files if where else cell.files
    return found


def _beyond(cells: Sequence[Cell], query: Query, key: Key, sign: str) -> tuple[str, Values]:
    """The condition that a file comes before a place."""
    column = COLUMNS.get(query.sort)
    if column is not None:
        return f"({column}, id) {sign} (?, ?)", [key.value, key.id]
    before = [cell for cell in cells if (fixed_value(cell, query) > str(key.value)) == query.descending]
    same = [cell for cell in cells if fixed_value(cell, query) == key.value]
    before = [cell for cell in before if cell not in same]
    return f"({one_of(before)} or ({one_of(same)} and id {sign} ?))", [key.id]


def _counted(reader: sqlite3.Connection, where: Sequence[str], values: Values) -> Totals:
    files, size = reader.execute(
        f"select count(*), total(max(size, 0)) from files where {' and '.join(where)}", values
    ).fetchone()
    return Totals(files, int(size))
