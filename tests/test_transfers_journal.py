"""The journal of one program: what it holds when, whose files are whose, and what goes wrong with its file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.text import safe
from files_tui.transfers import journal as room
from files_tui.transfers.entries import job_of
from files_tui.transfers.jobs import DeleteJob, Job, State, UploadJob
from files_tui.transfers.journal import Journal, JournalFailed
from tests.files import a_file
from tests.queues import bench, deleting
from tests.waiting import until
from tests.wire import Received, Reply, json_answer, serving

DELETED = json_answer({"deleted": True})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def rows(journal: Journal) -> list[Job | None]:
    """What is in the file, in order."""
    found = journal._base.execute("select entry, n from jobs order by n").fetchall()
    return [job_of(entry, n) for entry, n in found]


def titles(journal: Journal) -> list[str]:
    return [job.title for job in rows(journal) if job]


def written(journal: Journal, *jobs: Job) -> None:
    journal.expect(jobs)
    journal.write_expected()


def over(job: Job, state: State, message: str = "") -> tuple[Job, State]:
    """The change of a job that ends."""
    job.enter("running")
    job.message = safe(message)
    job.enter(state)
    return job, state


def upload(name: str, size: int = 3) -> UploadJob:
    return UploadJob(Path("/x") / name, "batch", size=size)


def test_all_are_written_before_the_first_begins() -> None:
    seen: list[int] = []

    def handler(request: Received) -> Reply:
        seen.append(len(on.written()))
        return DELETED

    with serving(handler) as server, bench(server.base_url) as on:
        jobs = [deleting(f"f{n}") for n in range(20)]
        on.queue.submit(jobs)
        on.over(*jobs)
        until(lambda: not on.written())
    assert seen[0] == 20


def test_the_file_is_asked_for_only_once_a_job_is_written(path: Path) -> None:
    with serving(lambda _: DELETED) as server, bench(server.base_url, journal=path) as on:
        on.journal._base.execute("create trigger no before insert on jobs begin select raise(abort, 'full'); end")
        job = on.run(deleting("a"))
        assert (job.state, job.message) == ("failed", "full: a.txt")
        assert server.requests == []
        on.journal._base.execute("drop trigger no")
        assert on.again(job).state == "done"


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_what_is_over_is_forgotten(state: State, journal: Journal) -> None:
    jobs = [deleting("a"), deleting("b")]
    written(journal, *jobs)
    journal.settle([(jobs[0], "running"), over(jobs[0], state)])
    assert titles(journal) == ["b.txt"]
    assert jobs[0].entry is None


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_went_wrong_keeps_its_message(state: State, journal: Journal) -> None:
    job = upload("a")
    written(journal, job)
    journal.settle([over(job, state, "it broke")])
    (kept,) = rows(journal)
    assert kept is not None
    assert kept.message == "it broke"


def test_a_job_that_is_tried_again_before_its_end_was_noted_keeps_its_entry(journal: Journal) -> None:
    jobs = [deleting("a"), upload("b")]
    written(journal, *jobs)
    changes = [over(jobs[0], "cancelled"), over(jobs[1], "failed", "it broke")]
    for job in jobs:
        job.enter("waiting")
    journal.settle(changes)
    assert titles(journal) == ["a.txt", "b"]
    assert [job.message for job in rows(journal) if job] == ["", ""]


def test_a_cancelled_job_that_is_tried_again_has_an_entry_of_its_own() -> None:
    """Else it would write over that of another job, and not be gone on with after a crash."""
    gate, seen = threading.Event(), []

    def handler(request: Received) -> Reply:
        seen.append(sorted(titles(on.journal)))
        return [gate, DELETED] if request.target.endswith("first") else DELETED

    with serving(handler) as server, bench(server.base_url) as on:
        first, other = deleting("first"), deleting("other")
        on.queue.submit([first])
        server.arrived()
        on.queue.cancel([first])
        on.over(first)
        until(lambda: not on.written())
        gate.set()
        on.run(other)
        until(lambda: not on.written())
        assert on.again(first).state == "done"
        until(lambda: not on.written())
    assert seen == [["first.txt"], ["other.txt"], ["first.txt"]]


def test_a_job_that_is_cancelled_and_tried_again_before_it_was_written_is_there_once(journal: Journal) -> None:
    job = deleting("a")
    journal.expect([job])
    job.enter("cancelled")
    journal.expect([deleting("b")])
    job.enter("waiting")
    journal.expect([job])
    journal.begin(job)
    journal.write_expected()
    assert titles(journal) == ["a.txt", "b.txt"]
    journal.settle([over(job, "done")])
    assert titles(journal) == ["b.txt"]


def test_what_was_cancelled_before_it_was_written_never_is(journal: Journal) -> None:
    job = deleting("a")
    journal.expect([job])
    job.enter("cancelled")
    journal.write_expected()
    assert rows(journal) == []
    journal.settle([(job, "cancelled")])


def test_how_far_a_job_is_can_be_noted(journal: Journal) -> None:
    job, other = upload("a"), upload("b")
    written(journal, job, other)
    job.started = 12.5
    journal.note(job, durably=True)
    assert [found.started for found in rows(journal) if isinstance(found, UploadJob)] == [12.5, None]


def test_a_file_belongs_to_one_upload(journal: Journal, path: Path) -> None:
    here, there = upload("a"), upload("a")
    other = Journal(path)
    written(journal, here)
    written(other, there)
    assert here.entry != there.entry
    assert journal.claim("file-1", here)
    assert not other.claim("file-1", there)
    assert journal.claim("file-1", here)
    assert other.claim("file-2", there)
    other.close()


def test_a_claim_outlives_its_job_and_its_number_is_not_used_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = upload("a"), upload("a")
    journal = Journal(path)
    written(journal, first)
    number = first.entry
    assert journal.claim("file-1", first)
    journal.forget([first])
    assert first.entry is None
    journal.close()
    journal = Journal(path)
    written(journal, second)
    assert number is not None
    assert second.entry is not None
    assert second.entry > number
    assert not journal.claim("file-1", second)
    journal.close()
    monkeypatch.setattr(room, "CLAIMS_KEPT", -1.0)
    journal = Journal(path)
    assert journal.claim("file-1", second)
    journal.close()


@pytest.mark.parametrize(
    ("files", "rivals", "contested"),
    [
        (["f1"], [], False),
        (["f1"], ["sent"], True),
        (["f1", "f2"], ["sent"], False),
        (["f1", "f2"], ["sent", "sent"], True),
        (["f1"], ["not sent"], False),
        (["f1"], ["other size"], False),
        (["f1"], ["other name"], False),
        (["f1"], ["claimed"], False),
        (["taken"], ["sent"], False),
        (["f1", "taken"], ["sent"], True),
        (["f1", "mine"], ["sent"], False),
        ([], ["sent"], False),
    ],
)
def test_whether_a_file_may_be_that_of_another_upload(
    files: list[str], rivals: list[str], contested: bool, path: Path
) -> None:
    journal, elsewhere = Journal(path), Journal(path)
    mine, owner = upload("a"), upload("a")
    written(journal, mine, owner)
    journal.claim("taken", owner)
    if "mine" in files:
        journal.claim("mine", mine)
    for kind in rivals:
        rival = upload("b" if kind == "other name" else "a", 4 if kind == "other size" else 3)
        rival.sent = None if kind == "not sent" else 5.0
        written(elsewhere, rival)
        if kind == "claimed":
            elsewhere.claim("something", rival)
    assert journal.is_contested(files, mine) is contested
    journal.close()
    elsewhere.close()


def test_what_other_programs_upload(journal: Journal, path: Path) -> None:
    other = Journal(path)
    written(journal, upload("mine"))
    written(other, upload("a", 7), UploadJob(Path("/x/of unknown size"), "batch"), DeleteJob(a_file(id="x", bytes=3)))
    assert journal.uploads_elsewhere() == {("a", 7)}
    other.close()


def test_a_journal_that_is_full_can_be_written_again_later(journal: Journal) -> None:
    base = journal._base
    pages = base.execute("pragma page_count").fetchone()[0]
    base.execute(f"pragma max_page_count = {pages + 1}")
    jobs = [deleting(f"f{n}" + "x" * 500) for n in range(50)]
    journal.expect(jobs)
    with pytest.raises(JournalFailed, match="full"):
        journal.write_expected()
    assert {job.entry for job in jobs} == {None}
    base.execute("pragma max_page_count = 1000000")
    journal.write_expected()
    assert len(rows(journal)) == 50


def test_a_journal_that_another_program_holds_on_to(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal._base.execute("pragma busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(JournalFailed, match="locked"):
        written(journal, deleting("a"))
    other.execute("rollback")
    other.close()
    journal.write_expected()
    assert titles(journal) == ["a.txt"]


def test_threads_may_use_it_all_at_once(journal: Journal) -> None:
    def work(number: int) -> None:
        for n in range(10):
            job = upload(f"{number}-{n}")
            journal.begin(job)
            journal.note(job)
            assert journal.claim(f"file-{number}-{n}", job)
            journal.settle([over(job, "done")])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(journal) == []
    assert len(journal._base.execute("select distinct job from claims").fetchall()) == 80
