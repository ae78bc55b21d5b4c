"""A short list to choose from, by arrows or by letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.options import Options

T = TypeVar("T")

LEAST_WORD = 10


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """One line: its letter, its word, what stands behind it, and its value."""

    key: str
    word: str
    hint: str
    value: T


class MenuScreen(Dialog[T | None], Generic[T]):
    """Gives the value of the chosen line, None when left."""

    BINDINGS = [
        Binding("escape", "leave", "Cancel", id="menu.cancel"),
    ]

    DEFAULT_CSS = """
    MenuScreen OptionList, MenuScreen OptionList:focus {
        height: auto; max-height: 20; border: none; padding: 0; background: $background; text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, title: str, items: Sequence[Item[T]], chosen: T | None = None) -> None:
        super().__init__()
        self._heading = title
        self._items = list(items)
        self._chosen = next((n for n, item in enumerate(self._items) if item.value == chosen), 0)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._heading)
            yield Options(*(Option(self._line(item)) for item in self._items), markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._chosen

    def _line(self, item: Item[T]) -> Text:
        width = max(LEAST_WORD, *(cell_len(each.word) for each in self._items))
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f" {item.key or ' '} ", "bold cyan")
        line.append(f" {set_cell_size(item.word, width)} ")
        line.append(item.hint, "dim")
        return line

    def on_key(self, event: events.Key) -> None:
        if not self.is_readable or not self.is_current:
            return
        for item in self._items:
            if event.character == item.key:
                event.stop()
                self.dismiss(item.value)
                return

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self.is_readable:
            self.dismiss(self._items[event.option_index].value)
