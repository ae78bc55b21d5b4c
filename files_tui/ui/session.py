"""One open account: its catalog, its client and its queue, with what they do together.

It is made and used in worker threads, so that neither SQLite nor `httpx` delays the first frame. What happens reaches
the screen as messages.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted, ApiError, NotSupported
from files_tui.api.models import NOTHING, File
from files_tui.catalog import capabilities
from files_tui.catalog.cache import open_catalog
from files_tui.catalog.errors import CatalogFailed, Superseded
from files_tui.identity import has_kept
from files_tui.settings import Account, state_dir
from files_tui.text import Safe, Untrusted, one_line, safe
from files_tui.ui.follow import FOLLOWED, Follower
from files_tui.ui.messages import (
    CatalogChanged,
    CatalogDamaged,
    ConnectFailed,
    FilesOpened,
    JobsChanged,
    Noted,
    SyncFailed,
    SyncFinished,
    SyncProgressed,
    TurnedReadOnly,
)
from files_tui.ui.uses import UsesLooker

if TYPE_CHECKING:
    from files_tui.api.client import FilesClient
    from files_tui.api.excerpt import Excerpt
    from files_tui.api.models import Exchange
    from files_tui.catalog.capabilities import Ability
    from files_tui.catalog.catalog import Catalog
    from files_tui.catalog.sync import Synced
    from files_tui.transfers.jobs import Change, Job
    from files_tui.transfers.journal import Journal
    from files_tui.transfers.originals import Original, State
    from files_tui.transfers.queue import Progress, TransferQueue

FIRST_PICTURE = 0.05
"""Seconds for which a sync rests when there are first rows, since the screen that draws them needs the same processor.
"""


class Session:
    """Everything that a screen asks for, and nothing that draws.

    The catalog is there at once, with what was kept of it; the client comes with the first thing that needs it.
    `wanted` tells the purpose that the person looks at, `whole_at` (unix seconds) when what was kept was the whole
    listing, None if never. With `keep`, the listing stays on disk, and what files were uploaded from; with `remembers`,
    transfers that are cut off are kept for the next start.
    """

    def __init__(
        self,
        account: Account,
        *,
        keep: bool,
        remembers: bool,
        post: Callable[[Message], object],
        on_exchange: Callable[[Exchange], None],
        wanted: Callable[[], Untrusted | None],
        read_only: bool,
    ) -> None:
        self.account = account
        self._read_only = read_only
        self._keeps = keep
        self._opened = open_catalog(account, keep=keep)
        self.whole_at = self.catalog.noted("synced_at")
        self._post = post
        self._on_exchange = on_exchange
        self._wanted = wanted
        self._lock = threading.Lock()
        self._connecting = threading.Lock()
        self._client: FilesClient | None = None
        self._remembers = remembers
        self._journal: Journal | None = None
        self._queue: TransferQueue | None = None
        self._syncing = Abort()
        self.uses = UsesLooker(self, post)
        self._closing = Abort()
        self._follower = Follower(self._look_at, self._closing)
        self._given_out: set[Untrusted] = set()

    @property
    def catalog(self) -> Catalog:
        """What is known of the listing."""
        return self._opened.catalog

    @property
    def note(self) -> str | None:
        """What the person should know about the catalog's file."""
        return self._opened.note

    @property
    def client(self) -> FilesClient:
        """The way to the server; with the first use come `httpx` and the rest of it."""
        with self._connecting:
            if self._client is None:
                from files_tui.api.client import FilesClient

                self._client = FilesClient(
                    self.account,
                    self._on_exchange,
                    read_only=self._read_only,
                    on_read_only=self._turned_read_only,
                )
                if self._closing.cancelled:
                    self._client.close()
            return self._client

    @property
    def queue(self) -> TransferQueue:
        """What is moving."""
        client = self.client
        with self._connecting:
            if self._queue is None:
                from files_tui.transfers.journal import open_journal
                from files_tui.transfers.queue import TransferQueue

                self._journal, note = open_journal(self.account, keep=self._remembers, forgets=not self._keeps)
                self._queue = TransferQueue(client, self._journal, self._twins, self._jobs_changed, self._learn)
                if note:
                    self._post(Noted(safe(note)))
            return self._queue

    @property
    def active(self) -> int:
        """How many transfers have not ended."""
        return self._queue.active if self._queue else 0

    def progress(self) -> Progress | None:
        """What moves now, None as long as nothing ever did."""
        return self._queue.progress() if self._queue else None

    def left_over(self) -> list[Job]:
        """Transfers that another run of the program has not brought to their end; blocking."""
        from files_tui.transfers.journal import JournalFailed

        try:
            return self._journal.left_over() if self._has_journal and self.queue and self._journal else []
        except (JournalFailed, OSError) as error:
            self._post(Noted(one_line(f"the list of interrupted transfers cannot be read: {error}")))
            return []

    @property
    def _has_journal(self) -> bool:
        """Whether this program or an earlier one has moved anything; raises `OSError`.

        It is looked for in this order, so that a program that has never moved anything leaves nothing on disk.
        """
        from files_tui.transfers.journal import journal_path

        if self._queue is not None:
            return True
        return self._remembers and has_kept(state_dir()) and journal_path(self.account).exists()

    def original_of(self, file_id: Untrusted, *, reads: bool = False) -> tuple[Original, State] | None:
        """What a file was made from on this machine, and what has become of that; blocking.

        With `reads`, a local file that may have changed is read; None where nothing is known.
        """
        from files_tui.transfers.journal import JournalFailed
        from files_tui.transfers.originals import state_of

        try:
            known = self._journal if self._has_journal and self.queue else None
            original = known.original_of(file_id.true) if known else None
            return (original, state_of(original, self._closing if reads else None)) if original else None
        except (JournalFailed, OSError, Aborted):
            return None  # who uploads will be told what is wrong with the journal

    def give_up(self, jobs: list[Job]) -> None:
        """Remove what transfers of an earlier run have left half done; blocking."""
        self.queue.give_up(jobs)

    def uploads_elsewhere(self) -> set[tuple[str, int]]:
        """Name and size (bytes) of what other programs on this machine upload to this account at the moment."""
        from files_tui.transfers.journal import JournalFailed

        try:
            return self._journal.uploads_elsewhere() if self.queue and self._journal else set()
        except JournalFailed:
            return set()  # who uploads will be told what is wrong with the journal

    @property
    def pause_left(self) -> float:
        """Seconds until a request is tried again that the server did not want yet; 0 when none waits."""
        waits = [self._client.pause_left] if self._client else [0.0]
        return max(*waits, self._queue.pause_left if self._queue else 0.0)

    def close(self, *, remember: bool = True) -> None:
        """End all that is under way; blocking for as long as partial files take to go.

        With `remember`, transfers that have not ended are offered again at the next start.
        """
        self._closing.cancel()
        with self._lock:
            self._syncing.cancel()
        self.uses.close()
        if self._queue:
            self._queue.close(remember=remember and self._remembers)
        if self._client:
            self._client.close()
        if self._journal:
            self._journal.close()
        self._opened.close()

    def sync(self, screen: int, *, force: bool) -> None:
        """Mirror the listing, then make what quick answers need; blocking, and ends an earlier sync that still runs.

        The first request asks for as many files as the screen shows. `force` asks for everything even where what is
        new would do.
        """
        from files_tui.catalog.sync import Sync

        with self._lock:
            self._syncing.cancel()
            self._syncing = abort = Abort()
            if self._closing.cancelled:
                return
        catalog = self.catalog
        if force:
            self._forget_lacks()
        elif self.lacks("list") is not None:
            self._post(SyncFailed(NotSupported("this server has no listing, it said before", reached_server=False)))
            return
        has_begun, is_whole = threading.Event(), threading.Event()

        def seen(files: int) -> None:
            if not is_whole.is_set():  # what follows makes sure, and tells at its end
                self._post(SyncProgressed(files))
            if not has_begun.is_set():
                has_begun.set()
                abort.wait(FIRST_PICTURE)

        def whole(synced: Synced) -> None:
            is_whole.set()
            self._post(SyncFinished(synced.whole, synced.note))

        try:
            synced = Sync(
                *(self.client, catalog),
                abort=abort,
                force=force,
                screen=screen,
                on_page=seen,
                on_whole=whole,
                wanted=self._wanted,
            ).run()
            if not synced.whole and synced.note is None:
                whole(synced)
            self._post(CatalogChanged())
            self._follower.follow(catalog.busy(FOLLOWED))
            while not abort.cancelled and catalog.settle():
                pass
        except (Aborted, Superseded):
            return
        except ApiError as error:
            if isinstance(error, NotSupported) and self.whole_at is None and not has_begun.is_set():
                self._learn("list", NOTHING)
            self._post(SyncFailed(error))
        except CatalogFailed as error:
            self.catalog_failed(catalog, error)

    def _turned_read_only(self, reason: Safe) -> None:
        self._post(TurnedReadOnly(reason))

    def lacks(self, ability: Ability, purpose: Untrusted = NOTHING) -> int | None:
        """When the server said that it cannot do this (unix seconds), None where nothing is known of it."""
        try:
            return capabilities.lacks(self.catalog, ability, purpose)
        except CatalogFailed:
            return None  # it is then tried

    def _learn(self, ability: Ability, purpose: Untrusted) -> None:
        with contextlib.suppress(CatalogFailed):  # the server will say so again
            capabilities.learn(self.catalog, ability, purpose)

    def _forget_lacks(self) -> None:
        with contextlib.suppress(CatalogFailed):
            capabilities.forget(self.catalog)

    def excerpt_of(self, file: File) -> Excerpt:
        """Room for a file's beginning, of which nothing is fetched yet; blocking with the first use of the client."""
        from files_tui.api.excerpt import Excerpt

        return Excerpt(self.client, file.id.true, file.bytes)

    def read(self, file: File, excerpt: Excerpt, end: int, abort: Abort) -> None:
        """Fetch a file's beginning up to `end`; blocking.

        What the server refuses of a whole purpose is remembered. Raises `ApiError` and `Aborted`.
        """
        try:
            excerpt.fetch(end, abort)
        except ApiError as error:
            is_known = file.purpose in self._given_out or not capabilities.is_plain(file.id)
            if capabilities.gives_out_none(error) and not is_known:
                self._learn("content", file.purpose)
            raise
        if file.purpose not in self._given_out:
            self._given_out.add(file.purpose)
            if self.lacks("content", file.purpose) is not None:
                with contextlib.suppress(CatalogFailed):  # it is believed for a day at most
                    capabilities.unlearn(self.catalog, "content", file.purpose)

    def open_files(self, ids: Sequence[str]) -> None:
        """Ask for files by their ids, whether the listing has them or not; blocking.

        A server that tells nothing of a single file may still give out its content.
        """
        found, problems = [], []
        for file_id in ids:
            try:
                found.append(self.client.retrieve(file_id, abort=self._closing).value)
            except NotSupported:
                found.append(File(id=Untrusted(file_id)))
            except ApiError as error:
                problems.append(safe(f"{safe(file_id, 40)}: {error}"))
            except Aborted:
                return
        try:
            self.catalog.upsert(found)
        except CatalogFailed as error:
            self.catalog_failed(self.catalog, error)
        else:
            self._post(FilesOpened(found, problems))

    def catalog_failed(self, catalog: Catalog, error: CatalogFailed) -> None:
        """Say that a catalog cannot be used, or have it mended; nothing of one that is closed or was replaced."""
        if self._closing.cancelled or catalog is not self.catalog:
            return
        if error.is_damage:
            self._post(CatalogDamaged())
        else:
            self._post(ConnectFailed(one_line(f"the listing cannot be kept: {error}")))

    def mend_catalog(self) -> None:
        """Set a damaged catalog aside and begin a new one; `note` says so."""
        with self._lock:
            self._syncing.cancel()
            damaged = self._opened
            self._opened = damaged.anew(self.account)
            self.whole_at = None
        damaged.close()

    def follow(self, file: File) -> None:
        """Ask for a new file now and then until its status is final."""
        self._follower.follow([file])

    def _look_at(self, file_id: str) -> bool:
        """Ask for one file; gives whether it is still busy."""
        try:
            file = self.client.retrieve(file_id, abort=self._closing).value
            if self.catalog.upsert([file], asked_at=time.time()).changed:
                self._post(CatalogChanged())
        except (ApiError, CatalogFailed):
            return False  # the next refresh tells
        return file.kind == "busy"

    def _twins(self, name: str, size: int) -> list[str]:
        return self.catalog.twins(name, size)

    def _jobs_changed(self, changes: list[Change]) -> None:
        from files_tui.transfers.jobs import DeleteJob, UploadJob

        done = [job for job, state in changes if state == "done"]
        uploaded = [job.file for job in done if isinstance(job, UploadJob) and job.file]
        deleted = [job.file.id for job in done if isinstance(job, DeleteJob)]
        try:
            if uploaded:
                self.catalog.upsert(uploaded)
            if deleted:
                self.catalog.remove(deleted)
                self.catalog.uses.deleted(deleted)
        finally:
            self._post(JobsChanged(changes))
