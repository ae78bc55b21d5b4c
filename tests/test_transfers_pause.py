"""What happens when the server has had enough: fewer at once, one pause for all, and then they go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.transfers import queue
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.transfers.queue import DELETES
from files_tui.transfers.run import Outcome, Tools
from files_tui.transfers.tools import LONGEST_PAUSE, THROTTLED_TRIES
from tests.files import a_file
from tests.queues import Clock, bench, deleting, round_trips, states_of
from tests.store_server import Store
from tests.waiting import until
from tests.wire import Received, Reply, Server, answer, error_answer, json_answer, page_answer, serving

DELETED = json_answer({"deleted": True})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)


def busy(seconds: float | None = None, status: int = 429) -> bytes:
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return error_answer(status, "too many requests", headers=headers)


def moving(server: Server) -> list[str]:
    """What was asked for, but for the listing."""
    return [request.target for request in server.requests if not request.target.startswith("/v1/files?")]


class Reluctant:
    """Says no so often, and then goes on; the listing is always there."""

    def __init__(self, *refusals: bytes) -> None:
        self._refusals: Iterator[bytes] = iter(refusals)

    def __call__(self, request: Received) -> Reply:
        if request.target.startswith("/v1/files?"):
            return page_answer()
        refusal = next(self._refusals, None)
        if refusal is not None:
            return refusal
        return answer(200, b"abc") if request.method == "GET" else DELETED


@pytest.mark.parametrize("status", [429, 503])
def test_all_keep_the_pause_that_the_server_asks_for(status: int, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "up.txt").write_text("abc")
    with serving(Reluctant(busy(300, status))) as server, bench(server.base_url) as on:
        assert on.queue.pause_left == 0
        first = deleting("first")
        on.queue.submit([first])
        until(lambda: first.state == "retrying")
        on.settled()
        assert on.queue.pause_left == 300
        assert first.message == f"too many requests (HTTP {status})"
        assert first.retry_at == clock.now + 300

        others: list[Job] = [deleting("second"), DownloadJob(a_file(id="third"), tmp_path / "down.txt")]
        for job in others:
            on.queue.submit([job])
        round_trips(on.client)
        clock.now += 299
        on.wake()
        round_trips(on.client)
        assert states_of(others) == {"waiting"}
        assert moving(server) == ["/v1/files/first"]
        assert on.queue.pause_left == 1

        clock.now += 1
        on.wake()
        on.over(first, *others)
        assert on.queue.pause_left == 0
        assert states_of([first, *others]) == {"done"}
        on.heard_end(first)
        assert on.states(first) == ["waiting", "running", "retrying", "running", "done"]
    assert sorted(moving(server)) == ["/v1/files/first"] * 2 + ["/v1/files/second", "/v1/files/third/content"]


def test_the_lane_is_halved_once_for_all_refusals_of_a_moment_and_grows_again(clock: Clock) -> None:
    gates = [threading.Event() for _ in range(3)]
    gate = gates[0]
    held: list[threading.Event] = []

    def handler(request: Received) -> Reply:
        if request.method == "GET":
            return page_answer()
        mine = gate
        held.append(mine)
        return [mine, busy(60) if mine is gates[0] else DELETED]

    def waiting_now(server: Server) -> int:
        round_trips(on.client)
        return len(moving(server))

    with serving(handler) as server, bench(server.base_url) as on:
        first = [deleting(f"a{n}") for n in range(DELETES)]
        on.queue.submit(first)
        until(lambda: len(held) == DELETES)
        gate = gates[1]
        gates[0].set()
        until(lambda: states_of(first) == {"retrying"})

        clock.now += 60
        on.wake()
        until(lambda: len(moving(server)) == DELETES + DELETES // 2)
        assert waiting_now(server) == DELETES + DELETES // 2
        gates[1].set()
        on.over(*first, *on.queue.submit([deleting(f"b{n}") for n in range(200)]).jobs)

        before = len(moving(server))
        gate = gates[2]
        last = on.queue.submit([deleting(f"c{n}") for n in range(30)])
        until(lambda: len(moving(server)) == before + DELETES)
        assert waiting_now(server) == before + DELETES
        gate.set()
        on.over(*last.jobs)


@pytest.mark.usefixtures("_no_waiting")
def test_a_server_that_is_only_busy_is_asked_many_times() -> None:
    with serving(Reluctant(*[busy()] * THROTTLED_TRIES)) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        assert (job.state, job.message) == ("done", "deleted")
        assert len(server.requests) == THROTTLED_TRIES + 1


@pytest.mark.usefixtures("_no_waiting")
@pytest.mark.parametrize(
    ("refusal", "count"),
    [
        (busy(), THROTTLED_TRIES + 1),
        (error_answer(500), 4),
        (error_answer(429, "you have used it up", code="insufficient_quota", headers={"retry-after": "1"}), 1),
        (busy(LONGEST_PAUSE + 1), 1),
        (error_answer(429, headers={"x-should-retry": "false"}), 1),
        (error_answer(400), 1),
    ],
)
def test_when_it_is_final(refusal: bytes, count: int) -> None:
    with serving(lambda _: refusal) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        assert (job.state, job.can_retry) == ("failed", True)
        assert job.advice
        assert on.queue.pause_left == 0
        assert on.queue.progress().failed == 1
    assert len(server.requests) == count


@pytest.mark.usefixtures("_no_waiting")
def test_tries_of_before_do_not_count_when_a_person_tries_it_again() -> None:
    with serving(Reluctant(*[error_answer(500)] * 7)) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        assert job.state == "failed"
        assert on.again(job).state == "done"
    assert len(server.requests) == 8


@pytest.mark.usefixtures("_no_waiting")
def test_an_upload_that_comes_too_early_is_sent_again_and_is_there_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abc")
    store = Store()
    refusals = iter([busy(), busy(0), busy()])
    store.before = lambda request: next(refusals, None) if request.method == "POST" else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(tmp_path / "a.txt", "user_data"))
        assert job.state == "done"
    assert [request.method for request in server.requests] == ["POST"] * 4
    assert store.named("a.txt") == [b"abc"]


def test_a_job_that_waits_for_its_next_try_is_cancelled_at_once(clock: Clock, tmp_path: Path) -> None:
    with serving(Reluctant(busy(300))) as server, bench(server.base_url) as on:
        job = deleting("a")
        on.queue.submit([job])
        until(lambda: job.state == "retrying")
        on.queue.cancel([job])
        assert job.state == "cancelled"
        assert on.queue.pause_left == 0  # which nobody waits for
        clock.now += 300
        other = on.run(deleting("b"))
        assert other.state == "done"
    assert moving(server) == ["/v1/files/a", "/v1/files/b"]


@pytest.mark.parametrize("state", ["retrying", "waiting"])
def test_a_cancel_that_a_run_no_longer_saw_still_holds(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Job] = []

    def late(job: Job, tools: Tools) -> Outcome:
        runs.append(job)
        on.queue.cancel([job])
        return Outcome(state)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "run", late)
    with serving([]) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        on.run(deleting("b"))
        assert (job.state, job.message) == ("cancelled", "cancelled")
        assert runs.count(job) == 1


def test_the_trouble_of_one_job_is_no_pause_for_the_others(clock: Clock) -> None:
    def handler(request: Received) -> Reply:
        return error_answer(500) if request.target.endswith("first") else DELETED

    with serving(handler) as server, bench(server.base_url) as on:
        first = deleting("first")
        on.queue.submit([first])
        until(lambda: first.state == "retrying")
        assert on.queue.pause_left == 0
        assert on.run(deleting("second")).state == "done"
        assert first.state == "retrying"


def test_closing_does_not_wait_for_the_pause(clock: Clock) -> None:
    with serving(Reluctant(busy(500))) as server, bench(server.base_url) as on:
        job: DeleteJob = deleting("a")
        on.queue.submit([job])
        until(lambda: job.state == "retrying")
        on.queue.close(remember=False)
        assert job.state == "cancelled"
    assert len(server.requests) == 1
