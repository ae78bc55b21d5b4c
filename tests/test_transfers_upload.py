"""Uploads through the queue against the embedded server, and sources that change meanwhile."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.catalog.catalog import temporary_catalog
from files_tui.transfers.jobs import UploadJob
from tests.demo_server import running_demo
from tests.files import a_file
from tests.queues import bench
from tests.wire import Received, Reply, Step, Take, error_answer, json_answer, serving


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_demo("--empty", "--processing-seconds", "0") as url:
        yield url


@pytest.mark.parametrize("name", ["a.txt", "é会 [x] 'q'.txt", 'q"uote.txt', "line\nbreak.txt", "-rf", ".hidden", " "])
def test_an_upload_arrives(url: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(os.urandom(3_000_000))
    with bench(url) as on:
        job = on.run(UploadJob(path, "user_data", expires_after=3_600))
        assert (job.state, job.message, job.moved, job.total) == ("done", "", 3_000_000, 3_000_000)
        assert job.file is not None
        there = on.client.retrieve(job.file.id.true).value
    assert (there.filename.true, there.bytes, there.purpose.true) == (name, 3_000_000, "user_data")
    assert there.created_at is not None
    assert there.expires_at == there.created_at + 3_600


def test_a_name_that_is_no_text_is_sent_with_a_mark(url: str, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff.txt")
    try:
        path.write_text("abc")
    except OSError:
        pytest.skip("this file system takes text only")
    with temporary_catalog() as catalog, bench(url, catalog.twins) as on:
        job = on.run(UploadJob(path, "user_data"))
    assert job.state == "done"
    assert job.title == "a\ufffd.txt"
    assert job.file is not None
    assert job.file.filename == "a?.txt"


def test_twins_are_asked_of_the_catalog(url: str, tmp_path: Path) -> None:
    path = tmp_path / "twin.txt"
    path.write_text("abc")
    with temporary_catalog() as catalog, bench(url, catalog.twins) as on:
        catalog.upsert([a_file(id="x", filename="twin.txt", bytes=3)])
        first, second = on.run(UploadJob(path, "user_data")), on.run(UploadJob(path, "user_data"))
    assert first.file is not None
    assert second.file is not None
    assert first.file.id != second.file.id


def test_what_cannot_be_uploaded_is_told_without_a_request(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with serving([]) as server, bench(server.base_url) as on:
        for path in (tmp_path, tmp_path / "missing", tmp_path / "empty", tmp_path / "a\0b"):
            job = on.run(UploadJob(path, "user_data"))
            assert (job.state, job.can_retry) == ("failed", True)
            assert job.message
    assert server.requests == []


def test_a_refusal_says_why_and_what_to_do(url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("no json")
    with bench(url) as on:
        job = on.run(UploadJob(path, "batch"))
        assert job.state == "failed"
        assert "Must be .jsonl" in job.message
        assert job.advice
        path.rename(tmp_path / "a.jsonl")
        job = on.run(UploadJob(tmp_path / "a.jsonl", "batch"))
        assert "JSONL format" in job.message


def test_a_server_that_is_full_is_not_asked_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("abc")
    reply = error_answer(400, "You have exceeded your file storage quota.")
    with serving([reply]) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
    assert (job.state, job.advice) == ("failed", "Delete what is stale, or raise the limit in the account.")


@pytest.mark.parametrize("change", ["shrinks", "is written to"])
def test_a_file_that_changes_meanwhile_is_not_uploaded(tmp_path: Path, change: str) -> None:
    """The first bytes arrive, then the file changes, then the rest is read."""
    path = tmp_path / "a.bin"
    size = 64 << 20
    path.touch()
    os.truncate(path, size)

    def handler(request: Received) -> Iterator[Step]:
        if request.method == "GET":
            yield json_answer({"data": []})
            return
        yield Take(1 << 20)
        if change == "shrinks":
            os.truncate(path, size // 2)
        else:
            os.utime(path, ns=(1, 1))
        yield Take()

    with serving(handler, read_body=False) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        uploads = [request for request in server.requests if request.method == "POST"]
        assert not any(request.complete for request in uploads)
    assert (job.state, job.message) == ("failed", "a.bin changed while it was being read: nothing was uploaded")
    assert len(uploads) == 1


def test_an_upload_is_cancelled_on_its_way(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.touch()
    os.truncate(path, 64 << 20)

    go = threading.Event()

    def handler(request: Received) -> Reply:
        return [Take(1 << 20), go, Take()]

    with serving(handler, read_body=False) as server, bench(server.base_url) as on:
        job = UploadJob(path, "user_data")
        on.queue.submit([job])
        server.wait_for(lambda: bool(server.requests) and server.requests[0].body_length >= 1 << 20)
        on.queue.cancel([job])
        on.over(job)
        go.set()
        server.closed()
        assert not server.requests[0].complete
    assert (job.state, job.can_retry) == ("cancelled", True)
