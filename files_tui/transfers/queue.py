"""The queue: jobs wait here for a thread of their kind."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from files_tui.api.client import FilesClient
from files_tui.text import one_line
from files_tui.transfers.jobs import ACTIVE, Batch, Change, DeleteJob, Job, State
from files_tui.transfers.journal import Journal, JournalFailed
from files_tui.transfers.lane import Lane
from files_tui.transfers.outbox import Outbox
from files_tui.transfers.pace import Pace
from files_tui.transfers.rate import Rate
from files_tui.transfers.run import CANCELLED, Outcome, Tools, Twins, run
from files_tui.transfers.tools import OnLack

TRANSFERS = 4
DELETES = 8
LEAVING_SECONDS = 1.0


class Progress(msgspec.Struct, frozen=True):
    """What moves now: jobs that have not ended by kind, the jobs that run, and the bytes of the batches under way.

    `total` is None where it is not known, `speed` is bytes a second, `left` seconds; `failed` counts the jobs that
    failed or are unclear and that nobody has looked at.
    """

    active: Counter[type[Job]]
    running: list[Job]
    moved: int
    total: int | None
    speed: float | None
    left: float | None
    failed: int


class TransferQueue:
    """Runs jobs in threads: four transfers and eight deletes at once, so that neither kind holds back the other.

    `twins` tells the known ids of files with a name and a size. `on_changes` hears of jobs that began, were put off or
    ended, in one call for all of a moment, from a thread of the queue; it may raise. `on_lack` hears what the server
    turned out not to do.
    """

    def __init__(
        self,
        client: FilesClient,
        journal: Journal,
        twins: Twins,
        on_changes: Callable[[list[Change]], None],
        on_lack: OnLack = lambda *_: None,
    ) -> None:
        self._journal = journal
        self._pace = Pace()
        self._outbox = Outbox(journal, on_changes)
        self._state = threading.Condition()
        self._transfers, self._deletes = Lane("transfer", TRANSFERS), Lane("delete", DELETES)
        self._tools = Tools(client, journal, twins, self._pace, self._transfers, on_lack)
        self._threads: dict[Lane, list[threading.Thread]] = {self._transfers: [], self._deletes: []}
        self._closed = False
        self._active: Counter[type[Job]] = Counter()
        self._running: set[Job] = set()
        self._unwanted: set[Job] = set()
        self._troubled: dict[Job, None] = {}
        self._rate = Rate()
        self.batches: list[Batch] = []

    @property
    def jobs(self) -> list[Job]:
        """Every job that was not cleared away, oldest first."""
        return [job for batch in list(self.batches) for job in batch.jobs if job.batch is batch]

    @property
    def active(self) -> int:
        """How many jobs have not ended."""
        return self._active.total()

    @property
    def pause_left(self) -> float:
        """Seconds until requests are sent again that the server did not want yet; 0 when it asked for no pause."""
        return self._pace.left if self.active else 0.0

    def submit(self, jobs: Sequence[Job]) -> Batch:
        """Put new jobs, all of one kind, at the end of their line; does not block."""
        batch = Batch(jobs)
        with self._state:
            self._admit(batch)
        return batch

    def retry(self, jobs: Iterable[Job]) -> Batch | None:
        """Try ended jobs again, as a batch of their own; those that could do something twice are left out."""
        with self._state:
            again = [job for job in jobs if job.can_retry]
            if not again:
                return None
            for job in again:
                job.enter("waiting")
                self._troubled.pop(job, None)
            batch = Batch(again)
            self._admit(batch)
        return batch

    def retry_each(self, jobs: Iterable[Job]) -> None:
        """Try ended jobs again, a batch for those of each kind."""
        kinds: dict[type[Job], list[Job]] = {}
        for job in jobs:
            kinds.setdefault(type(job), []).append(job)
        for same in kinds.values():
            self.retry(same)

    def _admit(self, batch: Batch) -> None:
        self.batches.append(batch)
        self._journal.expect(batch.jobs)
        for job in batch.jobs:
            self._active[type(job)] += 1
            self._outbox.put(job, "waiting")
            self._line_up(job)

    def _line_up(self, job: Job) -> None:
        lane = self._lane_of(job)
        lane.add(job)
        threads = self._threads[lane]
        if len(threads) < lane.width and not self._closed:
            name = f"{lane.name}-{len(threads) + 1}"
            threads.append(threading.Thread(target=self._serve, args=(lane,), name=name, daemon=True))
            threads[-1].start()
        self._state.notify_all()

    def _lane_of(self, job: Job) -> Lane:
        return self._deletes if isinstance(job, DeleteJob) and not job.saves else self._transfers

    def cancel(self, jobs: Iterable[Job]) -> None:
        """End jobs now; one that runs leaves nothing half done on this side."""
        with self._state:
            for job in jobs:
                if job.state == "running":
                    self._unwanted.add(job)
                    job.abort.cancel()
                elif job.state in ACTIVE:
                    self._enter(job, "cancelled")
                    self._tools.give_up(job)

    def clear(self) -> None:
        """Forget the jobs that have ended."""
        with self._state:
            gone = [job for job in self.jobs if job.is_over]
            for batch in self.batches:
                batch.jobs = [job for job in batch.jobs if not job.is_over and job.batch is batch]
                batch.ended.clear()
            self.batches = [batch for batch in self.batches if batch.jobs]
            self._troubled.clear()
        self.give_up(gone)

    @property
    def troubled(self) -> list[Job]:
        """The jobs that failed or are unclear, oldest first."""
        with self._state:
            return list(self._troubled)

    def give_up(self, jobs: Iterable[Job]) -> None:
        """Leave alone for good what an earlier run has begun: remove what it left half done."""
        gone = list(jobs)
        for job in gone:
            self._tools.give_up(job)
        self._journal.forget(gone)

    def progress(self) -> Progress:
        """Read the counters; the speed is that between these readings."""
        with self._state:
            running = sorted(self._running, key=lambda job: job.number)
            batches = [batch for batch in self.batches if not batch.is_over]
            failed = sum(not job.seen for job in self._troubled)
        moved = sum(batch.over for batch in batches)
        total: int | None = sum(batch.length for batch in batches)
        for job in running:
            if job.rate is not None:
                job.rate.read(job.moved)
            if job.planned:
                moved += min(job.moved, job.planned)
            elif not isinstance(job, DeleteJob):
                total = None
        self._rate.read(self._tools.meter.moved)
        return Progress(
            active=self._active.copy(),
            running=running,
            moved=moved,
            total=total,
            speed=self._rate.speed,
            left=self._rate.left(moved, total),
            failed=failed,
        )

    def close(self, *, remember: bool) -> None:
        """End everything and wait a moment for the threads.

        With `remember`, what has not ended well stays in the journal for the next start. Else partial files and large
        uploads are removed, and only uploads that are unclear are kept.
        """
        self._tools.remembers = remember
        with self._state:
            self._closed = True
            unfinished = [job for batch in self.batches for job in batch.jobs if not job.is_over]
            self._state.notify_all()
        if not remember:
            self.cancel(unfinished)
        for job in unfinished:
            job.abort.cancel()
        deadline = time.monotonic() + LEAVING_SECONDS
        for threads in self._threads.values():
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
        self._outbox.close()
        if remember:
            with contextlib.suppress(JournalFailed):
                self._journal.write_expected()
        else:
            self.give_up(job for job in self.troubled if job.state == "failed")
            self._tools.wait_until_given_up(deadline)

    def _serve(self, lane: Lane) -> None:
        while (job := self._take(lane)) is not None:
            try:
                outcome = run(job, self._tools)
            except Exception as error:  # an error of our own must end neither the thread nor the other jobs
                outcome = Outcome("failed", one_line(f"error of our own: {type(error).__name__}: {error}"))
            self._settle(job, lane, outcome)

    def _take(self, lane: Lane) -> Job | None:
        """Wait for the next job of a lane; None when the queue is closed."""
        with self._state:
            while not self._closed:
                pause = self._pace.left
                job = lane.next() if not pause else None
                if job is not None:
                    lane.busy += 1
                    self._enter(job, "running")
                    return job
                due = lane.due()
                waits = [pause] if pause else []
                waits += [max(0.0, due - time.monotonic())] if due is not None and lane.busy < lane.limit else []
                self._state.wait(min(waits) + 0.001 if waits else None)
            return None

    def _settle(self, job: Job, lane: Lane, outcome: Outcome) -> None:
        """Write down how a run of a job ended."""
        with self._state:
            lane.busy -= 1
            if outcome.throttled is not None and self._pace.pause(outcome.throttled):
                lane.narrow()
            if job in self._unwanted and outcome.state in ACTIVE:  # the cancel came too late for this run
                self._tools.give_up(job)
                outcome = CANCELLED
            self._unwanted.discard(job)
            job.message, job.advice = outcome.message, outcome.advice
            if outcome.state == "done":
                lane.succeeded()
            if outcome.state == "retrying":
                job.retry_at = time.monotonic() + outcome.wait
            self._enter(job, outcome.state)
            if outcome.state == "retrying":
                lane.add_later(job)
            elif outcome.state == "waiting":
                self._line_up(job)
            self._state.notify_all()

    def _enter(self, job: Job, state: State) -> None:
        batch = job.batch
        assert batch is not None
        job.enter(state)
        if state == "running":
            self._running.add(job)
        else:
            self._running.discard(job)
        if job.is_over:
            self._active[type(job)] -= 1
            batch.ended[state] += 1
            batch.last = job
        if job.is_over or state == "waiting":  # a delete whose copy is there moves nothing more
            batch.over += job.planned
            job.planned = 0
        if state in ("failed", "unknown"):
            self._troubled[job] = None
        self._outbox.put(job, state)
