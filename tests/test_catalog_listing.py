"""The pages of one listing: how large they are, which is asked for ahead, and what stands in for a lost cursor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from files_tui.api.abort import Abort
from files_tui.api.errors import AuthenticationFailed, NotFound, PermissionMissing, Refused, ServerError
from files_tui.api.models import FilePage
from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.listing import LARGEST_PAGE, CursorGone, Listing, goes_on
from tests.files import a_file
from tests.listings import Asked, Listed, asked, cursors, known, numbered, page, synced
from tests.wire import Received, Reply, Server, client_to, error_answer, serving


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with temporary_catalog() as catalog:
        yield catalog


@contextmanager
def listing_of(handler: Callable[[Received], Reply], page_size: int) -> Iterator[tuple[Listing, Server]]:
    with serving(handler) as server, client_to(server) as client:
        yield Listing(client, Abort(), page_size), server


def read(handler: Callable[[Received], Reply], page_size: int, purpose: str | None = None) -> tuple[str, list[Asked]]:
    """The ids that came, page by page, and what was asked."""
    with listing_of(handler, page_size) as (listing, server):
        pages = ["".join(file.id.true for file in each.files) for each in listing.pages(purpose)]
        assert listing.requests == len(server.requests)
        return " ".join(pages), [asked(request) for request in server.requests]


def test_all_pages_come_in_their_order() -> None:
    found, requests = read(Listed([*"abcdefg"]), 3)
    assert found == "abc def g"
    assert requests == [Asked(3), Asked(3, "c"), Asked(3, "f")]


def test_every_page_of_a_purpose_is_of_that_purpose() -> None:
    found, requests = read(Listed([*"abcdef"], dict.fromkeys("ace", "batch")), 2, "batch")
    assert found == "ac e"
    assert requests == [Asked(2, None, "batch"), Asked(2, "c", "batch")]


def test_the_next_page_is_asked_for_before_the_last_one_is_put_away() -> None:
    with listing_of(Listed([*"abcde"]), 2) as (listing, server):
        pages = listing.pages()
        next(pages)
        assert asked(server.arrived(2)).after == "b"
        next(pages)
        assert asked(server.arrived(3)).after == "d"
        assert [len(each.files) for each in pages] == [1]
        assert len(server.requests) == 3


def test_an_error_of_the_next_page_comes_after_the_page_before() -> None:
    pages: dict[str | None, Reply] = {None: page("ab", more=True), "b": error_answer(403)}
    with listing_of(lambda request: pages[asked(request).after], 2) as (listing, server):
        found = listing.pages()
        assert [file.id for file in next(found).files] == ["a", "b"]
        with pytest.raises(PermissionMissing):
            next(found)
        assert len(server.requests) == 2


@pytest.mark.parametrize("refusal", [400, 422])
@pytest.mark.parametrize(
    ("allowed", "limits"),
    [
        (10_000, [10_000]),
        (2_000, [10_000, 2_000]),
        (1_000, [10_000, 2_000, 1_000]),
        (100, [10_000, 2_000, 1_000, 100]),
    ],
)
def test_a_limit_that_is_refused_is_lowered(refusal: int, allowed: int, limits: list[int]) -> None:
    server = Listed(numbered(allowed + 50), allowed=allowed, refusal=refusal)
    _, requests = read(server, LARGEST_PAGE)
    assert [each.limit for each in requests] == [*limits, allowed]
    assert [each.after for each in requests[-2:]] == [None, server.ids[allowed - 1]]


@pytest.mark.parametrize(("page_size", "limits"), [(2_000, [2_000, 1_000, 100]), (100, [100]), (7, [7])])
def test_a_refusal_of_any_limit_is_raised(page_size: int, limits: list[int]) -> None:
    with listing_of(Listed([], allowed=5), page_size) as (listing, server):
        with pytest.raises(Refused, match="limit must be at most 5"):
            next(listing.pages())
        assert [asked(request).limit for request in server.requests] == limits
        assert listing.page_size == page_size


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthenticationFailed), (403, PermissionMissing), (404, NotFound), (500, ServerError)]
)
def test_other_refusals_are_not_taken_for_one_of_the_limit(status: int, error: type[Exception]) -> None:
    failure = error_answer(status, headers={"x-should-retry": "false"})
    with listing_of(lambda _: failure, LARGEST_PAGE) as (listing, server):
        with pytest.raises(error):
            next(listing.pages())
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("allowed", "limits"), [(2_000, [100, 10_000, 2_000]), (100, [100, 10_000, 2_000, 1_000, 100])]
)
def test_the_limit_that_a_server_takes_is_remembered(catalog: Catalog, allowed: int, limits: list[int]) -> None:
    server = Listed(numbered(allowed + 50), allowed=allowed)
    outcome, requests = synced(server, catalog)
    assert outcome.whole
    assert [each.limit for each in requests] == [*limits, *[allowed] * 3]
    assert catalog.noted("page_limit") == allowed

    outcome, requests = synced(server, catalog, force=True)
    assert outcome.whole
    assert [each.limit for each in requests] == [100, allowed, allowed]
    assert known(catalog) == set(server.ids)


def test_a_screen_of_more_files_than_a_server_gives_is_no_failure(catalog: Catalog) -> None:
    outcome, requests = synced(Listed(numbered(120), allowed=100), catalog, screen=150)
    assert outcome.whole
    assert [each.limit for each in requests] == [150, 100, 100, 100, 100, 100]
    assert catalog.noted("page_limit") == 100


def test_a_server_that_takes_the_largest_page_leaves_nothing_to_remember(catalog: Catalog) -> None:
    synced(Listed(numbered(150)), catalog)
    assert catalog.noted("page_limit") is None


def without(gone: str, status: int) -> Callable[[Received], Reply]:
    """Ten files on the first page, of which some go before the second is asked for, and three behind them."""
    left = [each for each in "abcdefghijklm" if each not in gone]

    def handler(request: Received) -> Reply:
        after = asked(request).after
        if after is None:
            return page("abcdefghij", more=True)
        return page(left[left.index(after) + 1 :], more=False) if after in left else error_answer(status)

    return handler


@pytest.mark.parametrize("status", [400, 404, 410])
@pytest.mark.parametrize(
    ("gone", "asked_behind", "second"),
    [("bcd", "-j", "klm"), ("j", "-ji", "klm"), ("ij", "-jif", "ghklm"), ("ghij", "-jif", "klm")],
)
def test_the_place_of_a_lost_cursor_is_taken_by_one_before_it(
    status: int, gone: str, asked_behind: str, second: str
) -> None:
    """By the one just before, then by the fifth from the end."""
    found, requests = read(without(gone, status), 10)
    assert cursors(requests) == asked_behind
    assert found == f"abcdefghij {second}"


def test_a_page_whose_files_are_gone_ends_the_pass() -> None:
    with listing_of(without("fghij", 404), 10) as (listing, server):
        pages = listing.pages()
        next(pages)
        with pytest.raises(CursorGone):
            next(pages)
        assert cursors(asked(request) for request in server.requests) == "-jif"


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationFailed), (403, PermissionMissing)])
def test_other_refusals_of_the_next_page_are_not_taken_for_one_of_the_cursor(
    status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read(without("j", status), 10)


def test_steps_back_reach_over_the_largest_page() -> None:
    ids = numbered(LARGEST_PAGE)
    with listing_of(lambda _: error_answer(404), LARGEST_PAGE) as (listing, server):
        with pytest.raises(CursorGone):
            listing.behind(ids, LARGEST_PAGE)
        steps = [LARGEST_PAGE - ids.index(str(asked(request).after)) for request in server.requests]
    assert steps == [1, 2, 5, 17, 65, 257, 1025, 4097]


@pytest.mark.parametrize("gone", ["b", "ab", "abcd", "abcdef"])
def test_files_that_go_while_a_pass_is_made(catalog: Catalog, gone: str) -> None:
    """The cursor, the page that it was on, more, everything: what is left is all that the catalog holds."""
    server = Listed([*"abcdef"])
    server.when = {3: lambda: server.lose(gone)}
    outcome, requests = synced(server, catalog, screen=2, page_size=2)
    assert outcome.whole
    assert cursors(requests).startswith("--ba" if gone == "b" else "--ba-")
    assert known(catalog) == set(server.ids) == {*"abcdef"} - {*gone}


@pytest.mark.parametrize(
    ("count", "unreadable", "has_more", "expected"),
    [
        (0, 0, None, False),
        (0, 0, True, True),
        (7, 0, True, True),
        (100, 0, False, False),
        (100, 0, None, True),
        (99, 0, None, False),
        (101, 0, None, True),
        (50, 0, None, False),
        (99, 1, None, True),
        (0, 100, None, True),
    ],
)
def test_whether_a_page_may_be_followed_by_another(
    count: int, unreadable: int, has_more: bool | None, expected: bool
) -> None:
    files = [a_file(id=each) for each in numbered(count)]
    assert goes_on(FilePage(files=files, has_more=has_more, unreadable=unreadable), 100) == expected


def test_a_page_that_ends_with_the_cursor_it_was_asked_with_is_the_last() -> None:
    """Also where the server says that there is more, for ever."""
    pages = {None: page("ab", more=True), "b": page("cb", more=True)}
    assert read(lambda request: pages[asked(request).after], 2)[0] == "ab cb"
