"""Deleting: what goes, the question, and what became of each file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from files_tui import text
from files_tui.api.models import File
from files_tui.config import Confirm
from files_tui.transfers.jobs import Batch, DeleteJob, Job
from files_tui.transfers.target import TargetError, check_target, distinct, expanded
from files_tui.ui import hints
from files_tui.ui.background import in_background
from files_tui.ui.folder import short_path
from files_tui.ui.screens.dialog import SLIM, Dialog
from files_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from files_tui.transfers.queue import TransferQueue
    from files_tui.ui.used import FilesInUse

COUNT_FROM: dict[Confirm, float] = {"ask": math.inf, "count": 11, "always": 1}
"""From so many files on, their number has to be typed."""

LISTED = 200
TICK = 0.4
_FINE = ("waiting", "running", "retrying", "done")
_MARKS = {"done": ("✓", "green"), "failed": ("✗", "bold red"), "cancelled": ("–", ""), "unknown": ("?", "bold red")}


class DeleteScreen(Dialog[None]):
    """Asks before it deletes, then stays until every file's outcome is known, and longer where some failed.

    `hidden` is how many of the files the listing does not show at the moment, `folder` where copies are proposed to go,
    `where` from which account the files go, `uses` what they are used by, and `confirm` how sure the person has to be.
    """

    is_grave = True
    CSS_PATH = ["dialog.tcss", "delete.tcss"]
    AUTO_FOCUS = "#count, #cancel"

    BINDINGS = [
        Binding("y", "delete", "Delete", id="delete.yes", priority=True),  # also where the number is typed
        Binding("n,escape", "leave", "Cancel", id="delete.no", priority=True),
        Binding("k", "keep", "Keep a copy first", id="delete.keep", tooltip="Save each file before it goes, or not",
                priority=True),
        Binding("v", "detach", "Detach first", id="delete.detach", tooltip="Take it out of vector stores first",
                priority=True),
        Binding("r", "retry", "Try the failed ones again", id="delete.retry"),
    ]  # fmt: skip

    def __init__(
        self,
        files: Sequence[File],
        queue: TransferQueue,
        folder: Path,
        where: text.Safe,
        uses: FilesInUse,
        hidden: int = 0,
        confirm: Confirm = "count",
    ) -> None:
        super().__init__()
        self._uses = uses
        self._counts_uses = self._uses_are_old = False
        self._asks_number = len(files) >= COUNT_FROM[confirm]
        self._where = where
        self._hidden = hidden
        self._files = list(files)
        self._queue = queue
        self._folder = folder
        self._shown_folder = text.safe(short_path(folder))
        self._jobs: list[DeleteJob] = []
        self._batch: Batch | None = None

    def compose(self) -> ComposeResult:
        size = sum(file.bytes or 0 for file in self._files)
        many = len(self._files) > 1
        with Vertical(classes="dialog danger") as dialog:
            unseen = f", {self._hidden} of them not shown" if self._hidden else ""
            dialog.border_title = f"Delete {text.plural(len(self._files), 'file')}, {text.size(size)}{unseen}"
            dialog.border_subtitle = Content(f"from {self._where}")
            with VerticalScroll(id="delete-list", can_focus=False):
                yield Static(self._listing(), id="delete-files", markup=False)
            leaves = "The files also leave all vector stores." if many else "The file also leaves all vector stores."
            yield Static(f"This cannot be undone. {leaves}", id="delete-warning", markup=False)
            yield Static("", id="delete-uses", markup=False)
            with Horizontal(id="copy-line"):
                yield Static("copies go to ", classes="label", markup=False)
                yield Field(self._shown_folder, id="copy-folder")
            if self._asks_number:
                with Horizontal(id="count-line"):
                    yield Static(f"Type {len(self._files)} to confirm: ", markup=False)
                    yield Field(type="integer", id="count")
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button(self.hint("Cancel {delete.no}"), id="cancel")
                    yield Button(self._keep_words(copies=False), id="keep")
                    yield Button("Delete", id="delete", variant="error", disabled=self._asks_number)

    def on_mount(self) -> None:
        self.query_one("#copy-line").display = False
        self._timer = self.set_interval(TICK, self._show_outcomes, pause=True)
        self._uses.look(self)
        self.uses_changed()

    def uses_changed(self) -> None:
        self._uses_are_old = True
        if not self._counts_uses:
            self._counts_uses, self._uses_are_old = True, False
            in_background(self, self._count_uses, "in use")

    def _count_uses(self) -> None:
        self._uses.count()
        self.call_later(self._show_uses)

    def _show_uses(self) -> None:
        self._counts_uses = False
        if not self.is_attached:
            return
        if self._uses_are_old:
            self.uses_changed()
        can_detach = self._batch is None and bool(self._uses.stores)
        words = self._uses.words(self.hint("{delete.detach}") if can_detach else "")
        self.query_one("#delete-uses", Static).update(words, layout=False)
        self.refresh_bindings()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.query_one("#keep", Button).label = self._keep_words(copies=self._copies)

    def readable(self) -> None:
        button = self.query_one("#delete", Button)
        button.label = self.hint("Delete {delete.yes}")
        button.refresh(layout=True)  # which a narrow one needs

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """First it is asked, and what has failed in the end can be tried again."""
        is_asked = self._batch is None
        can = {
            "delete": is_asked,
            "keep": is_asked,
            "detach": is_asked and bool(self._uses.stores),
            "retry": not is_asked,
        }.get(action, True)
        return can and super().check_action(action, parameters)

    def _keep_words(self, *, copies: bool) -> str:
        """What the button says that the key k stands for."""
        if copies:
            return self.hint("No copies {delete.keep}")
        return self.hint(f"{'Keep a copy' if self.app.size.width >= SLIM else 'Copy'} first {{delete.keep}}")

    @property
    def _copies(self) -> bool:
        return bool(self.query_one("#copy-line").display)

    def _listing(self) -> Text:
        shown = Text(no_wrap=True, overflow="ellipsis")
        rows = self._rows()
        for file, job in rows[:LISTED]:
            mark, style = _MARKS.get(job.state, ("…", "")) if job else (" ", "")
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

    def _rows(self) -> list[tuple[File, DeleteJob | None]]:
        """The files that are listed; what failed comes first, since among hundreds it would not be seen."""
        if self._batch is None:
            return [(file, None) for file in self._files[:LISTED]]
        failed = [job for job in self._queue.troubled if isinstance(job, DeleteJob) and job.batch is self._batch]
        others = [job for job in self._jobs[:LISTED] if job.state in _FINE or job.state == "cancelled"]
        return [(job.file, job) for job in [*failed, *others]]

    @on(Input.Changed, "#count")
    def _counted(self, event: Input.Changed) -> None:
        self.query_one("#delete", Button).disabled = event.value.strip() != str(len(self._files))

    @on(Input.Submitted, "#count")
    def _count_accepted(self) -> None:
        self.action_delete()

    @on(Input.Submitted, "#copy-folder")
    def _folder_accepted(self) -> None:
        self.query_one("#delete" if not self.query("#count") else "#count").focus()

    @on(Button.Pressed, "#keep")
    def action_keep(self) -> None:
        """Save a copy of each file before it goes, or go back to deleting alone."""
        if self._batch is None:
            copies = not self._copies
            self.query_one("#copy-line").display = copies
            self.set_class(copies, "copies")
            self.query_one("#keep", Button).label = self._keep_words(copies=copies)
            warning = "Each is saved first; only what arrived whole is deleted." if copies else "This cannot be undone."
            self.query_one("#delete-warning", Static).update(warning)

    def action_detach(self) -> None:
        """Ask whether to take the files out of the vector stores that they are in; the delete is still to be chosen."""
        from files_tui.ui.screens.detach import DetachScreen

        if self._batch is None and self._uses.stores:
            dialog = DetachScreen(self._uses.stores, self._files, self._uses.detach, self._where)
            self.app.push_screen(dialog, lambda _: self.uses_changed())

    @on(Button.Pressed, "#delete")
    def action_delete(self) -> None:
        """Delete, unless the number is still to be typed."""
        if self._batch is not None or self.query_one("#delete", Button).disabled or not self.is_readable:
            return
        try:
            self._jobs = self._made_jobs()
        except TargetError as error:
            self.tell(str(error))
            return
        self._batch = self._queue.submit(self._jobs)
        self._wait()

    def _made_jobs(self) -> list[DeleteJob]:
        """Raises `TargetError` where copies cannot go to the folder."""
        if not self._copies:
            return [DeleteJob(file) for file in self._files]
        typed = self.query_one("#copy-folder", Input).value.strip()
        folder = self._folder if typed == self._shown_folder else expanded(typed or ".")
        names = [text.file_name(file.filename or file.id) for file in self._files]
        targets = distinct([folder / name for name in names], keep=True)
        check_target(targets[0], sum(file.bytes or 0 for file in self._files))
        return [DeleteJob(file, target) for file, target in zip(self._files, targets, strict=True)]

    def action_retry(self) -> None:
        """Try again what failed."""
        if self._batch is not None and self._batch.is_over:
            failed: list[Job] = [job for job in self._queue.troubled if job.batch is self._batch]
            if batch := self._queue.retry(failed):
                self._batch = batch
                self._jobs = [job for job in failed if isinstance(job, DeleteJob)]
                self._wait()

    def _wait(self) -> None:
        self._uses.leave()
        for widget in self.query("#count-line, #copy-line, #delete, #keep, #delete-uses, .problem"):
            widget.display = False
        cancel = self.query_one("#cancel", Button)
        cancel.label = f"Close {hints.keys_of(self.app, [type(self)], 'delete.no')[-1]}"
        cancel.focus()
        self._timer.resume()
        self._show_outcomes()

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Leave; deletes that have begun go on."""
        self._uses.leave()
        self.dismiss(None)

    def _show_outcomes(self) -> None:
        batch = self._batch
        if not self.is_current or batch is None:
            return
        is_over = batch.is_over  # first, since the last of them may end before the next line
        failed = batch.ended["failed"] + batch.ended["unknown"] + batch.ended["cancelled"]
        for job in self._queue.troubled:
            job.seen = job.seen or job.batch is batch
        if is_over:
            self._timer.pause()
            if not failed:
                self.dismiss(None)
                return
        shown, listing = self.query_one("#delete-files", Static), self._listing()
        if shown.content != listing:
            shown.update(listing)
        words = f"{text.count(batch.ended['done'])} of {text.count(len(self._jobs))} deleted"
        if failed:
            words += f", {text.count(failed)} failed"
        if pause := self._queue.pause_left:
            words += f" · waiting to try again: {text.clock(pause + 1)}"
        if is_over:
            words += self.hint(": {delete.retry} tries them again, {delete.no} leaves")
        self.query_one("#delete-warning", Static).update(words, layout=False)
