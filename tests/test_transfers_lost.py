"""Uploads whose answer is lost: as many files as uploads, whatever happens and whoever asks."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.transfers.jobs import UploadJob
from tests.queues import bench
from tests.store_server import Store
from tests.waiting import until
from tests.wire import RESET, Received, Reply, Server, Step, Take, error_answer, json_answer, page_answer, serving

FOUND = "the answer was lost, and the file was found on the server"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("abc")
    return path


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was sent, was sent long ago."""
    monkeypatch.setattr("files_tui.api.lost.LONGEST_LAG", -1.0)


def posts(server: Server) -> int:
    return sum(request.method == "POST" for request in server.requests)


def lost(request: Received, reply: bytes) -> Reply:
    """The work is done, and the answer does not come."""
    return [RESET] if request.method == "POST" else reply


def test_an_upload_whose_fate_is_unknown_is_looked_for_and_not_sent_again(path: Path) -> None:
    store, hidden = Store(), True
    store.after = lost
    store.before = lambda request: error_answer(403, "no list") if hidden and request.method == "GET" else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        for _ in range(3):
            assert (job.state, job.can_retry, job.file) == ("unknown", True, None)
            assert "looking for the file failed: no list" in job.message
            assert job.advice == "Look for the file in the list before you send it again."
            assert on.queue.troubled == [job]
            on.again(job)
        hidden = False
        on.again(job)
        assert (job.state, job.message, job.file and job.file.id.true) == ("done", FOUND, "file-1")
        assert on.queue.troubled == []
        assert posts(server) == 1


def test_what_is_not_in_the_list_yet_is_not_sent_again(path: Path) -> None:
    store, listed = Store(), False
    store.after = lost
    store.before = lambda request: page_answer() if not listed and request.method == "GET" else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        assert (job.state, on.again(job).state) == ("unknown", "unknown")
        assert "the file is not in the list yet" in job.message
        listed = True
        assert on.again(job).message == FOUND
        assert posts(server) == 1


@pytest.mark.usefixtures("later")
def test_what_is_not_in_the_list_after_a_long_time_is_sent_again(path: Path) -> None:
    store, broken = Store(), itertools.count()
    store.before = lambda request: [RESET] if request.method == "POST" and next(broken) < 1 else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        assert job.state == "failed"
        assert (job.started, job.sent) == (None, None)
        assert (on.again(job).state, job.message) == ("done", "")
        assert posts(server) == 2
    assert store.named("a.txt") == [b"abc"]


@pytest.mark.usefixtures("later")
def test_a_list_that_does_not_reach_back_far_enough_proves_nothing_even_then(path: Path) -> None:
    page = json_answer({"data": [{"id": f"x{n}", "filename": "x"} for n in range(3)], "has_more": True})
    store = Store()
    store.before = lambda request: page if request.method == "GET" else [RESET]
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        assert on.again(job).state == "unknown"
        assert posts(server) == 1


def test_a_server_that_failed_and_does_not_list_it_is_asked_again_by_hand(path: Path) -> None:
    store, broken = Store(), itertools.count()
    store.before = lambda request: error_answer(500) if request.method == "POST" and next(broken) < 1 else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        assert (job.state, job.advice) == ("failed", "The file is not in the list, so it can be sent again.")
        assert on.again(job).state == "done"
        assert posts(server) == 2
    assert store.named("a.txt") == [b"abc"]


def test_a_lost_answer_is_told_apart_from_a_known_twin(path: Path) -> None:
    asked: list[tuple[str, int]] = []
    store = Store()
    twin = store.add("a.txt", b"abc")

    def after(request: Received, reply: bytes) -> Reply:
        store.files[twin.id] = store.files.pop(twin.id)  # so that it is listed first
        return lost(request, reply)

    store.after = after

    def twins(name: str, size: int) -> list[str]:
        asked.append((name, size))
        return [twin.id]

    with serving(store) as server, bench(server.base_url, twins) as on:
        job = on.run(UploadJob(path, "user_data"))
    assert job.state == "done"
    assert job.file is not None
    assert job.file.id != twin.id
    assert job.message == FOUND
    assert asked == [("a.txt", 3)]


def test_what_may_have_arrived_is_noted_before_it_can(path: Path) -> None:
    at: list[tuple[bool, bool]] = []
    os.truncate(path, 8 << 20)  # more than the socket holds, so that the end is not sent yet

    def handler(request: Received) -> Iterator[Step]:
        for count in (1_000, None):
            yield Take(count)
            (job,) = on.noted()
            assert isinstance(job, UploadJob)
            at.append((job.started is not None, job.sent is not None))
        yield json_answer({"id": "x", "filename": "a.txt", "bytes": 8 << 20})

    with serving(handler, read_body=False) as server, bench(server.base_url) as on:
        assert on.run(UploadJob(path, "user_data")).state == "done"
    assert at == [(True, False), (True, True)]


def after_a_crash(store: Store, path: Path, folder: Path) -> UploadJob:
    """What a program leaves that ends while it waits for the answer, as the next one has it."""
    journal, stuck = folder / "account.journal", threading.Event()
    store.after = lambda request, reply: [stuck] if request.method == "POST" else reply
    with serving(store) as server, bench(server.base_url, journal=journal, remember=True) as on:
        on.queue.submit([UploadJob(path, "user_data")])
        until(lambda: store.files)
    store.after = lambda request, reply: reply
    with serving([]) as server, bench(server.base_url, journal=journal, remember=True) as on:
        (job,) = on.journal.left_over()
    assert isinstance(job, UploadJob)
    assert job.sent is not None
    job.entry = None
    return job


def test_an_upload_that_arrived_before_a_crash_is_found_by_the_next_program(path: Path, tmp_path: Path) -> None:
    store = Store()
    job = after_a_crash(store, path, tmp_path)
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.message, job.file and job.file.id.true) == ("done", FOUND, "file-1")
        assert posts(server) == 0
    assert store.named("a.txt") == [b"abc"]


@pytest.mark.parametrize("ago", [0, 121])
def test_an_upload_that_did_not_arrive_before_a_crash_is_sent_once_that_is_certain(
    ago: int, path: Path, tmp_path: Path
) -> None:
    store = Store()
    job = after_a_crash(store, path, tmp_path)
    store.files.clear()
    job.sent = time.time() - ago
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, posts(server)) == (("done", 1) if ago else ("unknown", 0))
    assert store.named("a.txt") == ([b"abc"] if ago else [])


def test_an_upload_that_was_never_sent_to_its_end_is_sent_without_a_look(path: Path) -> None:
    store, job = Store(), UploadJob(path, "user_data")
    job.started = time.time() - 5
    store.add("a.txt", b"abc")  # which is that of someone else
    with serving(store) as server, bench(server.base_url) as on:
        assert on.run(job).state == "done"
        assert [request.method for request in server.requests] == ["POST"]
    assert store.named("a.txt") == [b"abc"] * 2


def test_an_upload_that_is_cancelled_while_it_waits_for_its_answer_is_looked_for_first(path: Path) -> None:
    store, stuck = Store(), threading.Event()
    store.after = lambda request, reply: [stuck] if request.method == "POST" else reply
    with serving(store) as server, bench(server.base_url) as on:
        job = UploadJob(path, "user_data")
        on.queue.submit([job])
        until(lambda: store.files)
        on.queue.cancel([job])
        on.over(job)
        assert (job.state, job.message) == ("cancelled", "cancelled, but all of it was sent: it may be in the list")
        assert on.again(job).message == FOUND
        assert posts(server) == 1
