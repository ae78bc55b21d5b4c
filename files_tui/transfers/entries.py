"""Jobs as the journal keeps them: what is to be done, and how far it is."""

from __future__ import annotations

from pathlib import Path

import msgspec

from files_tui.api.models import File
from files_tui.text import Safe, Untrusted
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, LargeSession, SavingJob, UploadJob


class _Entry(msgspec.Struct, omit_defaults=True, kw_only=True):
    """`ended` and `message` tell how it ended, where it is kept only to be told of."""

    ended: str = ""
    message: str = ""


class _Upload(_Entry, tag="upload"):
    path: bytes
    purpose: str
    expires_after: int | None = None
    in_parts: bool = False
    size: int | None = None
    started: float | None = None
    sent: float | None = None
    known: list[str] = []
    session: LargeSession | None = None


class _Saving(_Entry):
    """A name on disk need not be Unicode, so that paths are bytes."""

    id: str
    filename: str = ""
    size: int | None = None
    created_at: int | None = None
    purpose: str = ""
    target: bytes = b""
    part: bytes = b""
    settling: bytes = b""
    saved_as: bytes = b""


class _Download(_Saving, tag="download"):
    replace: bool = False
    dated: bool = False


class _Delete(_Saving, tag="delete"):
    pass


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Upload | _Download | _Delete)


def entry_of(job: Job) -> bytes:
    """What is to be kept of a job."""
    entry: _Upload | _Saving
    match job:
        case UploadJob():
            entry = _Upload(
                path=packed(job.path),
                purpose=job.purpose,
                expires_after=job.expires_after,
                in_parts=job.in_parts,
                size=job.length or None,
                started=job.started,
                sent=job.sent,
                known=sorted(job.known),
                session=job.session,
            )
        case DownloadJob():
            entry = _Download(id=job.file.id.true, replace=job.replace, dated=job.dated, target=packed(job.target))
            _fill(entry, job)
        case DeleteJob():
            entry = _Delete(id=job.file.id.true, target=packed(job.copy) if job.copy else b"")
            _fill(entry, job)
        case _:
            raise TypeError(type(job))
    if job.state in ("failed", "unknown"):
        entry.ended, entry.message = job.state, job.message
    return _encoder.encode(entry)


def _fill(entry: _Saving, job: SavingJob) -> None:
    file = job.file
    entry.filename, entry.size, entry.purpose = file.filename.true, file.bytes, file.purpose.true
    entry.created_at = file.created_at
    entry.part, entry.settling, entry.saved_as = (
        packed(path) if path else b"" for path in (job.part, job.settling, job.saved_as)
    )


def job_of(content: bytes, number: int) -> Job | None:
    """A waiting job made of what was kept, None where that cannot be read."""
    try:
        entry = _decoder.decode(content)
    except msgspec.DecodeError:
        return None
    job: Job
    if isinstance(entry, _Upload):
        job = upload = UploadJob(unpacked(entry.path), entry.purpose, entry.expires_after, entry.in_parts, entry.size)
        upload.started, upload.sent, upload.known = entry.started, entry.sent, frozenset(entry.known)
        upload.session = entry.session
    else:
        file = File(
            id=Untrusted(entry.id),
            filename=Untrusted(entry.filename),
            bytes=entry.size,
            created_at=entry.created_at,
            purpose=Untrusted(entry.purpose),
        )
        saving: SavingJob
        if isinstance(entry, _Download):
            saving = DownloadJob(file, unpacked(entry.target), entry.replace, entry.dated)
        else:
            saving = DeleteJob(file, unpacked(entry.target) if entry.target else None)
        saving.part = unpacked(entry.part) if entry.part else None
        saving.settling = unpacked(entry.settling) if entry.settling else None
        saving.saved_as = unpacked(entry.saved_as) if entry.saved_as else None
        job = saving
    job.entry = number
    job.message = Safe(entry.message)
    return job


def packed(path: Path) -> bytes:
    """A path as it is kept."""
    # Not `os.fsencode`, which raises for a name that no file can have; the job is still to fail by that.
    return str(path).encode("utf-8", "surrogatepass")


def unpacked(name: bytes) -> Path:
    """A path that was kept."""
    return Path(name.decode("utf-8", "surrogatepass"))
