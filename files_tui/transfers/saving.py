"""Saving a remote file so that nothing is lost: a temporary file beside the target, renamed when it is whole."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from files_tui.api.client import Content
from files_tui.api.errors import ApiError
from files_tui.api.models import File
from files_tui.text import size
from files_tui.transfers.jobs import SavingJob
from files_tui.transfers.target import check_target, is_settled, part_beside, settle, sync_folder
from files_tui.transfers.tools import Tools

# Content that some servers extract from the file, and that is therefore not as long as the file.
EXTRACTED = "file-extract"
EXTRACTED_WORDS = "the server gives out text that it took from it"

OVERLAP = 4096
"""So many bytes that are there already are asked for again, to see that the rest belongs to them."""

PROGRESS = 1 << 20
"""A try that gets so many bytes further than all before it does not count as one that failed."""


class CutShort(Exception):
    """A body that ended before its announced length, or that may have."""


class _OtherContent(Exception):
    """The server's bytes are not those that are there already."""


def save(job: SavingJob, target: Path, tools: Tools, *, replace: bool, dated: bool, surely: bool = False) -> str:
    """Bring the file of a job to its target, or beside what is there, and note in the job where; gives a remark.

    With `surely`, nothing is saved when nobody can tell whether it is whole. What an earlier try has left in `job.part`
    is gone on with, where the server sends parts of files. Raises `CutShort`, `TargetError`, `ApiError`, `Aborted` and
    `OSError`.
    """
    listed = _listed(job.file)
    job.total = job.file.bytes
    if job.part and job.settling and is_settled(job.part, job.settling, listed):
        job.saved_as, job.moved = job.settling, job.total or 0
        job.part = job.settling = None
        return ""
    there = _size(job.part)
    if not there:
        job.furthest = 0
    check_target(target, None if job.total is None else max(0, job.total - there))
    start = max(0, min(there, there if listed is None else listed) - OVERLAP)
    try:
        remark = _fetch(job, target, tools, start)
    except _OtherContent:
        remark = _fetch(job, target, tools, 0)
    except ApiError as error:
        if start and error.status in (206, 416):  # 206 where the part is none that was asked for
            remark = _fetch(job, target, tools, 0)
        else:
            if job.moved >= job.furthest + PROGRESS:
                job.tries = 0
            job.furthest = max(job.furthest, job.moved)
            raise
    if surely and (why := remark or (EXTRACTED_WORDS if job.file.purpose == EXTRACTED else "")):
        raise CutShort(f"it is not certain that the copy is the file ({why}): nothing was saved")
    assert job.part is not None

    def about_to(name: Path) -> None:
        job.settling = name
        tools.journal.note(job)

    if dated and job.file.created_at is not None:
        with contextlib.suppress(OSError, OverflowError):  # a time or a file system that cannot be
            os.utime(job.part, (time.time(), job.file.created_at))
    job.saved_as = settle(job.part, target, replace=replace, about_to=about_to)
    job.part = job.settling = None
    sync_folder(target.parent)
    return remark


def _size(part: Path | None) -> int:
    try:
        return part.stat().st_size if part else 0
    except OSError:
        return 0


def _fetch(job: SavingJob, target: Path, tools: Tools, start: int) -> str:
    # The request comes first, so that a refused file leaves no trace in the folder.
    with (
        tools.client.content(job.file.id.true, start=start, retry=False, abort=job.abort) as content,
        _part(job, target, tools) as file,
    ):
        if content.length is not None:
            job.total = content.length
        job.moved = content.start
        chunks = content.chunks
        if content.start:
            _compare(file, content.start, chunks, job, tools)
        else:
            file.truncate(0)
        for chunk in chunks:
            job.abort.check()
            _write(file, chunk)
            job.moved += len(chunk)
            tools.meter.add(len(chunk))
        try:
            remark = remark_on(job.file, content, job.moved)
        except CutShort as error:
            raise CutShort(f"{error}: nothing was saved") from None
        os.fsync(file.fileno())
        return remark


def _part(job: SavingJob, target: Path, tools: Tools) -> FileIO:
    """The temporary file, noted before it is made."""
    if job.part is not None and job.part.exists():
        return FileIO(job.part, "r+b")
    job.part = part_beside(target)
    tools.journal.note(job)
    return FileIO(job.part, "xb")


def _compare(file: FileIO, start: int, chunks: Iterator[bytes], job: SavingJob, tools: Tools) -> None:
    """Go past the bytes that are there already; raises `_OtherContent` where the server sends others."""
    file.seek(start)
    there = file.read(OVERLAP)
    came = b""
    while len(came) < len(there) and (chunk := next(chunks, b"")):
        came += chunk
    if came[: len(there)] != there[: len(came)]:
        raise _OtherContent
    file.seek(start)
    file.truncate()
    _write(file, came)
    job.moved += len(came)
    tools.meter.add(len(came))


def _write(file: FileIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]


def _listed(file: File) -> int | None:
    return file.bytes if file.purpose != EXTRACTED else None


def remark_on(file: File, content: Content, came: int) -> str:
    """What to say of `came` bytes of a file; raises `CutShort` where they cannot be all."""
    listed = _listed(file)
    for announced in (content.length, listed):
        if announced is not None and came < announced:
            raise CutShort(f"only {size(came)} of {size(announced)} came")
    if content.length is None and listed is None and not content.delimited:
        return "the server did not say how long the file is: look whether it is whole"
    if content.is_page and not file.filename.true.lower().endswith((".html", ".htm")):
        return "it came as a web page: look whether it is the file"
    if listed is not None and came > listed:
        return f"{size(came)} came, though the listing says {size(listed)}"
    return ""
