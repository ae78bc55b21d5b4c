"""A queue on a server, with its journal, for tests of transfers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest

from files_tui.api.client import FilesClient
from files_tui.settings import Account, Secret
from files_tui.transfers.entries import job_of
from files_tui.transfers.jobs import Change, DeleteJob, Job
from files_tui.transfers.journal import Journal
from files_tui.transfers.queue import TransferQueue
from tests.files import a_file
from tests.waiting import until
from tests.wire import Received, Reply, json_answer

J = TypeVar("J", bound=Job)

THREADS = ("transfer-", "delete-", "part-", "give-up")


class Clock:
    """A time for queues that stands still until a test moves it on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        time = SimpleNamespace(monotonic=lambda: self.now)
        for module in ("lane", "pace", "queue", "tools"):
            monkeypatch.setattr(f"files_tui.transfers.{module}.time", time)


class Bench:
    """A queue with its client and journal, and every change that it told: `heard` in all, `told` call by call."""

    def __init__(self, base_url: str, twins: Callable[[str, int], Collection[str]], journal: Path | None) -> None:
        self.client = FilesClient(Account(base_url=base_url, key=Secret("x")))
        self.client._guard.has_shown_files = True
        self.journal = Journal(journal)
        self.queue = TransferQueue(self.client, self.journal, twins, self._hear)
        self.heard: list[Change] = []
        self.told: list[list[Change]] = []

    def _hear(self, changes: list[Change]) -> None:
        self.heard += changes
        self.told.append(list(changes))

    def run(self, job: J) -> J:
        """Submit a job and wait for its end."""
        self.queue.submit([job])
        return self.over(job)

    def again(self, job: J) -> J:
        """Try an ended job again and wait for its end."""
        assert self.queue.retry([job])
        return self.over(job)

    def over(self, *jobs: J) -> J:
        """Wait for the end of these jobs; gives the first."""
        until(lambda: all(job.is_over for job in jobs))
        self.settled()
        return jobs[0]

    def settled(self) -> None:
        """Wait until what the queue is about to write down is written."""
        with self.queue._state:
            pass

    def heard_end(self, *jobs: Job) -> None:
        """Wait until the end of these jobs was told."""
        until(lambda: {job for job, state in self.heard if state == job.state and job.is_over} >= set(jobs))

    def wake(self) -> None:
        """Let the queue look at the time again."""
        with self.queue._state:
            self.queue._state.notify_all()

    def states(self, job: Job) -> list[str]:
        """What was told of a job."""
        return [state for other, state in self.heard if other is job]

    def written(self) -> list[int]:
        """The numbers of the jobs in the journal."""
        with self.journal._lock:
            return [row[0] for row in self.journal._base.execute("select n from jobs order by n")]

    def noted(self) -> list[Job | None]:
        """The jobs in the journal, as a crash would leave them now."""
        with self.journal._lock:
            rows = self.journal._base.execute("select entry, n from jobs order by n").fetchall()
        return [job_of(entry, n) for entry, n in rows]


@contextmanager
def bench(
    base_url: str,
    twins: Callable[[str, int], Collection[str]] = lambda name, size: (),
    journal: Path | None = None,
    *,
    remember: bool = False,
) -> Iterator[Bench]:
    """A queue on that server, closed in the end as told; leaving it checks that its threads end."""
    made = Bench(base_url, twins, journal)
    try:
        yield made
    finally:
        made.queue.close(remember=remember)
        made.client.close()
        until(lambda: not queue_threads())
        made.journal.close()


def queue_threads() -> list[str]:
    """The names of the threads of all queues."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]


def deleting(file_id: str) -> DeleteJob:
    """A delete of a file with this id."""
    return DeleteJob(a_file(id=file_id, filename=f"{file_id}.txt"))


def deleted(_: Received) -> Reply:
    """The answer to a delete."""
    return json_answer({"deleted": True})


def round_trips(client: FilesClient) -> None:
    """Give whatever is about to be sent the time to arrive: other requests come and go meanwhile."""
    for _ in range(10):
        client.list_page(limit=1)


def states_of(jobs: Iterable[Job]) -> set[str]:
    """The states that jobs are in."""
    return {job.state for job in jobs}
