"""From the pages of a server to the catalog: a large listing, and servers whose paging leads nowhere."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, Refused, Unreadable
from files_tui.api.models import Exchange, File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Query
from files_tui.catalog.sync import Synced, sync
from files_tui.settings import Account, Secret
from tests.demo_server import running_demo
from tests.wire import Doing, Received, Reply, answer, client_to, error_answer, json_answer, serving

CIRCLE = "the server's paging leads in a circle: the list may be incomplete"


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with closing(Catalog()) as catalog:
        yield catalog


def page(*ids: str, more: object = None, **extra: object) -> bytes:
    data = [{"id": file_id, "filename": file_id} for file_id in ids]
    return json_answer({"data": data, **({} if more is None else {"has_more": more}), **extra})


def after(request: Received) -> str | None:
    return parse_qs(urlsplit(request.target).query).get("after", [None])[0]


def run(catalog: Catalog, handler: Callable[[Received], Reply], **options: Any) -> tuple[Synced, list[str | None]]:
    """The outcome of a sync, and the cursors that it asked with."""
    with serving(handler) as server, client_to(server) as client:
        synced = sync(client, catalog, **options)
        return synced, [after(request) for request in server.requests]


def replying(*replies: bytes) -> Callable[[Received], Reply]:
    """One reply after another, the last one for ever."""
    waiting = list(replies)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


def known(catalog: Catalog) -> set[str]:
    return set(catalog.ids(Query()))


def have(catalog: Catalog, *ids: str) -> None:
    """Let the catalog know files from an earlier sync."""
    catalog.finish_sync(catalog.begin_sync())
    catalog.upsert(File(id=file_id) for file_id in ids)


def test_a_large_listing(catalog: Catalog) -> None:
    exchanges: list[Exchange] = []
    seen: list[int] = []
    with running_demo("--bulk", "12345") as url:
        client = FilesClient(Account(base_url=url, key=Secret("x")), exchanges.append)
        with closing(client):
            have(catalog, "gone")
            synced = sync(client, catalog, on_page=seen.append)

    assert synced == Synced(pages=13, files=12_345)
    assert len(exchanges) == 13
    assert seen == [*range(1_000, 12_001, 1_000), 12_345]
    assert catalog.totals(Query()).files == len(known(catalog)) == 12_345
    assert "gone" not in known(catalog)


def test_the_first_page_is_there_before_the_second_is_answered(catalog: Catalog) -> None:
    second = threading.Event()
    replies: dict[str | None, Reply] = {None: page("a", more=True), "a": [second, page("b", more=False)]}
    with serving(lambda request: replies[after(request)]) as server, client_to(server) as client:
        syncing = Doing(lambda: sync(client, catalog))
        server.arrived(2)
        assert known(catalog) == {"a"}
        second.set()
        assert syncing.outcome == Synced(2, 2)
    assert known(catalog) == {"a", "b"}


def test_the_size_of_a_page_is_asked_for(catalog: Catalog) -> None:
    def handler(request: Received) -> Reply:
        assert request.target == "/v1/files?limit=7&order=desc"
        return page("a")

    assert run(catalog, handler, page_size=7)[0] == Synced(1, 1)


@pytest.mark.parametrize(
    ("replies", "cursors", "outcome", "kept"),
    [
        pytest.param([page(more=False)], [None], Synced(1, 0), "", id="empty"),
        pytest.param([page("a")], [None], Synced(1, 1), "a", id="no has_more, page not full"),
        pytest.param([page("a", "b"), page("c")], [None, "b"], Synced(2, 3), "abc", id="no has_more, page full"),
        pytest.param([page("a", "b"), page()], [None, "b"], Synced(2, 2), "ab", id="no has_more, last page empty"),
        pytest.param([page("a", "b")], [None, "b"], Synced(2, 2), "ab", id="no has_more, after ignored"),
        pytest.param([page("a", "b", more=False)], [None], Synced(1, 2), "ab", id="full and over"),
        pytest.param([page("a", more=True), page("b", more=False)], [None, "a"], Synced(2, 2), "ab", id="clamped"),
        pytest.param([page("a", "b", "c", "d", more=False)], [None], Synced(1, 4), "abcd", id="limit ignored"),
        pytest.param([page("a", more="true")], [None], Synced(1, 1), "a", id="has_more is no boolean"),
        pytest.param([answer(200, b"[]")], [None], Synced(1, 0), "", id="bare array"),
        pytest.param(
            [page("a", more=True, first_id=None, last_id=""), page("b", more=False)],
            *([None, "a"], Synced(2, 2), "ab"),
            id="no last_id",
        ),
    ],
)
def test_paging_that_ends(
    catalog: Catalog, replies: list[bytes], cursors: list[str | None], outcome: Synced, kept: str
) -> None:
    have(catalog, "old")
    assert run(catalog, replying(*replies), page_size=2) == (outcome, cursors)
    assert known(catalog) == set(kept)


@pytest.mark.parametrize(
    ("replies", "cursors", "files", "kept"),
    [
        pytest.param([page("a", "b", more=True)], [None, "b"], 2, "ab", id="after ignored, has_more for ever"),
        pytest.param([page(more=True)], [None], 0, "", id="empty page with has_more"),
        pytest.param([page("a", more=True), page(more=True)], [None, "a"], 1, "a", id="empty second page"),
        pytest.param(
            [page("a", more=True), page("b", more=True), page("a", more=True)],
            *([None, "a", "b"], 2, "ab"),
            id="two pages in turn",
        ),
        pytest.param([page("a", more=True), page("b", "a", more=True)], [None, "a"], 2, "ab", id="cursor comes last"),
    ],
)
def test_paging_in_a_circle_ends_and_removes_nothing(
    catalog: Catalog, replies: list[bytes], cursors: list[str | None], files: int, kept: str
) -> None:
    have(catalog, "old")
    assert run(catalog, replying(*replies), page_size=2) == (Synced(len(cursors), files, CIRCLE), cursors)
    assert known(catalog) == {"old", *kept}


def test_entries_without_an_id_are_counted(catalog: Catalog) -> None:
    entries = [{"id": "a"}, {"filename": "none"}, None, {"id": ""}, 3]
    synced, _ = run(catalog, lambda _: json_answer({"data": entries}))
    assert synced == Synced(1, 1, "4 entries had no id and are not shown")


def test_unreadable_entries_make_a_page_full(catalog: Catalog) -> None:
    first = json_answer({"data": [{}, {"id": "a"}]})
    synced, cursors = run(catalog, replying(first, page("b")), page_size=2)
    assert (synced.files, cursors) == (2, [None, "a"])


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (error_answer(400, "No such File object: a"), Refused),
        (answer(200, b"<html>"), Unreadable),
        (json_answer({"object": "list"}), Unreadable),
    ],
)
def test_a_sync_that_fails_removes_nothing(catalog: Catalog, failure: bytes, error: type[Exception]) -> None:
    have(catalog, "old")
    with pytest.raises(error):
        run(catalog, replying(page("a", more=True), failure))
    assert known(catalog) == {"old", "a"}


def test_a_sync_that_is_cancelled_removes_nothing(catalog: Catalog) -> None:
    have(catalog, "old")
    abort = Abort()
    replies: Mapping[str | None, Reply] = {None: page("a", more=True), "a": [threading.Event(), page(more=False)]}
    with serving(lambda request: replies[after(request)]) as server, client_to(server) as client:
        syncing = Doing(lambda: sync(client, catalog, abort=abort))
        server.arrived(2)
        abort.cancel()
        assert isinstance(syncing.outcome, Aborted)
    assert known(catalog) == {"old", "a"}


def test_what_changes_during_a_sync_stays_changed(catalog: Catalog) -> None:
    """A page that was asked for earlier neither takes an upload away nor brings back what was deleted."""
    have(catalog, "kept", "deleted")
    held = threading.Event()
    with (
        serving(lambda _: [held, page("kept", "deleted", more=False)]) as server,
        client_to(server) as client,
    ):
        syncing = Doing(lambda: sync(client, catalog))
        server.arrived()
        catalog.upsert([File(id="uploaded")])
        catalog.remove(["deleted"])
        held.set()
        assert isinstance(syncing.outcome, Synced)
    assert known(catalog) == {"kept", "uploaded"}


def test_a_listing_that_lags_behind_deletes_is_still_read_to_its_end(catalog: Catalog) -> None:
    have(catalog, "a", "b", "c")
    catalog.remove(["a", "b"])
    replies = {None: page("a", "b", more=True), "b": page("c", more=False)}
    for _ in range(2):
        synced, cursors = run(catalog, lambda request: replies[after(request)])
        assert (synced.note, cursors) == (None, [None, "b"])
        assert known(catalog) == {"c"}


def test_a_circle_of_deleted_files_ends(catalog: Catalog) -> None:
    catalog.remove(["a", "b"])
    synced, cursors = run(catalog, replying(page("a", more=True), page("b", more=True), page("a", more=True)))
    assert (synced.note, cursors) == (CIRCLE, [None, "a", "b"])
