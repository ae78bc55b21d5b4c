"""Every fault, once and for as long as the server lives, against everything that the program does on a server.

How each of them ends stands in `fault_matrix.md`. What is there now becomes what is expected by

    python -m tests.test_fault_matrix
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.dialects import OPENAI
from tests.fault_list import OPERATIONS, PAGE, UPLOAD, Row, rows
from tests.faults import Rule
from tests.operations import CONTENT, Wrong, hurried, world
from tests.tables import Table, at_once
from tests.wire import Received, Reply, answer, json_answer, serving

PATH = Path(__file__).with_name("fault_matrix.md")
ABOUT = """# How each operation ends when a fault happens to its requests

Left of `/` the fault happens once, right of it every time, and ×n is how often it was met before that was the end;
where both end alike, that stands there alone. `noted` is a success about which the person is told something. What
failed is tried again afterwards on a server without faults, and has then ended well. `page 2` meets the fault once,
behind the first page of a listing. An empty cell is a fault that cannot happen there, or that no client could notice.
`python -m tests.test_fault_matrix` writes this file."""


class Cell(NamedTuple):
    """One fault and one operation; `times` is None where the fault never ends."""

    row: Row
    operation: str
    times: int | None


class Elsewhere:
    """Another server, which gives out the right content, and to everything else a false success."""

    def __init__(self) -> None:
        self.asked: list[Received] = []

    def __call__(self, request: Received) -> Reply:
        self.asked.append(request)
        if request.target.endswith("/content"):
            return answer(200, CONTENT)
        file = {"id": "file-evil", "object": "file", "filename": "evil", "bytes": 4, "purpose": "user_data"}
        return json_answer({**file, "data": [file], "has_more": False, "deleted": True})


def ended(cell: Cell) -> str:
    """How an operation with a fault ends."""
    row = cell.row

    def rules(route: str) -> list[Rule]:
        struck = Rule(row.fault, route, times=cell.times)
        return [struck, Rule(row.beside, times=None)] if row.beside else [struck]

    with tempfile.TemporaryDirectory() as folder, world(OPENAI, Path(folder)) as there:
        there.is_impatient = row.waits
        try:
            told = there.do(cell.operation, rules)
        except Wrong as wrong:
            return f"WRONG: {wrong}"
        hits = there.faulty.hits[row.fault.name]
        if not hits:
            return "WRONG: the fault did not happen"
    if row.race and cell.operation == UPLOAD and told.word in ("failed", "unknown"):
        return "failed or unknown"
    return str(told) if told.is_done or hits == 1 else f"{told} ×{hits}"


def matrix() -> tuple[Table, Elsewhere]:
    """The whole table, and what reached another server meanwhile."""
    elsewhere = Elsewhere()
    with serving(elsewhere) as server:
        cells = [
            Cell(row, operation, times)
            for row in rows(server.base_url.removesuffix("/v1"))
            for operation in row.to
            for times in ((1,) if operation == PAGE else (1, None))
        ]
        made = at_once(cells, ended, waits=lambda cell: cell.row.waits)
    drawn: dict[str, dict[str, str]] = {}
    for cell, text in made.items():
        line = drawn.setdefault(cell.row.fault.name, {})
        once = line.get(cell.operation)
        line[cell.operation] = text if once is None or once == text else f"{once} / {text}"
    return Table(ABOUT, OPERATIONS, drawn), elsewhere


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Table, Elsewhere]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        hurried(monkeypatch)
        yield matrix()


def test_no_fault_ends_in_a_way_that_nothing_must_end_in(made: tuple[Table, Elsewhere]) -> None:
    table, _ = made
    wrong = [
        f"{row} x {column}: {cell}"
        for row, cells in table.rows.items()
        for column, cell in cells.items()
        if "WRONG" in cell
    ]
    assert not wrong, "\n".join(wrong)


def test_every_fault_ends_as_the_table_says(made: tuple[Table, Elsewhere]) -> None:
    differences = made[0].differences(PATH)
    assert not differences, "\n".join(differences)


def test_another_server_is_asked_for_content_alone_and_never_told_the_key(made: tuple[Table, Elsewhere]) -> None:
    asked = made[1].asked
    assert asked
    for request in asked:
        assert request.method == "GET"
        assert re.fullmatch(r"/v1/files/[^/]+/content", request.target)
        assert not request.headers.keys() & {"authorization", "api-key", "openai-organization", "openai-project"}


def test_every_fault_has_a_name_of_its_own() -> None:
    names = [row.fault.name for row in rows("")]
    assert len(names) == len(set(names))
    assert not [name for name in names if "|" in name or " / " in name]


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patched:
        hurried(patched)
        matrix()[0].write(PATH)
