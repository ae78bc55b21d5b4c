"""A text on its own, to be marked with the mouse."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from files_tui import text
from files_tui.ui.screens.dialog import Dialog, Pane
from files_tui.ui.terminal import TerminalApp


class ShowScreen(Dialog[None]):
    """Shows a text without frames beside it; as long as it does, the mouse is the terminal's, which marks by it."""

    app: TerminalApp

    BINDINGS = [Binding("escape,enter,q", "leave", "Close", id="show.close")]

    def __init__(self, title: str, words: str, note: str = "") -> None:
        super().__init__()
        self._heading, self._words, self._note = title, words, note

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._heading, classes="title", markup=False)
            yield Static(
                f"{text.safe(self._note)} · {self.hint('{show.close}')} closes".removeprefix(" · "),
                classes="hint",
                markup=False,
            )
            with Pane():
                yield Static("\n".join(text.safe(line) for line in self._words.split("\n")), markup=False)

    def on_mount(self) -> None:
        self.app.app_resume_signal.subscribe(self, lambda _: self.app.lend_mouse())  # the driver has just taken it

    def on_screen_resume(self) -> None:
        self.app.lend_mouse()

    def on_screen_suspend(self) -> None:
        self.app.take_mouse_back()
