"""Where the lines of a growing text begin, in little memory even where all of it is line ends."""

from __future__ import annotations

from array import array
from bisect import bisect_right

PIECE = 4096
"""Bytes after which a line of text goes on in a piece of its own, so that none takes long to draw."""

_EVERY = 64
"""Of so many pieces the place of the first is kept, and the others are looked for from there."""


class Pieces:
    """Lines of a text, or pieces of them where they are longer than `longest` bytes; nothing is kept of the text.

    `data` may only grow; `extend` takes note of it.
    """

    def __init__(self, data: bytearray, longest: int | None = PIECE) -> None:
        self._data = data
        self._longest = longest
        self._starts = array("Q")
        self._numbers = array("Q")
        self._next = 0
        self._number = 0
        self._begins_line = True
        self.count = 0
        """How many pieces there are."""
        self.end = 0
        """How much of the data they are made of."""

    @property
    def lines(self) -> int:
        """How many lines those are."""
        return self._number

    def extend(self, end: int) -> None:
        """Take in what has come up to `end`; a line that has not ended yet is the last piece until it has."""
        if self.count and self._next == self.end and not self._is_over(self.end):
            self._forget_last()
        self.end = end
        while self._next < end:
            if self.count % _EVERY == 0:
                self._starts.append(self._next)
                self._numbers.append(self._number)
            self._number += self._begins_line
            self._next = self._after(self._next)
            self._begins_line = self._is_over(self._next)
            self.count += 1

    def span(self, index: int) -> tuple[int, int]:
        """The bytes of a piece, its line end among them."""
        start = self._starts[index // _EVERY]
        for _ in range(index % _EVERY):
            start = self._after(start)
        return start, self._after(start)

    def number(self, index: int) -> int | None:
        """The number of a piece's line, from 1 on; None for one that goes on with the line of the piece before it."""
        at = index // _EVERY
        start, number = self._starts[at], self._numbers[at]
        begins = start == 0 or self._is_over(start)
        for _ in range(index % _EVERY):
            number += begins
            start = self._after(start)
            begins = self._is_over(start)
        return number + 1 if begins else None

    def at(self, offset: int) -> int:
        """The piece that a byte is in."""
        found = max(0, bisect_right(self._starts, offset) - 1)
        start, index = self._starts[found], found * _EVERY
        while (after := self._after(start)) <= offset and after < self.end:
            start, index = after, index + 1
        return index

    def line(self, index: int) -> tuple[int, int]:
        """The bytes of the whole line that a piece belongs to."""
        start, end = self.span(index)
        start = self._data.rfind(b"\n", 0, start) + 1
        found = self._data.find(b"\n", end - 1, self.end)
        return start, self.end if found < 0 else found + 1

    def _is_over(self, offset: int) -> bool:
        return offset > 0 and self._data[offset - 1] == 10

    def _after(self, start: int) -> int:
        """Where the piece that begins there ends."""
        limit = self.end if self._longest is None else min(self.end, start + self._longest)
        found = self._data.find(b"\n", start, limit)
        if found >= 0:
            return found + 1
        if limit < self.end:  # no character is cut in two
            for back in range(1, 4):
                if limit - back > start and self._data[limit] & 0xC0 == 0x80:
                    limit -= 1
        return limit

    def _forget_last(self) -> None:
        """The last piece is made anew, since its line goes on."""
        start, _ = self.span(self.count - 1)
        self._begins_line = start == 0 or self._is_over(start)
        self._next = start
        self._number -= self._begins_line
        self.count -= 1
        if self.count % _EVERY == 0:
            self._starts.pop()
            self._numbers.pop()
