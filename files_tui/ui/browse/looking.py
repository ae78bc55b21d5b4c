"""Asking the catalog from a screen: at once where a key may wait for it, else in a thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace
from textual.message_pump import MessagePump

from files_tui.catalog.errors import CatalogFailed, TooSlow
from files_tui.catalog.query import Query
from files_tui.text import Untrusted
from files_tui.ui.background import in_background
from files_tui.ui.browse.look import Look, Move, Patience, Shown

if TYPE_CHECKING:
    from files_tui.api.models import File
    from files_tui.catalog.catalog import Catalog

AT_ONCE = Patience(files=0.03, numbers=0.015)
AT_LEISURE = Patience(numbers=0.015)
IN_THE_END = Patience()


class Viewer(Protocol):
    """The screen, as far as a looker needs it; all of it on the screen's own loop."""

    @property
    def current(self) -> File | None:
        """The file under the cursor."""

    def draw_page(self) -> None:
        """Show another page."""

    def draw_lines(self) -> None:
        """Say what there is to say about it."""

    def refresh_page(self) -> None:
        """Look once more at what is shown."""

    def catalog_failed(self, error: CatalogFailed) -> None:
        """The catalog cannot be read."""


class Looker:
    """Keeps what is `shown`, and what is `wanted` beside it; the newest question wins."""

    def __init__(self, pump: MessagePump, viewer: Viewer) -> None:
        self._pump = pump
        self._viewer = viewer
        self.shown = Shown(Query())
        self.wanted: Query | None = None
        self.is_outdated = False
        """Whether the catalog has changed since the look that is under way began."""
        self._question = 0
        self._counting = False

    @property
    def query(self) -> Query:
        """Which files are shown, or will be in a moment."""
        return self.wanted or self.shown.query

    @property
    def is_searching(self) -> bool:
        """Whether the person waits for another listing than the one that is shown."""
        return self.wanted is not None and self.wanted != self.shown.query

    def begin_with(self, start: Shown) -> None:
        """Let this be what the next look is at."""
        self._forget()
        self.shown = start

    def look(self, catalog: Catalog, length: int, start: Shown, move: Move) -> None:
        """Show what a move leads to, `length` files a page."""
        self._forget()
        try:
            self._show(catalog, length, Look(catalog, length, AT_ONCE).move(start, move))
        except TooSlow:
            self.wanted = start.query
            self._viewer.draw_lines()
            work = partial(self._look_at_leisure, self._question, catalog, length, start, move)
            in_background(self._pump, work, "search")
        except CatalogFailed as error:
            self._viewer.catalog_failed(error)

    def find(self, catalog: Catalog, length: int, start: Shown, file_id: Untrusted) -> bool:
        """Show the page with a file on it at once; False when the query does not have it."""
        try:
            found = next(iter(catalog.get([file_id])), None)
            if found is None:
                return False
            self._forget()  # what is looked for may know nothing of the file
            self._show(catalog, length, Look(catalog, length, IN_THE_END).find(start, found))
        except CatalogFailed as error:
            self._viewer.catalog_failed(error)
            return False
        return self.shown.current is not None and self.shown.current.id == file_id

    def _forget(self) -> None:
        """Whatever is being looked for is not wanted any more."""
        self._question += 1
        self.wanted, self.is_outdated = None, False

    def _look_at_leisure(self, question: int, catalog: Catalog, length: int, start: Shown, move: Move) -> None:
        try:
            found = Look(catalog, length, AT_LEISURE).move(start, move)
        except CatalogFailed as error:
            self._pump.call_later(self._failed, question, error)
        else:
            self._pump.call_later(self._found, question, catalog, length, found)

    def _found(self, question: int, catalog: Catalog, length: int, shown: Shown) -> None:
        if question != self._question or self.wanted is None:
            return
        is_outdated = self.is_outdated
        self._forget()
        current = self._viewer.current
        if shown.query == self.shown.query and current is not None:  # the cursor may have moved meanwhile
            ids = [file.id for file in shown.files]
            shown = replace(shown, row=ids.index(current.id) if current.id in ids else shown.row)
        self._show(catalog, length, shown)
        if is_outdated:
            self._viewer.refresh_page()

    def _failed(self, question: int, error: CatalogFailed) -> None:
        is_outdated = question == self._question and self.is_outdated
        if question == self._question:
            self._forget()
        self._viewer.catalog_failed(error)
        if is_outdated:
            self._viewer.refresh_page()

    def _show(self, catalog: Catalog, length: int, shown: Shown) -> None:
        self.shown = shown
        self._viewer.draw_page()
        self._count_soon(catalog, length)

    def _count_soon(self, catalog: Catalog, length: int) -> None:
        """Numbers that take longer than a key may come after the rows."""
        if not self.shown.is_counted:
            self._begin_to_count(catalog, length, self.shown)

    def _begin_to_count(self, catalog: Catalog, length: int, uncounted: Shown) -> None:
        if not self._counting:
            self._counting = True
            in_background(self._pump, partial(self._count, catalog, length, self.shown, uncounted), "count")

    def _count(self, catalog: Catalog, length: int, begun: Shown, uncounted: Shown) -> None:
        try:
            counted = Look(catalog, length, IN_THE_END).count(uncounted)
        except CatalogFailed:
            counted = uncounted  # the next look tells what is wrong
        self._pump.call_later(self._counted, catalog, length, begun, counted)

    def _counted(self, catalog: Catalog, length: int, begun: Shown, counted: Shown) -> None:
        self._counting = False
        shown = self.shown
        is_of_this = (counted.query, counted.anchor) == (shown.query, shown.anchor)
        if is_of_this and (shown is begun or not shown.is_counted):
            self.shown = replace(shown, first=counted.first, totals=counted.totals)
            self._viewer.draw_lines()
            if shown is not begun:  # numbers from before the last change are better than none, for a while
                self._begin_to_count(catalog, length, shown)
        else:
            self._count_soon(catalog, length)
