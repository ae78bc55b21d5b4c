"""Cells of braille, each of two by four dots, and marks between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.text import Text

ACROSS, DOWN = 2, 4
"""Dots of a cell."""

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800


@dataclass(slots=True)
class Canvas:
    """A drawing of so many cells and rows."""

    width: int
    rows: int
    dots: dict[tuple[int, int], int] = field(default_factory=dict)
    """The bits of each cell that has any, by row and column."""
    marks: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    """Glyphs with their styles, which cover the dots of their cells."""

    def dot(self, x: int, y: int) -> None:
        """Set the dot that is so many dots from the left and from the top."""
        cell = y // DOWN, x // ACROSS
        self.dots[cell] = self.dots.get(cell, 0) | _BITS[y % DOWN][x % ACROSS]

    def row(self, row: int, style: str = "") -> Text:
        """A line of the drawing, its dots in a style."""
        shown = Text(no_wrap=True, end="")
        for x in range(self.width):
            if mark := self.marks.get((row, x)):
                shown.append(*mark)
            elif dots := self.dots.get((row, x)):
                shown.append(chr(_BRAILLE + dots), style)
            else:
                shown.append(" ")
        shown.rstrip()
        return shown
