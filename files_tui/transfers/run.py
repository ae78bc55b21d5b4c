"""Running one job to its end, or to its next try."""

from __future__ import annotations

import contextlib
import time

from files_tui.api.errors import (
    Aborted,
    ApiError,
    ConnectionFailed,
    RateLimited,
    SourceChanged,
    UploadUnknown,
)
from files_tui.api.lost import Lost
from files_tui.api.models import NOTHING, File
from files_tui.catalog.capabilities import Ability, gives_out_none, has_no_such, is_plain
from files_tui.text import Safe, one_line, safe, size
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, SavingJob, UploadJob
from files_tui.transfers.journal import JournalFailed
from files_tui.transfers.large import is_alive, upload_in_parts
from files_tui.transfers.originals import Original, sentence_of, state_of
from files_tui.transfers.saving import CutShort, save
from files_tui.transfers.source import SourceError, source_size
from files_tui.transfers.target import TargetError
from files_tui.transfers.tools import Outcome, Tools, Twins, is_throttled, pause_before_retry

__all__ = ["CANCELLED", "Outcome", "Tools", "Twins", "run"]

CANCELLED = Outcome("cancelled", Safe("cancelled"))

_FOUND = "the answer was lost, and the file was found on the server"


def run(job: Job, tools: Tools) -> Outcome:
    """Do the job and tell how that ended; raises nothing that a server, a disk or a person can cause."""
    try:
        tools.journal.begin(job)
        match job:
            case UploadJob():
                words = _upload(job, tools)
                _remember(job, tools)
                return Outcome("done", safe(words))
            case DownloadJob():
                words = save(job, job.target, tools, replace=job.replace, dated=job.dated)
                tools.worked.add(("content", job.file.purpose))
                return Outcome("done", safe(words))
            case DeleteJob():
                return _delete(job, tools)
        raise TypeError(type(job))
    except Aborted:
        if tools.remembers:
            return Outcome("waiting")
        tools.give_up(job)
        if isinstance(job, UploadJob) and job.sent is not None:
            return Outcome("cancelled", Safe("cancelled, but all of it was sent: it may be in the list"))
        if isinstance(job, DeleteJob) and not job.saves:
            return Outcome("cancelled", Safe("cancelled, but the server may have done it: the list tells"))
        return CANCELLED
    except UploadUnknown as error:
        return Outcome("unknown", safe(str(error)), error.advice)
    except ApiError as error:
        return _failed(job, tools, error)
    except (SourceError, SourceChanged, TargetError, CutShort) as error:
        tools.give_up(job)
        return Outcome("failed", safe(str(error)))
    except OSError as error:
        tools.give_up(job)
        words = one_line(error.strerror or str(error))
        return Outcome("failed", safe(f"{words}: {safe(str(error.filename or job.title), 100)}"))


def _failed(job: Job, tools: Tools, error: ApiError) -> Outcome:
    """Try it again where that may help and does nothing twice."""
    repeatable = not isinstance(job, UploadJob) or isinstance(error, RateLimited) or not error.reached_server
    wait = pause_before_retry(error, job.tries) if repeatable else None
    if wait is not None:
        job.tries += 1
        return Outcome("retrying", safe(str(error)), error.advice, wait, wait if is_throttled(error) else None)
    if isinstance(job, SavingJob) or (error.status is not None and error.status < 500):
        tools.give_up(job)
    message, advice = safe(str(error)), error.advice
    if isinstance(job, DeleteJob) and job.saves:
        message = safe(f"kept, since no copy could be made: {message}")
    if isinstance(job, SavingJob) and (lack := _lack(job, error)):
        about = (lack, job.file.purpose if lack == "content" else NOTHING)
        if about not in tools.worked and is_plain(job.file.id):
            tools.on_lack(*about)
        if lack == "content":
            advice = f"The server gives out no content of this purpose{_original_words(job, tools)}"
    return Outcome("failed", message, advice)


def _original_words(job: SavingJob, tools: Tools) -> str:
    with contextlib.suppress(JournalFailed, Aborted):
        if original := tools.journal.original_of(job.file.id.true):
            return f". {sentence_of(original, state_of(original, job.abort))}"
    return "; keep a copy of your own."


def _lack(job: SavingJob, error: ApiError) -> Ability | None:
    """What the server turned out not to do, for whichever file (API reference, "Content", "Servers that speak it")."""
    is_delete = isinstance(job, DeleteJob) and not job.saves
    if is_delete:
        return "delete" if has_no_such(error) else None
    return "content" if gives_out_none(error) else None


