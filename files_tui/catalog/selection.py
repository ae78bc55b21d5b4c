"""All files of a query, as conditions in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from files_tui.catalog import tally
from files_tui.catalog.cells import Cell, cells_of, one_of
from files_tui.catalog.conditions import Values, all_of
from files_tui.catalog.query import Query, Range
from files_tui.catalog.words import few_matches

BATCH = 500
"""As many numbers at once as a statement of any SQLite takes parameters."""


def parts(reader: sqlite3.Connection, query: Query, now: float) -> Iterator[tuple[str, Values]]:
    """Conditions with their values, each for some of the files, none for the same one."""
    cells = cells_of(reader, query)
    ranges = query.ranges(now)
    matches = few_matches(reader, query.text) if query.text else None
    if matches is None:
        where, values = all_of(query, ranges, along=_narrowest(reader, cells, ranges))
        yield " and ".join([one_of(cells), *where]), values
        return
    where, values = all_of(query, ranges, along=None)
    for start in range(0, len(matches), BATCH):
        batch = matches[start : start + BATCH]
        yield " and ".join([f"n in ({', '.join('?' * len(batch))})", f"+{one_of(cells)}", *where]), [*batch, *values]


def _narrowest(reader: sqlite3.Connection, cells: Sequence[Cell], ranges: Sequence[Range]) -> str | None:
    """The column whose range holds the fewest files."""
    sizes = {
        wanted.column: tally.within(reader, cells, wanted).files if wanted.column in tally.AXES else 0
        for wanted in ranges
    }
    return min(sizes, key=lambda column: sizes[column], default=None)
