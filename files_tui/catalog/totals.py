"""How many files a query has, and their bytes: from what is kept up where that tells, else counted along an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from files_tui.catalog import tally
from files_tui.catalog.cells import cells_of, one_of
from files_tui.catalog.conditions import Values, all_of
from files_tui.catalog.pages import COLUMNS
from files_tui.catalog.query import NEVER, Key, Query, Range, Totals
from files_tui.catalog.selection import parts


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
    where, values = all_of(query, ranges, along=column)
    if column is not None:
        beyond = f"({column}, id) {sign} (?, ?)"
        return _counted(reader, [one_of(cells), *where, beyond], [*values, key.value, key.id]).files
    found = 0
    for cell in cells:
        fixed = cell.purpose if query.sort == "purpose" else cell.kind
        if fixed == key.value:
            found += _counted(reader, [one_of([cell]), *where, f"id {sign} ?"], [*values, key.id]).files
        elif (fixed > str(key.value)) == query.descending:
            found += _counted(reader, [one_of([cell]), *where], values).files
    return found


def _counted(reader: sqlite3.Connection, where: Sequence[str], values: Values) -> Totals:
    files, size = reader.execute(
        f"select count(*), total(max(size, 0)) from files where {' and '.join(where)}", values
    ).fetchone()
    return Totals(files, int(size))
