"""Searching inside a file: in what has come of it and, where one goes on, in what is fetched for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from files_tui import text
from files_tui.ui.preview import notes
from files_tui.ui.preview.documents import Bytes
from files_tui.ui.preview.viewing import ViewingScreen
from files_tui.ui.widgets.search_line import SearchLine

if TYPE_CHECKING:
    from files_tui.api.models import File
    from files_tui.ui.session import Session

SOUGHT = 1 << 20
"""Bytes that a search fetches at once."""


class SearchingScreen(ViewingScreen):
    """Goes from one place to the next in which the words are."""

    def __init__(self, file: File, session: Session) -> None:
        super().__init__(file, session)
        self.seeks = False
        """Whether more is fetched until the words are found."""
        self._words = ""
        self._began_at = 0
        self._offers = False
        """Whether the next key for the next place fetches on to it."""
        self._revealed: int | None = None
        """What was unfolded only since a search came to it."""

    @property
    def goes_on(self) -> str:
        """The key for the next place."""
        raise NotImplementedError

    def forget_place(self) -> None:
        self._revealed = None

    async def action_search(self) -> None:
        """Type what to search for."""
        if self.document is not None and not self.query(SearchLine):
            self._began_at = self.content.cursor
            line = SearchLine(self._words, "words inside the file")
            await self.mount(line, before="#preview-foot")
            self.set_focus(line.field)

    @on(SearchLine.Changed)
    async def _changed(self, message: SearchLine.Changed) -> None:
        if message.over:
            self.set_focus(self.content)
            await self.query(SearchLine).remove()
        if message.words != self._words:
            self._words = message.words
            self._offers = False
            self.content.mark_words(self._words)
            self.say("")
            if self._words:
                self._find(self._began_at - 1, 1)

    def action_find(self, step: int) -> None:
        """Go to the next place, or to the one before; behind the last one, fetch on to the next."""
        if not self._words:
            self.say("nothing is searched for yet")
        elif self._offers and step > 0:
            self.seeks = True
            self._seek()
        else:
            self._find(self.content.cursor, step)

    def _find(self, start: int, step: int) -> bool:
        """Go to the place nearest to an item; where there is none, say so."""
        document = self.document
        if document is None:
            return False
        found = document.find(self._words, start, step)
        self._offers = found is None and step > 0 and isinstance(document, Bytes) and self.can_grow
        if found is None:
            what, goes_on = text.one_line(self._words, 30), self.goes_on if self._offers else ""
            self.say(notes.not_found(what, self.end, before=step < 0, whole=self.is_whole, goes_on=goes_on), "yellow")
            return False
        if self._revealed is not None and self._revealed != found:
            document.fold(self._revealed)
            self._revealed = None
        if document.reveal(found):
            self._revealed = found
        self.content.turn_to(found, self._words)
        return True

    def _seek(self) -> None:
        """Look for the next place in what has come, and fetch more where it is not there."""
        self.seeks = not self._find(self.content.cursor, 1) and self._offers
        if self.seeks:
            self._offers = False
            self.fetch(SOUGHT)
            self.draw_lines()

    def fetched(self) -> None:
        super().fetched()
        self.seeks = self.seeks and not self.has_failed
        if self.seeks:
            self._seek()

    def action_leave(self) -> None:
        """Stop a search that fetches; else close."""
        if self.seeks:
            self.seeks = False
            self.stop_fetching()
            self.say("stopped")
        else:
            self.dismiss(None)
