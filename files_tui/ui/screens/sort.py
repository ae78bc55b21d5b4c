"""The order of the listing."""

from __future__ import annotations

from files_tui.catalog.query import Query, Sort
from files_tui.ui.screens.menu import Item, MenuScreen

_ITEMS: tuple[Item[Sort], ...] = (
    Item("c", "created", "newest first", "created"),
    Item("z", "size", "largest first", "size"),
    Item("n", "name", "a to z", "name"),
    Item("e", "expires", "soonest first, never last", "expires"),
    Item("p", "purpose", "a to z", "purpose"),
    Item("t", "status", "busy, failed, ready", "status"),
)


class SortScreen(MenuScreen[Sort]):
    """Gives the column to sort by; `reverse` is the key that turns the order round."""

    def __init__(self, view: Query, reverse: str) -> None:
        super().__init__(f"Sort by ({reverse} reverses)", _ITEMS, view.sort)
