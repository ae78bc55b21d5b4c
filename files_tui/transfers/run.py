"""Running one job to its end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection
from pathlib import Path

from files_tui.api.client import Content, FilesClient
from files_tui.api.errors import Aborted, ApiError, SourceChanged, UploadUnknown
from files_tui.text import Safe, one_line, safe, size
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, State, UploadJob
from files_tui.transfers.source import SourceError, source_size
from files_tui.transfers.target import TargetError, check_target, settle, temporary

# Content that some servers extract from the file, and that is therefore not as long as the file.
EXTRACTED = "file-extract"

Claim = Callable[[str], bool]
Twins = Callable[[str, int], Collection[str]]


class CutShort(Exception):
    """A body that ended before its announced length."""


def run(job: Job, client: FilesClient, twins: Twins, claim: Claim) -> None:
    """Do the job and write into it how it ended; raises nothing that a server, a disk or a person can cause.

    `twins` tells the known ids of files with a name and a size, so that none of them is taken for a lost upload;
    `claim` takes an id for one upload, and is False when another has it.
    """
    try:
        match job:
            case UploadJob():
                _upload(job, client, twins, claim)
            case DownloadJob():
                _download(job, client)
            case DeleteJob():
                _delete(job, client)
    except Aborted:
        _end(job, "cancelled", safe("cancelled"))
    except UploadUnknown as error:
        _end(job, "unknown", safe(str(error)), error.advice)
    except ApiError as error:
        _end(job, "failed", safe(str(error)), _advice(job, error))
    except (SourceError, SourceChanged, TargetError, CutShort) as error:
        _end(job, "failed", safe(str(error)))
    except OSError as error:
        words = one_line(error.strerror or str(error))
        _end(job, "failed", safe(f"{words}: {safe(str(error.filename or job.title), 100)}"))
    else:
        job.state = "done"


def _end(job: Job, state: State, message: Safe, advice: str = "") -> None:
    """The state comes last: a screen that finds the job over must find its message, too."""
    job.message, job.advice = message, advice
    job.state = state


def _upload(job: UploadJob, client: FilesClient, twins: Twins, claim: Claim) -> None:
    job.total = source_size(job.path)
    known = frozenset(twins(job.path.name, job.total))

    def moved(sent: int) -> None:
        job.moved = sent

    uploaded = client.upload(
        job.path,
        name=job.path.name,
        purpose=job.purpose,
        expires_after=job.expires_after,
        on_bytes=moved,
        claim=lambda file_id: file_id not in known and claim(file_id),
        abort=job.abort,
    ).value
    job.file = uploaded.file
    job.message = safe("the answer was lost, and the file was found on the server" if uploaded.found else "")


def _download(job: DownloadJob, client: FilesClient) -> None:
    job.total = job.file.bytes
    check_target(job.target, job.total)
    # The request comes first, so that a refused file leaves no trace in the folder.
    with client.content(job.file.id, abort=job.abort) as content, temporary(job.target) as (file, part):
        if content.length is not None:
            job.total = content.length
        for chunk in content.chunks:
            job.abort.check()
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
            job.moved += len(chunk)
        _check_length(job, content)
        os.fsync(file.fileno())
        job.saved_as = settle(part, job.target, replace=job.replace)
    _sync_folder(job.target.parent)


def _check_length(job: DownloadJob, content: Content) -> None:
    listed = job.file.bytes if job.file.purpose != EXTRACTED else None
    for announced in (content.length, listed):
        if announced is not None and job.moved < announced:
            raise CutShort(f"only {size(job.moved)} of {size(announced)} came: nothing was saved")
    if content.length is None and listed is None and not content.delimited:
        job.message = safe("the server did not say how long the file is: look whether it is whole")
    elif listed is not None and job.moved > listed:
        job.message = safe(f"{size(job.moved)} came, though the listing says {size(listed)}")


def _delete(job: DeleteJob, client: FilesClient) -> None:
    was_there = client.delete(job.file.id, abort=job.abort).value
    job.message = safe("deleted" if was_there else "already gone")


def _advice(job: Job, error: ApiError) -> str:
    if isinstance(job, DownloadJob) and "not allowed to download" in error.message.lower():
        return "The server gives out no content of this purpose; keep a copy of your own."
    return error.advice


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the file system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
