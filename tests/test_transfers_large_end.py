"""The end of a large upload, whose answer may be lost, and files that change meanwhile."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui.transfers import large
from files_tui.transfers.jobs import UploadJob
from tests.queues import bench
from tests.store_server import Store
from tests.test_transfers_large import CONTENT, PART, arrived_once, is_part, job_for, posts
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
        with store.lock:  # so that not all parts are there before it has changed
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
