"""A list of a folder's entries that is quick with ten thousand of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from files_tui.text import safe, size


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a folder; `size` is its bytes, None for a folder."""

    path: Path
    is_dir: bool
    size: int | None


class PathList(ScrollView, can_focus=True):
    """Draws only the lines in sight; marks are kept by path, so that they outlive a change of folder."""

    BINDINGS = [
        Binding("j,down", "move(1)", "Down", show=False, id="pick.down", tooltip="Move down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="pick.up", tooltip="Move up, to the field"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="pick.page_down", tooltip="A page down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="pick.page_up", tooltip="A page up"),
        Binding("g,home", "jump(0)", "First", show=False, id="pick.first", tooltip="First entry"),
        Binding("G,end", "jump(-1)", "Last", show=False, id="pick.last", tooltip="Last entry"),
        Binding("space", "mark", "Mark", show=False, id="pick.mark", tooltip="Mark several files"),
        Binding("enter,l,right", "choose", "Choose", show=False, id="pick.choose", tooltip="Open, or choose"),
        Binding("backspace,h,left", "leave", "Up", show=False, id="pick.parent", tooltip="The folder above"),
    ]

    DEFAULT_CSS = """
    PathList { height: 1fr; scrollbar-size: 1 1; overflow-x: hidden; overflow-y: auto; background: $background; }
    """

    @dataclass
    class Chosen(Message):
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
        self.cursor = 0
        self._on_mark = on_mark

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def show(self, entries: Iterable[Entry], cursor: int = 0) -> None:
        """Show other entries."""
        self.entries = list(entries)
        self.cursor = cursor if cursor < len(self.entries) else 0
        self.virtual_size = Size(self.size.width, len(self.entries))
        self._reveal()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= len(self.entries):
            return Strip.blank(width, self.rich_style)
        entry = self.entries[index]
        marked = entry.path in self.marks
        line = Text("▌ " if marked else "  ", "bold magenta", no_wrap=True, end="")
        name = safe(entry.path.name, 300) + ("/" if entry.is_dir else "")
        shown = Text(name, "bold cyan" if entry.is_dir else "")
        shown.truncate(max(1, width - 14), overflow="ellipsis", pad=True)
        line.append_text(shown)
        line.append(f" {'' if entry.is_dir else size(entry.size):>10} ")
        style = self.rich_style
        if index == self.cursor:
            style += Style(reverse=self.has_focus, bold=True)
        segments = [
            Segment(part, style + extra if extra else style) for part, extra, _ in line.render(self.app.console)
        ]
        return Strip(segments).adjust_cell_length(width, style)

    def action_move(self, by: int) -> None:
        if by < 0 and self.cursor == 0:
            self.post_message(self.Above())
        else:
            self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._go(self.cursor + by * max(1, self.size.height - 1))

    def action_jump(self, to: int) -> None:
        self._go(to if to >= 0 else len(self.entries) - 1)

    def action_mark(self) -> None:
        """Mark a file; a folder cannot be uploaded."""
        entry = self.current
        if entry and not entry.is_dir:
            if entry.path in self.marks:
                del self.marks[entry.path]
            else:
                self.marks[entry.path] = entry.size or 0
            self._on_mark()
        self._go(self.cursor + 1)

    def action_choose(self) -> None:
        if entry := self.current:
            self.post_message(self.Chosen(entry))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self.entries):
            again = index == self.cursor
            self._go(index)
            if again:
                self.action_choose()

    def on_focus(self) -> None:
        self._refresh_line(self.cursor)

    def on_blur(self) -> None:
        self._refresh_line(self.cursor)

    def _go(self, to: int) -> None:
        before, self.cursor = self.cursor, max(0, min(to, len(self.entries) - 1))
        self._refresh_line(before)
        self._refresh_line(self.cursor)
        self._reveal()

    def _refresh_line(self, index: int) -> None:
        self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))

    def _reveal(self) -> None:
        height = max(1, self.size.height)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)
