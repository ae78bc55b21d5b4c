"""Many threads and one catalog: questions of little patience, and what is written while they are answered."""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.errors import CatalogFailed, TooSlow
from files_tui.catalog.query import Key, Query, Span, Totals
from files_tui.catalog.store import Store
from tests.catalog_model import FILE, NOW, catalog_in, ids, settle
from tests.files import a_file
from tests.waiting import DEADLINE, until
from tests.wire import Doing

MANY = 5_000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalog_in(tmp_path) as catalog:
        yield catalog


def numbered(count: int) -> Iterator[File]:
    return (a_file(id=f"f{n:05}", filename=f"name-{n}", bytes=1, created_at=n) for n in range(count))


SLOW: dict[str, Callable[[Catalog], object]] = {
    "page": lambda catalog: catalog.page(Query(text="zz"), 10, patience=0),
    "totals": lambda catalog: catalog.totals(Query(text="e-1"), patience=0),
    "files before": lambda catalog: catalog.files_before(Query(text="e", sort="name"), Key("z", ""), patience=0),
}


@pytest.mark.parametrize("question", SLOW)
def test_a_slow_question_is_given_up_and_the_next_one_answered(catalog: Catalog, question: str) -> None:
    catalog.upsert(numbered(MANY))
    for _ in range(3):
        with pytest.raises(TooSlow):
            SLOW[question](catalog)
        assert catalog.totals(Query(text="name-1")).files == 1111
        assert ids(catalog.page(Query(), 2)) == ["f04999", "f04998"]
    assert len(catalog._store._readers) == 1
    catalog.upsert([a_file(id="new")])
    assert catalog.totals(Query(), patience=0).files == MANY + 1


def test_a_quick_question_needs_no_patience(catalog: Catalog) -> None:
    catalog.upsert(numbered(MANY))
    settle(catalog)
    query = Query(age=Span(None, NOW - 3000), sort="name")
    assert len(catalog.page(Query(text="name-12"), 10, patience=0)) == 10
    assert catalog.totals(Query(size=Span(1)), patience=0) == Totals(MANY, MANY)
    assert catalog.files_before(Query(), Query().key(a_file(id="x", created_at=4990)), patience=0) == 9
    assert len(catalog.page(query, 10, patience=60)) == 10


def test_closing_ends_what_is_read(tmp_path: Path) -> None:
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(numbered(MANY))
        has_read = threading.Event()

        def read() -> None:
            while True:
                catalog.likely_duplicates(10)
                has_read.set()

        reading = Doing(read)
        assert has_read.wait(DEADLINE)
    assert isinstance(reading.outcome, CatalogFailed)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_readers_and_writers_at_once(catalog: Catalog) -> None:
    written = threading.Event()

    def write(start: int) -> None:
        for n in range(start, start + 40):
            catalog.upsert(a_file(id=f"f{n}-{k}", bytes=1) for k in range(10))
            catalog.remove([f"f{n}-0"])

    def read() -> None:
        while not written.is_set():
            batches = Counter(file.id.true.split("-")[0] for file in catalog.page(Query(), 10_000))
            assert set(batches.values()) <= {9, 10}, "a batch was seen half written"
            catalog.totals(Query(size=Span(1)))

    with ThreadPoolExecutor(7) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        writers = [pool.submit(write, start) for start in range(0, 160, 40)]
        wait(writers)
        written.set()
        for thread in (*writers, *readers):
            thread.result(30)

    assert catalog.totals(Query()) == Totals(1_440, 1_440)


def test_each_thread_hears_the_answer_to_its_own_question(catalog: Catalog) -> None:
    catalog.upsert(numbered(200))
    settle(catalog)
    stop, has_read = threading.Event(), threading.Semaphore(0)

    def read(text: str) -> int:
        for at in range(10_000):
            files = catalog.page(Query(text=text, sort="name"), 300)
            assert all(text in file.filename.true for file in files)
            if stop.is_set():
                return at
            if at == 0:
                has_read.release()
        return 10_000

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(read, text) for text in ("name-1", "name-1", "name-2", "e-3")]
            for _ in readers:
                assert has_read.acquire(timeout=DEADLINE)
            for n in range(100):
                catalog.remove([f"f{n:05}"])
                catalog.upsert([a_file(id=f"g{n}", filename=f"name-{n}")])
            stop.set()
            assert all(reader.result(30) for reader in readers)
    finally:
        sys.setswitchinterval(usual)


@pytest.mark.parametrize("look", [1, 2])
def test_a_write_between_two_looks_at_the_catalog(catalog: Catalog, monkeypatch: pytest.MonkeyPatch, look: int) -> None:
    """At the moment when a page finds out whether what it remembers is still so."""
    catalog.upsert(numbered(100))
    settle(catalog)
    query = Query(text="name-", sort="name", descending=False)
    before = ids(catalog.page(query, 200))
    real: Callable[[Store], int] = Store.__dict__["version"].fget
    looks = 0

    def version(store: Store) -> int:
        nonlocal looks
        found = real(store)
        looks += 1
        if looks == look:
            catalog.remove(["f00000", "f00050"])
        return found

    monkeypatch.setattr(Store, "version", property(version))
    after = [file_id for file_id in before if file_id not in ("f00000", "f00050")]
    assert ids(catalog.page(query, 200)) in (before, after)
    assert looks >= look
    assert ids(catalog.page(query, 200)) == after


def test_a_file_that_goes_while_all_are_marked_is_not_marked(catalog: Catalog) -> None:
    catalog.upsert(numbered(MANY))
    removing: list[Doing] = []

    def tick() -> int:
        if not removing:
            removing.append(Doing(lambda: catalog.remove(["f00007"])))
            until(lambda: catalog.totals(Query()).files == MANY - 1)
        return 0

    catalog.marks._connection.set_progress_handler(tick, 1_000)
    catalog.marks.add(Query(), NOW)
    assert removing[0].outcome is None
    assert catalog.marks.totals == Totals(MANY - 1, MANY - 1)
    assert len(catalog.marks.numbers()) == MANY - 1
