"""Two programs and one catalog: each has its own connections to the same file."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Query, Span, Totals
from tests.catalog_model import FILE, NOW, catalog_in, ids, recount, settle
from tests.files import a_file

WRITER = """
import sys
from pathlib import Path
from tests.files import a_file
from files_tui.catalog.catalog import Catalog
catalog = Catalog(Path(sys.argv[1]))
for batch in range(40):
    catalog.upsert(a_file(id=f"theirs-{batch}-{n}", bytes=1) for n in range(25))
    catalog.remove([f"theirs-{batch}-0"])
    print(batch, flush=True)
catalog.close()
"""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Catalog, Catalog]]:
    with catalog_in(tmp_path) as one, catalog_in(tmp_path) as other:
        yield one, other
        recount(tmp_path)


def files(*file_ids: str) -> list[File]:
    return [a_file(id=file_id, filename=f"name of {file_id}", bytes=1) for file_id in file_ids]


def known(catalog: Catalog) -> set[str]:
    return set(ids(catalog.page(Query(), 10_000)))


def test_each_sees_at_once_what_the_other_writes(two: tuple[Catalog, Catalog]) -> None:
    one, other = two
    search = Query(text="name of", sort="name")
    for at in range(20):
        writer, reader = (one, other) if at % 2 else (other, one)
        writer.upsert(files(f"f{at}", f"gone{at}"))
        assert {f"f{at}", f"gone{at}"} <= set(ids(reader.page(search, 100)))
        reader.remove([f"gone{at}"])
        assert f"gone{at}" not in ids(writer.page(search, 100))
        assert one.totals(Query()) == other.totals(Query()) == Totals(at + 1, at + 1)
        if at == 10:
            settle(one)
            assert not other.settle()


def test_a_sync_keeps_what_the_other_program_has_written_since_it_began(two: tuple[Catalog, Catalog]) -> None:
    one, other = two
    one.upsert(files("old", "kept", "deleted there"))
    run = one.begin_sync()
    other.upsert(files("uploaded there"))
    one.upsert(files("kept", "deleted there"), run=run)
    other.remove(["deleted there"])
    assert one.finish_sync(run) == 1
    assert known(one) == known(other) == {"kept", "uploaded there"}


def test_two_syncs_at_once_lose_nothing_that_either_has_brought(two: tuple[Catalog, Catalog]) -> None:
    one, other = two
    one.upsert(files("old"))
    first, second = one.begin_sync(), other.begin_sync()
    one.upsert(files("a", "b"), run=first)
    other.upsert(files("b", "c"), run=second)
    one.upsert(files("c"), run=first)
    assert one.finish_sync(first) == 1
    other.upsert(files("a", "d"), run=second)
    assert other.finish_sync(second) == 0
    assert known(one) == {"a", "b", "c", "d"}


def test_what_the_other_program_removes_stays_away_here_too(two: tuple[Catalog, Catalog]) -> None:
    one, other = two
    one.upsert(files("a", "b"))
    other.remove(["a"])
    run = one.begin_sync()
    one.upsert(files("a", "b"), run=run)
    one.finish_sync(run)
    assert known(one) == {"b"}


def test_marks_are_this_programs_own(two: tuple[Catalog, Catalog]) -> None:
    one, other = two
    one.upsert(files("a", "b", "c"))
    one.marks.add(Query(), NOW)
    other.marks.toggle("a")
    assert (one.marks.totals, other.marks.totals) == (Totals(3, 3), Totals(1, 1))
    other.remove(["c"])
    assert set(ids(one.marked())) == {"a", "b"}
    run = one.begin_sync()
    one.upsert(files("a", "b"), run=run)
    assert one.finish_sync(run) == 0
    assert one.marks.totals == Totals(2, 2)


def test_what_one_learns_of_the_server_the_other_knows(two: tuple[Catalog, Catalog]) -> None:
    one, other = two
    one.note("page_limit", 100)
    assert other.noted("page_limit") == 100


def test_a_program_that_writes_while_this_one_does(tmp_path: Path) -> None:
    with catalog_in(tmp_path) as catalog:
        command = [sys.executable, "-c", WRITER, str(tmp_path / FILE)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for batch in writer.stdout:
                catalog.upsert(files(*(f"ours-{int(batch)}-{n}" for n in range(25))))
                theirs = [file_id for file_id in known(catalog) if file_id.startswith("theirs-")]
                assert len(theirs) >= 24 * (int(batch) + 1)
                catalog.settle()
            assert writer.wait(20) == 0
        assert catalog.totals(Query(text="ours-")) == Totals(1_000, 1_000)
        assert catalog.totals(Query(text="theirs-")) == catalog.totals(Query(text="theirs-", size=Span(1)))
        assert catalog.totals(Query()) == Totals(1_960, 1_960)
    recount(tmp_path)


def test_many_programs_that_start_at_the_same_moment(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def run(number: int) -> None:
        start.wait(20)
        with catalog_in(tmp_path) as catalog:
            catalog.upsert(files(f"f{number}"))
            settle(catalog)
            assert f"f{number}" in known(catalog)

    with ThreadPoolExecutor(8) as pool:
        for running in [pool.submit(run, number) for number in range(8)]:
            running.result(30)
    with catalog_in(tmp_path) as catalog:
        assert known(catalog) == {f"f{number}" for number in range(8)}
    recount(tmp_path)
