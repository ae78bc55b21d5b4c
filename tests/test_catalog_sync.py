"""From the pages of a server to the catalog: how paging ends, and what does not count as an end."""

import threading
from collections.abc import Callable, Iterator

import pytest

from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted, PermissionMissing, Refused, ServerError, Unreadable
from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.errors import Superseded
from files_tui.catalog.listing import BROKE_OFF, CIRCLE, MOST_PASSES, OWN_WAY, RESTLESS
from files_tui.catalog.sync import Synced
from tests.files import a_file
from tests.listings import (
    Listed,
    asked,
    cursors,
    interrupted,
    known,
    mirrored,
    numbered,
    page,
    sync_with,
    synced,
)
from tests.wire import Doing, Received, Reply, answer, error_answer, json_answer


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with temporary_catalog() as catalog:
        yield catalog


def replying(**replies: Reply) -> Callable[[Received], Reply]:
    """A reply for each cursor; `first` for none."""
    return lambda request: replies[asked(request).after or "first"]


@pytest.mark.parametrize(
    ("server", "asked_behind"),
    [
        pytest.param(Listed([]), "-", id="empty"),
        pytest.param(Listed([], says_more=False), "-", id="empty, no has_more"),
        pytest.param(Listed(["a"], says_more=False), "-a", id="no has_more, page not full"),
        pytest.param(Listed([*"abc"], says_more=False), "--bc-bc", id="no has_more, page full"),
        pytest.param(Listed([*"ab"], says_more=False), "--b", id="no has_more, last page empty"),
        pytest.param(Listed([*"ab"]), "-", id="full and over"),
        pytest.param(Listed([*"ab"], most=1), "--a-a", id="clamped"),
        pytest.param(Listed([*"abcde"], most=1), "--abcd-abcd", id="clamped and long"),
        pytest.param(Listed([*"abcd"], takes_limit=False), "-", id="limit ignored"),
        pytest.param(Listed([*"abcd"], takes_limit=False, says_more=False), "--d", id="limit ignored, no has_more"),
        pytest.param(Listed(["a"], says_more=False, extra={"has_more": "true"}), "-a", id="has_more is no boolean"),
        pytest.param(Listed([*"abc"], extra={"first_id": None, "last_id": ""}), "--b-b", id="no last_id"),
        pytest.param(Listed(["a"], extra={"total": 1}), "-", id="total"),
        pytest.param(Listed([*"abcd"], extra={"total": 4}), "--b-b", id="total of several pages"),
    ],
)
def test_paging_that_ends(catalog: Catalog, server: Listed, asked_behind: str) -> None:
    interrupted(catalog, "old")
    outcome, requests = synced(server, catalog, screen=2, page_size=2)
    assert outcome == Synced(len(requests), len(server.ids), whole=True)
    assert cursors(requests) == asked_behind
    assert {each.limit for each in requests} == {2}
    assert known(catalog) == set(server.ids)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"data": [{"id": "a"}]}, id="data"),
        pytest.param([{"id": "a"}], id="bare array"),
        pytest.param({"code": 20000, "status": True, "data": {"object": "list", "data": [{"id": "a"}]}}, id="wrapped"),
        pytest.param({"data": {"data": [{"id": "a"}], "has_more": False, "total": 1}}, id="wrapped with has_more"),
    ],
)
def test_lists_of_any_form(catalog: Catalog, body: object) -> None:
    outcome, _ = synced(lambda _: json_answer(body), catalog)
    assert (outcome.files, outcome.whole, outcome.note, known(catalog)) == (1, True, None, {"a"})


@pytest.mark.parametrize("takes_after", [True, False])
@pytest.mark.parametrize("count", [10, 100])
def test_where_it_does_not_say_so_a_server_is_asked_whether_there_is_more(
    catalog: Catalog, count: int, takes_after: bool
) -> None:
    server = Listed(numbered(count), says_more=False, takes_limit=False, takes_after=takes_after)
    outcome, requests = synced(server, catalog)
    assert (outcome.files, outcome.whole, known(catalog)) == (count, True, set(server.ids))
    assert [each.after for each in requests] == [None, *([None] if count == 100 else []), server.ids[-1]]


