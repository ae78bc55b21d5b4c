"""A list of lines with a cursor that draws only what is in sight, and paints again only what has changed."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineList(ScrollView, can_focus=True):
    """What a line says is asked for when it is drawn. `cursor` is the number of the line that a key is about."""

    BINDINGS = [
        Binding("j,down", "move(1)", "Down", show=False, id="lines.down", tooltip="Move down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="lines.up", tooltip="Move up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="lines.page_down", tooltip="A page down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="lines.page_up", tooltip="A page up"),
        Binding("g,home", "jump(0)", "First", show=False, id="lines.first", tooltip="First line"),
        Binding("G,end", "jump(-1)", "Last", show=False, id="lines.last", tooltip="Last line"),
    ]

    DEFAULT_CSS = """
    LineList { height: 1fr; scrollbar-size: 1 1; overflow-x: hidden; overflow-y: auto; background: $background; }
    """

    class Moved(Message):
        """The cursor is on another line."""

    class Chosen(Message):
        """A second click on a line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.cursor = 0

    @property
    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, index: int, width: int) -> Text:
        """What a line says."""
        raise NotImplementedError

    def recount(self, cursor: int = 0) -> None:
        """Draw everything: there are other lines now."""
        self.cursor = cursor if cursor < self.count else 0
        self.virtual_size = Size(self.size.width, self.count)
        self._reveal()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        style = self.rich_style
        line = self.line(index, width)
        if index == self.cursor:
            style += Style(reverse=self.has_focus, bold=True)
            line = Text(line.plain, end="") if self.has_focus else line  # colours of its own would make holes
        rendered = line.render(self.app.console)
        segments = [Segment(part, style + extra if extra else style) for part, extra, _ in rendered]
        return Strip(segments).adjust_cell_length(width, style)

    def action_move(self, by: int) -> None:
        self.go(self.cursor + by)

    def action_page(self, by: int) -> None:
        self.go(self.cursor + by * max(1, self.size.height - 1))

    def action_jump(self, to: int) -> None:
        self.go(to if to >= 0 else self.count - 1)

    def on_click(self, event: events.Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < self.count:
            again = index == self.cursor
            self.go(index)
            if again:
                self.post_message(self.Chosen())

    def on_focus(self) -> None:
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        self.refresh_line(self.cursor)

    def go(self, to: int) -> None:
        """Put the cursor on a line, or as near as there is one."""
        before, self.cursor = self.cursor, max(0, min(to, self.count - 1))
        self.refresh_line(before)
        self.refresh_line(self.cursor)
        self._reveal()
        if before != self.cursor:
            self.post_message(self.Moved())

    def refresh_line(self, index: int, start: int = 0, end: int | None = None) -> None:
        """Draw a line again, or only the cells from `start` to `end` of it."""
        width = (self.size.width if end is None else end) - start
        self.refresh(Region(start, index - self.scroll_offset.y, width, 1))

    def _reveal(self) -> None:
        height = max(1, self.size.height)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)
