"""A terminal's screen, drawn from the bytes that a program writes."""

from __future__ import annotations

import re
from collections import defaultdict

import pyte
from pyte.charsets import LAT1_MAP
from wcwidth import wcwidth

# What pyte would print as text: the kitty keyboard's CSI with < = >, and DCS.
_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<=>][0-9;:]*[@-~]|\x1bP.*?\x1b\\", re.DOTALL)
_BEGIN_FRAME, _END_FRAME = b"\x1b[?2026h", b"\x1b[?2026l"
_CUT_SHORT = re.compile(rb"\x1b(?:\[[<=>?]?[0-9;:]*|\][^\x07\x1b]*\x1b?|P[^\x1b]*\x1b?)?\Z")
_LOOK = re.compile(rb"\x1b\[([0-9;]*)m")


class _Screen(pyte.Screen):
    """Draws as pyte does, and sooner where a text fits into the line with one cell for each character."""

    def __init__(self, columns: int, rows: int) -> None:
        self._cells: defaultdict[pyte.screens.Char, dict[str, pyte.screens.Char]] = defaultdict(dict)
        self._narrow: set[str] = set()
        super().__init__(columns, rows)

    def draw(self, data: str) -> None:
        self._narrow.update(char for char in set(data) - self._narrow if wcwidth(char) == 1)
        x, y = self.cursor.x, self.cursor.y
        is_plain = self.charset == 0 and self.g0_charset is LAT1_MAP and pyte.modes.IRM not in self.mode
        if not is_plain or x + len(data) > self.columns or not self._narrow.issuperset(data):
            super().draw(data)
            return
        attributes = self.cursor.attrs
        cells, line = self._cells[attributes], self.buffer[y]
        for place, char in enumerate(data, x):
            cell = cells.get(char)
            if cell is None:
                cell = cells[char] = attributes._replace(data=char)
            line[place] = cell
        self.cursor.x = x + len(data)
        self.dirty.add(y)


class Picture:
    """A terminal's screen, fed with bytes."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        self._lines: list[str] = []

    def feed(self, data: bytes) -> None:
        """Show more bytes; a frame or a sequence that is cut short waits for its end."""
        data = self._rest + data
        cut = _CUT_SHORT.search(data)
        end = cut.start() if cut else len(data)
        begun = data.rfind(_BEGIN_FRAME)
        if begun >= 0 and _END_FRAME not in data[begun:]:
            end = min(end, begun)
        self._rest = data[end:]
        # Half of what comes are colours, which pyte would read byte by byte.
        between = _LOOK.split(_NOT_FOR_PYTE.sub(b"", data[: len(data) - len(self._rest)]))
        self._stream.feed(between[0])
        for look, text in zip(between[1::2], between[2::2], strict=True):
            self.screen.select_graphic_rendition(*(int(number or 0) for number in look.split(b";")))
            self._stream.feed(text)

    @property
    def lines(self) -> list[str]:
        """The screen's lines, without the blanks at their ends."""
        if len(self._lines) != self.screen.lines:
            self._lines = [""] * self.screen.lines
            self.screen.dirty.update(range(self.screen.lines))
        for row in self.screen.dirty.intersection(range(self.screen.lines)):
            self._lines[row] = self._line(row).rstrip()
        self.screen.dirty.clear()
        return list(self._lines)

    def _line(self, row: int) -> str:
        # Not pyte's own display: it fails on the second half of a wide character whose first one was overwritten.
        cells = [self.screen.buffer[row][column].data for column in range(self.screen.columns)]
        if "" not in cells:
            return "".join(cells)
        wide = ["", *(cell if cell and wcwidth(cell[0]) == 2 else "" for cell in cells)]
        return "".join(cell or ("" if before else " ") for cell, before in zip(cells, wide, strict=False))

    @property
    def text(self) -> str:
        """All lines of the screen."""
        return "\n".join(self.lines)