def test_a_screen_of_more_files_than_a_page(catalog: Catalog) -> None:
    _, requests = synced(Listed([*"abcde"], says_more=False), catalog, screen=50, page_size=3)
    assert (cursors(requests), known(catalog)) == ("--ce-ce", {*"abcde"})


@pytest.mark.parametrize("most", [1, 10, 24, 25])
def test_a_server_that_gives_less_and_does_not_say_so_is_read_to_its_end(catalog: Catalog, most: int) -> None:
    server = Listed(numbered(25), says_more=False, most=most)
    assert synced(server, catalog)[0].files == 25
    assert known(catalog) == set(server.ids)


@pytest.mark.parametrize("status", [400, 404, 405, 422])
def test_a_server_that_refuses_to_page_has_given_all(catalog: Catalog, status: int) -> None:
    def handler(request: Received) -> Reply:
        return error_answer(status) if asked(request).after else json_answer({"data": [{"id": "a"}, {"id": "b"}]})

    outcome, requests = synced(handler, catalog)
    assert (outcome.whole, known(catalog)) == (True, {"a", "b"})
    assert cursors(requests) == "-ba-b"


@pytest.mark.parametrize("times", [2, 3])
def test_a_server_that_refuses_for_a_moment_is_not_taken_for_one_that_does_not_page(
    catalog: Catalog, times: int
) -> None:
    def handler(request: Received) -> Reply:
        seen.append(asked(request).after)
        if 1 < len(seen) <= 1 + times:
            return error_answer(400)
        return json_answer({"data": [{"id": each} for each in {"b": "c", "c": ""}.get(seen[-1] or "", "ab")]})

    seen: list[str | None] = []
    with sync_with(handler, catalog) as (sync, _, _):
        if times == 2:
            assert sync.run().whole
            assert known(catalog) == {"a", "b", "c"}
        else:
            with pytest.raises(Refused):
                sync.run()


@pytest.mark.parametrize("last", [{"data": None}, {"data": []}, []])
def test_a_listing_that_breaks_off_removes_nothing(catalog: Catalog, last: object) -> None:
    interrupted(catalog, "old")
    handler = replying(first=page("ab", more=True), b=json_answer(last))
    outcome, _ = synced(handler, catalog, screen=2, page_size=2)
    assert (outcome.whole, outcome.note) == (False, BROKE_OFF)
    assert known(catalog) == {"old", "a", "b"}


@pytest.mark.parametrize("words", [{"error": {"message": "no"}}, {"success": False}, {"code": 50000, "message": "no"}])
def test_an_error_that_looks_like_an_empty_list_removes_nothing(catalog: Catalog, words: dict[str, object]) -> None:
    interrupted(catalog, "old")
    with sync_with(lambda _: json_answer({**words, "data": []}), catalog) as (sync, _, _), pytest.raises(Refused):
        sync.run()
    assert known(catalog) == {"old"}


@pytest.mark.parametrize(
    ("pages", "asked_behind", "kept"),
    [
        pytest.param({"first": "ab", "b": "ab"}, "--b", "ab", id="after ignored, has_more for ever"),
        pytest.param({"first": ""}, "--", "", id="empty page with has_more"),
        pytest.param({"first": "a", "a": ""}, "--a", "a", id="empty second page"),
        pytest.param({"first": "a", "a": "b", "b": ""}, "--ab", "ab", id="has_more at the end"),
        pytest.param({"first": "a", "a": "b", "b": "a"}, "--ab", "ab", id="two pages in turn"),
        pytest.param({"first": "a", "a": "ba"}, "--a", "ab", id="cursor comes last"),
    ],
)
def test_paging_in_a_circle_ends_and_removes_nothing(
    catalog: Catalog, pages: dict[str, str], asked_behind: str, kept: str
) -> None:
    interrupted(catalog, "old")
    replies: dict[str, Reply] = {after: page(ids, more=True) for after, ids in pages.items()}
    outcome, requests = synced(replying(**replies), catalog)
    assert cursors(requests) == asked_behind
    assert outcome == Synced(len(asked_behind), len(kept), whole=False, note=CIRCLE)
    assert known(catalog) == {"old", *kept}


