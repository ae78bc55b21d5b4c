"""What a sync removes, what stays although it was not seen, and what stays away although it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.changes import LAG, Upserted
from files_tui.catalog.errors import Superseded
from files_tui.catalog.query import Query, Totals
from tests.catalog_model import NOW, catalog_in, ids, recount
from tests.files import a_file


class Clock:
    """A clock that goes on when it is told to."""

    now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(tmp_path: Path, clock: Clock) -> Iterator[Catalog]:
    with catalog_in(tmp_path, clock) as catalog:
        yield catalog
        recount(tmp_path)


def files(*file_ids: str, **fields: Any) -> list[File]:
    return [a_file(id=file_id, **fields) for file_id in file_ids]


def known(catalog: Catalog) -> set[str]:
    found = ids(catalog.page(Query(), 10_000))
    assert catalog.totals(Query()).files == len(found)
    return set(found)


def test_a_finished_sync_removes_what_it_did_not_see(catalog: Catalog) -> None:
    first = catalog.begin_sync()
    catalog.upsert(files("old", "kept", bytes=5), run=first)
    assert catalog.finish_sync(first) == 0

    second = catalog.begin_sync()
    catalog.upsert(files("kept", bytes=5), run=second)
    assert known(catalog) == {"old", "kept"}
    catalog.upsert(files("uploaded meanwhile", bytes=5))
    assert catalog.finish_sync(second) == 1
    assert known(catalog) == {"kept", "uploaded meanwhile"}
    assert catalog.totals(Query()) == Totals(2, 10)


def test_what_was_removed_during_a_sync_does_not_keep_others(catalog: Catalog) -> None:
    catalog.upsert(files("old", "a", "b"))
    run = catalog.begin_sync()
    catalog.upsert(files("a", "b"), run=run)
    catalog.remove(["a"])
    assert catalog.finish_sync(run) == 1
    assert known(catalog) == {"b"}


def test_what_changed_during_a_sync_stays(catalog: Catalog) -> None:
    catalog.upsert(files("busy", "gone"))
    run = catalog.begin_sync()
    catalog.upsert(files("busy", kind="ready"))
    assert catalog.finish_sync(run) == 1
    assert known(catalog) == {"busy"}


def test_an_empty_listing_empties_the_catalog(catalog: Catalog) -> None:
    catalog.upsert(files(*(f"f{n}" for n in range(2_000))))
    assert catalog.finish_sync(catalog.begin_sync()) == 2_000
    assert known(catalog) == set()


def test_an_older_sync_that_ends_late_removes_nothing_of_the_newer(catalog: Catalog) -> None:
    older = catalog.begin_sync()
    newer = catalog.begin_sync()
    catalog.upsert(files("a"), run=newer)
    with pytest.raises(Superseded):
        catalog.upsert(files("b"), run=older)
    with pytest.raises(Superseded):
        catalog.finish_sync(older)
    assert known(catalog) == {"a"}
    catalog.finish_sync(newer)
    assert known(catalog) == {"a"}


def test_a_sync_that_does_not_end_removes_nothing(tmp_path: Path) -> None:
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(files("a", "b"))
        catalog.upsert(files("c"), run=catalog.begin_sync())
    with catalog_in(tmp_path) as catalog:
        run = catalog.begin_sync()
        assert known(catalog) == {"a", "b", "c"}
        catalog.upsert(files("b"), run=run)
        assert catalog.finish_sync(run) == 2
        assert known(catalog) == {"b"}


def test_the_time_of_a_whole_listing_is_noted(catalog: Catalog, clock: Clock) -> None:
    run = catalog.begin_sync()
    assert catalog.noted("synced_at") is None
    clock.now += 7.9
    catalog.finish_sync(run)
    assert catalog.noted("synced_at") == NOW + 7


def test_what_a_sync_hears_of_its_files(catalog: Catalog) -> None:
    catalog.upsert(files("known", "changed"))
    run = catalog.begin_sync()
    page = [*files("known", "new"), *files("changed", kind="busy")]
    assert catalog.upsert(page, run=run) == Upserted(new=1, changed=1, unseen=3)
    assert catalog.upsert(page, run=run) == Upserted(new=0, changed=0, unseen=0)
    assert catalog.upsert(files("known", "elsewhere")) == Upserted(new=1, changed=0, unseen=0)
    assert catalog.upsert(page, run=catalog.begin_sync()) == Upserted(new=0, changed=0, unseen=3)


def test_a_removed_file_stays_away_while_a_listing_lags(catalog: Catalog) -> None:
    catalog.upsert(files("a", "b"))
    catalog.remove(["a", "never there"])
    run = catalog.begin_sync()
    assert catalog.upsert(files("a", "b", "never there"), run=run) == Upserted(new=0, changed=0, unseen=3)
    assert catalog.upsert(files("a", "b"), run=run) == Upserted(new=0, changed=0, unseen=0)
    catalog.finish_sync(run)
    assert known(catalog) == {"b"}
    assert ids(catalog.get(["a", "b", "c"])) == ["b"]


def test_a_file_that_a_later_listing_still_has_comes_back(catalog: Catalog, clock: Clock) -> None:
    catalog.upsert(files("a"))
    catalog.remove(["a"])
    clock.now += LAG / 2
    catalog.upsert(files("a"), run=catalog.begin_sync())
    assert known(catalog) == set()
    clock.now += LAG
    assert catalog.upsert(files("a"), run=catalog.begin_sync()).new == 1
    assert known(catalog) == {"a"}


def test_a_listing_is_as_old_as_its_question(catalog: Catalog, clock: Clock) -> None:
    catalog.upsert(files("a"))
    asked_at = clock.now
    clock.now += 10
    catalog.remove(["a"])
    clock.now += 10 * LAG
    catalog.upsert(files("a"), asked_at=asked_at)
    catalog.upsert(files("a"))
    assert known(catalog) == set()
    catalog.upsert(files("a"), asked_at=clock.now)
    assert known(catalog) == {"a"}
