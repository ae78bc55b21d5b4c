"""One open account: its client, its catalog and its queue, with what they do together.

It is made and used in worker threads, so that neither `httpx` nor SQLite delays the first frame. What happens reaches
the screen as messages.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from textual.message import Message

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, ApiError
from files_tui.api.models import Exchange, File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.sync import sync
from files_tui.settings import Account
from files_tui.transfers.jobs import DeleteJob, Job, UploadJob
from files_tui.transfers.queue import TransferQueue
from files_tui.ui.messages import CatalogChanged, JobChanged, SyncFailed, SyncFinished, SyncProgressed

FIRST_LOOK, LONGEST_LOOK, LOOKS = 1.0, 30.0, 40


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
        self._syncing = Abort()
        self._closing = Abort()

    def close(self) -> None:
        """End all that is under way, and forget the catalog."""
        self._closing.cancel()
        self._syncing.cancel()
        self.queue.close()
        self.client.close()
        self.catalog.close()

    def sync(self) -> None:
        """Mirror the listing; blocking, and ends an earlier sync that still runs."""
        self._syncing.cancel()
        self._syncing = abort = Abort()

        def seen(files: int) -> None:
            self._post(SyncProgressed(files))

        try:
            synced = sync(self.client, self.catalog, on_page=seen, abort=abort)
        except Aborted:
            return
        except ApiError as error:
            self._post(SyncFailed(error))
        else:
            self._post(SyncFinished(synced.note))

    def follow(self, file: File) -> None:
        """Ask for a new file now and then until its status is final; blocking."""
        pause = FIRST_LOOK
        with contextlib.suppress(Aborted, ApiError):
            for _ in range(LOOKS):
                if file.kind != "busy":
                    return
                self._closing.wait(pause)
                pause = min(pause * 1.5, LONGEST_LOOK)
                file = self.client.retrieve(file.id).value
                self.catalog.upsert([file])
                self._post(CatalogChanged())

    def _job_changed(self, job: Job) -> None:
        if job.state == "done":
            match job:
                case UploadJob(file=file) if file:
                    self.catalog.upsert([file])
                case DeleteJob(file=file):
                    self.catalog.remove([file.id])
        self._post(JobChanged(job))
