"""Marks stay on their files whatever is shown or written, and are counted with their bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Query, Span, Totals
from files_tui.text import Untrusted
from tests.catalog_model import NOW, catalog_in, ids, settle
from tests.files import a_file

MANY = 50_000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalog_in(tmp_path) as catalog:
        yield catalog


def numbered(count: int, purpose: str = "") -> list[File]:
    return [
        a_file(id=f"{purpose}{n:05}", filename=f"name-{n}", bytes=n, created_at=NOW - n, purpose=purpose)
        for n in range(count)
    ]


def marked(catalog: Catalog) -> set[str]:
    found = catalog.marked()
    assert catalog.marks.totals == Totals(len(found), sum(file.bytes or 0 for file in found))
    assert len(catalog.marks.numbers()) == len(found)
    assert bool(catalog.marks) == bool(found)
    return set(ids(found))


def test_one_by_one(catalog: Catalog) -> None:
    catalog.upsert([*numbered(5), a_file(id="unknown size")])
    assert marked(catalog) == set()
    assert catalog.marks.among(["00001"]) == set()
    for file_id in ("00001", "00003", "unknown size", "never there"):
        catalog.marks.toggle(file_id)
    assert marked(catalog) == {"00001", "00003", "unknown size"}
    assert catalog.marks.totals == Totals(3, 4)
    catalog.marks.toggle("00003")
    assert marked(catalog) == {"00001", "unknown size"}
    assert catalog.marks.among(["00001", "00003", "never there"]) == {"00001"}
    assert catalog.marks.among([]) == set()
    catalog.marks.clear()
    assert marked(catalog) == set()


def test_the_marked_files_are_given_newest_first(catalog: Catalog) -> None:
    catalog.upsert(numbered(2_000))
    catalog.marks.add(Query(size=Span(10, 1_500)), NOW)
    assert ids(catalog.marked()) == [f"{n:05}" for n in range(10, 1_500)]


def test_all_of_a_query_and_all_but_those(catalog: Catalog) -> None:
    catalog.upsert([*numbered(6, "a"), *numbered(6, "b")])
    settle(catalog)
    small, of_a, text = Query(size=Span(None, 2)), Query(purpose=Untrusted("a")), Query(text="NAME-5")

    catalog.marks.add(of_a, NOW)
    catalog.marks.add(small, NOW)
    assert marked(catalog) == {*(f"a{n:05}" for n in range(6)), "b00000", "b00001"}
    assert catalog.marks.outside(of_a, NOW) == 2
    assert catalog.marks.outside(small, NOW) == 4
    assert catalog.marks.outside(Query(), NOW) == 0
    assert catalog.marks.outside(Query(purpose=Untrusted("unheard of")), NOW) == 8

    catalog.marks.invert(small, NOW)
    assert marked(catalog) == {f"a{n:05}" for n in range(2, 6)}
    catalog.marks.invert(text, NOW)
    assert marked(catalog) == {"a00002", "a00003", "a00004", "b00005"}
    catalog.marks.invert(Query(), NOW)
    catalog.marks.invert(Query(), NOW)
    assert marked(catalog) == {"a00002", "a00003", "a00004", "b00005"}


def test_ages_are_those_of_the_time_that_is_given(catalog: Catalog) -> None:
    catalog.upsert(numbered(10))
    catalog.marks.add(Query(age=Span(None, 3)), NOW + 2)
    assert marked(catalog) == {"00000"}
    assert catalog.marks.outside(Query(age=Span(None, 3)), NOW + 3) == 1


def test_marks_survive_everything_but_the_removal_of_their_file(catalog: Catalog) -> None:
    files = numbered(100)
    catalog.upsert(files)
    catalog.marks.add(Query(size=Span(40, 60)), NOW)
    kept = {f"{n:05}" for n in range(40, 60)}

    catalog.upsert(
        [replace(file, filename=Untrusted("other"), purpose=Untrusted("batch"), kind="ready") for file in files[:50]]
    )
    catalog.upsert([a_file(id="new")])
    settle(catalog)
    catalog.page(Query(text="other"), 10)
    run = catalog.begin_sync()
    catalog.upsert(files[45:], run=run)
    assert set(ids(catalog.marked())) == kept

    catalog.remove(["00059", "00001"])
    assert marked(catalog) == kept - {"00059"}
    assert catalog.finish_sync(run) == 45
    assert marked(catalog) == {f"{n:05}" for n in range(45, 59)}

    catalog.upsert(files, asked_at=NOW + 1e6)
    assert marked(catalog) == {f"{n:05}" for n in range(45, 59)}, "a file that is back is another one"


def test_marks_end_with_the_program(tmp_path: Path) -> None:
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(numbered(3))
        catalog.marks.add(Query(), NOW)
    with catalog_in(tmp_path) as catalog:
        assert marked(catalog) == set()


def test_tens_of_thousands_take_a_few_steps_of_the_database_each(catalog: Catalog) -> None:
    catalog.upsert(numbered(MANY))
    settle(catalog)
    thousands_of_steps = 0

    def tick() -> int:
        nonlocal thousands_of_steps
        thousands_of_steps += 1
        return 0

    catalog.marks._connection.set_progress_handler(tick, 1_000)
    catalog.marks.add(Query(), NOW)
    assert catalog.marks.totals == Totals(MANY, MANY * (MANY - 1) // 2)
    catalog.marks.toggle("00007")
    catalog.marks.invert(Query(size=Span(None, 10)), NOW)
    assert catalog.marks.totals == Totals(MANY - 9, MANY * (MANY - 1) // 2 - 45 + 7)
    assert catalog.marks.outside(Query(text="name-1"), NOW) == MANY - 9 - (11_111 - 1)
    assert len(catalog.marked()) == MANY - 9
    page = ids(catalog.page(Query(), 50))
    assert catalog.marks.among(page) == {*page[10:], "00007"}
    catalog.remove([f"{n:05}" for n in range(MANY // 2, MANY)])
    assert catalog.marks.totals.files == MANY // 2 - 9
    assert 0 < thousands_of_steps < 200 * MANY / 1_000
