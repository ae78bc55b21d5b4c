"""The last requests: what was asked, and how it ended."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from files_tui.text import safe
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.list_table import ListTable

if TYPE_CHECKING:
    from files_tui.api.models import Exchange

SHOWN = 200
TICK = 1.0


class LogScreen(Dialog[None]):
    """Newest first; no header, body or key is ever in it."""

    CSS_PATH = ["dialog.tcss", "log.tcss"]

    BINDINGS = [
        Binding("escape,q,l", "leave", "Close", id="log.close"),
    ]

    def __init__(self, exchanges: deque[Exchange]) -> None:
        super().__init__()
        self._exchanges = exchanges
        self._newest: Exchange | None = None

    def compose(self) -> ComposeResult:
        yield Static("Request log", classes="title")
        yield ListTable()
        yield Static(self.hint("newest first · {log.close} closes"), classes="hint", markup=False)

    def on_mount(self) -> None:
        table = self.query_one(ListTable)
        for title, width in (("Time", 10), ("Took", 9), ("Answer", 8), ("Try", 5)):
            table.add_column(title, width=width)
        table.add_column("Request, request id, error")
        self._fill()
        self.set_interval(TICK, self._fill)

    def _fill(self) -> None:
        exchanges = list(self._exchanges)[-SHOWN:]
        if exchanges and exchanges[-1] is not self._newest:
            self._newest = exchanges[-1]
            table = self.query_one(ListTable)
            row = table.cursor_row
            table.clear()
            for exchange in reversed(exchanges):
                table.add_row(*_cells(exchange))
            table.move_cursor(row=row)


def _cells(exchange: Exchange) -> list[Text]:
    good = exchange.error is None
    status = str(exchange.status) if exchange.status else "–"
    request = Text(safe(f"{exchange.method} {exchange.path}"), no_wrap=True)
    request.append(f"  {safe(exchange.request_id or '')}", "dim")
    if exchange.error:
        request.append(f"  {safe(exchange.error)}", "red")
    return [
        Text(time.strftime("%H:%M:%S", time.localtime(exchange.at))),
        Text(f"{exchange.duration:6.2f} s"),
        Text(status, "green" if good else "bold red"),
        Text(str(exchange.retries + 1), "yellow" if exchange.retries else "dim"),
        request,
    ]
