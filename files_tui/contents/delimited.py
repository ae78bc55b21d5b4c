"""Tables of delimited text: CSV, TSV and what spreadsheets make of them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from files_tui.text import Untrusted

DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
MOST_COLUMNS = 500
MOST_ROWS = 20_000
MOST_CELLS = 300_000
MOST_BROKEN = 1000
LONG_LINE = 1_000_000
"""Characters of a line that are read."""

_SAMPLE = 65_536
_SAMPLE_ROWS = 50
OPEN_LINES = 100
"""Lines after which a quote that is still open is taken for a stray one."""

_NUMBER = re.compile(r"[-+−]?[$€£¥]?\d[\d.,_' ]*([eE][-+]?\d+)? ?%?|[-+]?(nan|inf|infinity)", re.IGNORECASE)
_LONG_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is not as the others are."""

    line: int
    """Where it begins, from 1."""
    cells: int | None
    """How many it has; None where its quotes or a cell without end left none to count."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, as many as there are columns or, in a broken row, as there are."""

    cells: tuple[Untrusted, ...]
    line: int
    is_broken: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What was read of a table."""

    delimiter: str
    columns: tuple[Untrusted, ...]
    """Their names; numbers from 1 where the table has no head."""
    all_columns: int
    """How many there are, of which no more than `MOST_COLUMNS` are kept."""
    rows: list[Row]
    count: int
    """How many rows there are, of which not all may be kept."""
    numeric: tuple[bool, ...]
    """Which columns hold nothing but numbers."""
    broken: tuple[Broken, ...]
    all_broken: int

    def column(self, number: int) -> Iterator[str]:
        """The true texts of a column, empty where a row is too short for it."""
        return (row.cells[number].true if number < len(row.cells) else "" for row in self.rows)


def read(content: str, whole: bool, most_rows: int = MOST_ROWS, most_cells: int = MOST_CELLS) -> Table:
    """The table in `content`; where that is not `whole`, without the row that its end has cut."""
    delimiter = delimiter_of(content, whole)
    records = _records(content, whole, delimiter)
    first = next(records, None)
    head: list[str] = (first[1] if first else None) or []
    has_head = any(head) and not any(map(is_number, head[:MOST_COLUMNS]))
    columns = head if has_head else [str(number) for number in range(1, len(head) + 1)]
    kept = min(len(columns), MOST_COLUMNS)
    most = min(most_rows, most_cells // max(1, kept))
    rows: list[Row] = []
    broken: list[Broken] = []
    count = all_broken = 0
    for line, cells in _again(first, records, has_head):
        count += 1
        is_broken = cells is None or len(cells) != len(columns)
        if is_broken:
            all_broken += 1
            if len(broken) < MOST_BROKEN:
                broken.append(Broken(line, None if cells is None else len(cells)))
        if len(rows) < most:
            rows.append(Row(tuple(map(Untrusted, (cells or [])[: kept + is_broken])), line, is_broken))
    return Table(
        delimiter,
        tuple(map(Untrusted, columns[:kept])),
        len(columns),
        rows,
        count,
        tuple(_is_numeric(rows, number) for number in range(kept)),
        tuple(broken),
        all_broken,
    )


def delimiter_of(content: str, whole: bool) -> str:
    """The delimiter by which the first rows have the most alike number of cells."""
    sample, whole = content[:_SAMPLE], whole and len(content) <= _SAMPLE
    best, delimiter = (0.0, 0), ","
    for candidate in DELIMITERS:
        cells = Counter(len(row) for _, row in islice(_records(sample, whole, candidate), _SAMPLE_ROWS) if row)
        if not cells:
            continue
        usual, rows = cells.most_common(1)[0]
        score = (rows / cells.total(), usual) if usual > 1 else (0.0, 0)
        if score > best:
            best, delimiter = score, candidate
    return delimiter


def is_number(cell: str) -> bool:
    """Whether a cell is to be read as a number, with whatever marks of thousands, money or share."""
    return len(cell) <= _LONG_NUMBER and _NUMBER.fullmatch(cell.strip()) is not None


def _is_numeric(rows: list[Row], number: int) -> bool:
    filled = [row.cells[number].true for row in rows if number < len(row.cells) and row.cells[number].true.strip()]
    return bool(filled) and all(map(is_number, filled))


Record = tuple[int, list[str] | None]


def _again(first: Record | None, records: Iterator[Record], has_head: bool) -> Iterator[Record]:
    if first and not has_head:
        yield first
    yield from records


class _Lines:
    """The lines of a text, one at a time; where that is not `whole`, without the one that its end has cut."""

    def __init__(self, content: str, whole: bool) -> None:
        self._content = content
        self._mark = "\n" if "\n" in content else "\r"
        self._end = len(content) if whole else content.rfind(self._mark) + 1
        self.at = 0
        """Where the next one begins."""
        self.number = 0
        """How many there have been."""

    @property
    def is_over(self) -> bool:
        return self.at >= self._end

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.is_over:
            raise StopIteration
        start, found = self.at, self._content.find(self._mark, self.at, self._end)
        self.at = found + 1 if found >= 0 else self._end
        self.number += 1
        return self._content[start : min(self.at, start + LONG_LINE)]

    def again(self, at: int, number: int) -> None:
        """Go back to a line."""
        self.at, self.number = at, number


def _records(content: str, whole: bool, delimiter: str) -> Iterator[Record]:
    """Each row with the number of its first line; None for one that is past reading.

    A quote that is never closed would take all that follows for one cell: from there on, quotes are letters.
    """
    lines = _Lines(content, whole)
    reader = csv.reader(lines, delimiter=delimiter)
    while not lines.is_over:
        at, number = lines.at, lines.number
        try:
            cells = next(reader)
        except csv.Error:
            yield number + 1, None
            continue
        if lines.is_over and _is_open(lines, at, number, delimiter):
            if whole or lines.number - number > OPEN_LINES:
                yield number + 1, None
                lines.again(at, number)
                next(lines)
                yield from _unquoted(lines, delimiter)
            return
        if cells:
            yield number + 1, cells


def _is_open(lines: _Lines, at: int, number: int, delimiter: str) -> bool:
    """Whether the last row, which begins there, ends within quotes."""
    lines.again(at, number)
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return lines.is_over and "unexpected end" in str(error)
    finally:
        while not lines.is_over:
            next(lines)
    return False


def _unquoted(lines: _Lines, delimiter: str) -> Iterator[Record]:
    for line in lines:
        cells = line.rstrip("\r\n").split(delimiter)
        if cells != [""]:
            yield lines.number, cells
