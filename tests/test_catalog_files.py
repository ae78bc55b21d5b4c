"""What the catalog keeps of files, and what it tells about them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog, Twins, temporary_catalog
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.query import BEGINNING, END, Query, Totals
from files_tui.text import Untrusted
from tests.catalog_model import FILE, catalog_in, ids, recount, settle
from tests.files import a_file


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalog_in(tmp_path) as catalog:
        yield catalog


def file(file_id: str, filename: str = "", **fields: Any) -> File:
    return a_file(id=file_id, filename=filename, **fields)


def test_a_file_is_kept_whole(catalog: Catalog) -> None:
    whole = a_file(
        id="file-1",
        filename="a [b].jsonl",
        bytes=2**63 - 1,
        created_at=1,
        expires_at=2,
        purpose="batch",
        status="processed",
        status_details="fine",
        kind="ready",
        raw=b'{"id":"file-1","nested":{"\xc3\xa9":[null,true,1.5]}}',
    )
    bare = file("file-2")

    assert catalog.upsert([whole, bare]).new == 2

    assert catalog.get(["file-1"]) == [whole]
    assert catalog.get(["file-2"]) == [bare]
    assert catalog.page(Query(), 10) == [whole, bare]


def test_a_catalog_is_as_it_was_left(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / FILE)) as catalog:
        catalog.upsert([file("a", "one", bytes=3, purpose="batch")])
        settle(catalog)
        catalog.note("page_limit", 1_000)
    with closing(Catalog(tmp_path / FILE)) as catalog:
        assert catalog.page(Query(text="one"), 10) == [file("a", "one", bytes=3, purpose="batch")]
        assert catalog.totals(Query(purpose=Untrusted("batch"))) == Totals(1, 3)
        assert catalog.noted("page_limit") == 1_000
        assert not catalog.settle()


def test_what_sqlite_cannot_hold_is_replaced(catalog: Catalog) -> None:
    catalog.upsert([file("f\ud800", "a\udfff.txt", purpose="p\ud800", bytes=4)])

    (kept,) = catalog.page(Query(), 10)
    assert (kept.id.true, kept.filename.true, kept.purpose.true) == ("f?", "a?.txt", "p?")
    assert catalog.twins("a\udfff.txt", 4) == ["f?"]
    assert catalog.get(["f\ud800"]) == catalog.page(Query(text="\udfff.T"), 10) == [kept]
    catalog.remove(["f\ud800"])
    assert catalog.page(Query(), 10) == []


def test_absurd_sizes_have_a_total(catalog: Catalog) -> None:
    catalog.upsert(file(f"f{n}", bytes=2**63 - 1) for n in range(3))
    assert catalog.totals(Query()) == Totals(3, 3 * 2**63)


def test_a_total_is_exact(catalog: Catalog) -> None:
    catalog.upsert([file("a", bytes=2**52), file("b", bytes=1), file("c", bytes=None)])
    assert catalog.totals(Query()) == Totals(3, 2**52 + 1)
    assert catalog.totals(Query(text="none")) == Totals(0, 0)


def test_an_update_replaces(catalog: Catalog) -> None:
    catalog.upsert([file("a", status="uploaded", kind="busy", bytes=5), file("b")])
    upserted = catalog.upsert([file("a", status="processed", kind="ready", bytes=7), file("b"), file("c"), file("c")])
    assert (upserted.new, upserted.changed) == (1, 1)
    assert [f.status for f in catalog.get(["a"])] == ["processed"]
    assert catalog.totals(Query(kinds=frozenset({"ready"}))) == Totals(1, 7)
    assert catalog.totals(Query(kinds=frozenset({"busy"}))) == Totals(0, 0)


def test_of_two_files_with_one_id_the_last_is_kept(catalog: Catalog) -> None:
    assert catalog.upsert([file("a", "first"), file("a", "last")]).new == 1
    assert catalog.page(Query(), 10) == [file("a", "last")]


def test_get_gives_the_newest_first_for_any_number(catalog: Catalog) -> None:
    catalog.upsert(file(f"f{n:04}", created_at=n // 2) for n in range(2_000))
    found = catalog.get([f"f{n:04}" for n in range(2_000)])
    assert ids(found) == [f"f{n:04}" for n in reversed(range(2_000))]
    assert catalog.get([]) == catalog.get(["unheard of"]) == []


def test_purposes_and_twins(catalog: Catalog) -> None:
    assert catalog.twins("a.txt", 5) == []
    catalog.upsert(
        [
            file("1", "a.txt", bytes=5, purpose="batch"),
            file("2", "a.txt", bytes=5, purpose="evals"),
            file("3", "a.txt", bytes=6, purpose="batch", kind="busy"),
            file("4", "A.txt", bytes=5),
        ]
    )
    assert catalog.purposes() == {"batch": 2, "evals": 1, "": 1}
    assert sorted(catalog.twins("a.txt", 5)) == ["1", "2"]
    assert catalog.twins("b.txt", 5) == []
    catalog.remove(["2"])
    assert catalog.purposes() == {"batch": 2, "": 1}


def test_likely_duplicates_are_those_first_that_free_the_most(catalog: Catalog) -> None:
    names = ("once", "a.txt", "a.txt", "a.txt", "A.TXT", "b", "b", "c", "c", "c", "c", "unknown", "unknown")
    sizes = (9, 5, 5, 5, 5, 100, 100, 1, 1, 2, 2, None, None)
    catalog.upsert(file(f"f{n}", name, bytes=size) for n, (name, size) in enumerate(zip(names, sizes, strict=True)))

    assert catalog.likely_duplicates(3) == [
        Twins(Untrusted("b"), 100, 2),
        Twins(Untrusted("a.txt"), 5, 4),
        Twins(Untrusted("c"), 2, 2),
    ]
    assert len(catalog.likely_duplicates(9)) == 4


def test_the_newest_busy_files(catalog: Catalog) -> None:
    catalog.upsert(file(f"f{n}", kind="ready" if n % 2 else "busy", created_at=n) for n in range(10))
    assert ids(catalog.busy(3)) == ["f8", "f6", "f4"]


def test_notes(catalog: Catalog) -> None:
    assert catalog.noted("page_limit") is None
    catalog.note("page_limit", 100)
    catalog.note("page_limit", 1_000)
    assert catalog.noted("page_limit") == 1_000


def test_ids_with_a_nul_are_like_others(catalog: Catalog) -> None:
    odd = "file-\0-a"
    assert catalog.upsert([file(odd, bytes=3), file("file-", bytes=4), file("b")]).new == 3
    assert catalog.upsert([file(odd, bytes=3)]).new == 0
    assert catalog.get([odd]) == [file(odd, bytes=3)]
    catalog.marks.toggle(odd)
    assert catalog.marks.among([odd, "b", "file-"]) == {odd}
    catalog.remove([odd])
    assert ids(catalog.page(Query(), 10)) == ["file-", "b"]


def test_an_empty_catalog_has_answers(catalog: Catalog) -> None:
    for query in (Query(), Query(text="a"), Query(purpose=Untrusted("batch")), Query(expires="never")):
        assert catalog.totals(query) == Totals(0, 0)
        assert catalog.page(query, 10, BEGINNING) == catalog.page(query, 10, END) == []
    assert catalog.purposes() == {}
    assert catalog.likely_duplicates(10) == []


def test_a_closed_catalog_fails_in_its_own_words(tmp_path: Path) -> None:
    with catalog_in(tmp_path) as catalog:
        catalog.upsert([file("a")])
    catalog.close()
    for ask in (catalog.purposes, catalog.begin_sync, catalog.marks.clear, lambda: catalog.page(Query(), 1)):
        with pytest.raises(CatalogFailed) as failed:
            ask()
        assert not failed.value.is_damage


def test_a_closed_catalog_is_one_file(tmp_path: Path) -> None:
    for _ in range(2):
        with catalog_in(tmp_path) as catalog:
            catalog.upsert([file("a")])
            catalog.marks.toggle("a")
            assert catalog.totals(Query(text="a")).files == 1
        assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_full_disk_changes_nothing(catalog: Catalog, tmp_path: Path) -> None:
    catalog.upsert([file("a", bytes=1)])
    writer = catalog._store._writer
    writer.execute("pragma max_page_count = 40")
    with pytest.raises(CatalogFailed, match="full") as failed:
        catalog.upsert(file(f"f{n}", "name" * 100, bytes=1) for n in range(10_000))
    assert not failed.value.is_damage
    assert catalog.totals(Query()) == Totals(1, 1)

    writer.execute("pragma max_page_count = 4000")
    catalog.upsert(file(f"f{n}", bytes=1) for n in range(100))
    assert catalog.totals(Query()) == Totals(101, 101)
    recount(tmp_path)


def test_an_sqlite_without_runs_of_characters_searches_all_the_same(tmp_path: Path) -> None:
    with catalog_in(tmp_path) as catalog:
        catalog.upsert([file("a", "train.jsonl"), file("b")])
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("drop table words")
    with catalog_in(tmp_path) as catalog:
        settle(catalog)
        catalog.upsert([file("a", "training.jsonl"), file("c", "trained")])
        assert ids(catalog.page(Query(text="TRAIN"), 10)) == ["c", "a"]
        assert catalog.totals(Query(text="train")).files == 2


def test_a_temporary_catalog_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_catalog() as catalog:
        catalog.upsert([file("a")])
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        assert ids(catalog.page(Query(), 10)) == ["a"]
    assert list(tmp_path.iterdir()) == []
