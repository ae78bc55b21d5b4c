"""The queue: lines, cancelling, trying again and closing, with real servers and threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection
from pathlib import Path
from typing import get_args

import pytest

from files_tui.transfers.jobs import DeleteJob, DownloadJob, State, UploadJob
from files_tui.transfers.queue import DELETES, TRANSFERS
from tests.demo_server import running_demo
from tests.files import a_file
from tests.queues import bench, deleted, deleting, queue_threads, states_of
from tests.waiting import DEADLINE, until
from tests.wire import Received, Reply, answer, json_answer, serving

DELETED = json_answer({"deleted": True})


@pytest.fixture(autouse=True)
def _all_the_time_to_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing waits for threads as long as they need."""
    monkeypatch.setattr("files_tui.transfers.queue.LEAVING_SECONDS", DEADLINE)


def test_a_delete_and_a_second_one() -> None:
    with running_demo() as url, bench(url) as on:
        file = on.client.list_page(limit=1).value.files[0]
        first, second = on.run(DeleteJob(file)), on.run(DeleteJob(file))
        assert file.id not in [f.id for f in on.client.list_page(limit=100).value.files]
        on.heard_end(first)

    assert (first.state, first.message) == ("done", "deleted")
    assert (second.state, second.message) == ("done", "already gone")
    assert on.states(first) == ["waiting", "running", "done"]
    assert on.queue.jobs == [first, second]
    assert first.title == file.filename
    assert first.seconds > 0


def test_a_refused_delete_can_be_tried_again() -> None:
    replies = iter([json_answer({"deleted": False}), DELETED])
    with serving(lambda _: next(replies)) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        assert (job.state, job.can_retry) == ("failed", True)
        assert job.message.startswith("the server says that it did not delete the file")
        assert job.advice
        assert on.queue.troubled == [job]

        first = job.batch
        second = on.queue.retry([job])
        on.over(job)

        assert second is not None
        assert second is not first
        assert (second.jobs, second.is_over, second.ended) == ([job], True, {"done": 1})
        assert (job.state, job.message, job.advice) == ("done", "deleted", "")
        assert on.queue.troubled == []
        assert on.queue.retry([job]) is None
        assert on.queue.jobs == [job]
    assert len(server.requests) == 2


def test_what_cannot_be_tried_again_is_left_out() -> None:
    replies = iter([DELETED, json_answer({"deleted": False}), DELETED])
    with serving(lambda _: next(replies)) as server, bench(server.base_url) as on:
        done, failed = on.run(deleting("a")), on.run(deleting("b"))
        batch = on.queue.retry([done, failed])
        assert batch is not None
        assert batch.jobs == [failed]
        on.over(failed)
    assert len(server.requests) == 3


def test_jobs_of_all_kinds_are_tried_again_in_batches_of_one(tmp_path: Path) -> None:
    with serving([]) as server, bench(server.base_url) as on:
        jobs = [UploadJob(tmp_path / "no", "batch"), DownloadJob(a_file(id="f"), tmp_path / "no" / "f"), deleting("")]
        for job in jobs:
            on.run(job)
        assert states_of(jobs) == {"failed"}
        on.queue.retry_each(jobs)
        on.over(*jobs)
    assert [batch.kind for batch in on.queue.batches[3:]] == [UploadJob, DownloadJob, DeleteJob]


@pytest.mark.parametrize(("kind", "width"), [("delete", 8), ("transfer", 4)])
def test_only_so_many_run_at_once(kind: str, width: int, tmp_path: Path) -> None:
    go = threading.Event()
    assert (DELETES, TRANSFERS) == (8, 4)

    def handler(request: Received) -> Reply:
        return [go, answer(200, b"abc") if request.method == "GET" else DELETED]

    with serving(handler) as server, bench(server.base_url) as on:
        if kind == "delete":
            jobs = [deleting(f"f{n}") for n in range(width * 3)]
        else:
            jobs = [DownloadJob(a_file(id=f"f{n}"), tmp_path / str(n)) for n in range(width * 3)]  # type: ignore[misc]
        on.queue.submit(jobs)
        server.arrived(width)
        on.settled()
        assert [job for job in jobs if job.state == "running"] == jobs[:width]
        assert len(server.requests) == width
        assert on.queue.active == width * 3
        assert on.queue.progress().running == jobs[:width]
        go.set()
        on.over(*jobs)
    assert states_of(jobs) == {"done"}


