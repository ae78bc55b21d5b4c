"""Listings of every size: how many requests they take, and when the first files are there."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from files_tui.api.client import FilesClient
from files_tui.api.models import Exchange
from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.query import Query
from files_tui.catalog.sync import Sync, Synced
from files_tui.settings import Account, Secret
from files_tui.text import Untrusted
from tests.demo_server import running_demo
from tests.listings import Asked, Listed, interrupted, known, mirrored, numbered, sync_with, synced
from tests.waiting import until
from tests.wire import Doing, Received, Reply

MANY = 12_345


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with temporary_catalog() as catalog:
        yield catalog


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with running_demo("--bulk", str(MANY)) as url:
        yield url


def test_a_large_listing_of_the_real_api(catalog: Catalog, demo: str) -> None:
    """Two pages, looked at twice, since files may have come and gone between the first two; then what is new."""
    exchanges: list[Exchange] = []
    seen: list[int] = []
    told: list[Synced] = []
    interrupted(catalog, "gone")
    with closing(FilesClient(Account(base_url=demo, key=Secret("x")), exchanges.append)) as client:
        outcome = Sync(client, catalog, on_page=seen.append, on_whole=told.append).run()
        assert outcome == Synced(5, MANY, whole=True)
        assert told == [Synced(3, MANY, whole=True)]
        assert seen == [100, 10_000, MANY, 10_000, MANY]
        assert len(exchanges) == 5
        assert "gone" not in known(catalog)
        assert catalog.totals(Query()).files == MANY

        assert Sync(client, catalog).run() == Synced(1, 100, whole=False)
        assert Sync(client, catalog, force=True).run() == Synced(3, MANY, whole=True)
        assert len(exchanges) == 9


def test_the_purpose_of_a_large_listing(catalog: Catalog, demo: str) -> None:
    counts: list[int] = []

    def count(_: int) -> None:
        counts.append(catalog.totals(Query(purpose=Untrusted("vision"))).files)

    with closing(FilesClient(Account(base_url=demo, key=Secret("x")))) as client:
        outcome = Sync(client, catalog, wanted=lambda: Untrusted("vision"), on_page=count).run()
    assert outcome == Synced(6, MANY, whole=True)
    assert counts == [12, *[MANY // 8] * 5]


@pytest.mark.parametrize(
    ("count", "requests"),
    [
        (0, [100]),
        (1, [100]),
        (99, [100]),
        (100, [100]),
        (101, [100, 10_000]),
        (250, [100, 10_000]),
        (10_000, [100, 10_000]),
        (10_001, [100, *[10_000] * 4]),
    ],
)
def test_requests_for_a_listing_of_any_size(catalog: Catalog, count: int, requests: list[int]) -> None:
    server = Listed(numbered(count))
    outcome, asked_for = synced(server, catalog)
    assert outcome == Synced(len(requests), count, whole=True)
    assert [each.limit for each in asked_for] == requests
    assert known(catalog) == set(server.ids)


@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (57, 2), (60, 2), (100, 3), (101, 3), (250, 3), (9_999, 3), (10_000, 3)]
)
def test_requests_where_the_server_does_not_say_whether_there_is_more(
    catalog: Catalog, count: int, requests: int
) -> None:
    """It may give fewer files than it is asked for, so that it is asked once more."""
    server = Listed(numbered(count), says_more=False)
    outcome, _ = synced(server, catalog)
    assert (outcome.requests, outcome.whole, known(catalog)) == (requests, True, set(server.ids))


@pytest.mark.parametrize("says_more", [True, False])
def test_a_server_that_gives_less_than_it_is_asked_for(catalog: Catalog, says_more: bool) -> None:
    server = Listed(numbered(MANY), most=1_000, says_more=says_more)
    outcome, requests = synced(server, catalog)
    ends = [*range(1_000, MANY, 1_000), *([] if says_more else [MANY])]
    assert outcome == Synced(3 + 2 * len(ends), MANY, whole=True)
    behind: list[tuple[str, ...]] = [(), *((server.ids[end - 1],) for end in ends)]
    assert requests == [Asked(100), *[Asked(10_000, *after) for after in behind * 2]]
    assert known(catalog) == set(server.ids)

    assert synced(server, catalog, force=True)[0].requests == 2 + len(ends)
    assert synced(server, catalog)[0] == Synced(1, 100, whole=False)


@pytest.mark.parametrize(("allowed", "first", "later"), [(2_000, 16, 8), (100, 252, 125)])
def test_a_server_that_refuses_so_large_a_page(catalog: Catalog, allowed: int, first: int, later: int) -> None:
    """DashScope and Zhipu (API reference, "Servers that speak it")."""
    server = Listed(numbered(MANY), allowed=allowed)
    assert synced(server, catalog)[0] == Synced(first, MANY, whole=True)
    assert known(catalog) == set(server.ids)
    assert synced(server, catalog, force=True)[0] == Synced(later, MANY, whole=True)
    assert synced(server, catalog)[0] == Synced(1, 100, whole=False)


@pytest.mark.parametrize("page", [2, 3, 4])
def test_what_came_is_there_before_the_next_page_is_answered(catalog: Catalog, page: int) -> None:
    held = threading.Event()
    listed = Listed(numbered(MANY), most=1_000)

    def handler(request: Received) -> Reply:
        reply = listed(request)
        assert isinstance(reply, bytes)
        return [held, reply] if listed.count == page else reply

    with sync_with(handler, catalog) as (sync, server, told):
        syncing = Doing(sync.run)
        server.arrived(page)
        until(lambda: catalog.totals(Query()).files == max(100, (page - 2) * 1_000))
        assert not told
        held.set()
        assert isinstance(syncing.outcome, Synced)


def test_a_large_listing_that_lost_a_page(catalog: Catalog) -> None:
    server = Listed(numbered(MANY))
    mirrored(catalog, server.ids)
    server.lose(set(server.ids[4_000:4_500]))
    outcome, _ = synced(server, catalog, force=True)
    assert outcome == Synced(5, MANY - 500, whole=True)
    assert known(catalog) == set(server.ids)
