"""A screen's account: opening it, keeping its listing in step, and saying how that stands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.screen import Screen

from files_tui import text
from files_tui.api.errors import ApiError, RateLimited
from files_tui.ui import notices
from files_tui.ui.background import in_background
from files_tui.ui.messages import ConnectFailed, SessionOpened, SyncFailed, SyncFinished, SyncProgressed, WorkFailed

if TYPE_CHECKING:
    from files_tui.transfers.jobs import Job
    from files_tui.ui.app import FilesApp
    from files_tui.ui.session import Session


class AccountScreen(Screen[None]):
    """Opens the app's account in a thread and syncs its catalog.

    `state` says in a few words how the listing stands, `problem` what keeps it from being whole, `synced` whether it
    ever was, and `under_way` that it is being fetched.
    """

    app: FilesApp

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self.state = text.Safe("connecting…")
        self.problem: ApiError | str | None = None
        self.synced = False
        self.under_way = False
        self._opened: Session | None = None
        self._ended = False
        self._retry_at: float | None = None

    def refresh_page(self, *, keep: str | None = None, first: int | None = None, row: int | None = None) -> None:
        """Show what the catalog holds now, with the cursor on the file `keep` or where it was."""
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
    def active_jobs(self) -> list[Job]:
        """Transfers that have not ended."""
        return self.session.queue.active if self.session else []

    @property
    def pause_left(self) -> float:
        """Seconds until something is tried again by itself; 0 when nothing is."""
        if self._retry_at is not None:
            return max(0.0, self._retry_at - time.monotonic())
        return self.session.client.pause_left if self.session else 0.0

    def open_account(self) -> None:
        """Open the account and list its files, unless that is under way."""
        if self.under_way:
            return
        self._begin("connecting…")
        in_background(self, self._open, "open")

    def _begin(self, state: str) -> None:
        self.state, self.problem, self.under_way = text.Safe(state), None, True
        self.refresh_page()
        self.watch_progress()

    def _end(self, state: text.Safe, problem: ApiError | str | None = None) -> None:
        self.state, self.problem, self.under_way = state, problem, False
        self.refresh_soon()

    def _open(self) -> None:
        """Runs in a thread, and loads there what the first frame does not need."""
        from files_tui.ui.session import Session

        try:
            session = Session(self.app.open_account(), self.post_message, self.app.note_exchange)
        except Exception as error:  # a server that does not start, or an address that httpx cannot take
            self.post_message(ConnectFailed(text.one_line(str(error))))
            return
        self._opened = session
        if self._ended:  # a message would come too late
            session.close()
            return
        self.post_message(SessionOpened(session))
        session.sync()

    def action_refresh_listing(self) -> None:
        """Ask the server again."""
        self._retry_at = None
        if self.session is None:
            self.open_account()
            return
        self._begin("refreshing…")
        in_background(self, self.session.sync, "sync")

    def retry_when_due(self) -> None:
        """List again once the wait that the server asked for is over."""
        if self._retry_at is not None and self._retry_at <= time.monotonic():
            self.action_refresh_listing()

    def on_unmount(self) -> None:
        self._ended = True
        if self._opened:
            self._opened.close()

    def on_session_opened(self, message: SessionOpened) -> None:
        self.session = message.session
        self.state = text.Safe("loading…")
        self.watch_progress()
        self.opened()

    def on_sync_progressed(self, message: SyncProgressed) -> None:
        self.state = text.Safe(f"loading… {text.count(message.seen)} so far")
        self.refresh_soon()

    def on_sync_finished(self, message: SyncFinished) -> None:
        self.synced = True
        if message.note:
            self.notify(message.note, title="Listing", severity="warning", markup=False)
        self._end(text.Safe(f"synced {time.strftime('%H:%M')}"))

    def on_sync_failed(self, message: SyncFailed) -> None:
        error = message.error
        if isinstance(error, RateLimited) and error.retry_after:
            self._retry_at = time.monotonic() + error.retry_after
        if self.session and self.session.catalog.purposes():
            self.notify(f"{error}\n{error.advice}", title="Listing", severity="error", markup=False)
        self._end(notices.state_word(error), error)

    def on_connect_failed(self, message: ConnectFailed) -> None:
        self._end(text.Safe("✗ no listing · r tries again"), message.reason)

    def on_work_failed(self, message: WorkFailed) -> None:
        words = f"{message.name}: {message.reason}"
        self.notify(words, title="Error of our own", severity="error", markup=False)
        if message.name in ("open", "sync"):
            self._end(text.Safe("✗ listing failed · r tries again"), message.reason)
