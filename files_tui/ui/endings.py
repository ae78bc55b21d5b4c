"""How jobs that were asked for together have ended, in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from files_tui import text
from files_tui.transfers.jobs import Batch, DeleteJob, DownloadJob, Job, SavingJob, State, UploadJob
from files_tui.ui.folder import short_path
from files_tui.ui.notices import Keys


class Ending(NamedTuple):
    """A toast; `is_trouble` when not all went well."""

    title: str
    words: str
    is_trouble: bool


def ending_of(batch: Batch, keys: Keys) -> Ending | None:
    """What to say of a batch that is over; None where the person has cancelled all of it."""
    trouble = batch.ended["failed"] + batch.ended["unknown"]
    if not trouble and not batch.ended["done"]:
        return None
    if len(batch.jobs) == 1:
        return _of_one(batch.jobs[0])
    parts = []
    if done := batch.ended["done"]:
        parts.append(_done(batch, done))
    parts += [f"{text.count(batch.ended[state])} {word}" for state, word in _WORDS.items() if batch.ended[state]]
    return Ending(
        _TITLES[batch.kind] + (" ended" if not trouble else " ended with failures"),
        ", ".join(parts) + (f": {keys('show.transfers')} shows them" if trouble else ""),
        bool(trouble),
    )


_WORDS: dict[State, str] = {"failed": "failed", "unknown": "unclear", "cancelled": "cancelled"}
_TITLES: dict[type[Job], str] = {UploadJob: "Uploads", DownloadJob: "Downloads", DeleteJob: "Deletes"}


def _of_one(job: Job) -> Ending:
    note = f"\n{job.message}" if job.message else ""
    match job:
        case Job(state="failed" | "unknown"):
            title = {UploadJob: "Upload", DownloadJob: "Download", DeleteJob: "Delete"}[type(job)]
            how = "unclear" if job.state == "unknown" else "failed"
            return Ending(f"{title} {how}", f"{text.safe(job.title, 60)}: {job.message}\n{job.advice}".rstrip(), True)
        case UploadJob(file=file) if file:
            return Ending("Uploaded", f"{text.safe(job.title, 60)} is {text.safe(file.id)}{note}", False)
        case DownloadJob(saved_as=path) if path:
            return Ending("Saved", f"{text.path_of(path)}{note}", False)
        case DeleteJob(saved_as=path) if path:
            return Ending("Deleted", f"{text.safe(job.title, 60)}; a copy is {text.path_of(path)}", False)
    how = ": already gone" if job.message == "already gone" else ""
    return Ending("Deleted", f"{text.safe(job.title, 60)}{how}", False)


def _done(batch: Batch, done: int) -> str:
    if batch.kind is UploadJob:
        return f"{text.plural(done, 'file')} uploaded"
    if batch.kind is DownloadJob:
        return f"{text.plural(done, 'file')} saved in {_folder(batch.jobs)}"
    gone = sum(job.message == "already gone" for job in batch.jobs)
    words = f"{text.plural(done, 'file')} deleted"
    words += f" ({text.count(gone)} gone already)" if gone else ""
    return words + (f", copies in {_folder(batch.jobs)}" if any(_saved(job) for job in batch.jobs) else "")


def _saved(job: Job) -> bool:
    return isinstance(job, SavingJob) and job.saved_as is not None


def _folder(jobs: Sequence[Job]) -> str:
    saved = [job.saved_as.parent for job in jobs if isinstance(job, SavingJob) and job.saved_as]
    return text.safe(short_path(saved[0]), 60)
