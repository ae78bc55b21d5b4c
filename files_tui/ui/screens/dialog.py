"""What all dialogs share."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.types import CSSPathType

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A question on a screen of its own; a second key of one burst cannot close what the first has closed."""

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]

    BINDINGS = [
        Binding("question_mark", "app.help", "Help", show=False, id="dialog.help", tooltip="The keys of this dialog")
    ]

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def action_leave(self) -> None:
        """Close, and decide nothing."""
        self.dismiss(None)
