"""The detail pane beside the table: it follows the cursor once that rests, and looks inside where it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

from files_tui.ui.browse.glimpse import REST, Glimpse
from files_tui.ui.widgets.detail import DetailPane

if TYPE_CHECKING:
    from files_tui.ui.browse.screen import BrowseScreen

DELAY = 0.1


class Beside:
    """Draws the pane for the file under the cursor of a screen."""

    def __init__(self, screen: BrowseScreen) -> None:
        self._screen = screen
        self._glimpse = Glimpse(screen, self._draw)
        self._drawing: Timer | None = None
        self._resting: Timer | None = None

    def follow(self) -> None:
        """The cursor is on another file, or more is known of the one that it is on."""
        if self._drawing is not None:
            self._drawing.stop()
        self._drawing = self._screen.set_timer(DELAY, self._draw)
        self._glimpse.leave(self._screen.current)
        self.rest()

    def rest(self) -> None:
        """Look at the first lines of the file in a while, if the cursor stays there."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self._screen.set_timer(REST, self._look_inside)

    async def _draw(self) -> None:
        self._drawing = None
        screen = self._screen
        pane = screen.query_one(DetailPane)
        if pane.display:
            file = screen.current
            used, original = screen.uses_words(file), screen.original_words(file)
            await pane.show(file, screen.view.text, used, original, self._glimpse.lines_of(file))

    def _look_inside(self) -> None:
        screen = self._screen
        if screen.current and screen.session and screen.is_active and screen.query_one(DetailPane).display:
            self._glimpse.look(screen.session, screen.current)
