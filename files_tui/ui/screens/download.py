"""Downloading: where to, under which name, and what to do about a file that is there already."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from files_tui import text
from files_tui.api.models import File
from files_tui.transfers.jobs import DownloadJob
from files_tui.transfers.target import TargetError, check_target, distinct, expanded
from files_tui.ui.folder import short_path
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.field import Field


class DownloadScreen(Dialog[list[DownloadJob] | None]):
    """Gives the jobs that the person agreed to; `left_out` tells what else was wanted, and why it is not there."""

    CSS_PATH = ["dialog.tcss", "download.tcss"]

    BINDINGS = [
        Binding("enter", "accept", "Download", id="download.accept"),
        Binding("escape", "leave", "Cancel", id="download.cancel"),
        Binding("k", "save('keep')", "Keep both", id="download.keep", show=False),
        Binding("r", "save('replace')", "Replace", id="download.replace", show=False),
    ]

    def __init__(self, files: Sequence[File], folder: Path, left_out: str = "") -> None:
        super().__init__()
        self._files = list(files)
        self._left_out = left_out
        self._folder = folder
        self._shown_folder = text.safe(short_path(folder))
        self._times = Choice([("of the download", False), ("of the file's creation", True)], False, id="times")
        self._proposed = text.file_name(self._files[0].filename or self._files[0].id)

    def compose(self) -> ComposeResult:
        one = len(self._files) == 1
        size = sum(file.bytes or 0 for file in self._files)
        what = text.safe(self._files[0].filename, 40) if one else text.plural(len(self._files), "file")
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Download {what}, {text.size(size)}")
            with Horizontal(classes="field"):
                yield Static("to", classes="label")
                yield Field(self._shown_folder, id="folder")
            with Horizontal(classes="field"):
                yield Static("as", classes="label")
                if one:
                    yield Field(self._proposed, id="name")
                else:
                    yield Static("their own names, made safe", id="names", classes="hint")
            if one and self._proposed != self._files[0].filename:
                yield Static("made safe: its own name is none for a file here", id="renamed", classes="hint")
            with Horizontal(classes="field"):
                yield Static("date", classes="label")
                yield self._times
            if self._left_out:
                yield Static(self._left_out, id="left-out", classes="hint", markup=False)
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons", id="ask-buttons"):
                    yield Button(self.hint("Cancel {download.cancel}"), id="cancel")
                    yield Button(self.hint("Download {download.accept}"), id="download", variant="primary")
                with Horizontal(classes="buttons", id="exists-buttons"):
                    yield Button(self.hint("Keep both {download.keep}"), id="keep", variant="primary")
                    yield Button(self.hint("Replace {download.replace}"), id="replace", variant="error")
                    yield Button(self.hint("Cancel {download.cancel}"), id="cancel-exists")

    def on_mount(self) -> None:
        self.query_one("#exists-buttons").display = False
        self.query_one("#folder", Input).focus()

    @property
    def _asking(self) -> bool:
        return bool(self.query_one("#exists-buttons").display)

    @on(Input.Changed)
    def _changed(self) -> None:
        self._ask(None)

    @on(Input.Submitted)
    @on(Button.Pressed, "#download")
    def action_accept(self) -> None:
        """Download, unless the place is no good or something is there already."""
        jobs = self._checked("ask")
        existing = [job.target for job in jobs if os.path.lexists(job.target)]
        if existing:
            self._ask(existing)
        elif jobs:
            self.dismiss(jobs)

    def _checked(self, how: Literal["ask", "keep", "replace"]) -> list[DownloadJob]:
        """The jobs, or none once the dialog says what is wrong with them."""
        try:
            jobs = self._jobs(how)
            everything = sum(file.bytes or 0 for file in self._files)
            for number, job in enumerate(jobs):
                check_target(job.target, None if number else everything)
        except TargetError as error:
            self.tell(str(error))
            return []
        return jobs

    def _jobs(self, how: Literal["ask", "keep", "replace"]) -> list[DownloadJob]:
        typed = self.query_one("#folder", Input).value.strip()
        folder = self._folder if typed == self._shown_folder else expanded(typed or ".")
        if len(self._files) > 1:
            names = [text.file_name(file.filename or file.id) for file in self._files]
        else:
            names = [self.query_one("#name", Input).value]
            if not names[0].strip() or os.sep in names[0] or "\0" in names[0] or names[0] in (".", ".."):
                raise TargetError("a file name is wanted, without a folder in it")
        # Two remote files of one name must not replace each other.
        targets = distinct([folder / name for name in names], keep=how == "keep")
        dated = bool(self._times.value)
        return [
            DownloadJob(file, target, replace=how == "replace", dated=dated)
            for file, target in zip(self._files, targets, strict=True)
        ]

    def _ask(self, existing: list[Path] | None) -> None:
        """Show the question about files that exist, or take it back."""
        if existing:
            first = existing[0]
            words = f"{text.safe(text.name_of(first), 60)} exists"
            with contextlib.suppress(OSError):  # gone meanwhile, or a link that leads nowhere
                info = first.stat()
                words += f": {text.size(info.st_size)}, {text.age(int(info.st_mtime))}"
            more = f", and {text.plural(len(existing) - 1, 'other')}" if len(existing) > 1 else ""
            self.tell(words + more)
        else:
            self.tell("")
        self.query_one("#exists-buttons").display = bool(existing)
        self.query_one("#ask-buttons").display = not existing
        if existing:
            self.query_one("#keep", Button).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a file that exists is kept or replaced."""
        return (action != "save" or self._asking) and super().check_action(action, parameters)

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.action_save("keep")

    @on(Button.Pressed, "#replace")
    def _replace(self) -> None:
        self.action_save("replace")

    def action_save(self, how: Literal["keep", "replace"]) -> None:
        """Answer the question about files that exist."""
        if self._asking and (jobs := self._checked(how)):
            self.dismiss(jobs)

    @on(Button.Pressed, "#cancel")
    @on(Button.Pressed, "#cancel-exists")
    def action_leave(self) -> None:
        """Download nothing."""
        self.dismiss(None)
