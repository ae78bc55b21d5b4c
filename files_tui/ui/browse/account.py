"""A screen's account: opening it, and keeping its listing in step."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from files_tui import text
from files_tui.api.errors import RateLimited
from files_tui.catalog.errors import CatalogFailed
from files_tui.ui.background import in_background
from files_tui.ui.browse.standing import Standing
from files_tui.ui.messages import (
    CatalogDamaged,
    ConnectFailed,
    LeftOver,
    Noted,
    SessionOpened,
    SyncFailed,
    SyncFinished,
    SyncProgressed,
    TurnedReadOnly,
    WorkFailed,
)
from files_tui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from files_tui.ui.app import FilesApp
    from files_tui.ui.session import Session


LONG_TOAST = 12.0

LEAST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds until a listing that was refused is asked for again, at least, at first and after many times."""

LONGEST_DRAWING = 0.5
"""Seconds for which a sync waits at most until the rows that were kept are drawn, which needs the same processor."""

LEFT_OVER_DELAY = 0.3
"""Seconds after which transfers of an earlier run are looked for, since the first rows come before them."""


class AccountScreen(Screen[None]):
    """Opens the app's account in a thread and syncs its catalog; `standing` says how that goes.

    With `remembers`, transfers that the end of the program cuts off are offered again at the next start.
    """

    app: FilesApp
    remembers = True

    def __init__(self, *, read_only: bool) -> None:
        super().__init__()
        self.read_only = read_only
        """Whether nothing is changed; a key that may not write makes it so."""
        self.session: Session | None = None
        self.standing = Standing()
        self._opened: Session | None = None
        self._is_drawn = threading.Event()
        self._ended = False
        self._retry_at: float | None = None
        self._refused = 0

    def refresh_page(self) -> None:
        """Show what the catalog holds now, with the cursor on its file."""
        raise NotImplementedError

    def refresh_soon(self) -> None:
        """Show it, but not once for each of many changes."""
        raise NotImplementedError

    def watch_progress(self) -> None:
        """Show how things stand a few times a second, while they move."""
        raise NotImplementedError

    def opened(self) -> None:
        """The account has just been opened."""
        raise NotImplementedError

    @property
    def wanted_purpose(self) -> text.Untrusted | None:
        """The purpose that is looked at."""
        raise NotImplementedError

    @property
    def rows_of_a_screen(self) -> int:
        """How many files fit."""
        raise NotImplementedError

    @property
    def _has_files(self) -> bool:
        """Whether there is anything to show; where the catalog fails, the next look at it says so."""
        try:
            return bool(self.session and self.session.catalog.purposes())
        except CatalogFailed:
            return False

    @property
    def active(self) -> int:
        """How many transfers have not ended."""
        return self.session.active if self.session else 0

    @property
    def pause_left(self) -> float:
        """Seconds until something is tried again by itself; 0 when nothing is."""
        if self._retry_at is not None:
            return max(0.0, self._retry_at - time.monotonic())
        return self.session.pause_left if self.session else 0.0

    def open_account(self) -> None:
        """Open the account and list its files, unless that is under way."""
        if not self.standing.under_way:
            self._begin()
            in_background(self, partial(self._open, self.rows_of_a_screen), "open")

    def _begin(self) -> None:
        self.standing.begin()
        self.refresh_page()
        self.watch_progress()

    def _open(self, screen: int) -> None:
        """Runs in a thread, and loads there what the first frame does not need."""
        from files_tui.ui.session import Session

        settings = self.app.settings
        try:
            session = Session(
                self.app.open_account(),
                keep=settings.cache and not settings.demo,
                remembers=not settings.demo,  # whose address is another one at the next start
                post=self.post_message,
                on_exchange=self.app.note_exchange,
                wanted=lambda: self.wanted_purpose,
                read_only=self.read_only,
            )
        except Exception as error:  # a server that does not start, or a disk that takes no catalog
            self.post_message(ConnectFailed(text.one_line(str(error))))
            return
        self._opened = session
        if self._ended:  # a message would come too late
            session.close()
            return
        self.post_message(SessionOpened(session))
        if session.whole_at is not None:
            self._is_drawn.wait(LONGEST_DRAWING)
        session.sync(screen, force=False)

    def action_refresh_listing(self) -> None:
        """Ask the server again."""
        self._retry_at = None
        if self.session is None:
            self.open_account()
            return
        self._begin()
        in_background(self, partial(self.session.sync, self.rows_of_a_screen, force=True), "sync")

    def retry_when_due(self) -> None:
        """List again once the wait that the server asked for is over."""
        if self._retry_at is not None and self._retry_at <= time.monotonic():
            self.action_refresh_listing()

    def leave_account(self, *, remember: bool) -> None:
        """Close the account, and say nothing more of it; blocking for up to a second while something moves."""
        self._ended = True
        opened, self._opened = self._opened, None
        if opened:
            opened.close(remember=remember)

    def on_unmount(self) -> None:
        self.leave_account(remember=self.remembers)

    def notify(self, *args: Any, **options: Any) -> None:
        """What comes too late is no news."""
        if not self._ended:
            super().notify(*args, **options)

    def on_session_opened(self, message: SessionOpened) -> None:
        self.session = session = message.session
        is_first = not self.standing.is_open  # a catalog that was mended is told of in the same way
        self.standing.is_open = True
        self.standing.whole_at = session.whole_at
        if session.note:
            self.notify(session.note, title="Listing", severity="warning", markup=False)
        self.watch_progress()
        if self._has_files:  # a first picture of nothing would only delay that of the first rows
            self.refresh_page()
        self.call_after_refresh(self._is_drawn.set)
        if is_first:
            self.set_timer(LEFT_OVER_DELAY, self._look_for_left_over)
            self.opened()

    def _look_for_left_over(self) -> None:
        session = self.session

        def look() -> None:
            from files_tui.catalog.temporary import remove_left_over

            remove_left_over()
            if session is not None and (jobs := session.left_over()):
                self.post_message(LeftOver(jobs))

        in_background(self, look, "left over")

    def on_turned_read_only(self, message: TurnedReadOnly) -> None:
        """Offer no change any more, since none would be taken."""
        self.read_only = True
        words = f"This session is read-only now: {message.reason}"
        self.notify(words, title="The key may not write", severity="warning", timeout=LONG_TOAST, markup=False)
        self.refresh_bindings()
        self.query_one(KeyBar).show()
        self.refresh_soon()

    def on_noted(self, message: Noted) -> None:
        self.notify(message.words, title="Transfers", severity="warning", markup=False)

    def on_sync_progressed(self, message: SyncProgressed) -> None:
        self.standing.hear(message.seen)
        self.refresh_soon()

    def on_sync_finished(self, message: SyncFinished) -> None:
        if message.note:
            self.notify(message.note, title="Listing", severity="warning", markup=False)
        self.standing.end(whole=message.whole)
        self._refused = 0
        self.refresh_soon()

    def on_sync_failed(self, message: SyncFailed) -> None:
        error = message.error
        if isinstance(error, RateLimited) and error.retry_after:
            wait = max(error.retry_after, min(LEAST_PAUSE * 2.0**self._refused, LONGEST_PAUSE))
            self._refused += 1
            self._retry_at = time.monotonic() + wait
        if self._has_files:
            self.notify(f"{error}\n{error.advice} r refreshes.", title="Listing", severity="error", markup=False)
        self.standing.fail(error)
        self.refresh_soon()

    def on_connect_failed(self, message: ConnectFailed) -> None:
        self.standing.fail(message.reason)
        self.refresh_soon()

    def on_catalog_damaged(self, _: CatalogDamaged) -> None:
        """A catalog that cannot be read is set aside, and the listing fetched anew."""
        if self.session is not None and not self._ended:
            session, self.session = self.session, None
            self._begin()
            in_background(self, partial(self._mend, session, self.rows_of_a_screen), "mend")

    def _mend(self, session: Session, screen: int) -> None:
        session.mend_catalog()
        self.post_message(SessionOpened(session))
        session.sync(screen, force=True)

    def on_work_failed(self, message: WorkFailed) -> None:
        words = f"{message.name}: {message.reason}"
        self.notify(words, title="Error of our own", severity="error", markup=False)
        if message.name in ("open", "sync", "mend"):
            self.standing.fail(message.reason)
            self.refresh_soon()