@pytest.mark.parametrize("count", [2, 5])
def test_a_full_page_that_comes_again_is_not_called_the_whole_listing(catalog: Catalog, count: int) -> None:
    """The server keeps to the limit and ignores `after`: nothing tells whether there are more files."""
    interrupted(catalog, "old")
    server = Listed([*"abcde"[:count]], says_more=False, takes_after=False)
    outcome, requests = synced(server, catalog, screen=2, page_size=2)
    assert (outcome.files, outcome.whole, outcome.note) == (2, False, CIRCLE)
    assert cursors(requests) == "--b"
    assert known(catalog) == {"old", *"ab"}


def test_a_page_of_files_that_were_seen_ends_the_pass(catalog: Catalog) -> None:
    """By then one more page may be on its way, which nobody waits for."""
    interrupted(catalog, "old")
    pages = {"first": "ab", "b": "cd", "d": "ac", "c": "ef"}
    handler = replying(**{after: page(ids, more=True) for after, ids in pages.items()})
    with sync_with(handler, catalog) as (sync, _, told):
        outcome = sync.run()
    assert (outcome.files, outcome.whole, outcome.note, told) == (4, False, CIRCLE, [outcome])
    assert known(catalog) == {"old", *"abcd"}


@pytest.mark.parametrize(
    ("extra", "asked_behind"),
    [({"total": 3}, "--b"), ({"pagination_token": "next"}, "--b"), ({"total": 3, "has_more": False}, "--")],
)
def test_a_server_that_pages_in_another_way_is_told_of(
    catalog: Catalog, extra: dict[str, object], asked_behind: str
) -> None:
    interrupted(catalog, "old")
    outcome, requests = synced(Listed([*"ab"], says_more=False, extra=extra), catalog)
    assert outcome == Synced(len(asked_behind), 2, whole=False, note=OWN_WAY)
    assert cursors(requests) == asked_behind
    assert known(catalog) == {"old", "a", "b"}


@pytest.mark.parametrize("document", [["another", "api"], {"data": [{"name": "a"}]}, {"data": [None]}])
def test_a_list_of_other_things_is_no_listing(catalog: Catalog, document: object) -> None:
    interrupted(catalog, "old")
    with pytest.raises(Unreadable, match="no list of files"):
        synced(lambda _: json_answer(document), catalog)
    assert known(catalog) == {"old"}


def test_entries_without_an_id_are_counted(catalog: Catalog) -> None:
    entries = [{"id": "a"}, {"filename": "none"}, None, {"id": ""}, 3]
    outcome, _ = synced(lambda _: json_answer({"data": entries}), catalog)
    assert outcome == Synced(2, 1, whole=True, note="4 entries had no id and are not shown")


def test_unreadable_entries_make_a_page_full(catalog: Catalog) -> None:
    handler = replying(first=json_answer({"data": [{}, {"id": "a"}]}), a=page("b", more=False))
    outcome, requests = synced(handler, catalog, screen=2, page_size=2)
    assert (outcome.files, cursors(requests)) == (2, "--a-a")


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (error_answer(403), PermissionMissing),
        (error_answer(500, headers={"x-should-retry": "false"}), ServerError),
        (answer(200, b"<html>"), Unreadable),
        (answer(200), Unreadable),
        (json_answer({"object": "list"}), Unreadable),
    ],
)
def test_a_sync_that_fails_removes_nothing(catalog: Catalog, failure: bytes, error: type[Exception]) -> None:
    interrupted(catalog, "old")
    with pytest.raises(error):
        synced(replying(first=page("a", more=True), a=failure), catalog)
    assert known(catalog) == {"old", "a"}
    assert catalog.noted("synced_at") is None


@pytest.mark.parametrize("part", [b"", page("b", more=False)[:-10]], ids=["before the next page", "within it"])
def test_a_sync_that_is_cancelled_removes_nothing(catalog: Catalog, part: bytes) -> None:
    interrupted(catalog, "old")
    abort = Abort()
    handler = replying(first=page("a", more=True), a=[part, threading.Event()])
    with sync_with(handler, catalog, abort=abort) as (sync, server, told):
        syncing = Doing(sync.run)
        server.arrived(3)
        abort.cancel()
        assert isinstance(syncing.outcome, Aborted)
    assert (known(catalog), told) == ({"old", "a"}, [])


