"""What moves, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from files_tui import text
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob

if TYPE_CHECKING:
    from files_tui.transfers.queue import Progress

ARROWS: dict[type[Job], str] = {UploadJob: "↑", DownloadJob: "↓", DeleteJob: "✕"}


def moving_words(progress: Progress) -> str:
    """The name while it is one file, else numbers; with percent, speed and time left. Empty when nothing moves."""
    active = +progress.active
    if not active:
        return ""
    if active.total() == len(progress.running) == 1:
        job = progress.running[0]
        words = f"{ARROWS[type(job)]} {text.safe(job.title, 24)}"
    else:
        words = " ".join(f"{arrow} {text.count(active[kind])}" for kind, arrow in ARROWS.items() if active[kind])
    if progress.total is None or progress.total:
        words += f" · {_how_far(progress)} · {speed_words(progress.speed)} · {text.clock(progress.left)}"
    return words


def _how_far(progress: Progress) -> str:
    if not progress.total:
        return text.size(progress.moved)
    return f"{min(100, progress.moved * 100 // progress.total)} %"


def speed_words(speed: float | None) -> str:
    """Bytes a second."""
    return f"{text.size(int(speed)) if speed and speed > 0 else '–'}/s"
