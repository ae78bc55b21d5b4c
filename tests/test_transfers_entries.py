"""What the journal keeps of a job, and gives back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from files_tui.text import safe
from files_tui.transfers.entries import entry_of, job_of
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, LargeSession, SavingJob, UploadJob
from tests.files import a_file

NAMES = ["a.txt", "with space", "會\n🎉", os.fsdecode(b"caf\xe9 \xff"), "lone \ud800", "a\0b"]
FILE = a_file(id="file-1", filename="a.txt", bytes=5, created_at=1_700_000_000, purpose="batch")


def fields(job: Job) -> dict[str, Any]:
    """All that is to be kept."""
    names = (
        *("path", "purpose", "expires_after", "in_parts", "started", "sent", "known", "session"),
        *("target", "replace", "dated", "copy", "part", "settling", "saved_as", "file"),
    )
    return {name: getattr(job, name) for name in names if hasattr(job, name)}


def round_trip(job: Job) -> Job:
    """The job as the next program has it."""
    again = job_of(entry_of(job), 7)
    assert again is not None
    assert type(again) is type(job)
    assert (again.state, again.entry, again.batch) == ("waiting", 7, None)
    assert fields(again) == fields(job)
    assert again.length == job.length
    assert again.title == job.title
    return again


@pytest.mark.parametrize("name", NAMES)
def test_an_upload(name: str) -> None:
    round_trip(UploadJob(Path("/x") / name, "fine-tune"))
    job = UploadJob(Path("/x") / name, "batch", expires_after=3_600, in_parts=True, size=9)
    job.started, job.sent, job.known = 12.25, 13.5, frozenset(("b", "a"))
    job.session = LargeSession("upload_1", 99.5, (9, 2**60), {0: "part_0", 3: "part_3"})
    round_trip(job)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [DownloadJob, DeleteJob])
def test_what_saves(name: str, kind: type[SavingJob]) -> None:
    place = Path("/y") / name
    job: SavingJob
    if kind is DownloadJob:
        round_trip(DownloadJob(FILE, place))
        job = DownloadJob(FILE, place, replace=True, dated=True)
    else:
        round_trip(DeleteJob(FILE))
        job = DeleteJob(FILE, place)
    round_trip(job)
    job.part, job.settling = place.with_suffix(".part"), place
    round_trip(job)
    job.part, job.settling, job.saved_as = None, None, place
    round_trip(job)


def test_a_file_of_which_little_is_known() -> None:
    round_trip(DownloadJob(a_file(id="f"), Path("x")))
    round_trip(DeleteJob(a_file(id="f", bytes=0, created_at=0)))


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_is_kept_only_to_be_told_of_keeps_its_message(state: Any) -> None:
    job = UploadJob(Path("a"), "batch")
    job.enter("running")
    job.message = safe("why\x1b")
    assert round_trip(job).message == ""
    job.enter(state)
    assert round_trip(job).message == "why␛"


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x81\xa4type\xa7teleport", entry_of(DeleteJob(FILE))[:-1]])
def test_what_cannot_be_read_is_no_job(content: bytes) -> None:
    assert job_of(content, 1) is None


def test_an_unknown_kind_of_job_is_an_error_of_our_own() -> None:
    with pytest.raises(TypeError):
        entry_of(Job())