def test_a_thousand_deletes_hold_back_no_download(tmp_path: Path) -> None:
    stuck = threading.Event()

    def handler(request: Received) -> Reply:
        return answer(200, b"abc") if request.method == "GET" else [stuck, DELETED]

    with serving(handler) as server, bench(server.base_url) as on:
        batch = on.queue.submit([deleting(f"f{n}") for n in range(1_000)])
        server.arrived(DELETES)
        download = on.run(DownloadJob(a_file(id="d", bytes=3), tmp_path / "d.txt"))
        assert download.state == "done"
        assert on.queue.active == 1_000
        stuck.set()
        until(lambda: not on.queue.active)
    assert batch.ended == {"done": 1_000}
    assert len(server.requests) == 1_001


def test_a_large_batch_does_not_hold_back_a_small_one() -> None:
    """Once it is there, every second delete is one of the small batch."""
    go = threading.Event()
    with serving(lambda _: [go, DELETED]) as server, bench(server.base_url) as on:
        large = on.queue.submit([deleting(f"large{n}") for n in range(300)])
        server.arrived(DELETES)
        small = on.queue.submit([deleting(f"small{n}") for n in range(5)])
        go.set()
        on.over(*large.jobs, *small.jobs)
    order = sorted([*large.jobs, *small.jobs], key=lambda job: job.began or 0)
    assert max(order.index(job) for job in small.jobs) < DELETES + 10


def test_a_waiting_job_is_cancelled_at_once_and_never_asked_for() -> None:
    go = threading.Event()
    with serving(lambda _: [go, DELETED]) as server, bench(server.base_url) as on:
        on.queue.submit([deleting(f"f{n}") for n in range(DELETES)])
        server.arrived(DELETES)
        last = deleting("last")
        batch = on.queue.submit([last])
        on.queue.cancel([last])
        assert (last.state, last.seconds, batch.ended) == ("cancelled", 0.0, {"cancelled": 1})
        go.set()
        until(lambda: not on.queue.active)
        on.heard_end(last)
        assert on.states(last) == ["waiting", "cancelled"]
    assert "/v1/files/last" not in [request.target for request in server.requests]


def test_a_job_that_is_in_line_twice_runs_once() -> None:
    """Cancelling leaves a job in its line, and trying it again adds it behind."""
    go = threading.Event()
    with serving(lambda _: [go, DELETED]) as server, bench(server.base_url) as on:
        on.queue.submit([deleting(f"f{n}") for n in range(DELETES)])
        server.arrived(DELETES)
        last = deleting("last")
        on.queue.submit([last])
        on.queue.cancel([last])
        assert on.queue.retry([last])
        go.set()
        assert on.over(last).message == "deleted"
        on.over(*on.queue.submit([deleting(f"later{n}") for n in range(DELETES)]).jobs)
    assert [request.target for request in server.requests].count("/v1/files/last") == 1


def test_a_running_job_is_cancelled_while_the_server_is_silent() -> None:
    with serving(lambda _: [threading.Event()]) as server, bench(server.base_url) as on:
        job = deleting("a")
        on.queue.submit([job])
        server.arrived()
        on.queue.cancel([job])
        on.over(job)
        assert (job.state, job.can_retry) == ("cancelled", True)
        assert "may have done it" in job.message


def test_a_job_that_is_over_is_not_cancelled() -> None:
    with serving(deleted) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        on.queue.cancel([job])
        assert job.state == "done"
        on.heard_end(job)
        assert on.states(job)[-1] == "done"


