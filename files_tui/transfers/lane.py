"""Lines of jobs for the threads of one kind, and how many of them may run at once."""

from __future__ import annotations

import heapq
import threading
import time
from collections import OrderedDict, deque

from files_tui.transfers.jobs import Batch, Job

GROWTH = 5
"""A lane that was narrowed takes one more job at once after so many successes for each that it takes now."""


class Lane:
    """Who is next, and whether there is room; the queue calls this under its lock, but for `narrow` and `succeeded`.

    `limit` is how many jobs run at once: it is halved when the server says that there are too many requests, and
    raised slowly up to `width`. Batches take turns, so that a thousand jobs do not hold back one.
    """

    def __init__(self, name: str, width: int) -> None:
        self.name = name
        self.width = self.limit = width
        self.busy = 0
        self._waiting: OrderedDict[Batch, deque[Job]] = OrderedDict()
        self._retrying: list[tuple[float, int, Job]] = []
        self._successes = 0
        self._changing = threading.Lock()

    def add(self, job: Job) -> None:
        """Put a waiting job at the end of its batch's line."""
        assert job.batch is not None
        self._waiting.setdefault(job.batch, deque()).append(job)

    def add_later(self, job: Job) -> None:
        """Let a job come again when its time has come; it then goes before those that have never run."""
        assert job.retry_at is not None
        heapq.heappush(self._retrying, (job.retry_at, job.number, job))

    def next(self) -> Job | None:
        """The job to run now, None when there is no room or nothing is due."""
        if self.busy >= self.limit:
            return None
        while self._retrying and self._retrying[0][0] <= time.monotonic():
            at, _, job = heapq.heappop(self._retrying)
            if job.state == "retrying" and job.retry_at == at:  # not a time of before it was cancelled
                return job
        while self._waiting:
            batch, line = self._waiting.popitem(last=False)
            job = line.popleft()
            if line:
                self._waiting[batch] = line  # its turn comes again after the other batches
            if job.state == "waiting":
                return job
        return None

    def due(self) -> float | None:
        """The monotonic time at which the next job is to be tried again."""
        return self._retrying[0][0] if self._retrying else None

    def narrow(self) -> None:
        """The server wants fewer requests."""
        with self._changing:
            self.limit = max(1, self.limit // 2)
            self._successes = 0

    def succeeded(self) -> None:
        """A job, or a part of one, went well: after enough of them there may be more at once."""
        with self._changing:
            self._successes += 1
            if self.limit < self.width and self._successes >= GROWTH * self.limit:
                self.limit += 1
                self._successes = 0
