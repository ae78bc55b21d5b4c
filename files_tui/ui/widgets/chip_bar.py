"""The line of filters, each of which a click takes away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

from files_tui.ui.chips import Chip


class ChipBar(Static):
    """Has the class `-filled` while something narrows the listing; `drops` gives the key that drops the last filter."""

    @dataclass(eq=False, repr=False)
    class Removed(Message):
        """A filter was clicked away."""

        chip: Chip

    def __init__(self, drops: Callable[[], str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._drops = drops
        self._chips: list[Chip] = []

    def show(self, chips: Sequence[Chip]) -> None:
        """Show these filters."""
        if chips == self._chips:
            return
        self._chips = list(chips)
        line = Text(" ", no_wrap=True, overflow="ellipsis")
        for number, chip in enumerate(chips):
            words = Text(f" {chip.words} × ", "bold reverse")
            words.apply_meta({"chip": number})
            line.append_text(words).append(" ")
        if chips:
            line.append(f"{self._drops()} drops the last", "dim")
        self.update(line, layout=False)
        self.set_class(bool(chips), "-filled")

    def on_click(self, event: events.Click) -> None:
        number = event.style.meta.get("chip")
        if isinstance(number, int) and number < len(self._chips):
            self.post_message(self.Removed(self._chips[number]))
