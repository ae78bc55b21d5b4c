"""Opening files by their ids, whether the listing has them or not."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.field import Field

MOST = 100


def ids_in(words: str) -> list[str]:
    """Ids with spaces, commas or line ends between them, each once."""
    return list(dict.fromkeys(words.replace(",", " ").split()))


class OpenScreen(Dialog[list[str] | None]):
    """Gives the ids that were typed or pasted."""

    CSS_PATH = ["dialog.tcss", "open.tcss"]

    BINDINGS = [
        Binding("escape", "leave", "Cancel", id="open.cancel"),
        Binding("enter", "accept", "Open", id="open.accept"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Open by id"
            with Horizontal(classes="field"):
                yield Static("id", classes="label")
                yield Field(placeholder="one, or several with spaces between", id="ids")
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button(self.hint("Cancel {open.cancel}"), id="cancel")
                    yield Button(self.hint("Open {open.accept}"), id="open", variant="primary")

    @on(Input.Submitted)
    @on(Button.Pressed, "#open")
    def action_accept(self) -> None:
        """Open them, unless none is there."""
        ids = ids_in(self.query_one("#ids", Input).value)
        if not ids or len(ids) > MOST:
            words = "An id is wanted, such as file-abc123." if not ids else f"At most {MOST} at once."
            self.tell(words)
            return
        self.dismiss(ids)

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Open nothing."""
        self.dismiss(None)
