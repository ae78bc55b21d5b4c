"""Where a document is drawn: what is in sight of it, and no more."""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.strip import Strip

from files_tui.ui import cells
from files_tui.ui.preview.documents import Document
from files_tui.ui.widgets.line_list import LineList

CURSOR = "▌"
WHEEL = 3
"""Rows that a turn of the wheel scrolls."""

SIDEWAYS = 20
"""Cells that a key moves sideways, where lines are not wrapped."""

_KEPT = 400
_LEAST = 10
_SHORT = 20
"""Characters; a row is not cut at a blank that would leave fewer."""

_BEGINNING = re.compile(r"  +(?:\S+  +)?")
"""White space, and a label with white space behind it."""


class Place(NamedTuple):
    """A row of an item."""

    item: int
    row: int


class ContentView(LineList):
    """A document, of which each item takes as many rows as it needs.

    The cursor is on an item. It leaves the screen by half of it at once: so most keys cost the bytes of two cells,
    where a scroll by one row would cost those of the whole screen each time.
    """

    BINDINGS = [
        Binding("left", "sideways(-1)", "Left", show=False, id="lines.left", tooltip="To the left"),
        Binding("right", "sideways(1)", "Right", show=False, id="lines.right", tooltip="To the right"),
    ]

    DEFAULT_CSS = """
    ContentView { height: 1fr; overflow: hidden; background: $background; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._document: Document | None = None
        self._top = Place(0, 0)
        self._wraps = True
        self._left = 0
        self._words = ""
        self._layouts: dict[int, list[Text]] = {}
        self._in_sight: list[Place] = []

    @property
    def document(self) -> Document | None:
        """What is shown."""
        return self._document

    @property
    def count(self) -> int:
        return self._document.count if self._document else 0

    @property
    def sees_end(self) -> bool:
        """Whether the last row is in sight."""
        return not self._in_sight or self._in_sight[-1] == self._last

    @property
    def inner_width(self) -> int:
        """How many cells there are for a document that has no numbers."""
        return max(_LEAST, self.size.width - 1)

    def show(self, document: Document, *, anew: bool = True) -> None:
        """Show another document: from its beginning, or where the one before it was looked at."""
        self._document = document
        if anew:
            self.cursor, self._top, self._left = 0, Place(0, 0), 0
        self._draw_anew()

    def grown(self) -> None:
        """Show what has come to the document."""
        self._draw_anew()

    def mark_words(self, words: str) -> None:
        """Make these words stand out."""
        self._words = words
        self._draw_anew()

    def wrap(self) -> bool:
        """Wrap long lines, or not any more; gives whether they are."""
        self._wraps = not self._wraps
        self._left = 0
        self._top = Place(self._top.item, 0)
        self._draw_anew()
        self._reveal_row(0)
        return self._wraps

    def turn_to(self, item: int, words: str = "") -> None:
        """Put the cursor on an item, and show the row of it in which these words are."""
        self.cursor = max(0, min(item, self.count - 1))
        self._draw_anew()
        wanted = words.lower()
        rows = self._rows(self.cursor)
        self._reveal_row(next((n for n, row in enumerate(rows) if wanted and wanted in row.plain.lower()), 0))
        self.post_message(self.Moved())

    # Drawing

    @property
    def _gutter(self) -> int:
        numbers = self._document.numbers if self._document else 0
        return len(f"{numbers}") + 2 if numbers else 1

    def _rows(self, item: int) -> list[Text]:
        """An item's rows as wide as the screen; never none."""
        assert self._document is not None
        if item not in self._layouts:
            if len(self._layouts) >= _KEPT:
                self._layouts.clear()
            width = max(_LEAST, self.size.width - self._gutter)
            made: list[Text] = []
            for row in self._document.rows(item):
                if self._words:
                    cells.highlight(row, self._words)
                made += _folded(row, width) if self._wraps and not row.no_wrap else [row]
            self._layouts[item] = made or [Text()]
        return self._layouts[item]

    @property
    def _last(self) -> Place:
        return Place(self.count - 1, len(self._rows(self.count - 1)) - 1) if self.count else Place(0, 0)

    def _walk(self, start: Place, by: int) -> Place:
        """The place so many rows further, or as far as there are any."""
        item, row = start
        row += by
        while row < 0 and item > 0:
            item -= 1
            row += len(self._rows(item))
        while row >= len(self._rows(item)) and item < self.count - 1:
            row -= len(self._rows(item))
            item += 1
        return Place(item, max(0, min(row, len(self._rows(item)) - 1)))

    def _draw_anew(self) -> None:
        self._layouts.clear()
        self.cursor = max(0, min(self.cursor, self.count - 1))
        self._scroll(self._top)

    def _scroll(self, top: Place) -> None:
        """Show the document from a place on; not further than to where its end is the last row."""
        if not self.count:
            self._in_sight = []
        else:
            height = max(1, self.size.height)
            top = min(Place(max(0, top.item), top.row), self._walk(self._last, 1 - height), self._last)
            row = min(top.row, len(self._rows(top.item)) - 1)
            self._top = place = Place(top.item, row)
            self._in_sight = [place]
            while len(self._in_sight) < height and place != self._last:
                place = self._walk(place, 1)
                self._in_sight.append(place)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, style = self.size.width, self.rich_style
        if y >= len(self._in_sight) or self._document is None:
            return Strip.blank(width, style)
        item, row = self._in_sight[y]
        gutter = self._gutter
        is_cursor = item == self.cursor
        label = self._document.label(item) if row == 0 else ""
        mark = Segment(CURSOR if is_cursor else " ", style + Style(color="cyan"))
        before = [mark, Segment(f"{label:>{gutter - 2}} " if gutter > 1 else "", style + Style(dim=not is_cursor))]
        segments = [
            Segment(part, style + extra if extra else style)
            for part, extra, _ in self._rows(item)[row].render(self.app.console)
        ]
        shown = Strip(segments)
        if self._left:
            shown = shown.crop(self._left, self._left + width)
        shown = shown.adjust_cell_length(max(0, width - gutter), style)
        return Strip([*before, *shown]).adjust_cell_length(width, style)

    def on_resize(self) -> None:
        self._top = Place(self._top.item, 0)
        self._draw_anew()
        self._reveal_row(0)

    # Moving

    def action_move(self, by: int) -> None:
        if not self.count:
            return
        edge = self._in_sight[-1 if by > 0 else 0]
        outermost = len(self._rows(self.cursor)) - 1 if by > 0 else 0
        if edge.item == self.cursor and edge.row != outermost:  # more of the same item is to be seen first
            self._scroll(self._walk(self._top, by * self._half))
            self.post_message(self.Moved())
        else:
            self.go(self.cursor + by)

    def go(self, to: int) -> None:
        before, self.cursor = self.cursor, max(0, min(to, self.count - 1))
        for y, place in enumerate(self._in_sight):
            if place.item in (before, self.cursor):
                self.refresh(Region(0, y, self._gutter, 1))
        self._reveal_row(0 if self.cursor >= before else len(self._rows(self.cursor)) - 1 if self.count else 0)
        self.post_message(self.Moved())

    @property
    def _half(self) -> int:
        return max(1, self.size.height // 2)

    def _reveal_row(self, row: int) -> None:
        """Have a row of the cursor's item in sight."""
        if not self.count:
            return
        place = Place(self.cursor, min(row, len(self._rows(self.cursor)) - 1))
        if place not in self._in_sight:
            self._scroll(self._walk(place, -self._half))

    def action_page(self, by: int) -> None:
        if self.count:
            before = self._top
            self._scroll(self._walk(before, by * max(1, self.size.height - 1)))
            if self._top == before:
                self.cursor = self.count - 1 if by > 0 else 0
            self._cursor_into_sight(down=by > 0)

    def action_jump(self, to: int) -> None:
        if self.count:
            self.cursor = to if to >= 0 else self.count - 1
            self._scroll(Place(0, 0) if to >= 0 else self._last)
            self.post_message(self.Moved())

    def action_sideways(self, by: int) -> None:
        """Show what is cut at the right, or come back."""
        widest = max((cell_len(self._rows(item)[row].plain) for item, row in self._in_sight), default=0)
        most = max(0, widest + self._gutter - self.size.width)
        left = max(0, min(self._left + by * SIDEWAYS, -(-most // SIDEWAYS) * SIDEWAYS))
        if left != self._left:
            self._left = left
            self.refresh()

    def _cursor_into_sight(self, *, down: bool) -> None:
        if not any(place.item == self.cursor for place in self._in_sight):
            self.cursor = self._in_sight[0 if down else -1].item
        self.refresh()
        self.post_message(self.Moved())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turn_wheel(event, WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turn_wheel(event, -WHEEL)

    def _turn_wheel(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        if self.count:
            self._scroll(self._walk(self._top, by))
            self._cursor_into_sight(down=by > 0)

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self._in_sight):
            again = self._in_sight[event.y].item == self.cursor
            self.go(self._in_sight[event.y].item)
            if again:
                self.post_message(self.Chosen())

    def on_focus(self) -> None:
        """The cursor looks the same with the focus and without it."""

    def on_blur(self) -> None:
        """So here, too."""


def _folded(row: Text, width: int) -> list[Text]:
    """A row as several of at most `width` cells, each as far to the right as what it goes on with."""
    plain = row.plain
    if cell_len(plain) <= width:
        return [row]
    found = _BEGINNING.match(plain)
    indent = min(found.end() if found else 0, width // 2)
    cuts: list[int] = []
    used, room, start, blank = 0, width, indent, -1
    for at, char in enumerate(plain):
        wide = get_character_cell_size(char)
        if used + wide > room:
            start = blank + 1 if blank > start + _SHORT else at
            cuts.append(start)
            used, room = cell_len(plain[start:at]), width - indent
        if char == " ":
            blank = at
        used += wide
    first, *others = row.divide(cuts)
    return [first, *(Text(" " * indent).append_text(other) for other in others)]