def test_clearing_forgets_what_has_ended() -> None:
    go = threading.Event()

    def handler(request: Received) -> Reply:
        return [go, DELETED] if request.target.endswith("slow") else json_answer({"deleted": False})

    with serving(handler) as server, bench(server.base_url) as on:
        failed, slow = deleting("failed"), deleting("slow")
        batch = on.queue.submit([failed, slow])
        alone = on.run(deleting("alone"))
        on.over(failed)
        assert on.queue.progress().failed == 2
        on.queue.clear()
        assert on.queue.jobs == [slow]
        assert on.queue.batches == [batch]
        assert on.queue.troubled == []
        assert on.queue.progress().failed == 0
        assert on.queue.active == 1
        until(lambda: len(on.written()) == 1)
        go.set()
        on.over(slow)
        assert batch.is_over
        on.queue.clear()
        assert (on.queue.jobs, on.queue.batches) == ([], [])
    assert alone.state == "failed"


def test_closing_ends_everything_and_leaves_no_part(tmp_path: Path) -> None:
    def handler(request: Received) -> Reply:
        if request.method == "GET":
            return [answer(200, b"x" * 1_000, {"content-length": "5000"}), threading.Event()]
        return [threading.Event()]

    with serving(handler) as server, bench(server.base_url) as on:
        downloads = [DownloadJob(a_file(id=f"d{n}"), tmp_path / f"{n}.bin") for n in range(TRANSFERS + 3)]
        deletes = [deleting(f"x{n}") for n in range(100)]
        on.queue.submit(downloads)
        on.queue.submit(deletes)
        server.arrived(TRANSFERS + DELETES)
        until(lambda: len(os.listdir(tmp_path)) == TRANSFERS)
        on.queue.close(remember=False)
        assert states_of([*downloads, *deletes]) == {"cancelled"}
        assert queue_threads() == []
        assert list(tmp_path.iterdir()) == []
        assert on.written() == []
        assert {state for _, state in on.heard} <= set(get_args(State))
    assert len(server.requests) == TRANSFERS + DELETES


def test_a_closed_queue_starts_nothing() -> None:
    with serving(deleted) as server, bench(server.base_url) as on:
        on.queue.close(remember=False)
        on.queue.submit([deleting("a")])
        on.queue.close(remember=False)
    assert server.requests == []


def test_an_error_of_our_own_ends_one_job_only(tmp_path: Path) -> None:
    def broken(name: str, size: int) -> Collection[str]:
        raise RuntimeError("no such thing")

    (tmp_path / "a.md").write_text("a")
    with serving([]) as server, bench(server.base_url, broken) as made:
        jobs_of_one_lane = [made.run(UploadJob(tmp_path / "a.md", "user_data")) for _ in range(TRANSFERS + 1)]
    assert states_of(jobs_of_one_lane) == {"failed"}
    assert all("error of our own: RuntimeError: no such thing" in job.message for job in jobs_of_one_lane)


def test_the_counters_of_what_moves(tmp_path: Path) -> None:
    go = threading.Event()

    def handler(request: Received) -> Reply:
        return [answer(200, b"x" * 30, {"content-length": "50"}), go, b"y" * 20]

    with serving(handler) as server, bench(server.base_url) as on:
        assert on.queue.progress().total == 0
        files = [a_file(id=f"f{n}", bytes=50) for n in range(TRANSFERS + 2)]
        on.queue.submit([DownloadJob(file, tmp_path / file.id.true) for file in files])
        until(lambda: on.queue.progress().moved == 30 * TRANSFERS)
        moving = on.queue.progress()
        assert (moving.total, moving.active, len(moving.running)) == (300, {DownloadJob: 6}, TRANSFERS)
        unlisted = on.queue.submit([DownloadJob(a_file(id="f"), tmp_path / "unlisted")])
        go.set()
        until(lambda: unlisted.is_over and not on.queue.active)
        assert on.queue.progress().moved == 0
    assert on.queue._tools.meter.moved == 350


def test_how_far_it_is_cannot_be_told_while_something_of_unknown_length_runs(tmp_path: Path) -> None:
    with serving(lambda _: [threading.Event()]) as server, bench(server.base_url) as on:
        on.queue.submit([DownloadJob(a_file(id="f", bytes=50), tmp_path / "a")])
        on.queue.submit([deleting("x")])
        server.arrived(2)
        assert on.queue.progress().total == 50
        on.queue.submit([DownloadJob(a_file(id="g"), tmp_path / "b")])
        server.arrived(3)
        assert on.queue.progress().total is None
