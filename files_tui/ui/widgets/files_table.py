"""The table of files: one page of a query, never longer than what fits."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message

from files_tui.api.models import File
from files_tui.catalog.query import Query
from files_tui.config import COLUMNS, Column
from files_tui.ui import cells
from files_tui.ui.browse.look import Move
from files_tui.ui.widgets.line_list import LineList

Row = list[Text]


class FilesTable(LineList, inherit_bindings=False):
    """Shows files and asks for the next page where its own ends.

    `turn` shows another page, with the cursor on its last row where that is asked for. It is no message: the next key
    of a burst must meet the new page, or it would copy the wrong id. `columns` are shown as far as they fit.
    """

    HEADS = 1
    BINDINGS = [
        Binding("j,down", "move(1)", "Down", show=False, id="table.down", tooltip="Move down, turn the page"),
        Binding("k,up", "move(-1)", "Up", show=False, id="table.up", tooltip="Move up, turn the page"),
        Binding("home", "jump(0)", "First row", show=False, id="table.first", tooltip="First row of the page"),
        Binding("end", "jump(-1)", "Last row", show=False, id="table.last", tooltip="Last row of the page"),
        Binding("g", "turn('first')", "First page", show=False, id="page.first", tooltip="First page"),
        Binding("G", "turn('last')", "Last page", show=False, id="page.last", tooltip="Last page"),
        Binding("n,pagedown", "turn('next')", "Next page", show=False, id="page.next", tooltip="Next page"),
        Binding("p,pageup", "turn('previous')", "Previous page", show=False, id="page.previous",
                tooltip="Previous page"),
        Binding("enter", "choose", "Detail", show=False, id="file.detail", tooltip="All about this file"),
    ]  # fmt: skip

    class HeadClicked(Message):
        """The head of a column was clicked."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    class Resized(Message):
        """Another number of rows or columns fits."""

    def __init__(
        self,
        turn: Callable[[Move, bool], None],
        columns: Sequence[Column] = COLUMNS,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._turn = turn
        self._wanted = columns
        self._columns: list[tuple[Column, int]] = []
        self.files: list[File] = []
        """The files of the page."""
        self.heads: Row = []
        """The heads of the columns."""
        self.rows: list[Row] = []
        """The cells of each file."""

    @property
    def rows_that_fit(self) -> int:
        """How many files a page holds."""
        return self.lines_in_sight

    @property
    def count(self) -> int:
        return len(self.files)

    @property
    def current(self) -> File | None:
        """The file under the cursor."""
        return self.files[self.cursor] if self.cursor < len(self.files) else None

    def show(self, files: Sequence[File], query: Query, marked: Collection[str], row: int) -> None:
        """Show a page with the cursor on a row; nothing is drawn that was drawn already."""
        now = time.time()
        columns = cells.columns_for(self.size.width, self._wanted)
        heads = cells.heads(columns, query.sort, descending=query.descending)
        rows = [cells.row(file, columns, marked=file.id in marked, now=now, found=query.text) for file in files]
        before, self.files = self.current, list(files)
        row = max(0, min(row, len(files) - 1))
        if (columns, heads, len(rows)) == (self._columns, self.heads, len(self.rows)):
            changed = [index for index, (new, old) in enumerate(zip(rows, self.rows, strict=True)) if new != old]
            self.rows = rows
            for index in changed:
                self.refresh_line(index)
            self.go(row)
        else:
            self._columns, self.heads, self.rows = columns, heads, rows
            self.recount(row)
        if self.current != before:
            self.post_message(self.Moved())

    def head(self, index: int, width: int) -> Text:  # noqa: ARG002
        return self._joined(self.heads)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002
        return self._joined(self.rows[index])

    def _joined(self, row: Row) -> Text:
        line = Text(no_wrap=True, end="")
        for (_, width), cell in zip(self._columns, row, strict=True):
            line.append_text(cell).append(" " * (width - cell.cell_len))
        return line

    def under_cursor(self, line: Text) -> Text:
        return Text(line.plain, spans=[span for span in line.spans if span.style == cells.FOUND], end="")

    def action_move(self, by: int) -> None:
        if by > 0 and self.cursor >= len(self.files) - 1:
            self._turn("next", False)
        elif by < 0 and self.cursor == 0:
            self._turn("previous", True)
        else:
            super().action_move(by)

    def action_turn(self, move: Move) -> None:
        """Show another page."""
        self._turn(move, move == "last")

    def action_choose(self) -> None:
        """Say that the file under the cursor is meant."""
        self.post_message(self.Chosen())

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        if event.y < self.HEADS:
            ends = accumulate(width for _, width in self._columns)
            for (column, _), end in zip(self._columns, ends, strict=True):
                if event.x - self.gutter.left < end:
                    self.post_message(self.HeadClicked(column))
                    return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1)
