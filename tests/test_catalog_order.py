"""Orders, places and filters, each by itself."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from files_tui.api.models import File
from files_tui.catalog.catalog import MEMO_SECONDS, Catalog
from files_tui.catalog.query import BEGINNING, END, Key, Place, Query, Sort, Span
from files_tui.catalog.storage import same_as
from files_tui.text import Untrusted
from tests.catalog_model import NOW, SORTS, answer, catalog_in, ids, random_file, settle
from tests.files import a_file


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalog_in(tmp_path) as catalog:
        yield catalog


def found(catalog: Catalog, **query: Any) -> list[str]:
    """The ids that a query finds, in order."""
    asked = Query(**query)
    files = ids(catalog.page(asked, 10_000))
    assert catalog.totals(asked).files == len(files)
    return files


def mixed() -> list[File]:
    """Files with ties and gaps in every column, all of which can be stored as they are."""
    dice = random.Random(5)
    files = (random_file(dice, number) for number in range(120))
    return [
        replace(file, filename=Untrusted(name), purpose=Untrusted(purpose), status=None)
        for file in files
        for name in [dice.choice(("a", "B", "b", "ä", "Ä", "", "ß", "会"))]
        for purpose in [dice.choice(("batch", "evals", ""))]
    ]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_every_order_from_page_to_page(catalog: Catalog, sort: Sort, descending: bool) -> None:
    files = mixed()
    catalog.upsert(files)
    query = Query(sort=sort, descending=descending)
    expected = answer(query, files)

    assert catalog.page(query, 10_000) == expected
    assert [catalog.files_before(query, query.key(file)) for file in expected] == list(range(120))
    forward, backward = [catalog.page(query, 7)], [catalog.page(query, 7, END)]
    while forward[-1]:
        forward.append(catalog.page(query, 7, Place(query.key(forward[-1][-1]))))
    while backward[-1]:
        backward.append(catalog.page(query, 7, Place(query.key(backward[-1][0]), backward=True)))
    assert list(itertools.chain(*forward)) == expected
    assert list(itertools.chain(*reversed(backward))) == expected


def test_a_place_may_be_where_no_file_is(catalog: Catalog) -> None:
    catalog.upsert(a_file(id=f"f{n}", bytes=n * 10, purpose="b") for n in range(5))
    query = Query(sort="size", descending=False)
    between = Key(20, "f2z")
    assert ids(catalog.page(query, 9, Place(between, inclusive=True))) == ["f3", "f4"]
    assert ids(catalog.page(query, 9, Place(between, backward=True))) == ["f0", "f1", "f2"]
    assert catalog.files_before(query, between) == 3
    for purpose, before in (("a", 0), ("c", 5)):
        by_purpose = Query(sort="purpose", descending=False)
        assert catalog.files_before(by_purpose, Key(purpose, "x")) == before
        assert len(catalog.page(by_purpose, 9, Place(Key(purpose, "x")))) == 5 - before
    assert ids(catalog.page(query, 2, END)) == ["f3", "f4"]
    assert catalog.page(query, 0, BEGINNING) == []


def test_filters_narrow_together(catalog: Catalog) -> None:
    files = mixed()
    catalog.upsert(files)
    chosen: dict[str, Any] = {"purpose": "batch", "kinds": frozenset({"ready", "busy"}), "text": "b"}
    expected = {
        f.id for f in files if f.purpose == "batch" and f.kind in ("ready", "busy") and f.filename in ("b", "B")
    }
    assert set(found(catalog, **chosen)) == expected
    assert expected
    assert set(found(catalog, purpose="")) == {file.id for file in files if not file.purpose}
    assert found(catalog, purpose="unheard of") == []


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        (Span(0, 3600), "now soon"),
        (Span(0, 3601), "now soon edge"),
        (Span(None, 0), "past"),
        (Span(60, None), "soon edge late"),
        (Span(), "past now soon edge late"),
        ("never", "never"),
        (None, "past now soon edge late never"),
    ],
)
def test_what_expires(catalog: Catalog, expires: Any, expected: str) -> None:
    times = {"past": NOW - 1, "now": NOW, "soon": NOW + 60, "edge": NOW + 3600, "late": NOW + 3601, "never": None}
    catalog.upsert(a_file(id=name, expires_at=at) for name, at in times.items())
    assert found(catalog, expires=expires, sort="expires", descending=False) == expected.split()


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (Span(None, 60), "ahead new"),
        (Span(None, 61), "ahead new minute"),
        (Span(60, None), "minute old first"),
        (Span(60, 61), "minute"),
        (Span(0, 1), "ahead new"),
        (Span(), "ahead new minute old first"),
        (None, "ahead new minute old first unknown"),
    ],
)
def test_how_old(catalog: Catalog, age: Span | None, expected: str) -> None:
    times = {"ahead": NOW + 5, "new": NOW, "minute": NOW - 60, "old": NOW - 61, "first": 0, "unknown": None}
    catalog.upsert(a_file(id=name, created_at=at) for name, at in times.items())
    assert found(catalog, age=age) == expected.split()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Span(0, 1), "empty"),
        (Span(None, 1000), "empty one"),
        (Span(1, None), "one thousand absurd"),
        (Span(1000, 1001), "thousand"),
        (Span(5, 5), ""),
        (Span(7, 5), ""),
        (Span(), "empty one thousand absurd"),
        (None, "unknown empty one thousand absurd"),
    ],
)
def test_how_large(catalog: Catalog, size: Span | None, expected: str) -> None:
    sizes = {"unknown": None, "empty": 0, "one": 1, "thousand": 1000, "absurd": 2**63 - 1}
    catalog.upsert(a_file(id=name, bytes=length) for name, length in sizes.items())
    assert found(catalog, size=size, sort="size", descending=False) == expected.split()


@pytest.mark.parametrize("size", [0, 5, 2**63 - 1])
def test_files_of_one_name_and_size(catalog: Catalog, size: int) -> None:
    names = {"1": "A.txt", "2": "a.TXT", "3": "a.txt.gz", "4": "", "5": "b"}
    catalog.upsert(a_file(id=file_id, filename=name, bytes=size) for file_id, name in names.items())
    catalog.upsert([a_file(id="6", filename="a.txt", bytes=3), a_file(id="7", filename="a.txt")])
    query = same_as(Untrusted("a.txt"), size)
    assert ids(catalog.page(query, 9)) == ["2", "1"]
    assert catalog.totals(query).files == 2
    assert set(found(catalog, filename="A.TXT")) == {"1", "2", "6", "7"}
    assert found(catalog, filename="") == ["4"]


def test_a_query_knows_whether_it_is_filtered() -> None:
    assert not Query(purpose=Untrusted("batch"), sort="name").is_filtered
    narrow = [
        *(Query(text="a"), Query(kinds=frozenset({"busy"})), Query(filename=Untrusted("")), Query(expires="never")),
        *(Query(age=Span()), Query(size=Span()), Query(expires=Span())),
    ]
    assert all(query.is_filtered for query in narrow)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_a_walk_within_the_values_of_another_column_misses_nothing(
    catalog: Catalog, sort: Sort, descending: bool
) -> None:
    """A tenth of a large cell: too many to sort, so few that the walk begins and ends where they do."""
    files = [
        a_file(
            id=f"f{n}",
            bytes=None if n % 10 else 2**63 - 1 - n,
            created_at=NOW - n,
            expires_at=None if n % 20 else NOW + n,
            filename=f"{n % 100}",
        )
        for n in range(4_000)
    ]
    catalog.upsert(files)
    settle(catalog)
    for query in (
        Query(size=Span(10**9), sort=sort, descending=descending),
        Query(age=Span(1000, 1400), sort=sort, descending=descending),
        Query(expires=Span(), sort=sort, descending=descending),
    ):
        expected = answer(query, files)
        assert 50 < len(expected) <= 500
        assert catalog.page(query, 1_000) == expected
        assert catalog.page(query, 1_000, END) == expected
        assert catalog.page(query, 5, Place(query.key(expected[50]))) == expected[51:56]


def test_a_page_shows_what_was_written_since_the_last_one(catalog: Catalog) -> None:
    catalog.upsert(a_file(id=f"f{n}", filename=f"name-{n}", bytes=n) for n in range(3_000))
    settle(catalog)
    for query in (Query(text="name-29"), Query(size=Span(2_990)), Query(size=Span(10, 400), sort="name")):
        before = catalog.page(query, 3_000)
        gone = before[len(before) // 2]
        catalog.remove([gone.id])
        assert catalog.page(query, 3_000) == [file for file in before if file != gone]
        added = a_file(id=f"{gone.id.true}x", filename=gone.filename.true, bytes=gone.bytes)
        catalog.upsert([added])
        assert set(ids(catalog.page(query, 3_000))) == {*ids(before), added.id} - {gone.id}


def test_ages_go_on_while_the_same_page_is_asked_for(tmp_path: Path) -> None:
    now = [float(NOW)]
    with catalog_in(tmp_path, lambda: now[0]) as catalog:
        catalog.upsert(a_file(id=f"f{n:04}", filename="same", created_at=NOW - n) for n in range(3_000))
        settle(catalog)
        query = Query(age=Span(None, 10), sort="name")
        assert len(catalog.page(query, 100)) == 10
        now[0] += MEMO_SECONDS
        assert catalog.page(query, 100) == []
