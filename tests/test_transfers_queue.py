"""The queue: lines, states, cancelling, trying again and closing, with real servers and threads."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, get_args

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.models import File
from files_tui.settings import Account, Secret
from files_tui.transfers import jobs
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, State, UploadJob
from files_tui.transfers.queue import DELETES, TRANSFERS, TransferQueue
from tests.demo_server import running_demo
from tests.waiting import until
from tests.wire import RESET, Received, Reply, answer, error_answer, json_answer, page_answer, serving

DEADLINE = 20.0

J = TypeVar("J", bound=Job)


class Bench:
    """A queue with its client, and every change that it told."""

    def __init__(self, base_url: str, twins: Callable[[str, int], Collection[str]] = lambda name, size: ()) -> None:
        self.client = FilesClient(Account(base_url=base_url, key=Secret("x")))
        self.queue = TransferQueue(self.client, twins, self._hear)
        self.heard: list[tuple[Job, State]] = []
        self._changed = threading.Condition()

    def _hear(self, job: Job) -> None:
        with self._changed:
            self.heard.append((job, job.state))
            self._changed.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something that a change of a job brings about."""
        with self._changed:
            assert self._changed.wait_for(holds, DEADLINE), "what was awaited did not come"

    def run(self, job: J) -> J:
        """Submit a job and wait for its end."""
        self.queue.submit(job)
        return self.over(job)

    def over(self, job: J) -> J:
        """Wait for a job's end to be told."""
        self.until(lambda: job.ended is not None and any(j is job and s == job.state for j, s in self.heard))
        return job


@contextmanager
def bench(base_url: str, twins: Callable[[str, int], Collection[str]] = lambda name, size: ()) -> Iterator[Bench]:
    """A queue on that server; leaving it checks that it ends, and that it told no undefined state."""
    made = Bench(base_url, twins)
    try:
        yield made
    finally:
        made.queue.close()
        made.client.close()
    assert queue_threads() == []
    assert {state for _, state in made.heard} <= set(get_args(State))


def queue_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith(("transfer-", "delete-")) and t.is_alive()]


def deleting(file_id: str) -> DeleteJob:
    return DeleteJob(File(id=file_id, filename=f"{file_id}.txt"))


def deleted(_: Received) -> Reply:
    return json_answer({"deleted": True})


def test_a_delete_and_a_second_one() -> None:
    with running_demo() as url, bench(url) as on:
        file = on.client.list_page(limit=1).value.files[0]
        first, second = on.run(DeleteJob(file)), on.run(DeleteJob(file))
        assert file.id not in [f.id for f in on.client.list_page(limit=100).value.files]

    assert (first.state, first.message) == ("done", "deleted")
    assert (second.state, second.message) == ("done", "already gone")
    assert [state for job, state in on.heard if job is first][-1] == "done"
    assert on.queue.jobs == [first, second]
    assert first.title == file.filename
    assert first.seconds > 0


def test_a_refused_delete_can_be_tried_again() -> None:
    replies = iter([json_answer({"deleted": False}), json_answer({"deleted": True})])
    with serving(lambda _: next(replies)) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        assert (job.state, job.can_retry) == ("failed", True)
        assert job.message.startswith("the server says that it did not delete the file")
        assert job.advice
        on.heard.clear()

        assert on.queue.retry(job)
        on.over(job)

        assert (job.state, job.message, job.advice) == ("done", "deleted", "")
        assert not on.queue.retry(job)
        assert on.queue.jobs == [job]
    assert len(server.requests) == 2


