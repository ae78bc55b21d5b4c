"""How SQLite finds the files of a page and counts them, told by its own plans, in a catalog of 30,000 files."""

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from files_tui.api.models import File, Kind
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import BEGINNING, END, Place, Query, Sort, Span
from files_tui.text import Untrusted
from tests.catalog_model import DAY, FILE, NOW, SORTS, catalog_in, settle
from tests.files import a_file

FILES = 30_000
MB = 10**6
STEPS = 1_000
MOST_STEPS = 3 * FILES
"""A walk along a whole order takes ten steps of SQLite's machine for each file."""


class Watched(msgspec.Struct):
    """A catalog whose one reader tells what it executes, and a connection that explains it."""

    catalog: Catalog
    reader: sqlite3.Connection
    explaining: sqlite3.Connection

    def plans(self, call: Callable[[], object]) -> list[str]:
        """Each statement on files that a call executes, with its plan."""
        statements: list[str] = []
        self.reader.set_trace_callback(statements.append)
        call()
        self.reader.set_trace_callback(None)
        return [self._explained(statement) for statement in statements if re.search(r"\bfrom files\b", statement)]

    def _explained(self, statement: str) -> str:
        rows = self.explaining.execute(f"explain query plan {statement}")
        return "\n".join([statement, *(f"    {row[3]}" for row in rows)])

    def steps(self, call: Callable[[], object]) -> int:
        """How many steps of SQLite's machine a call takes, in thousands and rounded down."""
        taken = 0

        def tick() -> int:
            nonlocal taken
            taken += STEPS
            return 0

        self.reader.set_progress_handler(tick, STEPS)
        call()
        return taken


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder: Path = tmp_path_factory.mktemp("plans")
    with catalog_in(folder) as catalog, closing(sqlite3.connect(folder / FILE)) as explaining:
        catalog.upsert(made_up())
        settle(catalog)
        catalog.purposes()
        (reader,) = catalog._store._idle
        yield Watched(catalog, reader, explaining)


def made_up() -> Iterator[File]:
    """Two years of files; batches expire, and the few large ones are of any age."""
    dice = random.Random(3)
    kinds: tuple[Kind, ...] = ("ready", "busy", "failed", "unknown")
    for number in range(FILES):
        purpose = dice.choices(("batch", "batch_output", "evals", "user_data", "vision"), (50, 30, 10, 8, 2))[0]
        created_at = NOW - int(730 * DAY * number / FILES)
        lasts = {"batch": 30 * DAY, "batch_output": 700 * DAY}.get(purpose)
        yield a_file(
            id=f"file-{dice.randrange(16**10):010x}",
            filename=f"{purpose}-{dice.choice(('run', 'eval', 'notes'))}-{number % 9973:05}.jsonl",
            bytes=int(dice.lognormvariate(10, 3)),
            created_at=created_at,
            expires_at=lasts and created_at + lasts,
            purpose=purpose,
            kind=dice.choices(kinds, (94, 3, 2, 1))[0],
        )


COUNTED = {
    "everything": Query(),
    "purpose": Query(purpose=Untrusted("batch")),
    "rare purpose": Query(purpose=Untrusted("vision")),
    "no purpose": Query(purpose=Untrusted("unheard of")),
    "kinds": Query(kinds=frozenset({"failed", "busy"})),
    "purpose and kind": Query(purpose=Untrusted("batch"), kinds=frozenset({"busy"})),
}
RANGES = {
    "expires within a day": Query(expires=Span(0, DAY)),
    "expires within a week": Query(expires=Span(0, 7 * DAY)),
    "expires later": Query(expires=Span(30 * DAY, None)),
    "never expires": Query(expires="never"),
    "expired": Query(expires=Span(None, 0)),
    "older than a month": Query(age=Span(30 * DAY, None)),
    "of today": Query(age=Span(None, DAY)),
    "of the last weeks": Query(age=Span(7 * DAY, 30 * DAY)),
    "large": Query(size=Span(10 * MB, None)),
    "very large": Query(size=Span(1000 * MB, None)),
    "small": Query(size=Span(None, 1000)),
    "one size": Query(size=Span(12_345, 12_346)),
}
COMBINED = {
    "filename": Query(filename=Untrusted("Batch-RUN-00042.jsonl")),
    "old and large of a purpose": Query(purpose=Untrusted("batch"), age=Span(30 * DAY, None), size=Span(MB, None)),
    "three ranges": Query(
        age=Span(None, 7 * DAY), expires=Span(0, 30 * DAY), size=Span(MB, 100 * MB), kinds=frozenset({"ready"})
    ),
    "filename and size": Query(filename=Untrusted("evals-run-00042.jsonl"), size=Span(None, MB)),
}
TEXTS = {
    "text in few": Query(text="run-0012"),
    "text in few of a size": Query(text="-0012", size=Span(1000, None), kinds=frozenset({"ready"})),
    "text in an id": Query(text="FILE-00"),
    "text in many": Query(text="run"),
    "text in none": Query(text="qqqqq"),
    "two characters": Query(text="n-"),
    "two characters in none": Query(text="zq"),
    "one character": Query(text="7"),
    "text in many of a range": Query(text="eval", size=Span(10 * MB, None)),
    "one character in a narrow range": Query(text="1", expires=Span(0, DAY)),
}
LISTED = {**COUNTED, **RANGES, **COMBINED}
ALL = {**LISTED, **TEXTS}


