"""The table of files: one page of a query, never longer than what fits."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import DataTable

from files_tui.api.models import File
from files_tui.catalog.query import Query
from files_tui.config import COLUMNS, Column
from files_tui.ui import cells
from files_tui.ui.browse.look import Move


class Line(Strip):
    """A strip that does not keep how it was divided: left whole, it would refer to itself, and be garbage for long."""

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        cuts = list(cuts)
        return [self] if cuts == [self.cell_length] else super().divide(cuts)


class FilesTable(DataTable[object], inherit_css=False):
    """Shows files and asks for the next page where its own ends.

    `turn` shows another page, with the cursor on its last row where that is asked for. It is no message: the next key
    of a burst must meet the new page, or it would copy the wrong id. `columns` are shown as far as they fit.
    """

    # A link under the pointer would repaint the table for every row that the mouse crosses.
    auto_links = False

    COMPONENT_CLASSES = {"datatable--header", "datatable--cursor"}

    BINDINGS = [
        Binding("j,down", "cursor_down", "Down", show=False, id="table.down", tooltip="Move down, turn the page"),
        Binding("k,up", "cursor_up", "Up", show=False, id="table.up", tooltip="Move up, turn the page"),
        Binding("home", "scroll_top", "First row", show=False, id="table.first", tooltip="First row of the page"),
        Binding("end", "scroll_bottom", "Last row", show=False, id="table.last", tooltip="Last row of the page"),
        Binding("g", "first_page", "First page", show=False, id="page.first", tooltip="First page"),
        Binding("G", "last_page", "Last page", show=False, id="page.last", tooltip="Last page"),
        Binding("n,pagedown", "page_down", "Next page", show=False, id="page.next", tooltip="Next page"),
        Binding("p,pageup", "page_up", "Previous page", show=False, id="page.previous", tooltip="Previous page"),
        Binding("enter", "select_cursor", "Detail", show=False, id="file.detail", tooltip="All about this file"),
    ]

    @dataclass(eq=False, repr=False)
    class HeadClicked(Message):
        """The head of a column was clicked."""

        column: Column

    class CursorMoved(Message):
        """The cursor is on another file, or on none."""

    class Resized(Message):
        """Another number of rows or columns fits."""

    def __init__(
        self,
        turn: Callable[[Move, bool], None],
        columns: Sequence[Column] = COLUMNS,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id, cursor_type="row", cell_padding=0, zebra_stripes=False)
        self._turn = turn
        self._wanted = columns
        self._files: list[File] = []
        self._shown: object = None
        self._columns: list[tuple[Column, int]] = []
        self._lines: list[Text] = []
        self._style = Style()

    @property
    def files(self) -> list[File]:
        """The files of the page."""
        return self._files

    @property
    def current(self) -> File | None:
        """The file under the cursor."""
        return self._files[self.cursor_row] if 0 <= self.cursor_row < len(self._files) else None

    def show(self, files: Sequence[File], query: Query, marked: Collection[str], row: int) -> None:
        """Show a page with the cursor on a row; nothing is painted that was painted already."""
        now = time.time()
        columns = cells.columns_for(self.size.width, self._wanted)
        heads = cells.heads(columns, query.sort, descending=query.descending)
        body = [cells.row(file, columns, marked=file.id in marked, now=now, found=query.text) for file in files]
        shown = (columns, heads, body)
        before = self.current
        self._files = list(files)
        if shown != self._shown:
            self._shown = shown
            if columns != self._columns or [c.label for c in self.ordered_columns] != heads:
                self._columns = columns
                self.clear(columns=True)
                for (column, width), head in zip(columns, heads, strict=True):
                    self.add_column(head, width=width, key=column)
            else:
                self.clear()
            for line in body:
                self.add_row(*line)
            self._lines = [self._joined(line) for line in (heads, *body)]
        self.move_cursor(row=max(0, min(row, len(files) - 1)))
        if self.current != before:
            self.post_message(self.CursorMoved())

    def _joined(self, row: Sequence[Text]) -> Text:
        line = Text(no_wrap=True, end="")
        for (_, width), cell in zip(self._columns, row, strict=True):
            line.append_text(cell).append(" " * (width - cell.cell_len))
        return line

    def render_lines(self, crop: Region) -> list[Strip]:
        self._style = self.rich_style  # made of those of all that it stands in, each time that it is asked for
        return [Line(strip, strip.cell_length) for strip in super().render_lines(crop)]

    def render_line(self, y: int) -> Strip:
        """A head or a row in one piece; the table's own way by cells takes some five times as long."""
        width, style = self.size.width, self._style
        if y >= len(self._lines):
            return Strip.blank(width, style)
        line = self._lines[y]
        if y == 0:
            style = self.get_component_rich_style("datatable--header")
        elif y - 1 == self.cursor_row:
            style = self.get_component_rich_style("datatable--cursor")
            # Colours of the cells would make holes in the cursor.
            line = Text(line.plain, spans=[span for span in line.spans if span.style == cells.FOUND], end="")
        rendered = line.render(self.app.console)
        segments = [Segment(part, style + extra if extra else style) for part, extra, _ in rendered]
        return Strip(segments).adjust_cell_length(width, style)

    def _update_dimensions(self, new_rows: object) -> None:
        """Measure nothing: columns have their widths, a row is a line, and a page never scrolls."""

    def watch_cursor_coordinate(self, old_coordinate: Coordinate, new_coordinate: Coordinate) -> None:
        """Only what moves is told: the table sets its cursor anew for every row that it gets."""
        if old_coordinate != new_coordinate:
            self.refresh_row(old_coordinate.row)
            self.refresh_row(new_coordinate.row)
            if self._files:
                self.post_message(self.CursorMoved())

    def action_cursor_down(self) -> None:
        if self.cursor_row >= len(self._files) - 1:
            self._turn("next", False)
        else:
            super().action_cursor_down()

    def action_cursor_up(self) -> None:
        if self.cursor_row == 0:
            self._turn("previous", True)
        else:
            super().action_cursor_up()

    def action_page_down(self) -> None:
        self._turn("next", False)

    def action_page_up(self) -> None:
        self._turn("previous", False)

    def action_first_page(self) -> None:
        self._turn("first", False)

    def action_last_page(self) -> None:
        self._turn("last", True)

    def action_scroll_top(self) -> None:
        self.move_cursor(row=0)

    def action_scroll_bottom(self) -> None:
        self.move_cursor(row=max(0, len(self._files) - 1))

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def on_mouse_move(self, event: events.MouseMove) -> None:
        event.prevent_default()  # no hover style, so that a moving mouse paints nothing

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, and a second one opens the file."""
        event.prevent_default()
        row = event.y - self.header_height
        if row < 0:
            ends = accumulate(width for _, width in self._columns)
            inside = event.x - self.gutter.left
            self.post_message(
                self.HeadClicked(next(c for (c, _), end in zip(self._columns, ends, strict=True) if inside < end))
            )
        elif row == self.cursor_row:
            self.action_select_cursor()
        elif row < len(self._files):
            self.move_cursor(row=row)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_cursor_down()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_cursor_up()
