"""What a query asks of a file, in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from files_tui.catalog.query import Query, Range, folded, storable

Values = list[int | str]

HAS_TEXT = "(instr(folded, ?) > 0 or instr(lower(id), ?) > 0)"


def in_range(wanted: Range, *, driving: bool = True) -> tuple[list[str], Values]:
    """A range as conditions with their values; one that is not `driving` is kept from choosing the index."""
    column = wanted.column if driving else f"+{wanted.column}"
    where: list[str] = []
    values: Values = []
    for sign, value in ((">=", wanted.least), ("<", wanted.below)):
        if value is not None:
            where.append(f"{column} {sign} ?")
            values.append(value)
    return where, values


def all_of(query: Query, ranges: Sequence[Range], *, along: str | None) -> tuple[list[str], Values]:
    """Everything but purpose and kind; only the range of the column `along` chooses the index."""
    where: list[str] = []
    values: Values = []
    for wanted in ranges:
        more, their_values = in_range(wanted, driving=wanted.column == along)
        where += more
        values += their_values
    if query.text:
        where.append(HAS_TEXT)
        values += [folded(storable(query.text))] * 2
    return where, values
