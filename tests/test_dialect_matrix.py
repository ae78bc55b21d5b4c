"""Every dialect against everything that the program does on a server, with and without a lost answer.

How each of them ends stands in `dialect_matrix.md`. What is there now becomes what is expected by

    python -m tests.test_dialect_matrix
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from files_tui.catalog.catalog import temporary_catalog
from files_tui.catalog.sync import Sync
from tests.dialects import CIRCLING, DIALECTS, LISTS, SERVERS, Dialect
from tests.fault_list import DELETE, DOWNLOAD, LIST, RETRIEVE, UPLOAD
from tests.faults import CLOSE_IN_BODY, RESET_DONE, Fault, Faulty, Rule, afterwards
from tests.operations import Wrong, hurried, world
from tests.tables import Table, at_once
from tests.wire import client_to, serving

PATH = Path(__file__).with_name("dialect_matrix.md")
ERROR_DONE = afterwards("500, after the work", 500)
COLUMNS: dict[str, tuple[str, Fault | None]] = {
    LIST: (LIST, None),
    "list, cut": (LIST, CLOSE_IN_BODY),
    RETRIEVE: (RETRIEVE, None),
    UPLOAD: (UPLOAD, None),
    "upload, lost": (UPLOAD, RESET_DONE),
    "upload, 500": (UPLOAD, ERROR_DONE),
    DOWNLOAD: (DOWNLOAD, None),
    "download, cut": (DOWNLOAD, CLOSE_IN_BODY),
    DELETE: (DELETE, None),
    "delete, lost": (DELETE, RESET_DONE),
}
ABOUT = """# How each operation ends on a server of each dialect

`noted` is a success about which the person is told something. In the columns `cut` and `lost` the first answer is cut
in its middle, or never comes though the work was done; in `500` it says that the server failed.
`python -m tests.test_dialect_matrix` writes this file."""


class Cell(NamedTuple):
    """A dialect and a column."""

    dialect: Dialect
    column: str


def ended(cell: Cell) -> str:
    """How an operation ends on a server of that dialect."""
    operation, fault = COLUMNS[cell.column]
    with tempfile.TemporaryDirectory() as folder, world(cell.dialect, Path(folder)) as there:
        try:
            return str(there.do(operation, lambda route: [Rule(fault, route)] if fault else []))
        except Wrong as wrong:
            return f"WRONG: {wrong}"


def matrix() -> Table:
    """The whole table."""
    made = at_once(
        [Cell(dialect, column) for dialect in DIALECTS for column in COLUMNS], ended, waits=lambda cell: False
    )
    drawn: dict[str, dict[str, str]] = {}
    for cell, text in made.items():
        drawn.setdefault(cell.dialect.name, {})[cell.column] = text
    return Table(ABOUT, [*COLUMNS], drawn)


@pytest.fixture(scope="module")
def made() -> Iterator[Table]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        hurried(monkeypatch)
        yield matrix()


def test_no_dialect_ends_in_a_way_that_nothing_must_end_in(made: Table) -> None:
    wrong = [
        f"{row} x {column}: {cell}"
        for row, cells in made.rows.items()
        for column, cell in cells.items()
        if "WRONG" in cell
    ]
    assert not wrong, "\n".join(wrong)


def test_every_operation_ends_as_the_table_says(made: Table) -> None:
    differences = made.differences(PATH)
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize(
    ("operation", "route"),
    [
        (LIST, "GET /files"),
        (RETRIEVE, "GET /files/…"),
        (UPLOAD, "POST /files"),
        (DOWNLOAD, "GET /files/content"),
        (DELETE, "DELETE /files/…"),
    ],
)
def test_only_what_a_server_does_not_have_fails(made: Table, operation: str, route: str) -> None:
    lacking = {dialect.name for dialect in DIALECTS if route in dialect.lacks}
    assert {name for name, cells in made.rows.items() if not cells[operation].startswith("done")} == lacking


@pytest.mark.parametrize("dialect", [each for each in (*LISTS, *SERVERS) if "GET /files" not in each.lacks], ids=str)
def test_a_server_without_files_has_an_empty_listing(dialect: Dialect) -> None:
    faulty = Faulty(dialect.store(), dialect)
    with serving(faulty, read_body=False) as server, client_to(server) as client, temporary_catalog() as catalog:
        outcome = Sync(client, catalog, screen=2, page_size=5).run()
    assert (outcome.files, outcome.whole) == (0, dialect is not CIRCLING)


def test_every_dialect_has_a_name_of_its_own() -> None:
    assert len({dialect.name for dialect in DIALECTS}) == len(DIALECTS)


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patched:
        hurried(patched)
        matrix().write(PATH)
