"""What every run of a job works with."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator

import msgspec

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, ApiError, RateLimited
from files_tui.catalog.capabilities import Ability
from files_tui.text import Safe, Untrusted
from files_tui.transfers.jobs import Job, SavingJob, State, UploadJob
from files_tui.transfers.journal import Journal
from files_tui.transfers.lane import Lane
from files_tui.transfers.pace import Pace
from files_tui.transfers.rate import Meter

Twins = Callable[[str, int], Collection[str]]
OnLack = Callable[[Ability, Untrusted], None]

THROTTLED_TRIES = 20
LONGEST_PAUSE = 600.0
SLOT_LOOK = 0.2
"""Seconds between two looks whether a part that waits for its place is still wanted."""


class Outcome(msgspec.Struct, frozen=True):
    """How a run of a job ended, and on one safe line why.

    A job that is `retrying` waits so many seconds; `throttled` is the pause in seconds that the server wants of all.
    """

    state: State
    message: Safe = Safe("")
    advice: str = ""
    wait: float = 0.0
    throttled: float | None = None


class Tools:
    """The way to the server and to the journal, the pause that all keep, the bytes that all have moved.

    `remembers` tells that what is ended now is to be gone on with at the next start. So many parts of large uploads as
    `lane` lets jobs run move at once, whichever job they belong to. `on_lack` hears what the server cannot do.
    """

    def __init__(
        self, client: FilesClient, journal: Journal, twins: Twins, pace: Pace, lane: Lane, on_lack: OnLack
    ) -> None:
        self.client = client
        self.on_lack = on_lack
        self.worked: set[tuple[Ability, Untrusted]] = set()
        """What the server has done in this session, so that a refusal of it is about one file."""
        self.journal = journal
        self.twins = twins
        self.pace = pace
        self.meter = Meter()
        self.remembers = False
        self._lane = lane
        self._parts = 0
        self._part_ended = threading.Condition()
        self._giving_up: list[threading.Thread] = []

    @contextlib.contextmanager
    def part_slot(self, abort: Abort) -> Iterator[None]:
        """Wait until one part more may move, and hold its place; raises `Aborted`."""
        with self._part_ended:
            while self._parts >= self._lane.limit:
                self._part_ended.wait(SLOT_LOOK)
                abort.check()  # a condition cannot be waited for together with the switch
            self._parts += 1
        try:
            abort.check()
            yield
            self._lane.succeeded()
        finally:
            with self._part_ended:
                self._parts -= 1
                self._part_ended.notify()

    def slow_down(self, seconds: float) -> None:
        """Let everything wait for so long, and fewer run at once after it."""
        if self.pace.pause(seconds):
            self._lane.narrow()

    def wait_for_pace(self, abort: Abort) -> None:
        """Wait until requests may be sent; raises `Aborted`."""
        while (left := self.pace.left) > 0:
            abort.wait(left)

    def claim(self, job: UploadJob, file_id: str) -> bool:
        """Take a file for an upload; False for one that was there before or belongs to another upload."""
        return file_id not in job.known and self.journal.claim(file_id, job)

    def is_contested(self, job: UploadJob, file_ids: Collection[str]) -> bool:
        """Whether any of these files can be that of another upload as well."""
        return self.journal.is_contested([file_id for file_id in file_ids if file_id not in job.known], job)

    def give_up(self, job: Job) -> None:
        """Remove what a job has left half done, here and on the server; does not block."""
        if isinstance(job, SavingJob) and job.part is not None:
            with contextlib.suppress(OSError):  # its folder is gone, or can no longer be written
                job.part.unlink(missing_ok=True)
            job.part = job.settling = None
        if isinstance(job, UploadJob) and job.session is not None:
            session, job.session = job.session, None
            thread = threading.Thread(target=self._cancel, args=(session.id,), name="give-up", daemon=True)
            self._giving_up.append(thread)
            thread.start()

    def wait_until_given_up(self, deadline: float) -> None:
        """Wait until the server has heard of all that is given up, but no longer than until a monotonic time."""
        for thread in self._giving_up:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _cancel(self, upload_id: str) -> None:
        with contextlib.suppress(ApiError, Aborted):  # it ends by itself within the hour
            self.client.large.cancel(upload_id, abort=Abort())


def is_throttled(error: ApiError) -> bool:
    """Whether the server wants fewer requests for a while, not of this job alone."""
    return isinstance(error, RateLimited) or error.retry_after is not None


def pause_before_retry(error: ApiError, tries: int) -> float | None:
    """Seconds until a job is tried again, None when its failure is final; many tries where the server is only busy."""
    if isinstance(error, RateLimited):
        return retry.delay(error, tries, retries=THROTTLED_TRIES, longest=LONGEST_PAUSE)
    return retry.delay(error, tries, longest=LONGEST_PAUSE)
