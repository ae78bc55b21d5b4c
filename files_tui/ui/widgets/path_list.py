"""A list of a folder's entries that is quick with ten thousand of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual.binding import Binding
from textual.message import Message

from files_tui.text import name_of, safe, size
from files_tui.ui.widgets.line_list import LineList

WIDEST = 120
"""Beyond so many cells, a size would stand too far from its name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a folder; `size` is its bytes, None for a folder."""

    path: Path
    is_dir: bool
    size: int | None


class PathList(LineList):
    """Marks are kept by path, so that they outlive a change of folder."""

    BINDINGS = [
        Binding("space", "mark", "Mark", show=False, id="pick.mark", tooltip="Mark several files"),
        Binding("enter,l,right", "choose", "Choose", show=False, id="pick.choose", tooltip="Open, or choose"),
        Binding("backspace,h,left", "leave", "Up", show=False, id="pick.parent", tooltip="The folder above"),
    ]

    @dataclass
    class Picked(Message):
        """Enter on an entry."""

        entry: Entry

    class Left(Message):
        """The folder above is wanted."""

    class Above(Message):
        """The cursor went up past the first line."""

    def __init__(self, on_mark: Callable[[], None], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.entries: list[Entry] = []
        self.marks: dict[Path, int] = {}
        self._on_mark = on_mark

    @property
    def count(self) -> int:
        return len(self.entries)

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def show(self, entries: Iterable[Entry], cursor: int = 0) -> None:
        """Show other entries."""
        self.entries = list(entries)
        self.recount(cursor)

    def line(self, index: int, width: int) -> Text:
        entry = self.entries[index]
        width = min(width, WIDEST)
        marked = entry.path in self.marks
        line = Text("▌ " if marked else "  ", "bold magenta", no_wrap=True, end="")
        name = safe(name_of(entry.path), 300) + ("/" if entry.is_dir else "")
        shown = Text(name, "bold cyan" if entry.is_dir else "")
        shown.truncate(max(1, width - 14), overflow="ellipsis", pad=True)
        return line.append_text(shown).append(f" {'' if entry.is_dir else size(entry.size):>10} ")

    def action_move(self, by: int) -> None:
        if by < 0 and self.cursor == 0:
            self.post_message(self.Above())
        else:
            super().action_move(by)

    def action_mark(self) -> None:
        """Mark a file; a folder cannot be uploaded."""
        entry = self.current
        if entry and not entry.is_dir:
            if entry.path in self.marks:
                del self.marks[entry.path]
            else:
                self.marks[entry.path] = entry.size or 0
            self._on_mark()
        self.go(self.cursor + 1)

    def action_choose(self) -> None:
        if entry := self.current:
            self.post_message(self.Picked(entry))

    def on_line_list_chosen(self) -> None:
        self.action_choose()

    def action_leave(self) -> None:
        self.post_message(self.Left())
