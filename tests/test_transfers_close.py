"""What becomes of the journal, of parts here and on the server when a queue is closed in the middle."""

from __future__ import annotations

import itertools
import os
import threading
from pathlib import Path

import pytest

from files_tui.transfers.jobs import DownloadJob, UploadJob
from files_tui.transfers.journal import Journal
from tests.files import a_file
from tests.queues import bench, deleting, states_of
from tests.store_server import Store
from tests.test_transfers_left_over import locks
from tests.waiting import DEADLINE, until
from tests.wire import Received, Reply, answer, error_answer, serving


@pytest.fixture(autouse=True)
def _all_the_time_to_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing waits for threads as long as they need."""
    monkeypatch.setattr("files_tui.transfers.queue.LEAVING_SECONDS", DEADLINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.journal"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    return folder


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Store:
    """A server on which everything stops in the middle."""
    monkeypatch.setattr("files_tui.transfers.large.PART_SIZE", 1_000)
    store = Store()
    store.add("down.bin", b"x" * 5_000)
    stuck = threading.Event()
    first_part = itertools.count()

    def before(request: Received) -> Reply | None:
        if request.method == "GET":
            return [answer(200, b"x" * 1_000, {"content-length": "5000"}), stuck]
        if request.method == "DELETE" or (request.target.endswith("/parts") and next(first_part)):
            return [stuck]
        return None

    store.before = before
    return store


@pytest.mark.parametrize("remember", [True, False])
def test_closing_in_the_middle(remember: bool, moving: Store, path: Path, saved: Path, tmp_path: Path) -> None:
    """What is to be remembered keeps its parts; else nothing is left of it, here and on the server."""
    source = tmp_path / "up.bin"
    source.write_bytes(b"y" * 3_500)
    with serving(moving) as server, bench(server.base_url, journal=path, remember=remember) as on:
        download = DownloadJob(a_file(id="file-1", filename="down.bin", bytes=5_000), saved / "down.bin")
        upload = UploadJob(source, "batch", in_parts=True)
        deletes = [deleting(f"d{n}") for n in range(20)]
        on.queue.submit([download])
        on.queue.submit([upload])
        on.queue.submit(deletes)
        until(lambda: download.moved == 1_000 and upload.session and upload.session.parts)
        server.wait_for(lambda: sum(request.method == "DELETE" for request in server.requests) == 8)
        on.queue.close(remember=remember)
        parts = os.listdir(saved)
        states = {session.status for session in moving.sessions.values()}
    journal = Journal(path)
    left = journal.left_over()
    journal.close()
    if remember:
        assert [type(job) for job in left] == [DownloadJob, UploadJob] + [type(deletes[0])] * 20
        assert isinstance(left[0], DownloadJob)
        assert left[0].part is not None
        assert parts == [left[0].part.name]
        assert isinstance(left[1], UploadJob)
        assert left[1].session is not None
        assert len(left[1].session.parts) == 1
        assert states == {"pending"}
    else:
        assert left == []
        assert parts == []
        assert states == {"cancelled"}
        assert states_of([download, upload, *deletes]) == {"cancelled"}
        assert locks(path) == 0


def test_closing_waits_until_the_server_has_heard_of_it(moving: Store, tmp_path: Path) -> None:
    stuck = moving.before

    def before(request: Received) -> Reply | None:
        if request.target.endswith("/cancel"):
            until(lambda: "transfer-news" not in {thread.name for thread in threading.enumerate()})
        return stuck(request)

    moving.before = before
    (tmp_path / "up.bin").write_bytes(b"y" * 3_500)
    with serving(moving) as server, bench(server.base_url) as on:
        upload = UploadJob(tmp_path / "up.bin", "batch", in_parts=True)
        on.queue.submit([upload])
        until(lambda: upload.session and upload.session.parts)
        on.queue.close(remember=False)
        assert moving.sessions["upload_1"].status == "cancelled"


def test_what_never_began_is_remembered(path: Path) -> None:
    stuck = threading.Event()
    with serving(lambda _: [stuck]) as server, bench(server.base_url, journal=path, remember=True) as on:
        on.queue.submit([deleting(f"a{n}") for n in range(8)])
        server.arrived(8)
        on.queue.submit([deleting("late")])
    journal = Journal(path)
    assert [job.title for job in journal.left_over()][-1] == "late.txt"
    journal.close()


def test_closing_keeps_what_is_unclear_and_forgets_what_failed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))
    (tmp_path / "a").write_text("abc")

    def handler(request: Received) -> Reply:
        return answer(200) if request.method == "POST" else error_answer(403, "no")

    with serving(handler) as server, bench(server.base_url, journal=path) as on:
        unclear, failed = on.run(UploadJob(tmp_path / "a", "batch")), on.run(deleting("b"))
        assert (unclear.state, failed.state) == ("unknown", "failed")
    journal = Journal(path)
    (left,) = journal.left_over()
    assert isinstance(left, UploadJob)
    assert left.message.startswith("the answer was lost")
    journal.close()


def test_giving_up_what_an_earlier_program_has_left(moving: Store, path: Path, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "up.bin").write_bytes(b"y" * 3_500)
    with serving(moving) as server, bench(server.base_url, journal=path, remember=True) as on:
        download = DownloadJob(a_file(id="file-1", filename="down.bin", bytes=5_000), saved / "down.bin")
        upload = UploadJob(tmp_path / "up.bin", "batch", in_parts=True)
        on.queue.submit([download])
        on.queue.submit([upload])
        until(lambda: download.moved == 1_000 and upload.session and upload.session.parts)
    with serving(moving) as server, bench(server.base_url, journal=path) as on:
        left = on.journal.left_over()
        assert len(left) == 2
        on.queue.give_up(left)
        until(lambda: moving.sessions["upload_1"].status == "cancelled")
        assert os.listdir(saved) == []
        assert on.written() == []
