"""The transfers in a few words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from files_tui import text
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob

ARROWS: dict[type[Job], str] = {UploadJob: "↑", DownloadJob: "↓", DeleteJob: "✕"}


def moving_line(jobs: Sequence[Job]) -> Text:
    """What moves now: the name while it is one file, else numbers; with percent, speed and time left."""
    active = [job for job in jobs if not job.is_over]
    line = Text()
    if not active:
        failed = sum(job.state in ("failed", "unknown") and not job.seen for job in jobs)
        if failed:
            line.append(f"{failed} failed · t shows them", "bold red")
        return line
    if len(active) == 1:
        line.append(f"{ARROWS[type(active[0])]} {text.safe(active[0].title, 24)}")
    else:
        for kind, arrow in ARROWS.items():
            if number := sum(isinstance(job, kind) for job in active):
                line.append(f"{arrow} {number} ")
    moving = [job for job in active if not isinstance(job, DeleteJob)]
    if moving:
        line.append(f" {progress_words(moving)}")
    return line


def bytes_words(job: Job) -> str:
    """Bytes, speed and time left of one transfer."""
    of = f" of {text.size(job.total)}" if job.total is not None else ""
    speed = job.rate.speed
    left = text.clock(job.rate.left(job.moved, job.total))
    return f"{text.size(job.moved)}{of} · {text.size(int(speed)) if speed else '–'}/s · {left}"


def progress_words(jobs: Sequence[Job]) -> str:
    """Percent, speed and time left of one or more transfers together."""
    moved = sum(job.moved for job in jobs)
    totals = [job.total for job in jobs]
    total = None if None in totals else sum(each or 0 for each in totals)
    percent = f"{moved * 100 // total} %" if total else text.size(moved)
    speeds = [speed for job in jobs if (speed := job.rate.speed)]
    speed = sum(speeds)
    left = (total - moved) / speed if total is not None and speed else None
    return f"{percent} · {text.size(int(speed)) if speed else '–'}/s · {text.clock(left)}"
