"""A question with yes and no."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from files_tui.ui.screens.dialog import Dialog


class ConfirmScreen(Dialog[bool]):
    """Asks; Enter takes the button under the focus, which is Cancel at first."""

    BINDINGS = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes"),
        Binding("n,escape", "answer(False)", "No", id="confirm.no"),
        Binding("left,right", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, title: str, question: str, *, accept: str) -> None:
        super().__init__()
        self._heading, self._question, self._accept = title, question, accept

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog danger") as dialog:
            dialog.border_title = self._heading
            yield Static(self._question, markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel n", id="no")
                yield Button(f"{self._accept} y", id="yes", variant="error")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
