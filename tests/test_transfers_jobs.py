"""The life of a job, its lengths and titles, and the counters of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from files_tui.api.models import LARGEST_UPLOAD
from files_tui.transfers.jobs import Batch, DeleteJob, DownloadJob, Job, State, UploadJob
from tests.files import a_file
from tests.queues import deleting

STATES: Sequence[State] = get_args(State)

ALLOWED = {
    ("waiting", "running"),
    ("waiting", "cancelled"),
    ("running", "retrying"),
    ("running", "waiting"),
    ("running", "done"),
    ("running", "failed"),
    ("running", "unknown"),
    ("running", "cancelled"),
    ("retrying", "running"),
    ("retrying", "cancelled"),
    ("failed", "waiting"),
    ("unknown", "waiting"),
    ("cancelled", "waiting"),
}

ROADS: dict[State, list[State]] = {
    "waiting": [],
    "running": ["running"],
    "retrying": ["running", "retrying"],
    "done": ["running", "done"],
    "failed": ["running", "failed"],
    "unknown": ["running", "unknown"],
    "cancelled": ["cancelled"],
}


def job_in(state: State) -> Job:
    job = deleting("a")
    for step in ROADS[state]:
        job.enter(step)
    assert job.state == state
    return job


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_which_state_may_follow_which(before: State, after: State) -> None:
    job = job_in(before)
    if (before, after) in ALLOWED:
        job.enter(after)
        assert job.state == after
    else:
        with pytest.raises(ValueError, match=f"a job that is {before} cannot be {after}"):
            job.enter(after)
        assert job.state == before


@pytest.mark.parametrize("state", STATES)
def test_what_a_state_allows(state: State) -> None:
    job = job_in(state)
    assert job.is_over == (state in ("done", "failed", "unknown", "cancelled"))
    assert job.can_retry == (state in ("failed", "unknown", "cancelled"))


def test_each_run_has_a_switch_and_a_speed_of_its_own() -> None:
    one, other = deleting("a"), deleting("b")
    for job in (one, other):
        job.enter("running")
    assert one.abort is not other.abort
    began, switch, rate = one.began, one.abort, one.rate
    switch.cancel()
    one.enter("retrying")
    one.enter("running")
    assert not one.abort.cancelled
    assert not other.abort.cancelled
    assert one.rate is not rate
    assert one.began == began
    assert one.ended is None


def test_a_job_that_is_tried_again_begins_anew() -> None:
    job = job_in("failed")
    job.moved, job.tries, job.retry_at, job.seen = 7, 2, 3.0, True
    job.advice = "look"
    assert job.ended is not None
    assert job.seconds > 0
    job.enter("waiting")
    names = ("moved", "tries", "retry_at", "seen", "message", "advice", "began", "ended", "rate", "seconds")
    assert [getattr(job, name) for name in names] == [0, 0, None, False, "", "", None, None, None, 0]


def test_a_delete_that_goes_to_the_other_line_has_not_begun_anew() -> None:
    job = job_in("running")
    job.moved, job.tries, began = 7, 2, job.began
    job.enter("waiting")
    assert (job.moved, job.tries, job.began, job.ended) == (7, 2, began, None)


def test_the_time_of_a_job_stops_at_its_end() -> None:
    job = job_in("done")
    assert job.seconds == job.seconds > 0
    running = job_in("running")
    first = running.seconds
    assert running.seconds > first


def test_jobs_have_titles_and_numbers(tmp_path: Path) -> None:
    upload = UploadJob(tmp_path / "a\x1b.txt", "batch")
    download = DownloadJob(a_file(id="f\n1"), tmp_path / "x")
    named = DeleteJob(a_file(id="f", filename="b\x07.md"))
    assert (upload.title, download.title, named.title) == ("a␛.txt", "f␊1", "b␇.md")
    assert upload.number < download.number < named.number


def test_how_much_a_job_moves(tmp_path: Path) -> None:
    file = a_file(id="f", bytes=50)
    upload = UploadJob(tmp_path / "a", "batch")
    assert upload.length == 0
    assert UploadJob(tmp_path / "a", "batch", size=9).length == 9
    upload.total = 8
    assert upload.length == 8
    download = DownloadJob(file, tmp_path / "x")
    assert download.length == 50
    download.total = 60
    assert download.length == 60
    assert DownloadJob(a_file(id="f"), tmp_path / "x").length == 0
    assert DeleteJob(file).length == 0
    assert DeleteJob(file, tmp_path / "x").length == 50


def test_which_deletes_save_first(tmp_path: Path) -> None:
    job = DeleteJob(a_file(id="f"), tmp_path / "x")
    assert job.saves
    job.saved_as = tmp_path / "x (1)"
    assert not job.saves
    assert not DeleteJob(a_file(id="f")).saves


@pytest.mark.parametrize(
    ("total", "in_parts", "goes"),
    [
        (None, False, False),
        (LARGEST_UPLOAD, False, False),
        (LARGEST_UPLOAD + 1, False, True),
        (None, True, True),
        (1, True, True),
    ],
)
def test_which_uploads_go_in_parts(total: int | None, in_parts: bool, goes: bool) -> None:
    job = UploadJob(Path("a"), "batch", in_parts=in_parts)
    job.total = total
    assert job.goes_in_parts == goes


def test_a_batch_counts_its_jobs(tmp_path: Path) -> None:
    jobs = [DownloadJob(a_file(id=f"f{n}", bytes=n), tmp_path / str(n)) for n in (1, 2, 4)]
    batch = Batch(jobs)
    assert (batch.kind, batch.length, batch.over, batch.is_over) == (DownloadJob, 7, 0, False)
    assert [job.planned for job in jobs] == [1, 2, 4]
    assert all(job.batch is batch for job in jobs)
    batch.ended.update(["done", "failed"])
    assert not batch.is_over
    batch.ended.update(["failed"])
    assert batch.is_over
