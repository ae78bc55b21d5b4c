"""One line with words at both ends."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static


class TwoEnds(Static):
    """Painted only when it says something else; the right end gives way last."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._left = Text()
        self._right = Text()
        self._line = Text()

    def show(self, *, left: Text | None = None, right: Text | None = None) -> None:
        """Change what stands at one end, or at both."""
        self._left = self._left if left is None else left
        self._right = self._right if right is None else right
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        right = self._right.copy()
        right.truncate(width, overflow="ellipsis")
        line = self._left.copy()
        line.truncate(max(0, width - right.cell_len - 2), overflow="ellipsis")
        line.append(" " * max(0, width - line.cell_len - right.cell_len))
        line.append_text(right)
        if line != self._line:
            self._line = line
            self.update(line, layout=False)
