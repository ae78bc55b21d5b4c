"""Tables of delimited text: CSV, TSV and what spreadsheets make of them."""

from __future__ import annotations

import csv
import io
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
LONG_CELL = 131_072
"""Characters of a cell that Python's reader of CSV takes for an error."""

_SAMPLE = 65_536
_SAMPLE_ROWS = 50
_OPEN_LINES = 100
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
    """How many rows there are, of which no more than `MOST_ROWS` or `MOST_CELLS` are kept."""
    numeric: tuple[bool, ...]
    """Which columns hold nothing but numbers."""
    broken: tuple[Broken, ...]
    all_broken: int

    def column(self, number: int) -> Iterator[str]:
        """The true texts of a column, empty where a row is too short for it."""
        return (row.cells[number].true if number < len(row.cells) else "" for row in self.rows)


def read(content: str, whole: bool) -> Table:
    """The table in `content`; where that is not `whole`, without the row that its end has cut."""
    delimiter = delimiter_of(content)
    records = _records(content, whole, delimiter)
    first = next(records, None)
    head: list[str] = (first[1] if first else None) or []
    has_head = any(head) and not any(map(is_number, head[:MOST_COLUMNS]))
    columns = head if has_head else [str(number) for number in range(1, len(head) + 1)]
    kept = min(len(columns), MOST_COLUMNS)
    most = min(MOST_ROWS, MOST_CELLS // max(1, kept))
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


def delimiter_of(content: str) -> str:
    """The delimiter by which the first rows have the most alike number of cells."""
    sample = content[:_SAMPLE]
    if len(content) > _SAMPLE and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]
    best, delimiter = (0.0, 0), ","
    for candidate in DELIMITERS:
        cells = Counter(len(row) for _, row in islice(_records(sample, False, candidate), _SAMPLE_ROWS) if row)
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


def _records(content: str, whole: bool, delimiter: str) -> Iterator[Record]:
    """Each row with the number of its first line; None for one that is past reading.

    A quote that is never closed would take all that follows for one cell: from there on, quotes are letters.
    """
    lines = list(io.StringIO(content, newline=""))
    if lines and not whole and not lines[-1].endswith(("\n", "\r")):
        lines.pop()
    done = 0
    reader = csv.reader(lines, delimiter=delimiter)
    while done < len(lines):
        start = done
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            done = reader.line_num
            yield start + 1, None
            continue
        done = reader.line_num
        if done == len(lines) and _is_open(lines[start:], delimiter):
            if whole or done - start > _OPEN_LINES:
                yield start + 1, None
                yield from _unquoted(lines, start + 1, delimiter)
            return
        if cells:
            yield start + 1, cells


def _is_open(lines: list[str], delimiter: str) -> bool:
    """Whether a row ends within quotes."""
    if not any('"' in line for line in lines):
        return False
    try:
        next(csv.reader(lines, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _unquoted(lines: list[str], start: int, delimiter: str) -> Iterator[Record]:
    for number in range(start, len(lines)):
        cells = lines[number].rstrip("\r\n").split(delimiter)
        if cells != [""]:
            yield number + 1, cells
