"""The lines of the transfers panel: a job, or many jobs that were asked for together."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from files_tui import text
from files_tui.transfers.jobs import Batch, DeleteJob, DownloadJob, Job, UploadJob
from files_tui.transfers.words import ARROWS, speed_words

if TYPE_CHECKING:
    from files_tui.transfers.queue import TransferQueue

Row = Job | Batch
Room = Literal["slim", "usual", "roomy"]
"""How much of a line there is room for: where it is slim, the state gives way to the numbers of what moves."""

SHOWN = 500
FOLDED_FROM = 11
"""So many jobs of one batch are one line; of deletes, two are."""

BAR, SHORT_BAR = 10, 6
_STYLES = {"done": "green", "failed": "bold red", "unknown": "bold yellow", "cancelled": "dim", "retrying": "yellow"}
_WORDS = {"unknown": "unclear"}
_KINDS: dict[type[Job], str] = {UploadJob: "upload", DownloadJob: "download", DeleteJob: "delete"}


def rows_of(queue: TransferQueue, opened: Collection[Batch]) -> list[Row]:
    """The lines, newest first; a folded batch shows only what failed of it."""
    rows: list[Row] = []
    for batch in reversed(list(queue.batches)):
        jobs = [job for job in batch.jobs if job.batch is batch]
        if is_folded(batch):
            rows.append(batch)
            jobs = jobs if batch in opened else trouble_in(queue, batch)
        rows += jobs[: SHOWN - len(rows)]
        if len(rows) >= SHOWN:
            break
    return rows


def is_folded(batch: Batch) -> bool:
    """Whether a batch has a line of its own."""
    return len(batch.jobs) >= (2 if batch.kind is DeleteJob else FOLDED_FROM)


def trouble_in(queue: TransferQueue, batch: Batch) -> list[Job]:
    """Its jobs that failed or are unclear."""
    return [job for job in queue.troubled if job.batch is batch]


def mark_of(row: Row) -> tuple[object, ...] | None:
    """What a line depends on that does not move; None where something does."""
    if isinstance(row, Batch) or row.state in ("running", "retrying"):
        return None
    return row.state, row.message, row.batch is not None and is_folded(row.batch)


def cells_of(row: Row, room: Room) -> list[Text]:
    """Kind, state, numbers, bar and name of a line; where it is slim kind, state or numbers, and name.

    The numbers stand before the bar, since a line is painted from its beginning to what has changed.
    """
    kind, state, numbers, bar, name = _batch_cells(row, room) if isinstance(row, Batch) else _job_cells(row, room)
    if room == "slim":
        return [kind, numbers if bar or isinstance(row, Batch) else state, name]
    return [kind, state, numbers, bar, name]


def _batch_cells(batch: Batch, room: Room) -> list[Text]:
    over = batch.ended.total()
    trouble = batch.ended["failed"] + batch.ended["unknown"]
    state = "moving" if not batch.is_over else "ended" if trouble else "done"
    style = "bold red" if trouble else "green" if batch.is_over else ""
    shown = Text(f"{text.count(over)} of {text.count(len(batch.jobs))}")
    if trouble:
        shown.append(f", {text.count(trouble)} failed", "bold red")
    name = Text(text.plural(len(batch.jobs), _KINDS[batch.kind]), "bold", no_wrap=True)
    if batch.length:
        name.append(f"  {text.size(batch.length)}", "dim")
    bar = _bar(over, len(batch.jobs), room)
    return [Text(f" {ARROWS[batch.kind]}"), Text(state, style), shown, bar, name]


def _job_cells(job: Job, room: Room) -> list[Text]:
    where = ""
    match job:
        case UploadJob(purpose=purpose):
            where = f"as {text.safe(purpose, 30)}"
        case DownloadJob(target=target, saved_as=saved):
            where = f"→ {text.safe(text.path_of(saved or target), 80)}"
    nested = "  " if job.batch and is_folded(job.batch) else ""
    name = Text(f"{nested}{text.safe(job.title, 60)}", no_wrap=True)
    name.append(f"  {where}", "dim")
    moves = job.state == "running" and not (isinstance(job, DeleteJob) and not job.saves)
    bar = _bar(job.moved, job.total or 0, room) if moves else Text()
    state = Text(_WORDS.get(job.state, job.state), _STYLES.get(job.state, ""))
    return [Text(f" {ARROWS[type(job)]}"), state, _numbers(job, room, moves=moves), bar, name]


def _numbers(job: Job, room: Room, *, moves: bool) -> Text:
    if job.state == "retrying" and job.retry_at is not None:
        return Text(f"in {text.clock(max(0.0, job.retry_at - time.monotonic()) + 1)}: {job.message}")
    if job.state == "done" and not isinstance(job, DeleteJob):
        average = job.moved / job.seconds if job.seconds else None
        return Text(f"{text.size(job.moved)} in {text.clock(job.seconds)}, {speed_words(average)}")
    if not moves:
        return Text(job.message)
    if isinstance(job, UploadJob) and job.total and job.moved >= job.total:
        return Text(f"{text.size(job.total)} sent, no answer yet")
    of = f" of {text.size(job.total)}" if job.total is not None and room == "roomy" else ""
    speed = job.rate.speed if job.rate else None
    left = job.rate.left(job.moved, job.total) if job.rate else None
    if room == "slim" and job.total:
        return Text(f"{min(100, job.moved * 100 // job.total)} % · {text.clock(left)}")
    return Text(f"{text.size(job.moved)}{of} · {speed_words(speed)} · {text.clock(left)}")


def _bar(done: int, total: int, room: Room) -> Text:
    width = BAR if room == "roomy" else SHORT_BAR
    filled = min(width, done * width // total) if total else 0
    return Text("━" * filled, "green").append("─" * (width - filled), "dim")
