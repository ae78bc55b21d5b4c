"""What programs leave behind, and to whom it belongs from then on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from files_tui.transfers.journal import Journal
from tests.queues import bench, deleting, states_of
from tests.waiting import until
from tests.wire import Received, Reply, json_answer, serving

PROGRAM = """
import os, sys
from pathlib import Path
from tests.files import a_file
from files_tui.transfers.jobs import DeleteJob
from files_tui.transfers.journal import Journal

journal = Journal(Path(sys.argv[1]))
journal.expect(DeleteJob(a_file(id=name, filename=name)) for name in sys.argv[2:])
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
