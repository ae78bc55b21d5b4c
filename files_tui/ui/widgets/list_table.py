"""A plain table to look through."""

from __future__ import annotations

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable


class ListTable(DataTable[Text]):
    """Rows that j and k move along."""

    # A link under the pointer would repaint the table for every row that the mouse crosses.
    auto_links = False

    BINDINGS = [
        Binding("j,down", "cursor_down", "Down", show=False, id="rows.down", tooltip="Move down"),
        Binding("k,up", "cursor_up", "Up", show=False, id="rows.up", tooltip="Move up"),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", cell_padding=0)
