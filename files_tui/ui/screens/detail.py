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
from files_tui.ui.background import in_background
from files_tui.ui.screens.dialog import Dialog, Pane
from files_tui.ui.widgets.detail import FIELDS, field_texts


class DetailScreen(Dialog[None]):
    """The detail pane's fields on a whole screen, and the raw object below them.

    `used` tells where the file is used, and `original`, which is called in a thread, what it was made from.
    """

    CSS_PATH = ["dialog.tcss", "detail.tcss"]

    BINDINGS = [
        Binding("escape,enter,q", "leave", "Close", id="detail.close"),
        Binding("c", "copy", "Copy the id", id="detail.copy"),
    ]

    def __init__(
        self,
        file: File,
        copy_ids: Callable[[list[text.Untrusted]], None],
        used: Text,
        original: Callable[[], str],
    ) -> None:
        super().__init__()
        self._copy_ids = copy_ids
        self._file = file
        self._used = used
        self._look_for_original = original

    def compose(self) -> ComposeResult:
        raw = msgspec.json.format(self._file.raw).decode()
        lines = "\n".join(text.safe(line) for line in raw.split("\n"))
        with Pane(id="detail-all"):
            yield Static(field_texts(self._file)["name"], classes="detail-title", markup=False)
            yield Static(self._fields(""), id="detail-fields", markup=False)
            yield Static("as the server sent it", classes="hint", markup=False)
            yield Static(lines, markup=False)
        keys = "{detail.copy} copies the id · {pane.down} {pane.up} scroll · {detail.close} closes"
        yield Static(self.hint(keys, Pane), classes="hint", markup=False)

    def on_mount(self) -> None:
        in_background(self, self._look, "original")

    def _look(self) -> None:
        if words := self._look_for_original():
            self.call_later(self._found, words)

    def _found(self, words: str) -> None:
        if self.is_attached:
            self.query_one("#detail-fields", Static).update(self._fields(words))

    def _fields(self, original: str) -> Text:
        texts = {**field_texts(self._file), "used": self._used, "original": Text(original)}
        shown = Text()
        for field in (*FIELDS, "used", "original"):
            if texts[field].plain:
                shown.append(f"{field:<10}", "dim").append_text(texts[field]).append("\n")
        return shown

    def action_copy(self) -> None:
        """Copy the id as the main screen does."""
        self._copy_ids([self._file.id])
