"""What the head line says about the listing, from the first request to the last."""

import time

import pytest

from files_tui.api.errors import ApiError, ConnectionFailed
from files_tui.ui.browse.standing import Standing
from tests.ui.helpers import KEYS

NOON = 1_790_000_000.0
HOURS = 3600


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still; its first value is the time."""
    now = [NOON]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def offline() -> ApiError:
    return ConnectionFailed("no route", advice="Check the network.")


def opened(whole_at: float | None = None) -> Standing:
    standing = Standing()
    standing.begin()
    standing.is_open = True
    standing.whole_at = None if whole_at is None else int(whole_at)
    return standing


def hour(at: float) -> str:
    return time.strftime("%H:%M", time.localtime(at))


def test_a_first_listing_counts_until_it_is_whole() -> None:
    standing = Standing()
    assert standing.words(NOON, KEYS) == ""
    standing.begin()
    assert standing.words(NOON, KEYS) == "connecting…"
    standing = opened()
    assert standing.words(NOON, KEYS) == "loading…"
    standing.seen = 30_000
    assert standing.words(NOON, KEYS) == "loading… 30,000 so far"
    assert not standing.is_known
    standing.end(whole=True)
    assert standing.words(NOON + HOURS, KEYS) == f"synced {hour(NOON)}"
    assert standing.is_known
    assert not standing.under_way


def test_a_kept_listing_tells_its_age_until_the_server_has_answered() -> None:
    standing = opened(NOON - 3 * HOURS)
    assert standing.words(NOON, KEYS) == "as of 3 h ago · refreshing…"
    standing.seen = 10_000
    assert standing.words(NOON, KEYS) == "as of 3 h ago · refreshing… 10,000 so far"
    standing.end(whole=True)
    assert standing.words(NOON, KEYS) == f"synced {hour(NOON)}"


def test_news_do_not_make_the_whole_any_newer(clock: list[float]) -> None:
    standing = opened(NOON - 120)
    standing.end(whole=False)
    assert standing.words(NOON, KEYS) == f"new files {hour(NOON)} · synced {hour(NOON - 120)}"
    clock[0] += 60
    standing.begin()
    assert standing.words(clock[0], KEYS) == "refreshing…"
    standing.end(whole=True)
    assert standing.words(clock[0], KEYS) == f"synced {hour(NOON + 60)}"


def test_a_kept_listing_stays_old_when_the_server_is_gone() -> None:
    standing = opened(NOON - 3 * HOURS)
    standing.fail(offline())
    assert standing.words(NOON, KEYS) == "as of 3 h ago · ✗ offline · r tries again"
    assert not standing.under_way
    standing.begin()
    assert standing.words(NOON, KEYS) == "as of 3 h ago · refreshing…"
    standing.end(whole=True)
    assert standing.words(NOON, KEYS) == f"synced {hour(NOON)}"


def test_problems_of_other_kinds() -> None:
    standing = opened()
    standing.fail(offline())
    assert standing.words(NOON, KEYS) == "✗ offline · r tries again"
    standing.fail("the demo server did not start")
    assert standing.words(NOON, KEYS) == "✗ no listing · r tries again"
    standing = opened(NOON - 60)
    standing.end(whole=True)
    standing.begin()
    standing.seen = 5
    standing.fail(offline())
    assert standing.words(NOON, KEYS) == "✗ offline · r tries again"
    standing.begin()
    assert standing.seen == 0


def test_a_listing_that_cannot_be_had_whole_says_so() -> None:
    """As with a server whose paging leads in a circle: nothing was ever in step."""
    standing = opened()
    standing.end(whole=False)
    assert standing.words(NOON, KEYS) == "not whole · r tries again"