def test_a_job_is_ready_before_it_waits_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread takes whatever waits: with the old switch, it would take the job for cancelled."""
    job = deleting("a")
    job.state = "cancelled"
    states: list[State] = []

    def made() -> Abort:
        states.append(job.state)
        return Abort()

    monkeypatch.setattr(jobs, "Abort", made)
    job.reset()
    states.append(job.state)
    assert states == ["cancelled", "waiting"]


def test_only_so_many_deletes_run_at_once() -> None:
    go = threading.Event()
    with (
        serving(lambda _: [go, json_answer({"deleted": True})]) as server,
        bench(server.base_url) as on,
    ):
        submitted = [deleting(f"f{n}") for n in range(DELETES * 3)]
        for job in submitted:
            on.queue.submit(job)
        server.arrived(DELETES)
        running = [job for job in submitted if job.state == "running"]
        assert running == submitted[:DELETES]
        assert len(server.requests) == DELETES
        assert len(on.queue.active) == DELETES * 3
        go.set()
        for job in submitted:
            on.over(job)
    assert {job.state for job in submitted} == {"done"}


def test_a_thousand_deletes_hold_back_no_download(tmp_path: Path) -> None:
    stuck = threading.Event()

    def handler(request: Received) -> Reply:
        return answer(200, b"abc") if request.method == "GET" else [stuck, json_answer({"deleted": True})]

    with serving(handler) as server, bench(server.base_url) as on:
        for n in range(1_000):
            on.queue.submit(deleting(f"f{n}"))
        download = on.run(DownloadJob(File(id="d", bytes=3), tmp_path / "d.txt"))
        assert download.state == "done"
        assert len(on.queue.active) == 1_000
        stuck.set()
        on.until(lambda: not on.queue.active)
    assert len(server.requests) == 1_001


def test_a_waiting_job_is_cancelled_at_once_and_never_asked_for() -> None:
    go = threading.Event()

    def handler(request: Received) -> Reply:
        return [go, json_answer({"deleted": True})]

    with serving(handler) as server, bench(server.base_url) as on:
        for n in range(DELETES):
            on.queue.submit(deleting(f"f{n}"))
        server.arrived(DELETES)
        last = deleting("last")
        on.queue.submit(last)
        on.queue.cancel(last)
        assert (last.state, last.seconds) == ("cancelled", 0.0)
        assert on.heard[-1] == (last, "cancelled")
        go.set()
        on.until(lambda: not on.queue.active)
    assert "/v1/files/last" not in [request.target for request in server.requests]


def test_a_job_that_is_in_line_twice_runs_once() -> None:
    """Cancelling leaves a job in its line, and trying it again adds it behind."""
    go = threading.Event()
    with serving(lambda _: [go, json_answer({"deleted": True})]) as server, bench(server.base_url) as on:
        for n in range(DELETES):
            on.queue.submit(deleting(f"f{n}"))
        server.arrived(DELETES)
        last = deleting("last")
        on.queue.submit(last)
        on.queue.cancel(last)
        assert on.queue.retry(last)
        go.set()
        assert on.over(last).message == "deleted"
        for n in range(DELETES):
            on.run(deleting(f"later{n}"))
    assert [request.target for request in server.requests].count("/v1/files/last") == 1


def test_a_running_job_is_cancelled_while_the_server_is_silent() -> None:
    with serving(lambda _: [threading.Event()]) as server, bench(server.base_url) as on:
        job = deleting("a")
        on.queue.submit(job)
        server.arrived()
        on.queue.cancel(job)
        on.over(job)
        assert (job.state, job.message, job.can_retry) == ("cancelled", "cancelled", True)


def test_a_job_that_is_over_is_not_cancelled() -> None:
    with serving(deleted) as server, bench(server.base_url) as on:
        job = on.run(deleting("a"))
        count = len(on.heard)
        on.queue.cancel(job)
        assert job.state == "done"
        assert len(on.heard) == count


def test_an_upload_whose_fate_is_unknown_is_not_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("abc")

    def handler(request: Received) -> Reply:
        return [RESET] if request.method == "POST" else error_answer(403, "not for you")

    with serving(handler) as server, bench(server.base_url) as on:
        job = on.run(UploadJob(path, "user_data"))
        assert (job.state, job.can_retry, job.file) == ("unknown", False, None)
        assert "looking for the file failed" in job.message
        assert job.advice == "Look for the file in the list before you send it again."
        assert not on.queue.retry(job)
    assert [request.method for request in server.requests].count("POST") == 1


def test_a_lost_answer_is_told_apart_from_a_known_twin(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("abc")
    asked: list[tuple[str, int]] = []
    found = {"filename": "a.txt", "bytes": 3, "purpose": "user_data", "created_at": None}

    def twins(name: str, size: int) -> list[str]:
        asked.append((name, size))
        return ["twin"]

    def handler(request: Received) -> Reply:
        return [RESET] if request.method == "POST" else page_answer({"id": "twin", **found}, {"id": "new", **found})

    with serving(handler) as server, bench(server.base_url, twins) as on:
        job = on.run(UploadJob(path, "user_data"))
    assert job.state == "done"
    assert job.file is not None
    assert job.file.id == "new"
    assert job.message == "the answer was lost, and the file was found on the server"
    assert asked == [("a.txt", 3)]


def test_closing_ends_everything_and_leaves_no_part(tmp_path: Path) -> None:
    def handler(request: Received) -> Reply:
        if request.method == "GET":
            return [answer(200, b"x" * 1_000, {"content-length": "5000"}), threading.Event()]
        return [threading.Event()]

    with serving(handler) as server, bench(server.base_url) as on:
        downloads = [DownloadJob(File(id=f"d{n}"), tmp_path / f"{n}.bin") for n in range(TRANSFERS + 3)]
        deletes = [deleting(f"x{n}") for n in range(100)]
        for job in (*downloads, *deletes):
            on.queue.submit(job)
        server.arrived(TRANSFERS + DELETES)
        on.queue.close()
        assert {job.state for job in (*downloads, *deletes)} == {"cancelled"}
        assert queue_threads() == []
        assert list(tmp_path.iterdir()) == []
    assert len(server.requests) == TRANSFERS + DELETES


def test_a_closed_queue_starts_nothing() -> None:
    with serving(deleted) as server, bench(server.base_url) as on:
        on.queue.close()
        on.queue.submit(deleting("a"))
        on.queue.close()
    assert server.requests == []


def test_jobs_have_titles_numbers_and_one_end(tmp_path: Path) -> None:
    upload = UploadJob(tmp_path / "a\x1b.txt", "batch")
    download = DownloadJob(File(id="f\n1"), tmp_path / "x")
    assert (upload.title, download.title) == ("a␛.txt", "f␊1")
    assert upload.number < download.number
    assert not upload.is_over


def test_an_error_of_our_own_ends_one_job_only(tmp_path: Path) -> None:
    def broken(name: str, size: int) -> Collection[str]:
        raise RuntimeError("no such thing")

    (tmp_path / "a.md").write_text("a")
    with serving([]) as server, bench(server.base_url, broken) as made:
        jobs_of_one_lane = [made.run(UploadJob(tmp_path / "a.md", "user_data")) for _ in range(TRANSFERS + 1)]
    assert {job.state for job in jobs_of_one_lane} == {"failed"}
    assert all("error of our own: RuntimeError" in job.message for job in jobs_of_one_lane)


def test_two_equal_uploads_do_not_claim_the_same_file(tmp_path: Path) -> None:
    paths = [tmp_path / "one" / "a.md", tmp_path / "two" / "a.md"]
    for path in paths:
        path.parent.mkdir()
        path.write_text("a")
    stored = {"id": "file-1", "filename": "a.md", "bytes": 1, "purpose": "user_data", "created_at": 2**40}
    replies = [json_answer(stored), error_answer(500), *[page_answer(stored)] * 3]
    with serving(replies) as server, bench(server.base_url) as made:
        first = made.run(UploadJob(paths[0], "user_data"))
        second = made.run(UploadJob(paths[1], "user_data"))
    assert (first.state, second.state) == ("done", "failed")
    assert "not in the list" in second.advice


def test_a_listener_that_breaks_stops_no_job(tmp_path: Path) -> None:
    def broken(job: Job) -> None:
        raise RuntimeError("no disk")

    with serving(lambda request: json_answer({"id": "x", "deleted": True})) as server:
        client = FilesClient(Account(base_url=server.base_url, key=Secret("x")))
        queue = TransferQueue(client, lambda name, size: (), broken)
        deletes = [DeleteJob(File(id=f"file-{n}")) for n in range(DELETES * 2)]
        for job in deletes:
            queue.submit(job)
        until(lambda: not queue.active)
        queue.close()
        client.close()
    assert {job.state for job in deletes} == {"done"}
    assert "could not be noted" in deletes[0].advice
