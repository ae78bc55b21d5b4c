"""Transfers: what moves, what has ended and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from files_tui import text
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.list_table import ListTable
from files_tui.ui.widgets.moving import ARROWS, bytes_words

if TYPE_CHECKING:
    from files_tui.transfers.queue import TransferQueue

SHOWN = 500
TICK = 0.4
_STYLES = {"done": "green", "failed": "bold red", "unknown": "bold yellow", "cancelled": "dim"}
BAR = 10
NARROW_PROGRESS = 42
ROOMY = 100


class TransfersScreen(Dialog[None]):
    """Newest first; a running job shows its progress and can be cancelled, a failed one tried again."""

    CSS_PATH = ["dialog.tcss", "transfers.tcss"]

    BINDINGS = [
        Binding("escape,q,t", "leave", "Close", id="transfers.close"),
        Binding("x,delete", "cancel", "Cancel this one", id="transfers.cancel"),
        Binding("r", "retry", "Try this one again", id="transfers.retry"),
    ]

    def __init__(self, queue: TransferQueue) -> None:
        super().__init__()
        self._queue = queue
        self._jobs: list[Job] = []

    def compose(self) -> ComposeResult:
        yield Static("Transfers", classes="title")
        yield ListTable()
        yield Static("", id="transfer-note", markup=False)
        yield Static("x cancels · r tries again · esc closes, transfers go on", classes="hint", markup=False)

    def on_mount(self) -> None:
        table = self.query_one(ListTable)
        table.add_column("", key="kind", width=3)
        table.add_column("State", key="state", width=11)
        table.add_column("Progress", key="progress", width=NARROW_PROGRESS + (BAR + 1 if self._has_bar else 0))
        table.add_column("File", key="file")
        self._fill()
        self.set_interval(TICK, self._fill)

    @property
    def _has_bar(self) -> bool:
        return self.app.size.width >= ROOMY

    @property
    def _current(self) -> Job | None:
        row = self.query_one(ListTable).cursor_row
        return self._jobs[row] if 0 <= row < len(self._jobs) else None

    def _fill(self) -> None:
        table = self.query_one(ListTable)
        jobs = self._queue.jobs[-SHOWN:][::-1]
        for job in jobs:
            job.seen = job.is_over
        if jobs != self._jobs:
            kept = self._current
            self._jobs = jobs
            table.clear()
            for job in jobs:
                table.add_row(*_cells(job, bar=self._has_bar), key=str(job.number))
            if kept in jobs:
                table.move_cursor(row=jobs.index(kept))
        else:
            for row, job in enumerate(jobs):
                self._update_row(table, row, job)
        current = self._current
        note = f"{current.message} {current.advice}".strip() if current else "Nothing has moved yet."
        shown = self.query_one("#transfer-note", Static)
        if shown.content != note:
            shown.update(note)

    def _update_row(self, table: ListTable, row: int, job: Job) -> None:
        """Only what changed is painted."""
        for column, value in enumerate(_cells(job, bar=self._has_bar)):
            if table.get_cell_at((row, column)) != value:  # type: ignore[arg-type]
                table.update_cell_at((row, column), value)  # type: ignore[arg-type]

    def action_cancel(self) -> None:
        """End the job under the cursor."""
        if job := self._current:
            self._queue.cancel(job)
            self._fill()

    def action_retry(self) -> None:
        """Try the job under the cursor again."""
        job = self._current
        if job and not self._queue.retry(job) and job.state == "unknown":
            self.notify("It may have arrived: look for it in the list first.", severity="warning", markup=False)
        self._fill()


def _cells(job: Job, *, bar: bool) -> list[Text]:
    where = ""
    match job:
        case UploadJob(purpose=purpose):
            where = f"as {text.safe(purpose, 30)}"
        case DownloadJob(target=target, saved_as=saved):
            where = f"→ {text.safe(str(saved or target), 80)}"
    name = Text(text.safe(job.title, 60), no_wrap=True)
    name.append(f"  {where}", "dim")
    return [Text(ARROWS[type(job)]), Text(job.state, _STYLES.get(job.state, "")), _progress(job, bar=bar), name]


def _progress(job: Job, *, bar: bool) -> Text:
    if isinstance(job, DeleteJob) or job.state in ("waiting", "failed", "unknown", "cancelled"):
        return Text(job.message, no_wrap=True, overflow="ellipsis")
    if job.state == "done":
        speed = f", {text.size(int(job.moved / job.seconds))}/s" if job.seconds else ""
        return Text(f"{text.size(job.moved)} in {text.clock(job.seconds)}{speed}", no_wrap=True, overflow="ellipsis")
    shown = Text(no_wrap=True, overflow="ellipsis")
    if bar:
        filled = min(BAR, job.moved * BAR // job.total if job.total else 0)
        shown.append("━" * filled, "green").append("─" * (BAR - filled), "dim").append(" ")
    return shown.append(bytes_words(job))
