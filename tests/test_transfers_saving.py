"""In which order a file is saved, its time, and deletes that save a copy first."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, SavingJob
from files_tui.transfers.journal import Journal
from files_tui.transfers.queue import TRANSFERS
from files_tui.transfers.target import distinct
from tests.files import a_file
from tests.queues import bench, round_trips
from tests.store_server import Store
from tests.test_transfers_target import made
from tests.wire import CLOSE, Received, Reply, answer, error_answer, serving


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to the disk and to the journal, in order."""
    made: list[str] = []

    def watched(owner: object, name: str, words: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            made.append(words(*args, **kwargs))
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    def noted(journal: Journal, job: Job, *, durably: bool = False) -> str:
        assert isinstance(job, SavingJob)
        there = "there" if job.part and job.part.exists() else "not there"
        mark = " durably" if durably else ""
        if job.saved_as:
            return f"note it is saved{mark}"
        return f"note the name{mark}" if job.settling else f"note the part, {there}{mark}"

    def synced(handle: int) -> str:
        path = os.readlink(f"/dev/fd/{handle}")
        return f"sync {'folder' if os.path.isdir(path) else 'file of ' + str(os.fstat(handle).st_size)}"

    watched(Journal, "note", noted)
    watched(os, "fsync", synced)
    watched(os, "link", lambda *args: "link")
    watched(os, "replace", lambda *args: "replace")
    return made


SAVED = ["note the part, not there", "sync file of 3", "note the name"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no way to tell which file is synced")
@pytest.mark.parametrize("replace", [True, False])
def test_the_order_of_a_download(replace: bool, steps: list[str], tmp_path: Path) -> None:
    with serving([answer(200, b"abc")]) as server, bench(server.base_url) as on:
        job = on.run(DownloadJob(a_file(id="f", bytes=3), tmp_path / "a.txt", replace=replace))
    assert job.state == "done"
    assert steps == [*SAVED, "replace" if replace else "link", "sync folder"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no way to tell which file is synced")
def test_the_order_of_a_delete_with_a_copy(steps: list[str], tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")

    def before(request: Received) -> None:
        steps.append(request.method)

    store.before = before
    with serving(store) as server, bench(server.base_url) as on:
        assert on.run(deleting(kept.listed(), tmp_path)).state == "done"
    assert steps == ["GET", *SAVED, "link", "sync folder", "note it is saved durably", "DELETE"]


def deleting(listed: dict[str, Any], folder: Path) -> DeleteJob:
    """A delete that saves a copy under the file's own name."""
    file = a_file(**{name: listed[name] for name in ("id", "filename", "bytes", "created_at", "purpose")})
    return DeleteJob(file, folder / file.filename.true)


CREATED = 1_600_000_000


@pytest.mark.parametrize("dated", [True, False])
def test_the_time_of_a_download(dated: bool, tmp_path: Path) -> None:
    with serving([answer(200, b"abc")]) as server, bench(server.base_url) as on:
        job = on.run(DownloadJob(a_file(id="f", created_at=CREATED), tmp_path / "a.txt", dated=dated))
    assert job.state == "done"
    assert (job.target.stat().st_mtime == CREATED) == dated


@pytest.mark.parametrize("created", [None, 2**62, "refused"])
def test_a_time_that_cannot_be_costs_no_download(
    created: int | str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: object, times: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if created == "refused":
        monkeypatch.setattr(os, "utime", refused)
    file = a_file(id="f", created_at=created if isinstance(created, int) else CREATED if created else None)
    with serving([answer(200, b"abc")]) as server, bench(server.base_url) as on:
        job = on.run(DownloadJob(file, tmp_path / "a.txt", dated=True))
    assert (job.state, job.message) == ("done", "")
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_delete_saves_first_and_leaves_the_copy(tmp_path: Path) -> None:
    store = Store()
    jobs = [deleting(store.add("a.txt", content).listed(), tmp_path) for content in (b"one", b"two")]
    with serving(store) as server, bench(server.base_url) as on:
        batch = on.queue.submit(jobs)
        on.over(*jobs)
        assert batch.ended == {"done": 2}
        assert batch.over == batch.length == 6
        on.heard_end(*jobs)
        assert on.states(jobs[0]) == ["waiting", "running", "waiting", "running", "done"]
    assert store.files == {}
    assert {job.saved_as.read_bytes() for job in jobs if job.saved_as} == {b"one", b"two"}
    assert sorted(os.listdir(tmp_path)) == ["a (1).txt", "a.txt"]
    assert {job.message for job in jobs} == {"deleted"}


def test_copies_move_in_the_line_of_transfers_and_hold_back_no_delete(tmp_path: Path) -> None:
    store, go = Store(), threading.Event()
    jobs = [deleting(store.add(f"{n}.txt", b"abc").listed(), tmp_path) for n in range(TRANSFERS + 3)]
    plain = store.add("plain.txt", b"abc")
    store.before = lambda request: [go] if request.target.endswith("/content") else None
    with serving(store) as server, bench(server.base_url) as on:
        on.queue.submit(jobs)
        server.arrived(TRANSFERS)
        round_trips(on.client)
        assert sum(request.target.endswith("/content") for request in server.requests) == TRANSFERS
        assert on.run(DeleteJob(a_file(id=plain.id))).state == "done"
        on.queue.close(remember=False)
    assert len(store.files) == len(jobs)


CUT: Reply = [answer(200, b"ab", {"content-length": "3"}), CLOSE]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CUT, "kept, since no copy could be made: the connection broke"),
        (answer(200, b"ab"), "only 2 B of 3 B came: nothing was saved"),
        (error_answer(403, "not for you"), "kept, since no copy could be made: not for you"),
        (error_answer(400, "Not allowed to download files of purpose: user_data"), "kept, since no copy could be made"),
    ],
    ids=["cut", "short", "refused", "purpose"],
)
def test_what_could_not_be_saved_is_not_deleted(content: Reply, words: str, tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    store.before = lambda request: content if request.method == "GET" else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(deleting(kept.listed(), tmp_path))
        assert (job.state, job.saved_as) == ("failed", None)
        assert words in job.message
        assert os.listdir(tmp_path) == []
        assert {request.method for request in server.requests} == {"GET"}
        assert list(store.files) == [kept.id]

        store.before = lambda request: None
        assert on.again(job).state == "done"
    assert store.files == {}
    assert (tmp_path / "a.txt").read_bytes() == b"abc"


def test_a_copy_that_may_be_cut_is_no_reason_to_delete(tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    cut: Reply = [answer(200, b"ab", {"content-length": ""}), CLOSE]
    store.before = lambda request: cut if request.method == "GET" else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(deleting({**kept.listed(), "bytes": None}, tmp_path))
        assert (job.state, job.saved_as) == ("failed", None)
        assert "nothing was saved" in job.message
        assert os.listdir(tmp_path) == []
        assert list(store.files) == [kept.id]

        store.before = lambda request: None
        assert on.again(job).state == "done"
    assert store.files == {}
    assert (tmp_path / "a.txt").read_bytes() == b"abc"


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (b"<html>Please log in to the guest network</html>", {}),
        (b"<html>Please log in to the guest network</html>", {"bytes": None}),
        (b'{"error": {"message": "internal error"}}', {}),
        (b"text", {"purpose": "file-extract", "bytes": 3_000_000}),
    ],
)
def test_what_is_not_the_file_is_no_reason_to_delete_it(tmp_path: Path, content: bytes, fields: dict[str, Any]) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    store.before = lambda request: (
        answer(200, content, {"content-type": "text/html"}) if request.method == "GET" else None
    )
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(deleting({**kept.listed(), **fields}, tmp_path))
        assert job.state == "failed"
        assert "not certain that the copy is the file" in job.message
    assert list(store.files) == [kept.id]
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_keeps_the_file(tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(deleting(kept.listed(), tmp_path / "gone"))
        assert job.state == "failed"
        assert "no such folder" in job.message
    assert (list(store.files), server.requests) == ([kept.id], [])


def test_a_delete_that_fails_after_its_copy_saves_no_second_one(tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    store.before = lambda request: error_answer(403, "no") if request.method == "DELETE" else None
    with serving(store) as server, bench(server.base_url) as on:
        job = on.run(deleting(kept.listed(), tmp_path))
        assert (job.state, job.message) == ("failed", "no (HTTP 403)")
        store.before = lambda request: None
        assert on.again(job).state == "done"
        assert [request.method for request in server.requests] == ["GET", "DELETE", "DELETE"]
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_copy_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    job = deleting(kept.listed(), tmp_path)
    job.saved_as = tmp_path / "a.txt"
    with serving(store) as server, bench(server.base_url) as on:
        assert on.run(job).state == "done"
        assert [request.method for request in server.requests] == ["GET", "DELETE"]
    assert (tmp_path / "a.txt").read_bytes() == b"abc"


@pytest.mark.parametrize("crashed", ["noted", "after the rename", "after the link", "before the link"])
def test_after_a_crash_no_second_copy_is_made(crashed: str, tmp_path: Path) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    job = deleting(kept.listed(), tmp_path)
    saved, part = tmp_path / "a.txt", tmp_path / ".a.txt.part"
    if crashed == "noted":
        job.saved_as = made(saved, "abc")
    else:
        job.part, job.settling = part, saved
        if crashed == "after the rename":
            made(saved, "abc")
        else:
            made(part, "abc")
        if crashed == "after the link":
            os.link(part, saved)
    with serving(store) as server, bench(server.base_url) as on:
        assert on.run(job).state == "done"
    assert os.listdir(tmp_path) == ["a.txt"]
    assert saved.read_bytes() == b"abc"
    assert store.files == {}
    wanted = ["GET", "DELETE"] if crashed == "before the link" else ["DELETE"]
    assert [request.method for request in server.requests] == wanted


def test_a_delete_that_is_cancelled_while_its_copy_is_being_synced_deletes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    kept = store.add("a.txt", b"abc")
    real = os.fsync
    syncing, go = threading.Event(), threading.Event()

    def slow(handle: int) -> None:
        syncing.set()
        assert go.wait(20)
        real(handle)

    with serving(store) as server, bench(server.base_url) as on:
        job = deleting(kept.listed(), tmp_path)
        monkeypatch.setattr(os, "fsync", slow)
        on.queue.submit([job])
        assert syncing.wait(20)
        on.queue.cancel([job])
        go.set()
        on.over(job)
        assert (job.state, job.message) == ("cancelled", "cancelled")
    assert list(store.files) == [kept.id]
    assert {request.method for request in server.requests} == {"GET"}


def test_equal_names_of_one_batch_are_made_different(tmp_path: Path) -> None:
    made(tmp_path / "b.txt")
    names = [tmp_path / name for name in ("a.txt", "a.txt", "a (1).txt", "b.txt", "a.txt")]
    assert [path.name for path in distinct(names, keep=True)] == [
        "a.txt",
        "a (1).txt",
        "a (1) (1).txt",
        "b (1).txt",
        "a (2).txt",
    ]
    assert [path.name for path in distinct(names, keep=False)][3] == "b.txt"
