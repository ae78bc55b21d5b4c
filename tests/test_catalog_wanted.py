"""The purpose that the person looks at is asked for first, as long as the catalog was never whole."""

import threading
from collections.abc import Iterator

import pytest

from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.query import Query
from files_tui.catalog.sync import Synced
from files_tui.text import Untrusted
from tests.listings import Asked, Listed, asked, known, mirrored, numbered, sync_with, synced
from tests.wire import Doing, Received, Reply, error_answer

BATCH = {"e": "batch", "g": "batch", "i": "batch"}
SMALL = {"screen": 2, "page_size": 2}


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with temporary_catalog() as catalog:
        yield catalog


def of(requests: list[Asked], purpose: str) -> list[str | None]:
    """The cursors that a purpose was asked for with."""
    return [each.after for each in requests if each.purpose == purpose]


def test_a_purpose_comes_before_everything_else(catalog: Catalog) -> None:
    held = threading.Event()
    listed = Listed([*"abcdefghi"], BATCH)

    def handler(request: Received) -> Reply:
        reply = listed(request)
        assert isinstance(reply, bytes)
        return [held, reply] if listed.count == 4 else reply

    with sync_with(handler, catalog, wanted=lambda: Untrusted("batch"), **SMALL) as (sync, server, _):
        syncing = Doing(sync.run)
        assert asked(server.arrived(4)) == Asked(2)
        assert [asked(request) for request in server.requests[:3]] == [
            Asked(2),
            Asked(2, None, "batch"),
            Asked(2, "g", "batch"),
        ]
        assert catalog.totals(Query(purpose=Untrusted("batch"))).files == 3
        held.set()
        assert isinstance(syncing.outcome, Synced)
    assert known(catalog) == {*"abcdefghi"}


def test_a_purpose_that_is_chosen_in_the_middle_of_a_pass_comes_next(catalog: Catalog) -> None:
    chosen: list[Untrusted | None] = [None]

    def choose(seen: int) -> None:
        if seen == 4:
            chosen[0] = Untrusted("batch")

    server = Listed([*"abcdefghijkl"], BATCH)
    outcome, requests = synced(server, catalog, wanted=lambda: chosen[0], on_page=choose, **SMALL)
    assert of(requests, "batch") == [None, "g"]
    last = max(number for number, each in enumerate(requests) if each.purpose)
    first_pass = requests[:last]
    assert Asked(2, "d") in first_pass or Asked(2, "d") == requests[last + 1]  # on its way beside them
    assert Asked(2, "f") not in first_pass
    assert outcome.whole
    assert known(catalog) == set(server.ids)


def test_a_purpose_that_is_chosen_on_the_last_page_is_there_already(catalog: Catalog) -> None:
    chosen: list[Untrusted | None] = [None]

    def choose(seen: int) -> None:
        if seen == 9:
            chosen[0] = Untrusted("batch")

    _, requests = synced(Listed([*"abcdefghi"], BATCH), catalog, wanted=lambda: chosen[0], on_page=choose, **SMALL)
    assert of(requests, "batch") == []


def test_each_purpose_is_asked_for_once(catalog: Catalog) -> None:
    purposes = {**dict.fromkeys("abc", "vision"), **BATCH}
    looks = map(Untrusted, ["batch"] * 3 + ["vision"] * 4)
    batch = Untrusted("batch")
    _, requests = synced(Listed([*"abcdefghi"], purposes), catalog, wanted=lambda: next(looks, batch), **SMALL)
    assert of(requests, "batch") == [None, "g"]
    assert of(requests, "vision") == [None, "b"]


def test_a_purpose_that_is_left_is_not_read_to_its_end(catalog: Catalog) -> None:
    server = Listed(numbered(20), dict.fromkeys(numbered(20), "batch"))
    looks = iter([Untrusted("batch")])
    with sync_with(server, catalog, wanted=lambda: next(looks, None), **SMALL) as (sync, scripted, _):
        assert sync.run().whole
        requests = [asked(request) for request in scripted.requests]
    assert of(requests, "batch") in ([None], [None, "file-00001"])
    assert known(catalog) == set(server.ids)


def test_a_catalog_that_was_whole_has_the_purpose_already(catalog: Catalog) -> None:
    mirrored(catalog, "abcdefghi")
    _, requests = synced(Listed([*"abcdefghi"], BATCH), catalog, wanted=lambda: Untrusted("batch"), force=True, **SMALL)
    assert of(requests, "batch") == []


def test_a_listing_that_fits_the_screen_has_the_purpose_already(catalog: Catalog) -> None:
    _, requests = synced(Listed([*"ae"], BATCH), catalog, wanted=lambda: Untrusted("batch"), **SMALL)
    assert requests == [Asked(2)]


def test_a_server_that_ignores_the_purpose_is_asked_once(catalog: Catalog) -> None:
    """One more page may be on its way by then."""
    server = Listed([*"abcdefghi"], BATCH, takes_purpose=False)
    with sync_with(server, catalog, wanted=lambda: Untrusted("batch"), **SMALL) as (sync, scripted, _):
        assert sync.run().whole
        requests = [asked(request) for request in scripted.requests]
    assert of(requests, "batch") in ([None], [None, "b"])
    assert known(catalog) == set(server.ids)
    assert catalog.purposes() == {"": 6, "batch": 3}


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_server_that_refuses_the_purpose_is_asked_for_everything(catalog: Catalog, status: int) -> None:
    listed = Listed([*"abcdefghi"], BATCH)

    def handler(request: Received) -> Reply:
        return error_answer(status, "no such purpose") if asked(request).purpose else listed(request)

    outcome, requests = synced(handler, catalog, wanted=lambda: Untrusted("batch"), screen=2)
    assert outcome.whole
    assert [each.limit for each in requests if each.purpose is None] == [2, 10_000]
    assert catalog.noted("page_limit") is None
    assert known(catalog) == {*"abcdefghi"}


@pytest.mark.parametrize(("page_size", "begin"), [(2, 7), (20, 3)], ids=["several pages", "one page"])
def test_a_file_of_the_purpose_that_goes_before_the_pass_is_not_kept(
    catalog: Catalog, page_size: int, begin: int
) -> None:
    """Not even where the pass itself brings nothing new."""
    server = Listed([*"abcdefghi"], dict.fromkeys("abcdefghi", "batch"))
    server.when = {begin: lambda: server.lose("g")}
    outcome, requests = synced(server, catalog, wanted=lambda: Untrusted("batch"), screen=2, page_size=page_size)
    assert requests[begin - 1] == Asked(page_size)
    assert outcome.whole
    assert known(catalog) == {*"abcdefhi"}
