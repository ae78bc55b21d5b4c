"""The end of a large upload, whose answer may be lost, and going on after a program that ended in the middle."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui.transfers import large
from files_tui.transfers.jobs import LargeSession, UploadJob
from tests.queues import bench
from tests.store_server import Store
from tests.test_transfers_large import CONTENT, PART, arrived_once, is_part, job_for, number_of, posts
from tests.waiting import until
from tests.wire import CLOSE, RESET, Received, Reply, answer, error_answer, json_answer, serving

FOUND = "the answer was lost, and the file was found on the server"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "PART_SIZE", PART)
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0))


def is_end(request: Received) -> bool:
    return request.target.endswith("/complete")


def is_listing(request: Received) -> bool:
    return request.target.startswith("/v1/files?")


def times(count: int, reply: Reply, wanted: Callable[[Received], bool] = is_end) -> Callable[[Received], Reply | None]:
    """This answer for the first requests of a kind."""
    numbers = itertools.count()
    return lambda request: reply if wanted(request) and next(numbers) < count else None


LOST: dict[str, Reply] = {
    "reset": [RESET],
    "closed": [CLOSE],
    "cut": [json_answer({"file": {}})[:-3], CLOSE],
    "html": answer(200, b"<html>done"),
    "no file": json_answer({"status": "completed"}),
    "empty file": json_answer({"status": "completed", "file": None}),
    "empty": answer(200),
    "408": error_answer(408),
    "500": error_answer(500),
    "502 html": answer(502, b"<html>bad gateway"),
    "504": answer(504),
}


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("count", [1, 99])
def test_the_file_of_an_end_without_an_answer_is_found(kind: str, count: int, tmp_path: Path) -> None:
    store, broken = Store(), times(count, LOST[kind])
    store.after = lambda request, reply: broken(request) or reply
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        arrived_once(store, job)
        assert len(store.sessions) == 1
        assert store.sessions["upload_1"].status == "completed"
        on.queue.clear()
        assert posts(server.requests)["POST /uploads/cancel"] == 0


@pytest.mark.parametrize("kind", ["reset", "500", "504"])
def test_an_end_that_did_not_arrive_is_asked_for_again(kind: str, tmp_path: Path) -> None:
    store = Store()
    store.before = times(2, LOST[kind])
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
        assert posts(server.requests)["POST /uploads/complete"] == 3


@pytest.mark.parametrize("reply", [error_answer(409), error_answer(425), error_answer(429)])
def test_a_server_that_is_not_ready_yet_is_asked_again(reply: Reply, tmp_path: Path) -> None:
    store = Store()
    store.before = times(2, reply)
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
        assert not any(is_listing(request) for request in server.requests)


def test_an_end_that_never_works_can_be_asked_for_by_hand(tmp_path: Path) -> None:
    store = Store()
    store.before = times(4, error_answer(500))
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert (job.state, job.message, job.sent) == ("failed", "no (HTTP 500)", None)
        arrived_once(store, on.again(job))
        assert posts(server.requests)["POST /uploads/parts"] == 10


@pytest.mark.parametrize("reply", [error_answer(400, "The md5 is another one."), error_answer(403), error_answer(404)])
def test_an_end_that_is_refused_is_final_and_given_up(reply: Reply, tmp_path: Path) -> None:
    store = Store()
    store.before = times(1, reply)
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert (job.state, job.session, job.sent) == ("failed", None, None)
        until(lambda: store.sessions["upload_1"].status == "cancelled")
        assert not any(is_listing(request) for request in server.requests)
        arrived_once(store, on.again(job))


def test_what_became_of_it_may_stay_unclear_and_nothing_is_sent_again(tmp_path: Path) -> None:
    store = Store()
    lost, hidden = times(1, [RESET]), True

    def before(request: Received) -> Reply | None:
        return error_answer(403, "not for you") if hidden and is_listing(request) else None

    store.before = before
    store.after = lambda request, reply: lost(request) or reply
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert (job.state, job.file, job.can_retry) == ("unknown", None, True)
        assert "looking for the file failed" in job.message
        before_again = posts(server.requests)
        assert on.again(job).state == "unknown"
        hidden = False
        assert on.again(job).message == FOUND
        after_again = posts(server.requests)
    assert job.file is not None
    sent_again = {name for name in after_again - before_again if name.startswith("POST")}
    assert sent_again == {"POST /uploads/complete"}, "joining again makes no second file, a part or a session might"
    assert store.named("big.bin") == [CONTENT]


def change_time(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def shrink(path: Path) -> None:
    os.truncate(path, PART)


@pytest.mark.parametrize("change", [change_time, shrink])
@pytest.mark.parametrize("when", ["at the first part", "at the last"])
def test_a_file_that_changes_meanwhile_is_given_up(change: Callable[[Path], None], when: str, tmp_path: Path) -> None:
    store, job, arrived = Store(), job_for(tmp_path), itertools.count(1)

    def after(request: Received, reply: bytes) -> Reply:
        if is_part(request) and next(arrived) == (1 if when == "at the first part" else 6):
            change(job.path)
        return reply

    store.after = after
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.session) == ("failed", None)
        assert "changed while it was being read" in job.message
        until(lambda: store.sessions["upload_1"].status == "cancelled")
    assert store.files == {}


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


def test_an_end_is_noted_before_it_is_asked_for(tmp_path: Path) -> None:
    store = Store()
    seen: list[float | None] = []

    def before(request: Received) -> None:
        if is_end(request):
            seen.extend(job.sent for job in on.noted() if isinstance(job, UploadJob))

    store.before = before
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
    assert len(seen) == 1
    assert seen[0] is not None


def test_what_was_joined_is_not_taken_for_another_upload_of_that_name_and_size(tmp_path: Path) -> None:
    store = Store()
    with serving(store) as server, bench(server.base_url) as on:
        job = job_for(tmp_path)
        arrived_once(store, on.run(job))
        store.before = lambda request: error_answer(500) if request.target == "/v1/files" else None
        other = on.run(UploadJob(job.path, "user_data"))
    assert (other.state, other.file) == ("failed", None)


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
        assert (job.state, job.message, job.file and job.file.id) == ("done", FOUND, "file-1")
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
