"""Going on with what an earlier run of the program has not brought to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from files_tui import text
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.transfers.words import ARROWS
from files_tui.ui import hints
from files_tui.ui.screens.dialog import SHORT, Dialog

NAMED = 3
_WHAT: dict[type[Job], str] = {UploadJob: "upload", DownloadJob: "download", DeleteJob: "delete"}


class ResumeScreen(Dialog[Literal["go on", "give up"] | None]):
    """Names what was interrupted, and asks; left by Escape, it asks again at the next start."""

    is_grave = True
    CSS_PATH = ["dialog.tcss", "resume.tcss"]
    AUTO_FOCUS = ""

    BINDINGS = [
        Binding("enter,y", "go_on", "Go on", id="resume.go-on", tooltip="Go on where they were"),
        Binding("F", "give_up", "Forget them", id="resume.give-up", tooltip="Remove what is half done"),
        Binding("escape", "leave", "Later", id="resume.later", tooltip="Ask again at the next start"),
    ]

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__()
        self._jobs = list(jobs)
        self._is_sure = False
        self._deletes = any(isinstance(job, DeleteJob) for job in jobs)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Interrupted transfers"
            yield Static(self._listing(), id="resume-list", markup=False)
            yield Static("Nothing is sent, saved or deleted twice.", id="resume-hint", classes="hint", markup=False)
            with Vertical(classes="foot"), Horizontal(classes="buttons"):
                yield Button(self.hint("Later {resume.later}"), id="later")
                yield Button("Forget", id="give-up", variant="error")
                yield Button("Go on", id="go-on", variant="primary")

    def on_mount(self) -> None:
        """Where there are deletes, an Enter that was meant for something else must not go on with them."""
        self.query_one("#later" if self._deletes else "#go-on").focus()

    def readable(self) -> None:
        self.query_one("#give-up", Button).label = self.hint("Forget {resume.give-up}")
        keys = hints.keys_of(self.app, [type(self)], "resume.go-on")
        self.query_one("#go-on", Button).label = f"Go on {keys[-1 if self._deletes else 0]}"

    def _listing(self) -> Text:
        shown = Text(no_wrap=True, overflow="ellipsis")
        named = NAMED if self.app.size.height >= SHORT else 0
        for kind, arrow in ARROWS.items():
            jobs = [job for job in self._jobs if isinstance(job, kind)]
            if not jobs:
                continue
            shown.append(f"{arrow} {text.plural(len(jobs), _WHAT[kind])}\n", "bold")
            for job in jobs[:named]:
                shown.append(f"  {text.safe(job.title, 40)}")
                shown.append(f"  {text.size(job.length or None)}" if job.length else "", "dim")
                shown.append(f"  {job.message}\n" if job.message else "\n", "yellow")
            if named and len(jobs) > named:
                shown.append(f"  … and {text.count(len(jobs) - named)} more\n", "dim")
        shown.right_crop(1)
        return shown

    @on(Button.Pressed, "#go-on")
    def action_go_on(self) -> None:
        """Go on with all of them."""
        if self.is_readable:
            self.dismiss("go on")

    @on(Button.Pressed, "#give-up")
    def action_give_up(self) -> None:
        """Remove temporary files, and large uploads from the server; what is lost by that is worth a second key."""
        if self._is_sure:
            self.dismiss("give up")
        elif self.is_readable:
            self._is_sure = True
            self.query_one("#resume-hint", Static).update(
                self.hint("{resume.give-up} once more, and what is half done goes, on the server too.")
            )

    @on(Button.Pressed, "#later")
    def action_leave(self) -> None:
        """Decide at the next start."""
        self.dismiss(None)
