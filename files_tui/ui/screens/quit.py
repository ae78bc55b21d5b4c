"""Quitting while something moves."""

from __future__ import annotations

from typing import Literal

from files_tui.text import count
from files_tui.ui.screens.menu import Item, MenuScreen
from files_tui.ui.widgets.options import Options

Leaving = Literal["wait", "remember", "stop"]


class QuitScreen(MenuScreen[Leaving]):
    """What is to become of so many transfers that have not ended; Escape stays."""

    is_grave = True

    def __init__(self, active: int, *, can_remember: bool) -> None:
        items: list[Item[Leaving]] = [Item("w", "wait", "quit when they have ended", "wait")]
        if can_remember:
            items.append(Item("r", "remember", "stop, and offer to go on at the next start", "remember"))
        items.append(Item("x", "stop", "give them up; nothing half done is left", "stop"))
        still = "transfer has" if active == 1 else "transfers have"
        super().__init__(f"Quit? {count(active)} {still} not ended", items)

    def readable(self) -> None:
        self.query_one(".dialog").border_subtitle = self.hint(
            "{options.choose} or its letter · {menu.cancel} stays", Options
        )