def _upload(job: UploadJob, tools: Tools) -> str:
    job.total = source_size(job.path)
    if job.goes_in_parts:
        if job.sent is not None and (file := _joined(job, tools)):
            job.file = file
            return _FOUND
        job.file = upload_in_parts(job, tools)
        return _remark_on(job, job.file)
    if job.sent is not None and (file := _arrived(job, tools)):
        job.file = file
        return _FOUND
    job.known = frozenset(tools.twins(job.path.name, job.total))
    job.started, job.sent = time.time(), None
    tools.journal.note(job, durably=True)

    def moved(sent: int) -> None:
        tools.meter.add(sent - job.moved)
        job.moved = sent

    def sent() -> None:
        job.sent = time.time()
        tools.journal.note(job, durably=True)

    job.moved = 0
    try:
        uploaded = tools.client.upload(
            job.path,
            name=job.path.name,
            purpose=job.purpose,
            expires_after=job.expires_after,
            on_bytes=moved,
            on_sent=sent,
            claim=lambda file_id: tools.claim(job, file_id),
            is_contested=lambda file_ids: tools.is_contested(job, file_ids),
            retry=False,
            abort=job.abort,
        ).value
    except UploadUnknown:
        raise
    except ApiError:
        job.started = job.sent = None  # it is certain that it did not arrive
        tools.journal.note(job)
        raise
    job.file, job.original = uploaded.file, Original(job.path, uploaded.stamp, uploaded.digest)
    return _FOUND if uploaded.found else _remark_on(job, job.file)


def _remark_on(job: UploadJob, file: File) -> str:
    """What to say of an uploaded file that is not what was asked for; nothing of one that is."""
    if file.bytes not in (None, 0, job.total):
        return f"the server says that it has {size(file.bytes)} of {size(job.total)}"
    if file.kind == "failed":
        why = f": {one_line(file.status_details, 200)}" if file.status_details else ""
        return f"it arrived, and the server calls it failed{why}"
    if job.expires_after is not None and file.expires_at is None:
        return "the server names no time at which it expires: it may stay for ever"
    return ""


def _remember(job: UploadJob, tools: Tools) -> None:
    """Keep what the file was made from; where an earlier run has sent it, only if it was not written to since."""
    if job.original is None and job.started is not None:
        with contextlib.suppress(OSError):
            info = job.path.stat()
            if info.st_mtime < job.started and info.st_size == job.total:
                job.original = Original(job.path, (info.st_size, info.st_mtime_ns), None)
    if job.file is not None and job.original is not None:
        with contextlib.suppress(JournalFailed):  # the upload is done all the same
            tools.journal.remember(job.file.id.true, job.original)


def _joined(job: UploadJob, tools: Tools) -> File | None:
    """What a large upload has become, None when its parts may be joined, which makes no second file in one session."""
    try:
        file = _arrived(job, tools)
    except UploadUnknown:
        if is_alive(job.session):
            return None
        raise
    if file is None:
        job.sent = None  # so that a refusal from now on is final
    return file


def _arrived(job: UploadJob, tools: Tools) -> File | None:
    """What an earlier try has made, None when it certainly made nothing; raises `UploadUnknown`."""
    assert job.started is not None
    lost = Lost(
        name=job.path.name,
        size=job.total or 0,
        purpose=job.purpose,
        started=job.started,
        sent=job.sent,
        claim=lambda file_id: tools.claim(job, file_id),
        error=ConnectionFailed("the program or the connection ended before it came"),
        is_contested=lambda file_ids: tools.is_contested(job, file_ids),
    )
    return tools.client.look_for(lost, job.abort)


def _delete(job: DeleteJob, tools: Tools) -> Outcome:
    if job.saved_as is not None and not job.saved_as.is_file():
        job.saved_as = None  # the copy was taken away since: it is made again
    if job.saves:
        assert job.copy is not None
        words = save(job, job.copy, tools, replace=False, dated=True, surely=True)
        tools.journal.note(job, durably=True)
        return Outcome("waiting", safe(words))
    was_there = tools.client.delete(job.file.id.true, retry=False, abort=job.abort).value
    tools.worked.add(("delete", NOTHING))
    return Outcome("done", Safe("deleted" if was_there else "already gone"))
