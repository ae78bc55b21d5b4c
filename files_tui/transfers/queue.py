"""The queue: jobs wait here for a thread of their kind."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from files_tui.api.client import FilesClient
from files_tui.text import one_line
from files_tui.transfers.jobs import DeleteJob, Job
from files_tui.transfers.run import Twins, run

TRANSFERS = 4
DELETES = 8


class TransferQueue:
    """Runs jobs in threads: four transfers and eight deletes at once, so that neither kind holds back the other.

    `on_change` hears of every job that begins or ends, from the thread that runs it. `jobs` is every job of the
    session, oldest first.
    """

    def __init__(self, client: FilesClient, twins: Twins, on_change: Callable[[Job], None]) -> None:
        self._client = client
        self._twins = twins
        self._on_change = on_change
        self._lock = threading.Lock()
        self._lanes = {False: _Lane("transfer", TRANSFERS), True: _Lane("delete", DELETES)}
        self._closed = False
        self._claimed: set[str] = set()
        self.jobs: list[Job] = []

    @property
    def active(self) -> list[Job]:
        """The jobs that have not ended."""
        return [job for job in self.jobs if not job.is_over]

    def submit(self, job: Job) -> None:
        """Put a new job at the end of its line."""
        with self._lock:
            self.jobs.append(job)
        self._line_up(job)

    def _line_up(self, job: Job) -> None:
        self._tell(job)  # before a thread can take it, so that no later state is told of twice
        with self._lock:
            self._lanes[isinstance(job, DeleteJob)].put(job, self._work)

    def retry(self, job: Job) -> bool:
        """Try an ended job again; False when that could do something twice."""
        if not job.can_retry:
            return False
        job.reset()
        self._line_up(job)
        return True

    def cancel(self, job: Job) -> None:
        """End a job now; one that runs leaves nothing half done on this side."""
        with self._lock:
            job.abort.cancel()
            if job.state != "waiting":
                return
            job.state = "cancelled"
        self._tell(job)

    def close(self) -> None:
        """Cancel everything and wait a moment for the threads, so that partial files are removed."""
        with self._lock:
            self._closed = True
        for job in self.active:
            self.cancel(job)
        deadline = time.monotonic() + 1.0
        for lane in self._lanes.values():
            lane.join(deadline)

    def _work(self, job: Job) -> None:
        with self._lock:
            if job.state != "waiting" or self._closed:
                return
            job.state = "running"
            job.began = time.monotonic()
        self._tell(job)
        try:
            run(job, self._client, self._twins, self._claim)
        except Exception as error:  # an error of our own must end neither the thread nor the other jobs
            job.message = one_line(f"error of our own: {type(error).__name__}: {error}")
            job.state = "failed"
        job.ended = time.monotonic()
        self._tell(job)

    def _tell(self, job: Job) -> None:
        try:
            self._on_change(job)
        except Exception as error:  # the listener's trouble is not the job's, and must not end the thread
            job.advice = one_line(f"could not be noted: {type(error).__name__}: {error}")

    def _claim(self, file_id: str) -> bool:
        """Take a file's id for one upload; False when another upload of this queue has it."""
        with self._lock:
            if file_id in self._claimed:
                return False
            self._claimed.add(file_id)
            return True


class _Lane:
    """Threads for one kind of job, started as they are needed."""

    def __init__(self, name: str, width: int) -> None:
        self._name = name
        self._width = width
        self._line: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def put(self, job: Job, work: Callable[[Job], None]) -> None:
        self._line.put(job)
        if len(self._threads) < self._width:
            name = f"{self._name}-{len(self._threads) + 1}"
            thread = threading.Thread(target=self._serve, args=(work,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def join(self, deadline: float) -> None:
        for _ in self._threads:
            self._line.put(None)
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _serve(self, work: Callable[[Job], None]) -> None:
        while (job := self._line.get()) is not None:
            work(job)
