"""How the listing stands, in a few words."""

from __future__ import annotations

import time

import msgspec

from files_tui import text
from files_tui.api.errors import ApiError
from files_tui.ui.notices import Keys, state_word

SILENCE = 5
"""Seconds without an answer after which that is said."""


class Standing(msgspec.Struct):
    """What is known of the listing; times are unix seconds.

    `whole_at` is when the catalog last held all of it, perhaps in an earlier run, `news_at` when new files were asked
    for since. `heard` is the monotonic time of the server's last answer, or of the first question. `seen` counts the
    files of the pass under way, `problem` is what keeps the listing from being whole.
    """

    under_way: bool = False
    is_open: bool = False
    seen: int = 0
    heard: float = 0.0
    whole_at: int | None = None
    news_at: int | None = None
    is_fresh: bool = False
    problem: ApiError | str | None = None

    def begin(self) -> None:
        """The listing is being fetched."""
        self.under_way, self.seen, self.problem = True, 0, None
        self.heard = time.monotonic()

    def hear(self, seen: int) -> None:
        """A page of it has come; so many files in all."""
        self.seen = max(self.seen, seen)
        self.heard = time.monotonic()

    def end(self, *, whole: bool) -> None:
        """It has been fetched, the `whole` of it or only what is new."""
        now = int(time.time())
        self.under_way = False
        self.is_fresh = True
        if whole:
            self.whole_at, self.news_at = now, None
        else:
            self.news_at = now

    def fail(self, problem: ApiError | str) -> None:
        """It could not be fetched."""
        self.under_way, self.problem = False, problem

    @property
    def is_known(self) -> bool:
        """Whether the catalog has ever held the whole listing."""
        return self.whole_at is not None

    def words(self, now: float, keys: Keys) -> text.Safe:
        """`synced 15:42`, `loading… 30,000 so far`, `as of 3 h ago · refreshing…`."""
        old = f"as of {text.age(self.whole_at, now)} · " if self.whole_at is not None and not self.is_fresh else ""
        if self.problem is not None:
            if isinstance(self.problem, ApiError):
                return text.Safe(old + state_word(self.problem, keys))
            return text.Safe(f"{old}✗ no listing · {keys('list.refresh')} tries again")
        if self.under_way:
            doing = "connecting…" if not self.is_open else "refreshing…" if self.is_known else "loading…"
            silent = int(time.monotonic() - self.heard)
            if silent >= SILENCE:
                return text.Safe(f"{old}{doing} no answer for {silent} s")
            return text.Safe(old + doing + (f" {text.count(self.seen)} so far" if self.seen else ""))
        if self.whole_at is None:
            return text.Safe(f"not whole · {keys('list.refresh')} tries again" if self.is_fresh else "")
        synced = f"synced {time.strftime('%H:%M', time.localtime(self.whole_at))}"
        if self.news_at is not None:
            return text.Safe(f"new files {time.strftime('%H:%M', time.localtime(self.news_at))} · {synced}")
        return text.Safe(synced)
