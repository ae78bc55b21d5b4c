"""What programs leave behind: to whom it belongs, and what becomes of it when a queue is closed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from files_tui.api.models import File
from files_tui.transfers.jobs import DownloadJob, UploadJob
from files_tui.transfers.journal import Journal
from tests.queues import bench, deleting, states_of
from tests.store_server import Store
from tests.waiting import until
from tests.wire import Received, Reply, answer, error_answer, json_answer, serving

PROGRAM = """
import os, sys
from pathlib import Path
from files_tui.api.models import File
from files_tui.transfers.jobs import DeleteJob
from files_tui.transfers.journal import Journal

journal = Journal(Path(sys.argv[1]))
journal.expect(DeleteJob(File(id=name, filename=name)) for name in sys.argv[2:])
journal.write_expected()
for line in sys.stdin:
    if line == "exit\\n":
        os._exit(0)
    if line == "close\\n":
        journal.close()
        break
    print(*(job.title for job in journal.left_over()), sep=",", flush=True)
"""


class Program:
    """Another program with a journal; it dies when it is told to."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, path, *names], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def say(self, word: str) -> None:
        """Tell it something; `look` makes it answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def hear(self) -> list[str]:
        """Its answer: the titles of what it took over."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the program ended"
        return [name for name in line.strip().split(",") if name]

    def look(self) -> list[str]:
        self.say("look")
        return self.hear()

    def end(self, how: str) -> None:
        """Let it die and wait for that."""
        if how == "kill":
            self._process.send_signal(signal.SIGKILL)
        else:
            self.say(how)
        self._process.wait(20)

    def away(self) -> None:
        """Leave nothing of it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def program(path: Path, *names: str) -> Iterator[Program]:
    """A program that has written these jobs."""
    running = Program(path, names)
    try:
        assert running.look() == []
        yield running
    finally:
        running.away()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.journal"


def locks(path: Path) -> int:
    return sum(file.suffix == ".lock" for file in path.parent.iterdir())


@pytest.mark.parametrize("how", ["kill", "exit", "close"])
def test_jobs_of_a_program_that_ended_are_taken_over_once_and_in_order(how: str, path: Path) -> None:
    here = Journal(path)
    with program(path, "b", "a", "c") as other:
        assert here.left_over() == []
        other.end(how)
        assert locks(path) == 2
        jobs = here.left_over()
        assert [job.title for job in jobs] == ["b", "a", "c"]
        assert here.left_over() == []
        assert locks(path) == 1
    assert [job.entry for job in jobs] == sorted(job.entry or 0 for job in jobs)
    here.forget(jobs)
    here.close()
    assert locks(path) == 0


def test_what_one_took_over_and_left_is_taken_over_by_the_next(path: Path) -> None:
    with program(path, "a") as first, program(path, "b") as second:
        first.end("kill")
        assert second.look() == ["a"]
        second.end("kill")
    journal = Journal(path)
    assert [job.title for job in journal.left_over()] == ["a", "b"]
    journal.close()


def test_programs_that_ask_at_once_take_each_job_once(path: Path) -> None:
    names = [f"f{n}" for n in range(60)]
    with ExitStack() as stack:
        dead = [stack.enter_context(program(path, *names[n::6])) for n in range(6)]
        asking = [stack.enter_context(program(path)) for _ in range(3)]
        for each in dead:
            each.end("kill")
        for each in asking:
            each.say("look")
        taken = [name for each in asking for name in each.hear()]
    assert sorted(taken) == sorted(names)


def test_locks_of_programs_that_left_nothing_are_removed(path: Path) -> None:
    with program(path) as idle, program(path) as alive:
        idle.end("kill")
        assert locks(path) == 2
        journal = Journal(path)
        assert locks(path) == 2
        journal.close()
        assert locks(path) == 1
        assert alive.look() == []


def test_an_entry_that_cannot_be_read_hides_no_other(path: Path) -> None:
    journal = Journal(path)
    journal.expect([deleting("a"), deleting("b")])
    journal.write_expected()
    journal._base.execute("update jobs set entry = x'c1' where n = 1")
    journal.close()
    journal = Journal(path)
    assert [job.title for job in journal.left_over()] == ["b.txt"]
    journal.close()


def test_jobs_of_several_programs_come_in_the_order_in_which_they_were_asked_for(path: Path) -> None:
    one, other = Journal(path), Journal(path)
    for name, journal in (("a", one), ("b", other), ("c", one), ("d", other)):
        journal.begin(deleting(name))
    one.close()
    other.close()
    journal = Journal(path)
    assert [job.title for job in journal.left_over()] == ["a.txt", "b.txt", "c.txt", "d.txt"]
    journal.close()


def test_a_journal_without_a_file_has_nothing_left_over() -> None:
    journal = Journal(None)
    journal.expect([deleting("a")])
    journal.write_expected()
    assert journal.left_over() == []
    journal.close()


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
        download = DownloadJob(File(id="file-1", filename="down.bin", bytes=5_000), saved / "down.bin")
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
        download = DownloadJob(File(id="file-1", filename="down.bin", bytes=5_000), saved / "down.bin")
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


def test_what_was_left_over_is_gone_on_with_and_then_forgotten(path: Path) -> None:
    asked: list[str] = []

    def handler(request: Received) -> Reply:
        asked.append(request.target.rpartition("/")[2])
        return json_answer({"deleted": True})

    with program(path, "a", "b") as other:
        other.end("kill")
    with serving(handler) as server, bench(server.base_url, journal=path) as on:
        jobs = on.journal.left_over()
        on.queue.submit(jobs)
        on.over(*jobs)
        assert states_of(jobs) == {"done"}
        until(lambda: not on.written())
    assert sorted(asked) == ["a", "b"]
    assert locks(path) == 0
