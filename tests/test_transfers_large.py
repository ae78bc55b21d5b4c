"""Large uploads: their parts, four at a time, each tried again alone, and what ends them."""

from __future__ import annotations

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from files_tui.transfers import large
from files_tui.transfers.jobs import UploadJob
from tests.demo_server import running_demo
from tests.queues import bench, round_trips
from tests.store_server import Store, form_of, route
from tests.waiting import until
from tests.wire import CLOSE, RESET, Received, Reply, Step, Take, answer, error_answer, serving

PART = 1_000
CONTENT = random.Random(3).randbytes(9 * PART + 500)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "PART_SIZE", PART)
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0))


def job_for(
    folder: Path, name: str = "big.bin", content: bytes = CONTENT, expires_after: int | None = None
) -> UploadJob:
    path = folder / name
    path.write_bytes(content)
    return UploadJob(path, "user_data", expires_after=expires_after, in_parts=True)


def is_part(request: Received) -> bool:
    return request.target.endswith("/parts")


def number_of(request: Received) -> int:
    """Which part of the content a request brings."""
    return CONTENT.index(form_of(request)[2]) // PART


def posts(requests: list[Received]) -> Counter[str]:
    return Counter(route(request) for request in requests)


def arrived_once(store: Store, job: UploadJob, content: bytes = CONTENT) -> None:
    assert (job.state, job.message) == ("done", "")
    assert job.file is not None
    assert store.named(job.path.name) == [content]
    assert store.files[job.file.id.true].content == content
    assert job.moved == job.total == len(content)
    assert job.session is None, "else it would be given up later"


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 4 * PART, len(CONTENT)])
def test_a_file_arrives_in_parts(size: int, tmp_path: Path) -> None:
    store, content = Store(), CONTENT[:size]
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path, content=content, expires_after=3_600))
        arrived_once(store, job, content)
        assert on.queue._tools.meter.moved == size
    session = store.sessions["upload_1"]
    assert session.wanted == {
        "filename": "big.bin",
        "purpose": "user_data",
        "bytes": size,
        "mime_type": "application/octet-stream",
        "expires_after": {"anchor": "created_at", "seconds": 3_600},
    }
    assert session.completed["md5"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert posts(server.requests)["POST /uploads/parts"] == -(-size // PART)
    assert server.requests[0].headers["content-type"] == "application/json"


def test_without_an_expiry_none_is_asked_for(tmp_path: Path) -> None:
    store = Store()
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
    assert "expires_after" not in store.sessions["upload_1"].wanted


def test_the_real_size_of_a_part() -> None:
    from files_tui.api.large import PART_SIZE

    assert (PART_SIZE, large.AT_ONCE) == (64 << 20, 4)


def test_a_server_of_its_own_joins_them(tmp_path: Path) -> None:
    with running_demo("--empty", "--processing-seconds", "0") as url, bench(url) as on:
        job = on.run(job_for(tmp_path, "a.png", expires_after=3_600))
        assert (job.state, job.message) == ("done", "")
        assert job.file is not None
        there = on.client.retrieve(job.file.id.true).value
        assert (there.filename.true, there.bytes, there.purpose.true) == ("a.png", len(CONTENT), "user_data")
        assert there.created_at is not None
        assert there.expires_at == there.created_at + 3_600


def test_parts_that_end_in_another_order_are_joined_in_theirs(tmp_path: Path) -> None:
    """Each part waits for the one after it, as far as they move at once."""
    store = Store()
    done = [threading.Event() for _ in range(11)]
    done[10].set()

    def before(request: Received) -> None:
        if is_part(request):
            number = number_of(request)
            if number % 4 != 3 and number != 9:
                assert done[number + 1].wait(20)

    def after(request: Received, reply: bytes) -> Reply:
        if is_part(request):
            done[number_of(request)].set()
        return reply

    store.before, store.after = before, after
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
    kept = list(store.sessions["upload_1"].parts)
    assert store.sessions["upload_1"].completed["part_ids"] != kept


def test_never_more_than_four_parts_move_at_once(tmp_path: Path) -> None:
    store, go, lock = Store(), threading.Event(), threading.Lock()
    now = most = 0

    def before(request: Received) -> None:
        nonlocal now, most
        if is_part(request):
            with lock:
                now += 1
                most = max(most, now)
            assert go.wait(20)

    def after(request: Received, reply: bytes) -> Reply:
        nonlocal now
        if is_part(request):
            with lock:
                now -= 1
        return reply

    store.before, store.after = before, after
    with serving(store) as server, bench(server.base_url) as on:
        jobs = [job_for(tmp_path, f"{n}.bin") for n in range(3)]
        on.queue.submit(jobs)
        until(lambda: now == 4 and len(store.sessions) == 3)
        round_trips(on.client)
        assert now == 4
        go.set()
        on.over(*jobs)
        for job in jobs:
            arrived_once(store, job)
    assert most == 4


def once(number: int, reply: Reply) -> Callable[[Received], Reply | None]:
    """This answer for the first try of a part."""
    left = [reply]
    return lambda request: left.pop() if is_part(request) and number_of(request) == number and left else None


FAULTS: dict[str, Reply] = {
    "reset": [RESET],
    "closed": [CLOSE],
    "cut": [b"HTTP/1.1 200 OK\r\ncontent-le", CLOSE],
    "500": error_answer(500),
    "503": error_answer(503),
    "408": error_answer(408),
    "409": error_answer(409),
    "429": error_answer(429),
    "429 with a pause": error_answer(429, headers={"retry-after-ms": "5"}),
    "503 with a pause": error_answer(503, headers={"retry-after-ms": "5"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_part_that_fails_is_sent_again_alone(fault: str, when: str, tmp_path: Path) -> None:
    store, broken = Store(), once(4, FAULTS[fault])
    if when == "before":
        store.before = broken
    else:
        store.after = lambda request, reply: broken(request) or reply
    with serving(store) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
        count = Counter(number_of(request) for request in server.requests if is_part(request))
    assert count == {number: 2 if number == 4 else 1 for number in range(10)}


def test_a_connection_that_breaks_in_the_middle_of_a_part(tmp_path: Path) -> None:
    store, breaks = Store(), iter([True])

    def handler(request: Received) -> Iterator[Step]:
        if is_part(request) and next(breaks, False):
            yield Take(500)
            yield RESET
            return
        yield Take()
        reply = store(request)
        assert isinstance(reply, bytes)
        yield reply

    with serving(handler, read_body=False) as server, bench(server.base_url) as on:
        arrived_once(store, on.run(job_for(tmp_path)))
        assert posts(server.requests)["POST /uploads/parts"] == 11


def test_a_part_that_is_refused_for_good_ends_the_others_at_once(tmp_path: Path) -> None:
    """Three of the four that move get no answer at all."""
    store = Store()
    refused = threading.Event()

    def before(request: Received) -> Reply | None:
        if not is_part(request):
            return None
        if number_of(request) == 2:
            return error_answer(400, "this part is none")
        return [refused]

    store.before = before
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert (job.state, job.message, job.file) == ("failed", "this part is none (HTTP 400)", None)
        until(lambda: store.sessions["upload_1"].status == "cancelled")
        counts = posts(server.requests)
    assert counts["POST /uploads/parts"] <= 4
    assert "POST /uploads/complete" not in counts
    assert store.files == {}


def test_a_part_that_always_fails_is_given_up_and_gone_on_with_by_hand(tmp_path: Path) -> None:
    store, job = Store(), job_for(tmp_path)

    def before(request: Received) -> Reply | None:
        if is_part(request) and number_of(request) == 9:
            until(lambda: job.session and len(job.session.parts) == 9)
            return error_answer(500)
        return None

    store.before = before
    with serving(store) as server, bench(server.base_url) as on:
        on.run(job)
        assert (job.state, job.message) == ("failed", "no (HTTP 500)")
        sent = Counter(number_of(request) for request in server.requests if is_part(request))
        assert sent[9] == 4
        store.before = lambda request: None
        arrived_once(store, on.again(job))
        sent = Counter(number_of(request) for request in server.requests if is_part(request))
    assert sent == {**dict.fromkeys(range(9), 1), 9: 5}
    assert list(store.sessions) == ["upload_1"]


@pytest.mark.parametrize(
    "reply",
    [error_answer(404), error_answer(405), error_answer(501), answer(404, b"<html>Not Found"), answer(405)],
    ids=["404", "405", "501", "404 html", "405 empty"],
)
def test_a_server_without_large_uploads_says_so_before_a_byte_is_sent(reply: bytes, tmp_path: Path) -> None:
    with serving([reply]) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert job.state == "failed"
        assert job.message.startswith("this server takes no uploads in parts")
        assert job.advice == "One request holds at most 512 MiB: split the file."
    (request,) = server.requests
    assert request.target == "/v1/uploads"
    assert CONTENT[:20] not in request.body
