"""Transfers: what moves, what has ended and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from files_tui import text
from files_tui.transfers.jobs import Batch, DeleteJob, DownloadJob, Job, SavingJob, UploadJob
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.transfer_rows import Row, rows_of, trouble_in
from files_tui.ui.widgets.job_list import JobList

if TYPE_CHECKING:
    from files_tui.transfers.queue import TransferQueue

TICK = 0.4


class TransfersScreen(Dialog[None]):
    """Newest first. Many jobs that were asked for together are one line, which Enter opens.

    `copy` puts a text on the person's clipboard and says what it was.
    """

    CSS_PATH = ["dialog.tcss", "transfers.tcss"]

    BINDINGS = [
        Binding("escape,q,t", "leave", "Close", id="transfers.close"),
        Binding("enter", "open", "Open or fold", id="transfers.open", tooltip="Show each file of this line, or not"),
        Binding("x,delete", "cancel", "Cancel this", id="transfers.cancel"),
        Binding("X", "cancel_all", "Cancel all", id="transfers.cancel-all"),
        Binding("r", "retry", "Try this again", id="transfers.retry"),
        Binding("R", "retry_all", "Try all that failed again", id="transfers.retry-all"),
        Binding("c", "clear", "Clear what has ended", id="transfers.clear"),
        Binding("y", "copy_folder", "Copy the folder", id="transfers.folder", tooltip="Copy the path of its folder"),
    ]

    def __init__(self, queue: TransferQueue, copy: Callable[[str, str], None]) -> None:
        super().__init__()
        self._queue = queue
        self._copy = copy
        self._open: set[Batch] = set()

    def compose(self) -> ComposeResult:
        yield Static("Transfers", classes="title")
        yield JobList()
        yield Static("", id="transfer-note", markup=False)
        yield Static(
            self.hint(
                "{transfers.close} close · {transfers.cancel} {transfers.cancel-all} cancel this, all · "
                "{transfers.retry} {transfers.retry-all} try again · {transfers.clear} clear · "
                "{transfers.folder} folder · {transfers.open} open"
            ),
            classes="hint",
            markup=False,
        )

    def on_mount(self) -> None:
        self._fill()
        self.set_interval(TICK, self._fill)

    @property
    def _list(self) -> JobList:
        return self.query_one(JobList)

    def _fill(self) -> None:
        self._queue.progress()  # reads the counters that speeds are made of
        for job in self._queue.troubled:
            job.seen = True
        self._list.show(rows_of(self._queue, self._open))
        pause = self._queue.pause_left
        title = f"Transfers · waiting to try again: {text.clock(pause + 1)}" if pause else "Transfers"
        heading = self.query_one(".title", Static)
        if heading.content != title:
            heading.update(title, layout=False)
        note = Text(self._note(self._list.current))
        shown = self.query_one("#transfer-note", Static)
        if shown.content != note:
            shown.update(note, layout=False)

    @property
    def _chosen(self) -> list[Job]:
        row = self._list.current
        return [] if row is None else row.jobs if isinstance(row, Batch) else [row]

    @on(JobList.Moved)
    def _moved(self) -> None:
        self._fill()

    @on(JobList.Chosen)
    def action_open(self) -> None:
        """Show each file of a line, or fold them up again."""
        row = self._list.current
        batch = row if isinstance(row, Batch) else row.batch if row is not None else None
        if batch is not None:
            self._open ^= {batch}
            self._fill()

    def action_cancel(self) -> None:
        """End what the cursor is on."""
        self._queue.cancel(self._chosen)
        self._fill()

    def action_cancel_all(self) -> None:
        """End everything."""
        self._queue.cancel(self._queue.jobs)
        self._fill()

    def action_retry(self) -> None:
        """Try what the cursor is on again; an unclear upload is looked for."""
        row = self._list.current
        self._queue.retry(trouble_in(self._queue, row) if isinstance(row, Batch) else self._chosen)
        self._fill()

    def action_retry_all(self) -> None:
        """Try again whatever failed."""
        self._queue.retry_each(self._queue.troubled)
        self._fill()

    def action_clear(self) -> None:
        """Forget what has ended."""
        self._queue.clear()
        self._fill()

    def action_copy_folder(self) -> None:
        """Copy the path of the folder that a file is in, or goes to."""
        for job in self._chosen[:1]:
            folder = None
            match job:
                case UploadJob(path=path):
                    folder = path.parent
                case SavingJob(saved_as=path) if path:
                    folder = path.parent
                case DownloadJob(target=path):
                    folder = path.parent
                case DeleteJob(copy=path) if path:
                    folder = path.parent
            if folder is None:
                self.notify("A delete has no folder.", markup=False)
            else:
                self._copy(text.path_of(folder.absolute()).true, text.safe(text.path_of(folder), 60))

    def _note(self, row: Row | None) -> str:
        if row is None:
            return "Nothing has moved yet."
        if isinstance(row, Batch):
            return self.hint("{transfers.open} shows each of them, {transfers.retry} tries those again that failed")
        return f"{row.message} {row.advice}".strip()
