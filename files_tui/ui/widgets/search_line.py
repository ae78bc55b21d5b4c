"""The line in which a search is typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from files_tui.ui.widgets.field import Field

DELAY = 0.12


class SearchLine(Horizontal):
    """Tells of what is typed once the typing pauses; Enter keeps the search, esc gives it up."""

    DEFAULT_CSS = """
    SearchLine { height: 1; width: 100%; background: $boost; }
    SearchLine Static { width: 2; padding-left: 1; text-style: bold; }
    SearchLine Input, SearchLine Input:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $boost;
    }
    """

    @dataclass(eq=False, repr=False)
    class Changed(Message):
        """Another text is wanted; `over` tells that the line is done with."""

        words: str
        over: bool = False

    def __init__(self, words: str, placeholder: str = "part of a name or id") -> None:
        super().__init__()
        self._words = words
        self._placeholder = placeholder
        self._timer: Timer | None = None
        self._is_over = False

    @property
    def field(self) -> Input:
        """Where it is typed."""
        return self.query_one(Input)

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False)
        yield Field(self._words, self._placeholder)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop_timer()
        self._timer = self.set_timer(DELAY, partial(self._paused, event.value))

    def _paused(self, words: str) -> None:
        if not self._is_over:  # or a call that was queued already would bring back what was given up
            self.post_message(self.Changed(words))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self._end(event.value)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self._end("")

    def _end(self, words: str) -> None:
        self._stop_timer()
        self._is_over = True
        self.post_message(self.Changed(words, over=True))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
