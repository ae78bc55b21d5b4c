"""Which files the listing shows, in which order, and which of them are marked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on

from files_tui.catalog.query import Query, Sort
from files_tui.text import Untrusted
from files_tui.ui.browse.look import Move
from files_tui.ui.browse.using import UseCommands
from files_tui.ui.chips import chips_of
from files_tui.ui.widgets.chip_bar import ChipBar
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.purpose_bar import PurposeBar, ordered

if TYPE_CHECKING:
    from files_tui.ui.widgets.search_line import SearchLine

# What is largest or newest is looked for first, what ends soonest too.
_FALLING = ("created", "size")


class ViewCommands(UseCommands):
    """Every change of the query begins at its first page; marks stay with their files."""

    def move(self, move: Move) -> None:
        """Show another page of the query."""
        raise NotImplementedError

    @property
    def wanted_purpose(self) -> Untrusted | None:
        return self.view.purpose

    @on(PurposeBar.Chosen)
    async def _purpose_clicked(self, message: PurposeBar.Chosen) -> None:
        await self.run_action(f"purpose({message.number})")

    def action_purpose(self, number: int) -> None:
        purposes = ordered(self.session.catalog.purposes()) if self.session else []
        if number <= len(purposes):
            self.change_view(replace(self.view, purpose=purposes[number - 1] if number else None))

    async def action_search(self) -> None:
        from files_tui.ui.widgets.search_line import SearchLine

        if not self.query(SearchLine):
            line = SearchLine(self.view.text)
            await self.mount(line, before="#foot")
            # At once, so that what is typed next goes into it.
            self.set_focus(line.field)

    async def on_search_line_changed(self, message: SearchLine.Changed) -> None:
        """Look for other words, or be done with it."""
        if message.over:
            self.set_focus(self.query_one(FilesTable))
            await self.query("SearchLine").remove()
        if message.words != self.view.text:
            self.change_view(replace(self.view, text=message.words))

    def action_filter(self) -> None:
        from files_tui.ui.screens.filter import FilterScreen

        purposes = ordered(self.session.catalog.purposes()) if self.session else []
        self.app.push_screen(FilterScreen(self.view, purposes), lambda view: self.change_view(view) if view else None)

    def action_storage(self) -> None:
        from files_tui.ui.screens.storage import StorageScreen

        if self.session:
            self.app.push_screen(
                StorageScreen(self.session.catalog, self.session.account, self.standing.is_known),
                lambda view: self.change_view(view) if view else None,
            )

    @on(ChipBar.Removed)
    def _chip_removed(self, message: ChipBar.Removed) -> None:
        self.change_view(message.chip.without)

    def action_drop_filter(self) -> None:
        if chips := chips_of(self.view):
            self.change_view(chips[-1].without)

    @on(FilesTable.HeadClicked)
    def _head_clicked(self, message: FilesTable.HeadClicked) -> None:
        self._sort_by(message.column)

    def action_sort(self) -> None:
        from files_tui.ui.screens.sort import SortScreen

        screen = SortScreen(self.view, self.app.key("list.reverse"))
        self.app.push_screen(screen, lambda sort: self._sort_by(sort) if sort else None)

    def _sort_by(self, sort: Sort) -> None:
        """Sort by a column, or the other way round where the listing is sorted by it already."""
        falling = not self.view.descending if sort == self.view.sort else sort in _FALLING
        self.change_view(replace(self.view, sort=sort, descending=falling))

    def action_reverse(self) -> None:
        self.change_view(replace(self.view, descending=not self.view.descending))

    def action_back_out(self) -> None:
        start = self.app.settings.purpose if self.app.settings.pick else None
        if self.session and self.session.catalog.marks:
            self.session.catalog.marks.clear()
            self.refresh_page()
        elif self.view.text:
            self.change_view(replace(self.view, text=""))
        elif self.view.is_filtered or self.view.purpose != start:
            self.change_view(Query(purpose=start, sort=self.view.sort, descending=self.view.descending))
        elif self.app.settings.pick:
            self.action_quit()

    # Marks

    def action_mark(self) -> None:
        table = self.query_one(FilesTable)
        if self.session and table.current is not None:
            self.session.catalog.marks.toggle(table.current.id)
            self.refresh_page()
            table.action_cursor_down()

    def action_mark_all(self) -> None:
        if self.session:
            self.session.catalog.marks.add(self.view, time.time())
            self.refresh_page()

    def action_mark_others(self) -> None:
        if self.session:
            self.session.catalog.marks.invert(self.view, time.time())
            self.refresh_page()
