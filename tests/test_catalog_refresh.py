"""A catalog that was whole before: when what is new is enough, and when everything is asked for again."""

import time
from collections.abc import Iterator

import pytest

from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.sync import DUE_SECONDS, Synced
from tests.listings import Asked, Listed, cursors, known, mirrored, numbered, synced

SMALL = {"screen": 2, "page_size": 3}


@pytest.fixture
def catalog() -> Iterator[Catalog]:
    with temporary_catalog() as catalog:
        yield catalog


def test_a_young_catalog_without_news_takes_one_request(catalog: Catalog) -> None:
    mirrored(catalog, "abcdefg")
    outcome, requests = synced(Listed([*"abcdef"]), catalog, **SMALL)
    assert (outcome, requests) == (Synced(1, 2, whole=False), [Asked(2)])
    assert known(catalog) == {*"abcdefg"}


@pytest.mark.parametrize("says_more", [True, False])
@pytest.mark.parametrize(
    ("listed", "asked_behind"),
    [
        ("1abcdefg", "-a"),
        ("12abcdefg", "-2"),
        ("123abcdefg", "-2b"),
        ("12345abcdefg", "-25"),
        ("123456abcdefg", "-25b"),
    ],
)
def test_news_are_asked_for_until_a_page_brings_only_known_files(
    catalog: Catalog, listed: str, asked_behind: str, says_more: bool
) -> None:
    mirrored(catalog, "abcdefg")
    a_minute_ago = int(time.time()) - 60
    catalog.note("synced_at", a_minute_ago)
    outcome, requests = synced(Listed([*listed], says_more=says_more), catalog, **SMALL)
    assert outcome == Synced(len(requests), 2, whole=False)
    assert cursors(requests) == asked_behind
    assert [each.limit for each in requests] == [2, *[3] * (len(requests) - 1)]
    assert known(catalog) == {*listed}
    assert catalog.noted("synced_at") == a_minute_ago


def test_news_of_a_thousand_files_a_page(catalog: Catalog) -> None:
    old = numbered(10_500)
    mirrored(catalog, old)
    new = [f"new-{number}" for number in range(1_500)]
    outcome, requests = synced(Listed(new + old), catalog)
    assert requests == [Asked(100), Asked(1_000, new[99]), Asked(1_000, new[1_099]), Asked(1_000, old[599])]
    assert not outcome.whole
    assert known(catalog) == {*new, *old}


def test_a_cursor_of_the_news_that_is_gone_is_replaced(catalog: Catalog) -> None:
    mirrored(catalog, "abcdefg")
    server = Listed([*"12345abcdefg"])
    server.when = {3: lambda: server.lose("5")}
    outcome, requests = synced(server, catalog, **SMALL)
    assert (cursors(requests), outcome.whole) == ("-254", False)
    assert known(catalog) == {*"12345abcdefg"}


def test_news_that_lead_nowhere_make_a_full_pass_due(catalog: Catalog) -> None:
    mirrored(catalog, "abcdefg")
    server = Listed([*"123abcdefg"])
    server.when = {2: lambda: server.lose("12")}
    outcome, requests = synced(server, catalog, **SMALL)
    assert cursors(requests) == "-21-be-be"[: len(requests)]
    assert outcome.whole
    assert known(catalog) == {*"3abcdefg"}


@pytest.mark.parametrize(("age", "due"), [(DUE_SECONDS - 60, False), (DUE_SECONDS + 60, True)])
def test_everything_is_asked_for_when_the_last_full_pass_is_long_ago(catalog: Catalog, age: float, due: bool) -> None:
    mirrored(catalog, "abcdefg")
    catalog.note("synced_at", int(time.time() - age))
    outcome, requests = synced(Listed([*"1abcdef"]), catalog, **SMALL)
    assert outcome.whole == due
    assert cursors(requests).startswith("-a-be" if due else "-a")
    assert known(catalog) == ({*"1abcdef"} if due else {*"1abcdefg"})


def test_everything_is_asked_for_when_that_is_forced(catalog: Catalog) -> None:
    """Once where nothing is different, and again where something is."""
    mirrored(catalog, "abcdefg")
    outcome, requests = synced(Listed([*"abcdefg"]), catalog, force=True, **SMALL)
    assert (outcome, cursors(requests)) == (Synced(4, 7, whole=True), "--cf")

    outcome, requests = synced(Listed([*"abcdeg"]), catalog, force=True, **SMALL)
    assert (outcome, cursors(requests)) == (Synced(5, 6, whole=True), "--c-c")
    assert known(catalog) == {*"abcdeg"}


def test_everything_is_asked_for_where_that_is_one_request(catalog: Catalog) -> None:
    mirrored(catalog, "abcdefg")
    outcome, requests = synced(Listed([*"abcdef"]), catalog, screen=2, page_size=8)
    assert (outcome, requests) == (Synced(2, 6, whole=True), [Asked(2), Asked(8)])
    assert known(catalog) == {*"abcdef"}


def test_a_listing_that_fits_the_screen_takes_one_request(catalog: Catalog) -> None:
    mirrored(catalog, "abcdefg")
    for listed in ("abc", "bc", ""):
        outcome, requests = synced(Listed([*listed]), catalog, screen=3)
        assert (outcome, requests) == (Synced(1, len(listed), whole=True), [Asked(3)])
        assert known(catalog) == {*listed}


def test_a_change_of_a_file_is_taken_over(catalog: Catalog) -> None:
    mirrored(catalog, "abc")
    synced(Listed([*"abc"], {"b": "batch"}), catalog)
    assert catalog.purposes() == {"": 2, "batch": 1}
