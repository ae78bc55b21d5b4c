"""What all dialogs share."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandList, CommandPalette
from textual.screen import ModalScreen
from textual.types import CSSPathType
from textual.widgets import Input, OptionList

T = TypeVar("T")

SHORT, SLIM = 18, 60


READING = 0.3
"""Seconds for which a question must have been seen before a key answers it."""


class Dialog(ModalScreen[T]):
    """A question on a screen of its own; a second key of one burst cannot close what the first has closed.

    One that `is_grave` takes no yes from keys that were pressed before it could be read.
    """

    is_grave: ClassVar[bool] = False
    _was_seen = False

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss"]

    BINDINGS = [
        Binding("question_mark", "app.help", "Help", show=False, id="dialog.help", tooltip="The keys of this dialog"),
    ]

    def on_mount(self) -> None:
        if self.is_readable:
            self.readable()
        else:
            self.call_after_refresh(self.set_timer, READING, self._seen)

    def _seen(self) -> None:
        self._was_seen = True
        self.readable()

    @property
    def is_readable(self) -> bool:
        """Whether an answer may be meant for it."""
        return self._was_seen or not self.is_grave or not READING

    def readable(self) -> None:
        """Show the keys that answer it."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < SHORT, "short")
        self.set_class(event.size.width < SLIM, "slim")

    def action_leave(self) -> None:
        """Close, and decide nothing."""
        self.dismiss(None)


class Palette(CommandPalette):
    """Textual's palette, which breaks when a burst of keys closes it twice, or pages through it before its layout."""

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def dismiss(self, result: object = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete()  # type: ignore[arg-type]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if not self.is_current:
            event.prevent_default()  # or the command would run a second time

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).size.height:
            super()._action_command_list(action)
