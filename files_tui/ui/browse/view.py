"""Which files the listing shows, in which order, and which of them are marked."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace
from textual import on

from files_tui.catalog.query import Query, Sort
from files_tui.ui.browse.commands import FileCommands
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.purpose_bar import PurposeBar, ordered
from files_tui.ui.widgets.search_line import SearchLine


class ViewCommands(FileCommands):
    """Every change of `view` begins at its first page; marks stay with their files."""

    def __init__(self) -> None:
        super().__init__()
        self.view = Query()
        self.marks: set[str] = set()

    def change_view(self, view: Query) -> None:
        """Show another query, from its first page on."""
        self.view = view
        self.refresh_page(first=0, row=0)

    @on(PurposeBar.Chosen)
    def _purpose_clicked(self, message: PurposeBar.Chosen) -> None:
        self.action_purpose(message.number)

    def action_purpose(self, number: int) -> None:
        purposes = ordered(self.session.catalog.purposes()) if self.session else []
        if number <= len(purposes):
            self.change_view(replace(self.view, purpose=purposes[number - 1] if number else None))

    async def action_search(self) -> None:
        if not self.query(SearchLine):
            line = SearchLine(self.view.text)
            await self.mount(line, before="#foot")
            # At once, so that what is typed next goes into it.
            self.set_focus(line.field)

    @on(SearchLine.Changed)
    async def _search_changed(self, message: SearchLine.Changed) -> None:
        if message.over:
            self.set_focus(self.query_one(FilesTable))
            await self.query(SearchLine).remove()
        if message.words != self.view.text:
            self.change_view(replace(self.view, text=message.words))

    def action_filter(self) -> None:
        from files_tui.ui.screens.filter import FilterScreen

        purposes = ordered(self.session.catalog.purposes()) if self.session else []
        self.app.push_screen(FilterScreen(self.view, purposes), lambda view: self.change_view(view) if view else None)

    def action_sort(self) -> None:
        from files_tui.ui.screens.sort import SortScreen

        def chosen(sort: Sort | None) -> None:
            if sort is not None:
                self.change_view(replace(self.view, sort=sort, descending=sort in ("created", "size")))

        self.app.push_screen(SortScreen(self.view), chosen)

    def action_reverse(self) -> None:
        self.change_view(replace(self.view, descending=not self.view.descending))

    def action_back_out(self) -> None:
        if self.marks:
            self._mark(set())
        elif self.view.text:
            self.change_view(replace(self.view, text=""))
        elif self.view.is_filtered or self.view.purpose is not None:
            self.change_view(Query(sort=self.view.sort, descending=self.view.descending))

    # Marks

    def _mark(self, marks: Collection[str]) -> None:
        self.marks = set(marks)
        self.refresh_page()

    def action_mark(self) -> None:
        table = self.query_one(FilesTable)
        if table.current is not None:
            self._mark(self.marks ^ {table.current.id})
            table.action_cursor_down()

    def action_mark_all(self) -> None:
        if self.session:
            self._mark(self.marks.union(self.session.catalog.ids(self.view)))

    def action_mark_others(self) -> None:
        if self.session:
            self._mark(self.marks.symmetric_difference(self.session.catalog.ids(self.view)))
