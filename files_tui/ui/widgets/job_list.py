"""The lines of the transfers panel."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from files_tui.ui.transfer_rows import Room, Row, cells_of, mark_of
from files_tui.ui.widgets.line_list import LineList

USUAL, ROOMY = 72, 100
"""From so many columns on there is this much room."""

AT_ONCE = 4
"""So many lines are painted again at a time, in turn: about 90 bytes each."""

_WIDTHS: dict[Room, tuple[int, ...]] = {"slim": (4, 15), "usual": (4, 10, 29, 7), "roomy": (4, 10, 41, 11)}


class JobList(LineList):
    """Paints again only those cells of a line that have changed: over SSH a whole table would be 13 kB a time."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._lines: list[Text] = []
        self._still: dict[Row, tuple[tuple[object, ...], Text]] = {}
        self._turn = 0

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002
        return self._lines[index]

    def show(self, rows: Sequence[Row]) -> None:
        """Show how these stand now; the cursor stays on its row."""
        lines = [self._line_of(row) for row in rows]
        if list(rows) == self.rows:
            changed = [index for index, line in enumerate(lines) if line != self._lines[index]]
            later = [index for index in changed if index >= self._turn]
            for index in [*later, *changed][:AT_ONCE] if len(changed) > AT_ONCE else changed:
                end = _end_of_change(self._lines[index], lines[index])
                self._lines[index] = lines[index]
                self.refresh_line(index, end=end)
                self._turn = index + 1
        else:
            kept = self.current
            self.rows, self._lines = list(rows), lines
            self._still = {row: self._still[row] for row in rows if row in self._still}
            self.recount(self.rows.index(kept) if kept in self.rows else min(self.cursor, max(0, len(rows) - 1)))

    def on_resize(self) -> None:
        self._still.clear()
        self._lines = [self._line_of(row) for row in self.rows]
        self.recount(self.cursor)

    def _line_of(self, row: Row) -> Text:
        """The line of a row, which is not made again where it only waits or has ended."""
        mark = mark_of(row)
        if mark is None:
            return self._made(row)
        kept = self._still.get(row)
        if kept is None or kept[0] != mark:
            kept = self._still[row] = mark, self._made(row)
        return kept[1]

    def _made(self, row: Row) -> Text:
        width = self.app.size.width
        room: Room = "roomy" if width >= ROOMY else "usual" if width >= USUAL else "slim"
        line = Text(no_wrap=True, end="")
        *first, name = cells_of(row, room)
        for cell, width in zip(first, _WIDTHS[room], strict=True):
            cell.truncate(width - 1, overflow="ellipsis", pad=True)
            line.append_text(cell).append(" ")
        name.truncate(max(1, self.size.width - line.cell_len), overflow="ellipsis")
        return line.append_text(name)


def _end_of_change(old: Text, new: Text) -> int | None:
    """Up to which cell two lines differ, None for all; what stands before the name is one cell a character."""
    if len(old) != len(new):
        return None
    last = next((n for n in range(len(new) - 1, -1, -1) if old.plain[n] != new.plain[n]), -1)
    styled = [span.end for span in (*old.spans, *new.spans) if span not in old.spans or span not in new.spans]
    return max(last + 1, *styled) if styled else last + 1
