"""What all dialogs share."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandList, CommandPalette
from textual.containers import VerticalScroll
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.types import CSSPathType
from textual.widgets import Input, OptionList, Static

from files_tui.ui import hints

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
        Binding(
            "question_mark,f1", "app.help", "Help", show=False, id="dialog.help", tooltip="The keys of this dialog"
        ),
        Binding("up", "focus_step(-1)", "Up", show=False, id="dialog.up", tooltip="The field or button before"),
        Binding("down", "focus_step(1)", "Down", show=False, id="dialog.down", tooltip="The next field or button"),
        Binding("left", "focus_step(-1)", "Left", show=False, id="dialog.left", tooltip="The field or button before"),
        Binding("right", "focus_step(1)", "Right", show=False, id="dialog.right", tooltip="The next field or button"),
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

    def hint(self, template: str, *places: type[DOMNode]) -> str:
        """Words of ours in which `{binding.id}`, of this dialog or of widgets in it, is the key in force."""
        return hints.filled(self.app, (type(self), *places), template)

    def tell(self, problem: str) -> None:
        """Say what is wrong, above the buttons; an empty text takes it back."""
        line = self.query_one(".problem", Static)
        line.update(f"✗ {problem}" if problem else "")
        line.set_class(bool(problem), "said")

    def uses_changed(self) -> None:
        """More is known of where files are used."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < SHORT, "short")
        self.set_class(event.size.width < SLIM, "slim")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Where there is but one place for the focus, no key moves it."""
        return action != "focus_step" or len(self.focus_chain) > 1

    def action_focus_step(self, by: int) -> None:
        (self.focus_next if by > 0 else self.focus_previous)()

    def action_leave(self) -> None:
        """Close, and decide nothing."""
        self.dismiss(None)


class Pane(VerticalScroll):
    """Text that is longer than the screen; it jumps, since each step of a smooth scroll would paint all of it."""

    BINDINGS = [
        Binding("j,down", "scroll_down", "Down", show=False, id="pane.down", tooltip="Scroll down"),
        Binding("k,up", "scroll_up", "Up", show=False, id="pane.up", tooltip="Scroll up"),
        Binding("space,pagedown", "page_down", "Page down", show=False, id="pane.page_down", tooltip="A page down"),
        Binding("pageup", "page_up", "Page up", show=False, id="pane.page_up", tooltip="A page up"),
        Binding("g,home", "scroll_home", "Top", show=False, id="pane.first", tooltip="To the top"),
        Binding("G,end", "scroll_end", "End", show=False, id="pane.last", tooltip="To the end"),
    ]

    def action_scroll_down(self) -> None:
        self.scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        self.scroll_up(animate=False)

    def action_page_down(self) -> None:
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        self.scroll_page_up(animate=False)

    def action_scroll_home(self) -> None:
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        self.scroll_end(animate=False)


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
