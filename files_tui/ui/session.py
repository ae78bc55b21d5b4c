"""One open account: its client, its catalog and its queue, with what they do together.

It is made and used in worker threads, so that neither `httpx` nor SQLite delays the first frame. What happens reaches
the screen as messages.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable

from textual.message import Message

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, ApiError
from files_tui.api.models import Exchange, File
from files_tui.catalog.catalog import Catalog, Superseded
from files_tui.catalog.sync import sync
from files_tui.settings import Account
from files_tui.text import one_line
from files_tui.transfers.jobs import DeleteJob, Job, UploadJob
from files_tui.transfers.queue import TransferQueue
from files_tui.ui.messages import CatalogChanged, ConnectFailed, JobChanged, SyncFailed, SyncFinished, SyncProgressed

FIRST_LOOK, LONGEST_LOOK, FOLLOWED = 1.0, 30.0, 1200.0
"""Seconds from look to look at a busy file, at first and at most, and after which it is left alone."""


class Session:
    """Everything that a screen asks for, and nothing that draws."""

    def __init__(
        self,
        account: Account,
        post: Callable[[Message], object],
        on_exchange: Callable[[Exchange], None],
    ) -> None:
        self.client = FilesClient(account, on_exchange)
        self.catalog = Catalog()
        self.queue = TransferQueue(self.client, self.catalog.twins, self._job_changed)
        self._post = post
        self._lock = threading.Lock()
        self._syncing = Abort()
        self._closing = Abort()
        self._busy: dict[str, float] = {}
        self._following = False

    def close(self) -> None:
        """End all that is under way, and forget the catalog; blocking for as long as partial files take to go."""
        self._closing.cancel()
        with self._lock:
            self._syncing.cancel()
        self.queue.close()
        self.client.close()
        self.catalog.close()

    def sync(self) -> None:
        """Mirror the listing; blocking, and ends an earlier sync that still runs."""
        with self._lock:
            self._syncing.cancel()
            self._syncing = abort = Abort()
            if self._closing.cancelled:
                return

        def seen(files: int) -> None:
            self._post(SyncProgressed(files))

        try:
            synced = sync(self.client, self.catalog, on_page=seen, abort=abort)
        except (Aborted, Superseded):
            return
        except ApiError as error:
            self._post(SyncFailed(error))
        except sqlite3.Error as error:
            if not self._closing.cancelled:
                self._post(ConnectFailed(one_line(f"the listing cannot be kept: {error}")))
        else:
            self._post(SyncFinished(synced.note))

    def follow(self, file: File) -> None:
        """Ask for a new file now and then until its status is final."""
        if file.kind != "busy":
            return
        with self._lock:
            self._busy[file.id] = time.monotonic() + FOLLOWED
            followed, self._following = self._following, True
        if not followed:
            threading.Thread(target=self._follow_busy, name="follow", daemon=True).start()

    def _follow_busy(self) -> None:
        """One thread for all busy files, slower as time passes without a new one."""
        pause, known = FIRST_LOOK, 0
        with contextlib.suppress(Aborted):
            while True:
                self._closing.wait(pause)
                with self._lock:
                    now = time.monotonic()
                    self._busy = {file_id: until for file_id, until in self._busy.items() if until > now}
                    busy = list(self._busy)
                    if not busy:
                        self._following = False
                        return
                pause = FIRST_LOOK if len(busy) > known else min(pause * 1.5, LONGEST_LOOK)
                known = len(busy)
                for file_id in busy:
                    self._look_at(file_id)

    def _look_at(self, file_id: str) -> None:
        try:
            file = self.client.retrieve(file_id, abort=self._closing).value
            self.catalog.upsert([file])
        except (ApiError, sqlite3.Error):
            done = True  # the next refresh tells
        else:
            done = file.kind != "busy"
            self._post(CatalogChanged())
        if done:
            with self._lock:
                self._busy.pop(file_id, None)

    def _job_changed(self, job: Job) -> None:
        state = job.state
        try:
            if state == "done":
                match job:
                    case UploadJob(file=file) if file:
                        self.catalog.upsert([file])
                    case DeleteJob(file=file):
                        self.catalog.remove([file.id])
        finally:
            self._post(JobChanged(job, state))
