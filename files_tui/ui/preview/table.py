"""A table drawn with aligned columns or, where they have no room side by side, row by row."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from files_tui import text
from files_tui.contents import delimited
from files_tui.contents.decoding import decoded
from files_tui.contents.delimited import Broken, Row, Table
from files_tui.ui.preview import parts

WIDEST = 48
"""Cells that a column takes at most."""
NARROWEST = 10
"""Cells to which a column of words gives way, before the rows are drawn one below another."""
GAP = "  "
NAMED = 4
"""Broken rows that are named."""


def lines(data: bytes, whole: bool, width: int) -> list[Text]:
    """The table in `data`, as far as it has arrived."""
    table = delimited.read(decoded(data, whole), whole)
    if not table.columns:
        return parts.fitted([parts.head("no rows", whole=whole)], width)
    columns = text.plural(table.all_columns, "column")
    delimiter = "" if table.all_columns == 1 else f"parted by {delimited.DELIMITERS[table.delimiter]}"
    top = parts.head(text.plural(table.count, "row"), columns, delimiter, whole=whole)
    return parts.fitted([top, *drawn(table, width)], width)


def drawn(table: Table, width: int) -> list[Text]:
    """A table, below what is wrong with it, and above what of it is not shown."""
    gutter, rows = 2 if table.broken else 0, table.rows[: parts.MOST_LINES]
    shown = [*_problems(table)]
    if table.columns:
        widths = _widths(table, rows, width - gutter)
        shown.append(parts.line())
        shown.extend(_aligned(table, rows, widths, gutter) if widths else _one_below_another(table, rows, width))
    if len(rows) < table.count:
        words = f"… {text.plural(table.count - len(rows), 'more row')}: download the file to read them"
        shown.append(parts.note(words))
    if len(table.columns) < table.all_columns:
        shown.append(parts.note(f"… {text.plural(table.all_columns - len(table.columns), 'more column')}"))
    return shown


def _problems(table: Table) -> list[Text]:
    if not table.all_broken:
        return []
    more = table.all_broken - NAMED
    named = ", ".join(map(_broken, table.broken[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
    verb = "is" if table.all_broken == 1 else "are"
    words = f"{text.plural(table.all_broken, 'row')} {verb} broken, where {table.all_columns:,} cells belong: {named}"
    return [parts.problem(words)]


def _broken(row: Broken) -> str:
    if row.cells is None:
        return f"line {row.line:,} (a quote is not closed, or a cell has no end)"
    return f"line {row.line:,} ({text.plural(row.cells, 'cell')})"


def _widths(table: Table, rows: Sequence[Row], width: int) -> list[int]:
    """How many cells each column gets; none where they do not fit side by side."""
    natural = [max(1, min(WIDEST, _measured(name.true))) for name in table.columns]
    for row in rows:
        for number, cell in enumerate(row.cells[: len(natural)]):
            if len(cell.true) > natural[number] or not cell.true.isascii():
                natural[number] = max(natural[number], min(WIDEST, _measured(cell.true)))
    room = width - len(GAP) * (len(natural) - 1)
    for cap in range(WIDEST, NARROWEST - 1, -1):
        capped = [min(wanted, cap) for wanted in natural]
        if sum(capped) <= room:
            return capped
    return []


def _measured(cell: str) -> int:
    return len(cell) if cell.isascii() and cell.isprintable() else cell_len(text.safe(cell[: 4 * WIDEST]))


def _aligned(table: Table, rows: Sequence[Row], widths: Sequence[int], gutter: int) -> list[Text]:
    indent = " " * gutter
    cells = (
        parts.padded(parts.cut(name, width), width, right=right)
        for name, width, right in zip(table.columns, widths, table.numeric, strict=True)
    )
    shown = [
        parts.line(indent + GAP.join(cells).rstrip(), "bold"),
        parts.line(indent + GAP.join("─" * width for width in widths), "dim"),
    ]
    columns = list(zip(widths, table.numeric, strict=True))
    for row in rows:
        words = GAP.join(
            parts.padded(parts.cut(cell, width), width, right=right)
            for cell, (width, right) in zip(row.cells, columns, strict=False)
        ).rstrip()
        if row.is_broken:
            shown.append(parts.line("✗ ", "bold red").append(words + _extra(row, table)))
        else:
            shown.append(parts.line(indent + words))
    return shown


def _extra(row: Row, table: Table) -> str:
    """What stands beyond the last column of a broken row."""
    beyond = row.cells[len(table.columns) :]
    return f"{GAP}│ {parts.cut(beyond[0], WIDEST)} …" if beyond else ""


def _one_below_another(table: Table, rows: Sequence[Row], width: int) -> list[Text]:
    """Each row as lines of name and value, for tables of many columns."""
    names = [parts.cut(name, WIDEST // 2) for name in table.columns]
    widest = max(map(cell_len, names))
    room = max(1, width - widest - len(GAP))
    shown: list[Text] = []
    for number, row in enumerate(rows, 1):
        if len(shown) > parts.MOST_LINES:
            break
        title = f"── row {number:,} · line {row.line:,} "
        rule = "─" * max(0, min(width, 60) - len(title))
        shown.append(parts.line(title + rule, "bold red" if row.is_broken else "dim"))
        for name, cell in zip(names, row.cells, strict=False):
            shown.append(parts.line(parts.padded(name, widest) + GAP, "cyan").append(parts.cut(cell, room)))
    return shown
