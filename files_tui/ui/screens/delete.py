"""Deleting: what goes, the question, and what became of each file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from files_tui import text
from files_tui.api.models import File
from files_tui.transfers.jobs import DeleteJob
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from files_tui.transfers.queue import TransferQueue

COUNT_FROM = 11
"""From so many files on, their number has to be typed."""

LISTED = 200
TICK = 0.3
_FINE = ("waiting", "running", "done")
_MARKS = {"waiting": "…", "running": "…", "done": "✓", "failed": "✗", "cancelled": "–", "unknown": "?"}


class DeleteScreen(Dialog[str | None]):
    """Asks before it deletes, then stays until every file's outcome is known; gives a summary when all went well.

    `hidden` is how many of the files the listing does not show at the moment.
    """

    CSS_PATH = ["dialog.tcss", "delete.tcss"]
    AUTO_FOCUS = "#count, #cancel"

    BINDINGS = [
        Binding("y", "delete", "Delete", id="delete.yes"),
        Binding("n,escape", "leave", "Cancel", id="delete.no"),
        Binding("r", "retry", "Try the failed ones again", id="delete.retry"),
        Binding("left,right", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, files: Sequence[File], queue: TransferQueue, hidden: int = 0) -> None:
        super().__init__()
        self._hidden = hidden
        self._files = list(files)
        self._queue = queue
        self._jobs: list[DeleteJob] = []

    def compose(self) -> ComposeResult:
        size = sum(file.bytes or 0 for file in self._files)
        with Vertical(classes="dialog danger") as dialog:
            unseen = f", {self._hidden} of them not shown" if self._hidden else ""
            dialog.border_title = f"Delete {text.plural(len(self._files), 'file')}, {text.size(size)}{unseen}"
            with VerticalScroll(id="delete-list", can_focus=False):
                yield Static(self._listing(), id="delete-files", markup=False)
            yield Static(
                "This cannot be undone. The files also leave all vector stores."
                if len(self._files) > 1
                else "This cannot be undone. The file also leaves all vector stores.",
                id="delete-warning",
                markup=False,
            )
            if len(self._files) >= COUNT_FROM:
                with Horizontal(id="count-line"):
                    yield Static(f"Type {len(self._files)} to confirm: ", markup=False)
                    yield Field(type="integer", id="count")
            with Horizontal(classes="buttons"):
                yield Button("Cancel n", id="cancel")
                yield Button("Delete y", id="delete", variant="error", disabled=len(self._files) >= COUNT_FROM)

    def on_mount(self) -> None:
        self._timer = self.set_interval(TICK, self._show_outcomes, pause=True)

    def _listing(self) -> Text:
        shown = Text(no_wrap=True, overflow="ellipsis")
        jobs = {job.file.id: job for job in self._jobs}
        # What failed comes first: among hundreds it would not be seen.
        files = sorted(self._files, key=lambda file: file.id not in jobs or jobs[file.id].state in _FINE)
        for file in files[:LISTED]:
            job = jobs.get(file.id)
            mark = _MARKS[job.state] if job else " "
            style = "" if job is None else {"✓": "green", "✗": "bold red"}.get(mark, "")
            shown.append(f"{mark} ", style)
            shown.append(f"{text.safe(file.filename, 36) or '(no name)'}  ")
            shown.append(f"{text.safe(file.id, 34)}  {text.size(file.bytes)}", "dim")
            if job and job.message and job.message != "deleted":
                shown.append(f"\n    {job.message}", style)
            shown.append("\n")
        if len(self._files) > LISTED:
            shown.append(f"  … and {text.plural(len(self._files) - LISTED, 'file')} more\n", "dim")
        shown.right_crop(1)
        return shown

    @on(Input.Changed, "#count")
    def _counted(self, event: Input.Changed) -> None:
        self.query_one("#delete", Button).disabled = event.value.strip() != str(len(self._files))

    @on(Input.Submitted, "#count")
    def _count_accepted(self) -> None:
        self.action_delete()

    @on(Button.Pressed, "#delete")
    def action_delete(self) -> None:
        """Delete, unless the number is still to be typed."""
        if self._jobs or self.query_one("#delete", Button).disabled:
            return
        self._jobs = [DeleteJob(file) for file in self._files]
        for job in self._jobs:
            self._queue.submit(job)
        self._wait()

    def action_retry(self) -> None:
        """Try again what failed."""
        if not self._jobs:
            return
        for job in self._jobs:
            self._queue.retry(job)
        self._wait()

    def _wait(self) -> None:
        for widget in self.query("#count-line"):
            widget.display = False
        self.query_one("#delete", Button).display = False
        self._timer.resume()
        self._show_outcomes()

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Leave; deletes that have begun go on."""
        self.dismiss(None)

    def _show_outcomes(self) -> None:
        if not self.is_current:
            return
        over = [job for job in self._jobs if job.is_over]
        for job in over:
            job.seen = True
        failed = [job for job in over if job.state != "done"]
        if len(over) == len(self._jobs):
            self._timer.pause()
            if not failed:
                gone = sum(job.message == "already gone" for job in over)
                words = f"deleted {text.plural(len(over), 'file')}"
                self.dismiss(f"{words}, {gone} of them gone already" if gone else words)
                return
        self.query_one("#delete-files", Static).update(self._listing())
        words = f"{len(over) - len(failed)} of {len(self._jobs)} deleted"
        if failed:
            words += f", {len(failed)} failed"
        if len(over) == len(self._jobs):
            words += ": r tries them again, esc leaves"
        self.query_one("#delete-warning", Static).update(words)
        self.query_one("#cancel", Button).label = "Close esc"
