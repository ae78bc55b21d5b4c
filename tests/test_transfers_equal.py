"""Uploads of one name and size at the same time, whose answers are lost: as many files as uploads."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

import pytest

from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.queue import TRANSFERS
from tests.queues import bench, states_of
from tests.store_server import Store
from tests.test_transfers_lost import lost, posts
from tests.waiting import until
from tests.wire import RESET, Received, Reply, error_answer, json_answer, page_answer, serving


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0))


def equal_uploads(folder: Path, count: int) -> list[UploadJob]:
    """Uploads of one name and one size, with different content."""
    jobs = []
    for n in range(count):
        path = folder / str(n) / "a.txt"
        path.parent.mkdir()
        path.write_text(f"content {n}")
        jobs.append(UploadJob(path, "user_data"))
    return jobs


def each_has_its_own(store: Store, jobs: list[UploadJob]) -> None:
    """As many files as uploads, each taken by one."""
    assert states_of(jobs) == {"done"}
    assert sorted(store.named("a.txt")) == sorted(job.path.read_bytes() for job in jobs)
    assert {job.file.id for job in jobs if job.file} == set(store.files)


def test_equal_uploads_that_all_lose_their_answer_find_a_file_each(tmp_path: Path) -> None:
    """No answer is lost before all have arrived."""
    store, together = Store(), threading.Barrier(TRANSFERS)

    def after(request: Received, reply: bytes) -> Reply:
        if request.method == "POST":
            together.wait(20)
            return [RESET]
        return reply

    store.after = after
    with serving(store) as server, bench(server.base_url) as on:
        jobs = equal_uploads(tmp_path, TRANSFERS)
        on.queue.submit(jobs)
        on.over(*jobs)
        each_has_its_own(store, jobs)
        assert posts(server) == TRANSFERS


def test_equal_uploads_that_lose_their_answer_at_any_time_are_sent_once(tmp_path: Path) -> None:
    """Where it is unclear whose file it is, none is taken, and looking again later tells."""
    store = Store()
    store.after = lost
    with serving(store) as server, bench(server.base_url) as on:
        jobs = equal_uploads(tmp_path, 2 * TRANSFERS)
        on.queue.submit(jobs)
        on.over(*jobs)
        for _ in jobs:
            unclear = [job for job in jobs if job.state == "unknown"]
            on.queue.retry(unclear)
            on.over(*jobs)
        each_has_its_own(store, jobs)
        assert posts(server) == len(jobs)


def test_the_file_of_an_upload_that_still_waits_for_its_answer_is_not_taken(tmp_path: Path) -> None:
    store, go, numbers = Store(), threading.Event(), itertools.count()

    def before(request: Received) -> Reply | None:
        return [RESET] if request.method == "POST" and next(numbers) == 1 else None

    def after(request: Received, reply: bytes) -> Reply:
        return [go, reply] if request.method == "POST" and len(store.files) == 1 else reply

    store.before, store.after = before, after
    with serving(store) as server, bench(server.base_url) as on:
        first, second = equal_uploads(tmp_path, 2)
        on.queue.submit([first])
        until(lambda: store.files)
        on.run(second)
        assert second.state == "unknown"
        assert "may be another file of that name and size" in second.message
        go.set()
        on.over(first)
        assert (first.state, first.message) == ("done", "")
        second.sent = time.time() - 121
        assert (on.again(second).state, second.message) == ("done", "")
        each_has_its_own(store, [first, second])
        assert posts(server) == 3


def test_two_equal_uploads_do_not_claim_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("abc")
    stored = {"id": "file-1", "filename": "a.txt", "bytes": 3, "purpose": "user_data", "created_at": 2**40}
    replies = [json_answer(stored), error_answer(500), *[page_answer(stored)] * 2]
    with serving(replies) as server, bench(server.base_url) as made:
        first = made.run(UploadJob(path, "user_data"))
        second = made.run(UploadJob(path, "user_data"))
    assert (first.state, second.state) == ("done", "failed")
    assert "not in the list" in second.advice
