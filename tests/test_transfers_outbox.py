"""Telling of jobs: many changes at once, and nothing is forgotten before it was noted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from files_tui.transfers import outbox as room
from files_tui.transfers.jobs import Change, DeleteJob, State
from files_tui.transfers.journal import Journal
from files_tui.transfers.outbox import Outbox
from files_tui.transfers.queue import DELETES
from tests.queues import bench, deleted, deleting, states_of
from tests.waiting import until
from tests.wire import serving


class Listener:
    """Hears calls, and takes as long as it is told to."""

    def __init__(self) -> None:
        self.calls: list[list[Change]] = []
        self.threads: set[str] = set()
        self.go = threading.Event()
        self.error: Exception | None = None
        self.inside = self.most = 0

    def __call__(self, changes: list[Change]) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.calls.append(list(changes))
        self.threads.add(threading.current_thread().name)
        assert self.go.wait(20)
        self.inside -= 1
        if self.error is not None:
            raise self.error

    @property
    def heard(self) -> list[Change]:
        return [change for call in self.calls for change in call]


@contextmanager
def outbox(listener: Callable[[list[Change]], None]) -> Iterator[tuple[Outbox, Journal]]:
    journal = Journal(None)
    made = Outbox(journal, listener)
    yield made, journal
    made.close()
    journal.close()


def ended(journal: Journal, state: State, name: str = "a") -> DeleteJob:
    """A job in the journal that went into a state."""
    job = deleting(name)
    journal.begin(job)
    job.enter("running")
    job.enter(state)
    return job


def written(journal: Journal) -> int:
    with journal._lock:
        return int(journal._base.execute("select count(*) from jobs").fetchone()[0])


def test_changes_of_a_moment_are_told_in_one_call_and_in_order() -> None:
    listener = Listener()
    with outbox(listener) as (out, _):
        jobs = [deleting(f"f{n}") for n in range(500)]
        out.put(jobs[0], "waiting")
        until(lambda: listener.calls)
        for job in jobs:
            out.put(job, "running")
            out.put(job, "done")
        listener.go.set()
        until(lambda: len(listener.heard) == 1_001)
    assert [len(call) for call in listener.calls] == [1, 1_000]
    assert listener.calls[1] == [(job, state) for job in jobs for state in ("running", "done")]
    assert listener.most == 1
    assert listener.threads == {"transfer-news"}


def test_what_comes_soon_after_a_call_waits_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BETWEEN", 1_000.0)
    listener = Listener()
    listener.go.set()
    with outbox(listener) as (out, _):
        job = deleting("a")
        out.put(job, "waiting")
        until(lambda: listener.calls)
        for _ in range(20_000):
            out.put(job, "running")
    assert [len(call) for call in listener.calls] == [1, 20_000]


@pytest.mark.parametrize("error", [None, RuntimeError("no disk")])
def test_the_journal_forgets_only_after_the_listener_has_noted_it(error: Exception | None) -> None:
    listener = Listener()
    listener.error = error
    with outbox(listener) as (out, journal):
        job = ended(journal, "done")
        out.put(job, "done")
        until(lambda: listener.calls)
        assert written(journal) == 1
        listener.go.set()
        until(lambda: not written(journal))
    assert job.advice == ("" if error is None else "could not be noted: RuntimeError: no disk")


def test_a_listener_that_fails_is_told_the_next_changes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BETWEEN", 0.0)
    listener = Listener()
    listener.go.set()
    listener.error = RuntimeError("no disk")
    with outbox(listener) as (out, journal):
        failed = ended(journal, "failed")
        out.put(failed, "failed")
        until(lambda: len(listener.calls) == 1)
        listener.error = None
        done = ended(journal, "done")
        out.put(done, "done")
        until(lambda: written(journal) == 1)
    assert (failed.advice, done.advice) == ("", "")


def test_closing_tells_what_is_left_and_ends_the_thread() -> None:
    listener = Listener()
    listener.go.set()
    with outbox(listener) as (out, journal):
        jobs = [ended(journal, "done", str(n)) for n in range(10)]
        for job in jobs:
            out.put(job, "done")
        out.close()
        assert {job for job, _ in listener.heard} == set(jobs)
        assert written(journal) == 0
        late = ended(journal, "done")
        out.put(late, "done")
        assert late not in {job for job, _ in listener.heard}
        assert "transfer-news" not in {thread.name for thread in threading.enumerate()}


def test_a_journal_that_cannot_be_written_stops_no_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BETWEEN", 0.0)
    listener = Listener()
    listener.go.set()
    with outbox(listener) as (out, journal):
        jobs = [ended(journal, "done", str(n)) for n in range(2)]
        journal.close()
        for job in jobs:
            out.put(job, "done")
            until(lambda job=job: job in {other for other, _ in listener.heard})  # type: ignore[misc]


def test_a_queue_tells_of_all_that_happens_to_its_jobs() -> None:
    with serving(deleted) as server, bench(server.base_url) as on:
        jobs = [deleting(f"f{n}") for n in range(300)]
        on.queue.submit(jobs)
        on.over(*jobs)
        on.heard_end(*jobs)
    assert {tuple(on.states(job)) for job in jobs} == {("waiting", "running", "done")}
    assert len(on.told) < 300


def test_a_queue_goes_on_with_a_listener_that_breaks() -> None:
    def broken(changes: list[Change]) -> None:
        raise RuntimeError("no disk")

    with serving(deleted) as server, bench(server.base_url) as on:
        on.queue._outbox._listener = broken
        jobs = [deleting(f"f{n}") for n in range(DELETES * 2)]
        on.queue.submit(jobs)
        on.over(*jobs)
        assert states_of(jobs) == {"done"}
        until(lambda: all(job.advice == "could not be noted: RuntimeError: no disk" for job in jobs))
        until(lambda: not on.written())
