"""Saving what has been fetched of a file, beside what is there."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from files_tui import text
from files_tui.api.models import File
from files_tui.transfers.target import TargetError, check_target, expanded, part_beside, settle
from files_tui.ui.background import in_background
from files_tui.ui.folder import short_path
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from files_tui.ui.app import FilesApp


class SaveScreen(Dialog[None]):
    """Asks where to, and saves there; a file of that name stays as it is, and the new one gets the next free name."""

    app: FilesApp

    CSS_PATH = ["../screens/dialog.tcss", "save.tcss"]

    BINDINGS = [
        Binding("enter", "accept", "Save", id="save.accept"),
        Binding("escape", "leave", "Cancel", id="save.cancel"),
    ]

    def __init__(self, file: File, data: bytes, folder: Path, *, whole: bool) -> None:
        super().__init__()
        self._data = data
        self._folder = folder
        self._shown_folder = text.safe(short_path(folder))
        name = text.file_name(file.filename or file.id)
        stem, suffix = os.path.splitext(name)
        self._proposed = name if whole else f"{stem}.beginning{suffix}"
        self._whole = whole

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            what = "the file" if self._whole else "its beginning"
            dialog.border_title = Content(f"Save {what}, {text.size(len(self._data))}")
            with Horizontal(classes="field"):
                yield Static("to", classes="label")
                yield Field(self._shown_folder, id="folder")
            with Horizontal(classes="field"):
                yield Static("as", classes="label")
                yield Field(self._proposed, id="name")
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button(self.hint("Cancel {save.cancel}"), id="cancel")
                    yield Button(self.hint("Save {save.accept}"), id="save", variant="primary")

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def action_accept(self) -> None:
        """Save, unless the place is no good."""
        typed = self.query_one("#folder", Input).value.strip()
        folder = self._folder if typed == self._shown_folder else expanded(typed or ".")
        name = self.query_one("#name", Input).value
        try:
            if not name.strip() or os.sep in name or "\0" in name or name in (".", ".."):
                raise TargetError("a file name is wanted, without a folder in it")
            check_target(folder / name, len(self._data))
        except TargetError as error:
            self.tell(str(error))
            return
        in_background(self.app.browse, partial(_save, self.app, self._data, folder / name), "save")
        self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Save nothing."""
        self.dismiss(None)


def _save(app: FilesApp, data: bytes, target: Path) -> None:
    """Runs in a thread."""
    part = part_beside(target)
    try:
        part.write_bytes(data)
        saved = settle(part, target, replace=False)
    except OSError as error:
        part.unlink(missing_ok=True)
        problem = text.one_line(f"{text.safe(text.name_of(target), 60)}: {error.strerror or error}")
        app.call_later(partial(app.notify, problem, title="Not saved", severity="error", markup=False))
        return
    words = f"{text.safe(text.path_of(saved), 120)}, {text.size(len(data))}"
    app.call_later(partial(app.notify, words, title="Saved", markup=False))
