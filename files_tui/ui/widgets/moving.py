"""The transfers in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from files_tui import text
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob

if TYPE_CHECKING:
    from files_tui.transfers.queue import Progress

ARROWS: dict[type[Job], str] = {UploadJob: "↑", DownloadJob: "↓", DeleteJob: "✕"}


def moving_line(progress: Progress | None) -> Text:
    """What moves now: the name while it is one file, else numbers; with percent, speed and time left."""
    line = Text()
    if progress is None:
        return line
    active = +progress.active
    if not active:
        if progress.failed:
            line.append(f"{progress.failed} failed · t shows them", "bold red")
        return line
    if active.total() == len(progress.running) == 1:
        job = progress.running[0]
        line.append(f"{ARROWS[type(job)]} {text.safe(job.title, 24)}")
    else:
        line.append(" ".join(f"{arrow} {text.count(active[kind])}" for kind, arrow in ARROWS.items() if active[kind]))
    if progress.total is None or progress.total:
        line.append(f" · {_how_far(progress)} · {speed_words(progress.speed)} · {text.clock(progress.left)}")
    return line


def _how_far(progress: Progress) -> str:
    if not progress.total:
        return text.size(progress.moved)
    return f"{min(100, progress.moved * 100 // progress.total)} %"


def speed_words(speed: float | None) -> str:
    """Bytes a second."""
    return f"{text.size(int(speed)) if speed and speed > 0 else '–'}/s"