def places(catalog: Catalog, query: Query) -> list[Place]:
    """The beginning, the end, and both sides of a file in between."""
    files = catalog.page(query, 200)
    keys = [query.key(files[len(files) // 2])] if files else []
    beside = [Place(key, back, inclusive) for key in keys for back in (False, True) for inclusive in (False, True)]
    return [BEGINNING, END, *beside]


def pages(watched: Watched, query: Query) -> Iterator[Callable[[], object]]:
    """Pages of a query in both directions, none of which remembers the one before."""
    catalog = watched.catalog
    for either in (query, replace(query, descending=not query.descending)):
        for place in places(catalog, either):
            catalog.page(Query(), 1)
            yield partial(catalog.page, either, 40, place)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", ALL)
def test_no_page_is_sorted_or_scans_the_files(watched: Watched, name: str, sort: Sort) -> None:
    for page in pages(watched, replace(ALL[name], sort=sort)):
        plans = watched.plans(page)
        assert plans or name == "no purpose"
        for plan in plans:
            assert "TEMP B-TREE" not in plan
            assert not re.search(r"\bSCAN (TABLE )?files\b", plan), plan


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", LISTED)
def test_a_page_of_any_filter_looks_at_few_files(watched: Watched, name: str, sort: Sort) -> None:
    for page in pages(watched, replace(LISTED[name], sort=sort)):
        assert watched.steps(page) < MOST_STEPS


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", ["text in few", "text in few of a size", "text in an id", "text in none"])
def test_a_rare_text_is_not_looked_for_in_every_file(watched: Watched, name: str, sort: Sort) -> None:
    for page in pages(watched, replace(TEXTS[name], sort=sort)):
        assert watched.steps(page) < MOST_STEPS // 5


@pytest.mark.parametrize("name", COUNTED)
def test_totals_by_purpose_and_kind_look_at_no_file(watched: Watched, name: str) -> None:
    assert watched.plans(lambda: watched.catalog.totals(COUNTED[name])) == []


@pytest.mark.parametrize("purpose", [None, "batch"])
@pytest.mark.parametrize("name", RANGES)
def test_totals_of_a_range_count_its_ends_along_an_index(watched: Watched, name: str, purpose: str | None) -> None:
    query = replace(RANGES[name], purpose=purpose)
    (column,) = (wanted.column for wanted in query.ranges(NOW))

    for plan in watched.plans(lambda: watched.catalog.totals(query)):
        assert f"SEARCH files USING COVERING INDEX by_{column} (cell=? AND {column}>?" in plan
    assert watched.steps(lambda: watched.catalog.totals(query)) < MOST_STEPS


@pytest.mark.parametrize("name", [*COMBINED, *TEXTS])
def test_no_count_scans_the_files(watched: Watched, name: str) -> None:
    for plan in watched.plans(lambda: watched.catalog.totals(ALL[name])):
        assert "SEARCH files" in plan
        assert not re.search(r"\bSCAN (TABLE )?files\b", plan), plan


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_the_files_before_a_place_are_counted_along_an_index(watched: Watched, sort: Sort, descending: bool) -> None:
    for query in (Query(), Query(purpose=Untrusted("batch"), size=Span(MB, None)), Query(kinds=frozenset({"busy"}))):
        ordered = replace(query, sort=sort, descending=descending)
        key = ordered.key(watched.catalog.page(ordered, 100)[-1])
        plans = watched.plans(partial(watched.catalog.files_before, ordered, key))
        assert plans
        for plan in plans:
            assert "SEARCH files USING COVERING INDEX" in plan
