"""The listing as those read it who keep nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from files_tui.api.errors import AuthenticationFailed, Refused
from files_tui.catalog.listing import BROKE_OFF, CIRCLE, OWN_WAY, RESTLESS
from files_tui.catalog.walk import Walk
from tests.listings import Listed, asked, numbered, page
from tests.wire import Received, Reply, client_to, error_answer, json_answer, serving

Handler = Callable[[Received], Reply]


def told(ids: list[str], total: int) -> bytes:
    """A page without `has_more`, of a server that tells how many files it has."""
    return json_answer({"object": "list", "data": [{"id": each} for each in ids], "total": total})


def walked(handler: Handler, purpose: str | None = None) -> tuple[list[list[str]], str | None, list[str | None]]:
    """The ids page by page, the note, and what was asked behind."""
    with serving(handler) as server, client_to(server) as client:
        walk = Walk(client, purpose)
        pages = [[file.id.true for file in files] for files in walk.pages()]
        return pages, walk.note, [asked(request).after for request in server.requests]


def test_pages_come_as_large_as_the_server_gives_them() -> None:
    ids = numbered(250)
    pages, note, _ = walked(Listed(ids, allowed=100))
    assert (pages, note) == ([ids[:100], ids[100:200], ids[200:]], None)
    assert walked(Listed(ids, says_more=False))[0][0] == ids
    assert walked(Listed([]))[0] == [[]]


@pytest.mark.parametrize("takes_purpose", [True, False])
def test_a_purpose_is_looked_at_here_too(takes_purpose: bool) -> None:
    purposes = dict.fromkeys(numbered(9)[::2], "batch")
    pages, note, _ = walked(Listed(numbered(9), purposes, most=4, takes_purpose=takes_purpose), "batch")
    assert ([each for page in pages for each in page], note) == (numbered(9)[::2], None)


def test_a_server_that_refuses_a_purpose_is_asked_for_all() -> None:
    listed = Listed(["a", "b"], {"a": "own"})

    def handler(request: Received) -> Reply:
        return error_answer(400, "unknown purpose") if asked(request).purpose else listed(request)

    assert walked(handler, "own")[0] == [["a"]]
    with pytest.raises(AuthenticationFailed):
        walked(lambda _: error_answer(401), "own")
    with pytest.raises(Refused, match="no such purpose"):
        walked(lambda request: error_answer(400, "no such purpose" if asked(request).purpose else "a purpose!"), "own")


@pytest.mark.parametrize(
    ("listed", "note"),
    [
        (lambda _: page(numbered(3), more=True), CIRCLE),
        (Listed(numbered(3), extra={"total": 5}), OWN_WAY),
        (Listed(numbered(3), extra={"pagination_token": "x"}), OWN_WAY),
        (lambda request: error_answer(405) if asked(request).after else told(numbered(3), total=5), OWN_WAY),
        (lambda request: page([]) if asked(request).after else page(numbered(3), more=True), BROKE_OFF),
    ],
)
def test_a_listing_that_may_not_be_whole_is_given_once_and_said_to_be_so(listed: Handler, note: str) -> None:
    pages, said, _ = walked(listed)
    assert ([each for page in pages for each in page], said) == (numbered(3), note)


def test_entries_without_an_id_are_told_of() -> None:
    given = {"data": [{"id": "a"}, {"name": "b"}]}
    for reply in (json_answer({**given, "has_more": False}), json_answer(given)):  # of which the latter comes again
        _, note, _ = walked(partial(lambda reply, _: reply, reply))
        assert note == "1 entries had no id and are not shown"


@pytest.mark.parametrize("most", [2, 100])
def test_a_server_that_lists_the_oldest_first_is_turned_round(most: int) -> None:
    times = {each: number for number, each in enumerate(numbered(6))}

    def handler(request: Received) -> Reply:
        after = asked(request).after
        rest = numbered(6)[numbered(6).index(after) + 1 :] if after else numbered(6)
        given = [{"id": each, "created_at": times[each]} for each in rest[:most]]
        return json_answer({"data": given, "has_more": len(rest) > most})

    pages, note, _ = walked(handler)
    times_given = [times[each] for page in pages for each in page]
    assert times_given == [5, 4, 3, 2, 1, 0]
    assert note is None


def test_where_every_cursor_is_gone_the_pass_begins_again_and_gives_nothing_twice() -> None:
    listed = Listed(list("abcdef"), most=4)
    listed.when = {2: lambda: listed.lose("cd")}
    pages, note, behind = walked(listed)
    assert ([each for page in pages for each in page], note) == (list("abcdef"), None)
    assert behind.count(None) == 2
    assert walked(lambda request: error_answer(404) if asked(request).after else page("ab", more=True))[1] == RESTLESS
