"""Cells: the files of one purpose and one kind of status, with their number and bytes kept up.

Each sort order has an index that begins with the cell, so that a page of any purposes and kinds is a merge of a few
ordered streams, whatever the number of files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from files_tui.api.models import Kind
from files_tui.catalog.query import Query
from files_tui.text import Untrusted


class Cell(msgspec.Struct, frozen=True):
    """The files of one purpose and kind."""

    cell: int
    purpose: Untrusted
    kind: Kind
    files: int
    bytes: float


def all_cells(reader: sqlite3.Connection) -> list[Cell]:
    """Every cell that holds files."""
    rows = reader.execute("select cell, purpose, kind, files, bytes from cells where files > 0")
    return [Cell(row[0], Untrusted(row[1]), *row[2:]) for row in rows]


def cells_of(reader: sqlite3.Connection, query: Query) -> list[Cell]:
    """The cells that a query is about."""
    return [
        cell
        for cell in all_cells(reader)
        if (query.purpose is None or cell.purpose == query.purpose) and (not query.kinds or cell.kind in query.kinds)
    ]


def cell_for(writer: sqlite3.Connection, purpose: str, kind: Kind) -> int:
    """The cell of a purpose and kind, made when it is the first of them."""
    writer.execute("insert or ignore into cells (purpose, kind) values (?, ?)", (purpose, kind))
    row = writer.execute("select cell from cells where purpose = ? and kind = ?", (purpose, kind)).fetchone()
    return int(row[0])


def one_of(cells: Sequence[Cell]) -> str:
    """The condition in SQL that a file is in one of the cells; their numbers are our own."""
    return f"cell in ({', '.join(str(cell.cell) for cell in cells)})"
