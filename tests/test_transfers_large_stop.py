"""Large uploads on a server that has had enough, and how they are cancelled."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from files_tui.transfers import large
from files_tui.transfers.pace import Pace
from tests.queues import Clock, bench, deleting, round_trips, states_of
from tests.store_server import Store
from tests.test_transfers_large import CONTENT, PART, arrived_once, is_part, job_for, once, posts
from tests.waiting import until
from tests.wire import Received, Reply, error_answer, serving


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "PART_SIZE", PART)
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)


def test_after_a_refusal_fewer_parts_move_at_once_and_then_more_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of the first four are refused in one moment, and the next come in twos."""
    store, gates, lock = Store(), [threading.Event() for _ in range(3)], threading.Lock()
    arrived, now = 0, 0
    clock = Clock(monkeypatch)
    asked: list[float] = []
    real = Pace.pause

    def pause(pace: Pace, seconds: float) -> bool:
        is_new = real(pace, seconds)
        asked.append(seconds)
        return is_new

    monkeypatch.setattr(Pace, "pause", pause)

    def before(request: Received) -> Reply | None:
        nonlocal arrived, now
        if not is_part(request):
            return None
        with lock:
            arrived += 1
            number = arrived
            now += number > 2
        if number <= 2:
            until(lambda: arrived == 4)
            return error_answer(429, headers={"retry-after-ms": "50"})
        assert gates[0 if number <= 6 else 1 if number <= 8 else 2].wait(20)
        return None

    def after(request: Received, reply: bytes) -> Reply:
        nonlocal now
        if is_part(request):
            with lock:
                now -= 1
        return reply

    store.before, store.after = before, after
    with serving(store) as server, bench(server.base_url) as on:
        job = job_for(tmp_path, content=CONTENT * 10)
        on.queue.submit([job])
        until(lambda: asked == [0.05] * 2)
        clock.now += 1
        until(lambda: now == 4)
        gates[0].set()
        until(lambda: arrived == 8)
        round_trips(on.client)
        assert now == 2
        gates[1].set()
        gates[2].set()
        arrived_once(store, on.over(job), CONTENT * 10)
    assert on.queue._transfers.limit == 4


def test_a_pause_for_a_part_is_one_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    store = Store()
    store.before = once(0, error_answer(429, headers={"retry-after": "200"}))
    content = CONTENT[:PART]
    with serving(store) as server, bench(server.base_url) as on:
        job = job_for(tmp_path, content=content)
        on.queue.submit([job])
        until(lambda: on.queue.pause_left == 200)
        other = deleting("x")
        on.queue.submit([other])
        round_trips(on.client)
        assert other.state == "waiting"
        on.queue.cancel([job])  # since the pause itself is waited for by the real time
        on.over(job)
        clock.now += 200
        on.wake()
        on.over(other)
    assert states_of([job]) == {"cancelled"}


def test_a_cancel_tells_the_server(tmp_path: Path) -> None:
    store, stuck = Store(), threading.Event()
    store.before = lambda request: [stuck] if is_part(request) else None
    with serving(store) as server, bench(server.base_url) as on:
        job = job_for(tmp_path)
        on.queue.submit([job])
        server.wait_for(lambda: posts(server.requests)["POST /uploads/parts"] == 4)
        on.queue.cancel([job])
        on.over(job)
        until(lambda: store.sessions["upload_1"].status == "cancelled")
        assert (job.state, job.session, job.can_retry) == ("cancelled", None, True)
        store.before = lambda request: None
        arrived_once(store, on.again(job))
    assert list(store.sessions) == ["upload_1", "upload_2"]


def test_a_large_upload_that_waits_for_others_is_cancelled_at_once(tmp_path: Path) -> None:
    store, stuck = Store(), threading.Event()
    store.before = lambda request: [stuck] if is_part(request) else None
    with serving(store) as server, bench(server.base_url) as on:
        first, second = job_for(tmp_path), job_for(tmp_path, "other.bin")
        on.queue.submit([first])
        server.wait_for(lambda: posts(server.requests)["POST /uploads/parts"] == 4)
        on.queue.submit([second])
        until(lambda: second.session)
        on.queue.cancel([second])
        assert on.over(second).state == "cancelled"
        assert first.state == "running"


def test_a_large_upload_that_is_cancelled_while_its_end_waits_for_an_answer_is_looked_for_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))
    store, stuck = Store(), threading.Event()
    store.after = lambda request, reply: [stuck] if request.target.endswith("/complete") else reply
    with serving(store) as server, bench(server.base_url) as on:
        job = job_for(tmp_path)
        on.queue.submit([job])
        until(lambda: store.files)
        on.queue.cancel([job])
        on.over(job)
        assert (job.state, job.message) == ("cancelled", "cancelled, but all of it was sent: it may be in the list")
        on.again(job)
        assert (job.state, job.file and job.file.id.true) == ("done", "file-1")
    assert store.named("big.bin") == [CONTENT]
    assert len(store.sessions) == 1