def test_a_sync_that_is_cancelled_while_it_writes_asks_no_more(catalog: Catalog) -> None:
    """The page that was on its way then may or may not have come."""
    abort = Abort()

    def cancel(seen: int) -> None:
        if seen == 2:
            abort.cancel()

    handler = Listed([*"abcdef"], most=1)
    with sync_with(handler, catalog, abort=abort, on_page=cancel) as (sync, server, _):
        with pytest.raises(Aborted):
            sync.run()
        assert cursors(asked(request) for request in server.requests) in ("--a", "--ab")
    assert known(catalog) <= {*"abc"}


@pytest.mark.parametrize("held", ["first", "b"])
def test_a_second_sync_ends_the_first(catalog: Catalog, held: str) -> None:
    """Whatever the first was waiting for is not written any more, and it removes nothing."""
    go_on = threading.Event()
    stale = replying(first=page("xb", more=True), b=page("y", more=False))

    def slow(request: Received) -> Reply:
        waits = (asked(request).after or "first") == held
        reply = stale(request)
        assert isinstance(reply, bytes)
        return [go_on, reply] if waits else reply

    with sync_with(slow, catalog) as (sync, server, told):
        syncing = Doing(sync.run)
        server.arrived(1 if held == "first" else 3)
        assert synced(Listed([*"bc"]), catalog, force=True)[0].whole
        go_on.set()
        assert isinstance(syncing.outcome, Superseded)
    assert (known(catalog), told) == ({"b", "c"}, [])


def test_what_changes_during_a_sync_stays_changed(catalog: Catalog) -> None:
    """A page that was asked for earlier neither takes an upload away nor brings back what was deleted."""
    mirrored(catalog, ["kept", "deleted"])
    held = threading.Event()
    with sync_with(lambda _: [held, page(["kept", "deleted"], more=False)], catalog) as (sync, server, _):
        syncing = Doing(sync.run)
        server.arrived()
        catalog.upsert([a_file(id="uploaded")])
        catalog.remove(["deleted"])
        held.set()
        assert isinstance(syncing.outcome, Synced)
    assert known(catalog) == {"kept", "uploaded"}


def test_a_delete_during_a_sync_hides_none_of_someone_else(catalog: Catalog) -> None:
    """Though as many files are known in the end as were seen."""
    mirrored(catalog, "abcd")
    synced(Listed([*"abc"]), catalog, on_page=lambda _: catalog.remove(["a"]))
    assert known(catalog) == {"b", "c"}


def test_a_listing_that_lags_behind_deletes_is_still_read_to_its_end(catalog: Catalog) -> None:
    mirrored(catalog, "abc")
    catalog.remove(["a", "b"])
    for _ in range(2):
        outcome, requests = synced(Listed([*"abc"], most=2), catalog, force=True)
        assert (outcome.note, outcome.files, cursors(requests)) == (None, 3, "--b")
        assert known(catalog) == {"c"}


def test_a_circle_of_deleted_files_ends(catalog: Catalog) -> None:
    catalog.remove(["a", "b"])
    handler = replying(first=page("a", more=True), a=page("b", more=True), b=page("a", more=True))
    outcome, requests = synced(handler, catalog)
    assert (outcome.note, cursors(requests)) == (CIRCLE, "--ab")


def test_a_listing_that_changes_all_the_time_is_not_read_for_ever(catalog: Catalog) -> None:
    server = Listed(numbered(4), most=2)
    server.when = {number: lambda: server.ids.insert(0, f"new-{server.count}") for number in range(2, 100, 2)}
    outcome, requests = synced(server, catalog)
    assert [each.after for each in requests].count(None) == 1 + MOST_PASSES
    assert outcome.whole


def test_a_listing_whose_cursors_are_always_gone_is_told_of(catalog: Catalog) -> None:
    interrupted(catalog, "old")
    gone = error_answer(404, "No such File object")
    handler = replying(first=page("ab", more=True), a=gone, b=gone)
    outcome, requests = synced(handler, catalog)
    assert cursors(requests) == "-" + "-ba" * MOST_PASSES
    assert outcome == Synced(len(requests), 0, whole=False, note=RESTLESS)
    assert known(catalog) == {"old", "a", "b"}
