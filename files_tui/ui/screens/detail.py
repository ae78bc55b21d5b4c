"""All about one file, with what the server sent as it came."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from files_tui import text
from files_tui.api.models import File
from files_tui.ui.screens.dialog import Dialog, Pane
from files_tui.ui.widgets.detail import FIELDS, field_texts


class DetailScreen(Dialog[None]):
    """The detail pane's fields on a whole screen, and the raw object below them."""

    CSS_PATH = ["dialog.tcss", "detail.tcss"]

    BINDINGS = [
        Binding("escape,enter,q", "leave", "Close", id="detail.close"),
        Binding("c", "copy", "Copy the id", id="detail.copy"),
    ]

    def __init__(self, file: File, copy_ids: Callable[[list[text.Untrusted]], None]) -> None:
        super().__init__()
        self._copy_ids = copy_ids
        self._file = file

    def compose(self) -> ComposeResult:
        texts = field_texts(self._file)
        shown = Text()
        for field in FIELDS:
            if texts[field].plain:
                shown.append(f"{field:<10}", "dim").append_text(texts[field]).append("\n")
        raw = msgspec.json.format(self._file.raw).decode()
        lines = "\n".join(text.safe(line) for line in raw.split("\n"))
        with Pane(id="detail-all"):
            yield Static(texts["name"], classes="detail-title", markup=False)
            yield Static(shown, markup=False)
            yield Static("as the server sent it", classes="hint", markup=False)
            yield Static(lines, markup=False)
        keys = "{detail.copy} copies the id · {pane.down} {pane.up} scroll · {detail.close} closes"
        yield Static(self.hint(keys, Pane), classes="hint", markup=False)

    def action_copy(self) -> None:
        """Copy the id as the main screen does."""
        self._copy_ids([self._file.id])
