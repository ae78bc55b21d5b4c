"""Where the lines of a growing text begin, in little memory and time even where all of it is line ends."""

from __future__ import annotations

from array import array
from bisect import bisect_right

BLOCK = 4096
"""Bytes of which the lines are counted at once, and looked for one by one only when one of them is wanted."""


class Pieces:
    """The lines of a text; with `cuts`, one that fills a block goes on in a piece of its own, so that none is long.

    Nothing is kept of `data`, which may only grow; `extend` takes note of it.
    """

    def __init__(self, data: bytearray, *, cuts: bool) -> None:
        self._data = data
        self._cuts = cuts
        self._pieces = array("Q")
        """How many pieces begin before each block,"""
        self._lines = array("Q")
        """and how many lines."""
        self.count = 0
        """How many pieces there are."""
        self.lines = 0
        """How many lines they are of."""
        self.end = 0
        """How much of the data they are made of."""

    def extend(self, end: int) -> None:
        """Take in what has come up to `end`; a line that has not ended yet goes on."""
        first = self.end // BLOCK
        if first < len(self._pieces):  # it was not full
            self.count, self.lines = self._pieces[first], self._lines[first]
            del self._pieces[first:], self._lines[first:]
        self.end = end
        for block in range(first, -(-end // BLOCK)):
            self._pieces.append(self.count)
            self._lines.append(self.lines)
            lines = self._lines_in(block, min(end, (block + 1) * BLOCK))
            self.lines += lines
            self.count += lines + (self._cut(block) is not None)

    def span(self, index: int) -> tuple[int, int]:
        """The bytes of a piece, its line end among them."""
        return self._start(index), self._start(index + 1) if index + 1 < self.count else self.end

    def number(self, index: int) -> int | None:
        """The number of a piece's line, from 1 on; None for one that goes on with the line of the piece before it."""
        start = self._start(index)
        if start and self._data[start - 1] != 10:
            return None
        return self._lines[start // BLOCK] + self._lines_in(start // BLOCK, start + 1)

    def at(self, offset: int) -> int:
        """The piece that a byte is in."""
        block = offset // BLOCK
        cut = self._cut(block)
        return self._pieces[block] + self._lines_in(block, offset + 1) + (cut is not None and cut <= offset) - 1

    def line(self, index: int) -> tuple[int, int]:
        """The bytes of the whole line that a piece belongs to."""
        start, end = self.span(index)
        found = self._data.find(b"\n", end - 1, self.end)
        return self._data.rfind(b"\n", 0, start) + 1, self.end if found < 0 else found + 1

    def _lines_in(self, block: int, end: int) -> int:
        """How many lines begin in a block before `end`: behind a line end, or at the very beginning."""
        if block == 0:
            return 1 + self._data.count(b"\n", 0, end - 1)
        return self._data.count(b"\n", block * BLOCK - 1, end - 1)

    def _cut(self, block: int) -> int | None:
        """Where a line is cut at the beginning of a block, which leaves characters whole; None where none is."""
        start = block * BLOCK
        if not self._cuts or not block or self._data.find(b"\n", start - BLOCK, start) >= 0:
            return None
        for offset in range(start, min(self.end, start + 4)):
            if self._data[offset] & 0xC0 != 0x80:
                return offset
        return start if start < self.end else None

    def _start(self, index: int) -> int:
        block = bisect_right(self._pieces, index) - 1
        nth = index - self._pieces[block]
        cut = self._cut(block)
        if cut is not None:
            if nth == 0:
                return cut
            nth -= 1
        if block == 0:
            if nth == 0:
                return 0
            nth -= 1
        found = max(0, block * BLOCK - 1) - 1
        for _ in range(nth + 1):
            found = self._data.find(b"\n", found + 1, self.end)
        return found + 1
