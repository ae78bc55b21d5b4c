"""The lines around the table, and what stands in place of its rows where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from files_tui import text
from files_tui.catalog.query import Query, Totals
from files_tui.settings import DEFAULT_BASE_URL
from files_tui.ui import notices
from files_tui.ui.browse.lines import marks_words, position_words, state_words, where_words
from files_tui.ui.chips import chips_of
from files_tui.ui.widgets.chip_bar import ChipBar
from files_tui.ui.widgets.two_ends import TwoEnds

if TYPE_CHECKING:
    from files_tui.ui.browse.screen import BrowseScreen

ROOMY = 60
"""Columns from which there is room for all words."""


class Around:
    """Draws them from what a screen shows, and from how its account stands."""

    def __init__(self, screen: BrowseScreen) -> None:
        self._screen = screen
        self._place, self._placed = "", screen.shown.query
        self.greeting = Text()
        """What is said to someone who is here for the first time."""

    @property
    def is_roomy(self) -> bool:
        """Whether there is room for all words."""
        return self._screen.size.width >= ROOMY

    def draw(self) -> None:
        """Say what there is to say of the page and of the listing. Raises `CatalogFailed`."""
        self._screen.query_one(ChipBar).show(chips_of(self._screen.view))
        self._draw_notice()
        self._draw_head()
        self._draw_position()

    def draw_progress(self) -> None:
        """Say what moves, and how long a server wants to be left alone."""
        screen = self._screen
        progress = screen.session.progress() if screen.session else None
        line = self.greeting.copy()
        if progress is not None:
            from files_tui.ui.widgets.moving import moving_line

            line = moving_line(progress, screen.app.key) or line
        if screen.quits_when_done:
            line.append(" · then quits", "bold yellow")
        screen.query_one("#foot", TwoEnds).show(right=line)
        pause = screen.pause_left
        if pause > 0:
            waits = Text().append(f"waiting to try again: {text.clock(pause + 1)}", "bold yellow")
            screen.query_one("#head", TwoEnds).show(right=waits)

    def _draw_head(self) -> None:
        screen = self._screen
        settings, session = screen.app.settings, screen.session
        totals = session.catalog.totals(Query()) if session else Totals(0, 0)
        screen.query_one("#head", TwoEnds).show(
            left=where_words(settings, session.account if session else settings.account, read_only=screen.read_only),
            right=state_words(screen.standing, totals, screen.app.key, roomy=self.is_roomy),
        )

    def _draw_position(self) -> None:
        screen, shown, line = self._screen, self._screen.shown, Text()
        if screen.looker.is_searching:
            line.append("searching…", "bold yellow")
        elif screen.session and shown.files:
            everything = screen.session.catalog.totals(Query()).files
            filling = screen.standing.under_way and not screen.standing.is_known
            if shown.is_counted or self._placed is not shown.query:
                self._placed = shown.query
                self._place = position_words(shown, screen.page_length, everything, filling=filling)
            line.append(self._place)
        if screen.session and (words := marks_words(screen.session.catalog.marks.totals)):
            line.append(f"{' · ' if line else ''}{words}", "bold magenta")
        screen.query_one("#foot", TwoEnds).show(left=line)

    def _draw_notice(self) -> None:
        screen, standing = self._screen, self._screen.standing
        notice = screen.query_one("#notice", Static)
        says_something = standing.problem or standing.is_fresh or screen.has_waited
        if screen.shown.files or screen.looker.is_searching or not says_something:
            notice.display = False
            return
        account = screen.session.account if screen.session else screen.app.settings.account
        words = notices.notice(
            standing=standing,
            view=screen.view,
            catalog=screen.session.catalog if screen.session else None,
            key_from=account.key_from,
            usual=account.base_url == DEFAULT_BASE_URL,
            can_upload=not screen.read_only,
            keys=screen.app.key,
        )
        if notice.content != words:
            notice.update(words)
        notice.display = True
