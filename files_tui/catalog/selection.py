"""All files of a query, as conditions in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from files_tui.catalog import tally
from files_tui.catalog.cells import Cell, cells_of, one_of
from files_tui.catalog.conditions import Values, all_of
from files_tui.catalog.query import Query, Range
from files_tui.catalog.store import in_batches
from files_tui.catalog.words import few_matches

Part = tuple[str, Values]
"""A condition with its values, for some of the files of a query."""


def parts(reader: sqlite3.Connection, query: Query, now: float) -> Iterator[Part]:
    """Conditions for all files of a query, none for the same one."""
    few = few_parts(reader, query, now)
    if few is not None:
        yield from few
        return
    cells = cells_of(reader, query)
    ranges = query.ranges(now)
    where, values = all_of(query, ranges, along=_narrowest(reader, cells, ranges))
    yield " and ".join([one_of(cells), *where]), values


def few_parts(reader: sqlite3.Connection, query: Query, now: float) -> list[Part] | None:
    """The same for a query whose text is in few files, None for any other."""
    matches = few_matches(reader, query.text) if query.text else None
    if matches is None:
        return None
    where, values = all_of(query, query.ranges(now), along=None)
    also = [f"+{one_of(cells_of(reader, query))}", *where]
    return [
        (" and ".join([f"n in ({', '.join('?' * len(some))})", *also]), [*some, *values])
        for some in in_batches(matches)
    ]


def _narrowest(reader: sqlite3.Connection, cells: Sequence[Cell], ranges: Sequence[Range]) -> str | None:
    """The column whose range holds the fewest files."""
    sizes = {
        wanted.column: tally.within(reader, cells, wanted).files if wanted.column in tally.AXES else 0
        for wanted in ranges
    }
    return min(sizes, key=lambda column: sizes[column], default=None)
