"""What the catalog keeps, forgets and counts, with real SQLite files and threads."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest

from files_tui.api.models import File, Kind
from files_tui.catalog.catalog import LAG, Catalog, Superseded, Totals
from files_tui.catalog.query import Query, Sort

NOW = 1_700_000_000.0


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with closing(Catalog(clock=lambda: NOW)) as catalog:
        yield catalog


def file(file_id: str, filename: str = "", **fields: Any) -> File:
    return File(id=file_id, filename=filename, **fields)


def ids(catalog: Catalog, **query: Any) -> list[str]:
    """The ids that a query finds, in order, as each of the ways of asking gives them."""
    asked = Query(**query)
    found = catalog.ids(asked)
    assert [f.id for f in catalog.page(asked, 0, 10_000)] == found
    assert catalog.totals(asked).files == len(found)
    return found


def test_a_file_is_kept_whole(catalog: Catalog) -> None:
    raw = {"id": "file-1", "nested": {"é": [None, True, 1.5]}, "huge": 10**40}
    whole = File(
        id="file-1",
        filename="a [b].jsonl",
        bytes=2**63 - 1,
        created_at=1,
        expires_at=2,
        purpose="batch",
        status="processed",
        status_details="fine",
        kind="ready",
        raw=raw,
    )
    bare = file("file-2")

    assert catalog.upsert([whole, bare]) == 2

    assert catalog.get(["file-1"]) == [whole]
    assert catalog.get(["file-2"]) == [bare]


def test_what_sqlite_cannot_hold_is_replaced(catalog: Catalog) -> None:
    catalog.upsert([file("f\ud800", "a\udfff.txt", purpose="p\ud800", bytes=4)])

    (kept,) = catalog.page(Query(), 0, 10)
    assert (kept.id, kept.filename, kept.purpose) == ("f?", "a?.txt", "p?")
    assert catalog.twins("a\udfff.txt", 4) == ["f?"]


def test_absurd_sizes_have_a_total(catalog: Catalog) -> None:
    catalog.upsert(file(f"f{n}", bytes=2**63 - 1) for n in range(3))
    assert catalog.totals(Query()) == Totals(3, 3 * 2**63)


def test_a_total_is_exact(catalog: Catalog) -> None:
    catalog.upsert([file("a", bytes=2**52), file("b", bytes=1), file("c", bytes=None)])
    assert catalog.totals(Query()) == Totals(3, 2**52 + 1)
    assert catalog.totals(Query(text="none")) == Totals(0, 0)


def test_an_update_replaces(catalog: Catalog) -> None:
    catalog.begin_sync()
    assert catalog.upsert([file("a", status="uploaded", kind="busy")]) == 1
    assert catalog.upsert([file("a", status="processed", kind="ready"), file("b"), file("b")]) == 1
    assert [f.status for f in catalog.get(["a"])] == ["processed"]
    catalog.begin_sync()
    assert catalog.upsert([file("a")]) == 1


def test_a_finished_sync_removes_what_it_did_not_see(catalog: Catalog) -> None:
    first = catalog.begin_sync()
    catalog.upsert([file("old"), file("kept")])
    assert catalog.finish_sync(first) == 0

    second = catalog.begin_sync()
    catalog.upsert([file("kept")])
    assert ids(catalog) == ["old", "kept"]
    catalog.upsert([file("uploaded meanwhile")])
    assert catalog.finish_sync(second) == 1
    assert sorted(ids(catalog)) == ["kept", "uploaded meanwhile"]


def test_an_older_sync_that_ends_late_removes_nothing_of_the_newer(catalog: Catalog) -> None:
    older = catalog.begin_sync()
    newer = catalog.begin_sync()
    catalog.upsert([file("a")], newer)
    with pytest.raises(Superseded):
        catalog.upsert([file("b")], older)
    with pytest.raises(Superseded):
        catalog.finish_sync(older)
    assert ids(catalog) == ["a"]
    catalog.finish_sync(newer)
    assert ids(catalog) == ["a"]


def test_a_removed_file_stays_away(catalog: Catalog) -> None:
    catalog.upsert([file("a"), file("b")])
    catalog.remove(["a", "never there"])
    catalog.begin_sync()
    catalog.upsert([file("a"), file("b"), file("never there")])
    assert ids(catalog) == ["b"]
    assert catalog.get(["a", "b", "c"]) == [file("b")]


def test_get_gives_the_newest_first_for_any_number(catalog: Catalog) -> None:
    catalog.upsert(file(f"f{n:04}", created_at=n // 2) for n in range(2_000))
    found = catalog.get([f"f{n:04}" for n in range(2_000)])
    assert [f.id for f in found] == [f"f{n:04}" for n in reversed(range(2_000))]
    assert catalog.get([]) == []


def test_purposes_and_twins(catalog: Catalog) -> None:
    catalog.upsert(
        [
            file("1", "a.txt", bytes=5, purpose="batch"),
            file("2", "a.txt", bytes=5, purpose="evals"),
            file("3", "a.txt", bytes=6, purpose="batch"),
            file("4", "A.txt", bytes=5),
        ]
    )
    assert catalog.purposes() == {"batch": 2, "evals": 1, "": 1}
    assert sorted(catalog.twins("a.txt", 5)) == ["1", "2"]
    assert catalog.twins("b.txt", 5) == []


def mixed() -> list[File]:
    """Files with ties and gaps in every column."""
    dice = random.Random(5)
    kinds = get_args(Kind)
    return [
        file(
            f"file-{n}",
            dice.choice(["a", "B", "b", "ä", "Ä", "", "ß", "会"]),
            bytes=dice.choice([None, 0, 1, 1, 2**63 - 1]),
            created_at=dice.choice([None, 0, 5, 5, 9]),
            expires_at=dice.choice([None, 7, 7, int(NOW) + 10, 2**63 - 1]),
            purpose=dice.choice(["batch", "evals", ""]),
            kind=dice.choice(kinds),
        )
        for n in range(120)
    ]


ORDER: dict[Sort, Any] = {
    "created": lambda f: f.created_at or 0,
    "size": lambda f: -1 if f.bytes is None else f.bytes,
    "name": lambda f: f.filename.casefold(),
    "expires": lambda f: 2**63 - 1 if f.expires_at is None else f.expires_at,
    "purpose": lambda f: f.purpose,
    "status": lambda f: f.kind,
}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", get_args(Sort))
def test_every_sort_in_both_directions(catalog: Catalog, sort: Sort, descending: bool) -> None:
    files = mixed()
    catalog.upsert(files)
    expected = [f.id for f in sorted(files, key=lambda f: (ORDER[sort](f), f.id), reverse=descending)]
    query = Query(sort=sort, descending=descending)

    assert ids(catalog, sort=sort, descending=descending) == expected
    pages = [catalog.page(query, offset, 7) for offset in range(0, 140, 7)]
    assert [f.id for f in itertools.chain(*pages)] == expected
    assert [catalog.position(query, file_id) for file_id in expected] == list(range(120))
    assert catalog.position(query, "no such file") is None


def test_a_position_is_one_within_the_query(catalog: Catalog) -> None:
    catalog.upsert(mixed())
    for query in (Query(purpose="batch"), Query(text="b", sort="size"), Query(kinds=frozenset({"busy"}))):
        found = catalog.ids(query)
        assert 0 < len(found) < 120
        assert [catalog.position(query, file_id) for file_id in found] == list(range(len(found)))
        (other, *_) = set(catalog.ids(Query())) - set(found)
        assert catalog.position(query, other) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TRAIN", "train"),
        ("strasse", "street"),
        ("STRAẞE", "street"),
        ("CAFÉ", "cafe nfd"),
        ("cafe\u0301", "cafe nfd"),
        ("100%", "percent"),
        ("%", "percent"),
        ("_", "train"),
        ("\\", "backslash"),
        ("'; --", "quote"),
        ("FILE-9GXP", "file-9gXp"),
        ("会", "wide"),
        ("train_2026*", ""),
    ],
)
def test_a_search_is_literal_and_without_case(catalog: Catalog, text: str, found: str) -> None:
    names = {
        "train": "Train_2026.jsonl",
        "street": "Straße",
        "cafe nfd": "cafe\u0301",
        "percent": "100% x",
        "backslash": "a\\b",
        "quote": "'; -- drop",
        "file-9gXp": "",
        "wide": "会議",
    }
    catalog.upsert(file(file_id, name) for file_id, name in names.items())
    assert ids(catalog, text=text) == [found] * bool(found)


def test_filters_narrow_together(catalog: Catalog) -> None:
    files = mixed()
    catalog.upsert(files)
    chosen: dict[str, Any] = {"purpose": "batch", "kinds": frozenset({"ready", "busy"}), "text": "b"}
    expected = {f.id for f in files if f.purpose == "batch" and f.kind in ("ready", "busy") and f.filename in "bB"}
    expected -= {f.id for f in files if f.filename == ""}
    assert set(ids(catalog, **chosen)) == expected
    assert expected
    assert set(ids(catalog, purpose="")) == {f.id for f in files if not f.purpose}


def test_what_expires_soon(catalog: Catalog) -> None:
    now = int(NOW)
    times = {"past": now - 1, "now": now, "soon": now + 60, "edge": now + 3600, "late": now + 3601, "never": None}
    catalog.upsert(file(name, expires_at=at) for name, at in times.items())
    assert set(ids(catalog, expiring_within=3600)) == {"now", "soon", "edge"}


def test_a_query_knows_whether_it_is_filtered() -> None:
    assert not Query(purpose="batch", sort="name").is_filtered
    assert all(
        query.is_filtered for query in (Query(text="a"), Query(kinds=frozenset({"busy"})), Query(expiring_within=1))
    )


def test_readers_and_writers_at_once(catalog: Catalog) -> None:
    written = threading.Event()

    def write(start: int) -> None:
        for n in range(start, start + 40):
            catalog.upsert(file(f"f{n}-{k}", bytes=1) for k in range(10))
            catalog.remove([f"f{n}-0"])

    def read() -> None:
        while not written.is_set():
            batches = Counter(file_id.split("-")[0] for file_id in catalog.ids(Query()))
            assert set(batches.values()) <= {9, 10}, "a batch was seen half written"
            catalog.totals(Query())

    with ThreadPoolExecutor(7) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        writers = [pool.submit(write, start) for start in range(0, 160, 40)]
        wait(writers)
        written.set()
        for writer in writers:
            writer.result()
        for reader in readers:
            reader.result(30)

    assert catalog.totals(Query()) == Totals(1_440, 1_440)


def test_a_closed_catalog_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    catalog = Catalog()
    catalog.upsert([file("a")])
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    catalog.close()
    assert list(tmp_path.iterdir()) == []


def test_ids_with_a_nul_are_like_others(catalog: Catalog) -> None:
    odd = "file-\0-a"
    assert catalog.upsert([file(odd, bytes=3), file("b", bytes=4)]) == 2
    assert catalog.upsert([file(odd, bytes=3)]) == 0
    assert catalog.among([odd, "b", "c"]) == {odd: 3, "b": 4}


def test_a_file_that_a_later_listing_still_has_comes_back() -> None:
    now = [1000.0]
    with closing(Catalog(lambda: now[0])) as catalog:
        catalog.upsert([file("a")])
        catalog.remove(["a"])
        now[0] += LAG / 2
        catalog.upsert([file("a")], catalog.begin_sync())
        assert ids(catalog) == []
        now[0] += LAG
        catalog.upsert([file("a")], catalog.begin_sync())
        assert ids(catalog) == ["a"]
