"""Files as rows of the catalog's table, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from files_tui.api.models import File
from files_tui.catalog.query import NEVER, UNKNOWN, folded, storable
from files_tui.catalog.store import in_batches
from files_tui.text import Untrusted

Values = tuple[Any, ...]
"""A file's columns from `cell` to `raw`, as they stand in the table."""

COLUMNS = "cell, filename, folded, size, created, expires, status, details, raw"
_SHOWN = "id, filename, size, created, expires, purpose, status, details, kind, raw"


def row_of(file: File, cell: int) -> Values:
    """The columns of a file whose purpose and kind are those of a cell."""
    name = storable(file.filename)
    return (
        cell,
        name,
        folded(name),
        UNKNOWN if file.bytes is None else file.bytes,
        UNKNOWN if file.created_at is None else file.created_at,
        NEVER if file.expires_at is None else file.expires_at,
        None if file.status is None else storable(file.status),
        None if file.status_details is None else storable(file.status_details),
        file.raw,
    )


def known_rows(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[int, Values]]:
    """The number and the columns of those of the files that the catalog has, by id."""
    sql = f"select id, n, {COLUMNS} from files where id in ({{}})"
    return {row[0]: (row[1], row[2:]) for row in select(connection, sql, ids)}


def files_of(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, File]:
    """The files with these numbers."""
    sql = f"select n, {_SHOWN} from files join cells using (cell) where n in ({{}})"
    return {row[0]: _file(row[1:]) for row in select(connection, sql, numbers)}


def select(connection: sqlite3.Connection, sql: str, values: Sequence[Any]) -> Iterator[Values]:
    """The rows of a statement whose `{}` stands for some of the values."""
    for some in in_batches(values):
        yield from connection.execute(sql.format(", ".join("?" * len(some))), some).fetchall()


def _file(row: Sequence[Any]) -> File:
    return File(
        id=Untrusted(row[0]),
        filename=Untrusted(row[1]),
        bytes=None if row[2] == UNKNOWN else row[2],
        created_at=None if row[3] == UNKNOWN else row[3],
        expires_at=None if row[4] == NEVER else row[4],
        purpose=Untrusted(row[5]),
        status=None if row[6] is None else Untrusted(row[6]),
        status_details=None if row[7] is None else Untrusted(row[7]),
        kind=row[8],
        raw=row[9],
    )
