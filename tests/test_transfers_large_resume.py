"""Large uploads that go on after a program that ended in the middle."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from files_tui.transfers import large
from files_tui.transfers.jobs import LargeSession, UploadJob
from tests.queues import bench
from tests.store_server import Store
from tests.test_transfers_large import CONTENT, PART, arrived_once, is_part, job_for, number_of, posts
from tests.test_transfers_large_end import FOUND, change_time
from tests.waiting import until
from tests.wire import serving


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "PART_SIZE", PART)
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0))


def interrupted(store: Store, folder: Path, parts: int) -> UploadJob:
    """What a program leaves that ended when so many parts had arrived, as the next one has it."""
    stuck, arriving = threading.Event(), itertools.count()
    store.before = lambda request: [stuck] if is_part(request) and next(arriving) >= parts else None
    journal = folder / "account.journal"
    with serving(store) as server, bench(server.base_url, journal=journal, remember=True) as on:
        first = job_for(folder)
        on.queue.submit([first])
        until(lambda: first.session and len(first.session.parts) == parts)
        server.wait_for(lambda: sum(is_part(request) for request in server.requests) == min(parts + 4, 10))
    store.before = lambda request: None
    with serving([]) as server, bench(server.base_url, journal=journal, remember=True) as on:
        (job,) = on.journal.left_over()
    assert isinstance(job, UploadJob)
    assert job.path == first.path
    assert job.session is not None
    assert sorted(job.session.parts.values()) == sorted(store.sessions["upload_1"].parts)
    job.entry = None
    return job


@pytest.mark.parametrize("parts", [1, 5, 9])
def test_finished_parts_are_not_sent_again(parts: int, tmp_path: Path) -> None:
    store = Store()
    job = interrupted(store, tmp_path, parts)
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job))
        sent = Counter(number_of(request) for request in server.requests if is_part(request))
        assert sum(sent.values()) == len(sent) == 10 - parts
        assert "POST /uploads/…" not in posts(server.requests)
        assert on.queue._tools.meter.moved == sum(len(CONTENT[n * PART : (n + 1) * PART]) for n in sent)
    assert list(store.sessions) == ["upload_1"]


def test_a_session_that_is_nearly_over_is_begun_anew(tmp_path: Path) -> None:
    store = Store()
    job = interrupted(store, tmp_path, 5)
    assert job.session is not None
    assert job.session.ends > time.time() + 3_000
    job.session.ends = time.time() + large.LEAST_LIFE - 1
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job))
        assert posts(server.requests)["POST /uploads/parts"] == 10
    assert list(store.sessions) == ["upload_1", "upload_2"]


def test_a_session_that_the_server_knows_no_more_is_begun_anew_by_hand(tmp_path: Path) -> None:
    store = Store()
    job = interrupted(store, tmp_path, 5)
    store.sessions["upload_1"].status = "expired"
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.session) == ("failed", None)
        assert "is expired" in job.message
        arrived_once(store, on.again(job))


def test_a_file_that_changed_since_then_is_not_gone_on_with(tmp_path: Path) -> None:
    store = Store()
    job = interrupted(store, tmp_path, 5)
    change_time(job.path)
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.message) == (
            "failed",
            "big.bin changed since its upload began: the upload was given up",
        )
        until(lambda: store.sessions["upload_1"].status == "cancelled")
        assert not any(is_part(request) for request in server.requests)
        arrived_once(store, on.again(job))


def test_a_session_is_noted_before_its_first_part(tmp_path: Path) -> None:
    store, stuck = Store(), threading.Event()
    store.before = lambda request: [stuck] if is_part(request) else None
    with serving(store) as server, bench(server.base_url) as on:
        on.queue.submit([job_for(tmp_path)])
        server.wait_for(lambda: any(is_part(request) for request in server.requests))
        (job,) = on.noted()
        assert isinstance(job, UploadJob)
        assert job.session is not None
        assert (job.session.id, job.sent) == ("upload_1", None)


def completing(folder: Path, store: Store, *, sent: float, there: bool) -> UploadJob:
    """What a program leaves that ended between its last request and the answer."""
    job = job_for(folder)
    stamp = job.path.stat()
    parts = {n: f"part_{n}" for n in range(10)}
    store._start({"filename": "big.bin", "purpose": "user_data", "bytes": len(CONTENT)})
    session = store.sessions["upload_1"]
    session.parts = {part: CONTENT[n * PART : (n + 1) * PART] for n, part in parts.items()}
    ends = time.time() + 3_000
    job.session = LargeSession("upload_1", ends, (stamp.st_size, stamp.st_mtime_ns), parts)
    job.started, job.sent = sent - 5, sent
    if there:
        session.status = "completed"
        store.add("big.bin", CONTENT)
    return job


@pytest.mark.parametrize("ago", [0, 1_000])
def test_a_file_that_was_joined_before_the_end_of_the_program_is_found(ago: float, tmp_path: Path) -> None:
    store = Store()
    job = completing(tmp_path, store, sent=time.time() - ago, there=True)
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.message, job.file and job.file.id.true) == ("done", FOUND, "file-1")
        assert {request.method for request in server.requests} == {"GET"}
    assert store.named("big.bin") == [CONTENT]


@pytest.mark.parametrize("ago", [0, 121])
def test_parts_that_were_not_joined_before_the_end_of_the_program_are_joined(ago: float, tmp_path: Path) -> None:
    store = Store()
    job = completing(tmp_path, store, sent=time.time() - ago, there=False)
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job))
        assert server.requests[0].method == "GET", "it is looked for first"
        assert posts(server.requests)["POST /uploads/parts"] == 0


def test_a_session_that_is_gone_with_its_parts_is_begun_anew_once_nothing_came_of_it(tmp_path: Path) -> None:
    store = Store()
    job = completing(tmp_path, store, sent=time.time() - 121, there=False)
    store.sessions["upload_1"].status = "expired"
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.session, job.sent) == ("failed", None, None)
        assert "is expired" in job.message
        arrived_once(store, on.again(job))
