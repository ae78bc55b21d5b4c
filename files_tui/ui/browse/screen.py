"""The main screen: one page of the listing, and what the person does with it."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import Static

from files_tui import text
from files_tui.api.models import File
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.query import Query, Totals
from files_tui.settings import DEFAULT_BASE_URL
from files_tui.ui import notices
from files_tui.ui.background import in_background
from files_tui.ui.browse.glimpse import REST, Glimpse
from files_tui.ui.browse.lines import marks_words, position_words, state_words, where_words
from files_tui.ui.browse.look import Move, Shown
from files_tui.ui.browse.looking import Looker
from files_tui.ui.browse.view import ViewCommands
from files_tui.ui.chips import chips_of
from files_tui.ui.messages import CatalogChanged, CatalogDamaged, JobsChanged
from files_tui.ui.widgets.chip_bar import ChipBar
from files_tui.ui.widgets.detail import DetailPane
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.key_bar import KeyBar
from files_tui.ui.widgets.purpose_bar import PurposeBar
from files_tui.ui.widgets.two_ends import TwoEnds

ROOMY, NARROW, MEDIUM, WIDE = 60, 100, 114, 150
LEAST_WIDTH, LEAST_HEIGHT = 40, 10
TALL = 30
"""Lines from which that of the filters is always there, so that the table keeps its size as filters come and go."""
FEWEST = 20
LINES_AROUND = 4
"""The head, the heads of the columns, the foot and the keys."""
DETAIL_DELAY = 0.1
REFRESH_DELAY = 0.1
TICK = 0.4
AGES = 60.0
PATIENCE = 0.5
WITHOUT_ROWS = 0.1
"""Seconds until a frame without any rows is drawn: one that comes sooner would only delay that with the first of them.
"""


class BrowseScreen(ViewCommands):
    """Shows a page of a query and turns keys into changes of it.

    What it shows always comes from the catalog, asked anew by `refresh_page`; no row is ever edited.
    """

    AUTO_FOCUS = "#files"

    BINDINGS = [
        Binding("enter", "choose", "choose", id="file.choose", tooltip="Print marked ids, or this"),
        Binding("c", "copy_id", "copy id", id="copy.id", tooltip="Copy the id, or all marked"),
        Binding("y", "copy_menu", "Copy menu", show=False, id="copy.menu", tooltip="Copy id, name, JSON, curl…"),
        Binding("u", "upload", "upload", id="file.upload", tooltip="Upload files"),
        Binding("d", "download", "download", id="file.download", tooltip="Download marked, or this"),
        Binding("x,delete", "delete", "delete", id="file.delete", tooltip="Delete marked, or this"),
        Binding("slash", "search", "search", key_display="/", id="list.search", tooltip="Search names and ids"),
        Binding("f", "filter", "filter", id="list.filter", tooltip="Filter by status, expiry…"),
        Binding("s", "sort", "sort", id="list.sort", tooltip="Sort by another column"),
        Binding("o", "preview", "look inside", id="file.preview", tooltip="Look inside, fetching little"),
        Binding("S", "reverse", "Reverse", show=False, id="list.reverse", tooltip="Reverse the order"),
        Binding("backspace", "drop_filter", "Drop filter", show=False, id="list.drop", tooltip="Drop the last filter"),
        Binding("i", "storage", "Storage", show=False, id="show.storage", tooltip="What takes the space"),
        Binding("0", "purpose(0)", "Purposes", show=False, key_display="0–9", id="purpose.0",
                tooltip="All purposes, or the nth"),
        *(Binding(str(n), f"purpose({n})", f"Purpose {n}", show=False, system=True, id=f"purpose.{n}")
          for n in range(1, 10)),
        Binding("space", "mark", "Mark", show=False, id="mark.toggle", tooltip="Mark, and move down"),
        Binding("a", "mark_all", "Mark all", show=False, id="mark.all", tooltip="Mark all that is shown"),
        Binding("asterisk", "mark_others", "Invert marks", show=False, key_display="*", id="mark.invert",
                tooltip="Invert the marks"),
        Binding("escape", "back_out", "Clear", show=False, id="list.clear",
                tooltip="Clear marks, search, filter"),
        Binding("t", "transfers", "Transfers", show=False, id="show.transfers", tooltip="What is moving"),
        Binding("l", "log", "Request log", show=False, id="show.log", tooltip="The last requests"),
        Binding("O", "open", "Open by id", show=False, id="file.open", tooltip="Open files by their ids"),
        Binding("w", "uses", "Where used", show=False, id="file.uses", tooltip="Where this file is used"),
        Binding("r", "refresh_listing", "Refresh", show=False, id="list.refresh", tooltip="Ask the server again"),
    ]  # fmt: skip

    def __init__(self, *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        self.looker = Looker(self, self)
        self._waited = False
        self._place, self._placed = "", self.shown.query
        self._refresh_timer: Timer | None = None
        self._is_stale = False
        self._detail_timer: Timer | None = None
        self._glimpse = Glimpse(self, self._draw_detail)
        self._glimpse_timer: Timer | None = None
        self._greeting = Text()
        self._has_begun = False
        self._is_drawing = False
        self._styled_for = self.classes

    def compose(self) -> ComposeResult:
        self._fit(self.app.size)
        self._styled_for = self.classes
        yield TwoEnds(id="head")
        yield PurposeBar(id="purposes")
        with Horizontal(id="body"):
            yield FilesTable(self._turn_page, self.app.settings.columns, id="files")
            yield DetailPane(id="detail")
            yield Static("", id="notice", markup=False)
        yield ChipBar(partial(self.app.key, "list.drop"), id="chips")
        yield TwoEnds(id="foot")
        yield KeyBar(id="keys")
        yield Static("files-tui needs 40×10 cells", id="too-small", markup=False)

    def on_mount(self) -> None:
        self.looker.shown = Shown(Query(purpose=self.app.settings.purpose))
        self._ticker = self.set_interval(TICK, self._tick, pause=True)
        self.set_interval(AGES, self.refresh_page)
        self.set_timer(WITHOUT_ROWS, self._begin_to_draw)
        self.set_timer(PATIENCE, self._say_that_it_loads)
        self.open_account()

    def update_node_styles(self, animate: bool = True) -> None:
        """Nothing at the start: all that there is has just got its styles, as they are for these classes."""
        if self._is_drawing or self.classes != self._styled_for:
            super().update_node_styles(animate)

    def _begin_to_draw(self) -> None:
        if not self._is_drawing:
            self._is_drawing = True
            self.refresh()

    def _compositor_refresh(self) -> None:
        if self._is_drawing:
            super()._compositor_refresh()

    def _say_that_it_loads(self) -> None:
        self._waited = True
        if not self.shown.files:
            self.refresh_page()
        if not self._has_begun:
            in_background(self, self._look_whether_to_greet, "greeting")

    def _look_whether_to_greet(self) -> None:
        from files_tui.ui.greeting import is_first_time

        if is_first_time(self.app.settings):
            self.call_later(self._greet)

    def _greet(self) -> None:
        from files_tui.ui.greeting import greeting

        if not self._has_begun:
            self._greeting = greeting(self.app.key, roomy=self.size.width >= ROOMY)
            self._tick()

    def stop_greeting(self) -> None:
        """A key was pressed."""
        self._has_begun = True
        if self._greeting:
            self._greeting = Text()
            self._tick()

    def on_catalog_changed(self, _: CatalogChanged) -> None:
        self.refresh_soon()

    def on_jobs_changed(self, message: JobsChanged) -> None:
        from files_tui.transfers.jobs import DownloadJob

        self.watch_progress()
        self.jobs_changed(message.changes)
        if any(state == "done" and not isinstance(job, DownloadJob) for job, state in message.changes):
            self.refresh_soon()

    def watch_progress(self) -> None:
        """Keep the lines that count current, until nothing moves any more."""
        self._ticker.resume()

    # What is shown

    @property
    def shown(self) -> Shown:
        """The page in the table."""
        return self.looker.shown

    @property
    def view(self) -> Query:
        return self.looker.query

    @property
    def page_length(self) -> int:
        """How many files a page has."""
        return self._length_of(self.view)

    def _length_of(self, view: Query) -> int:
        """How many files a page of a query has, by the lines that will stand around it.

        The table itself has its size only in the next frame: a page cut to that size would need one more.
        """
        height = self.app.size.height
        coming_and_going = (height >= TALL or bool(chips_of(view))) + len(self.query_children("SearchLine"))
        lines = height - LINES_AROUND - self.query_one(PurposeBar).lines - coming_and_going
        return self.app.settings.page_size or max(1, lines)

    @property
    def rows_of_a_screen(self) -> int:
        return max(FEWEST, self.page_length)

    @property
    def current(self) -> File | None:
        return self.query_one(FilesTable).current

    @property
    def targets(self) -> list[File]:
        if self.session and self.session.catalog.marks:
            return self.session.catalog.marked()
        return [self.current] if self.current else []

    def refresh_soon(self) -> None:
        if not self.shown.files:
            self.refresh_page()
        elif self._refresh_timer is None:
            self._refresh_timer = self.set_timer(REFRESH_DELAY, self.refresh_page)

    def refresh_page(self) -> None:
        if self._refresh_timer is not None:
            self._refresh_timer.stop()
            self._refresh_timer = None
        self._is_stale = not self.is_active
        if self._is_stale:
            return  # each change below a dialog would paint all of the dialog again
        if self.looker.wanted is None:
            self._look(self._as_it_is, "stay")
        else:
            self.looker.is_outdated = True
            self.draw_lines()

    def move(self, move: Move) -> None:
        if not self.looker.is_searching:  # the pages that are about to go are not worth a search that is under way
            self._look(self._as_it_is, move)

    def change_view(self, view: Query) -> None:
        if self.session is None:
            self.looker.shown = Shown(view)
        self._look(Shown(view), "first")

    def show_file(self, file: File) -> bool:
        start = self._as_it_is
        return self.session is not None and self.looker.find(
            self.session.catalog, self._length_of(start.query), start, file.id
        )

    @property
    def _as_it_is(self) -> Shown:
        return replace(self.shown, row=self.query_one(FilesTable).cursor_row)

    def _look(self, start: Shown, move: Move) -> None:
        if self.session is None or not self.query_one(FilesTable).size.height:
            self.draw_lines()
        else:
            self.looker.look(self.session.catalog, self._length_of(start.query), start, move)

    def catalog_failed(self, error: CatalogFailed) -> None:
        """A damaged catalog is replaced; anything else is told."""
        if error.is_damage:
            self.post_message(CatalogDamaged())
        elif not self._ended:
            self.notify(text.one_line(f"the kept listing: {error}"), title="Listing", severity="error", markup=False)

    def draw_page(self) -> None:
        """Show the page; the first time the purposes follow it, since they may move the table."""
        if self.session is None:
            return
        shown, catalog = self.shown, self.session.catalog
        try:
            marked = catalog.marks.among([file.id for file in shown.files])
            purposes = catalog.purposes()
        except CatalogFailed as error:
            self.catalog_failed(error)
            return
        self._is_drawing = True
        self.query_one(FilesTable).show(shown.files, shown.query, marked, shown.row)
        self.draw_lines()
        bar = self.query_one(PurposeBar)
        if bar.has_shown:
            bar.show(purposes, self.view.purpose)
        else:
            self.call_after_refresh(bar.show, purposes, self.view.purpose)
        if not shown.files:
            self.draw_detail_soon()

    def draw_lines(self) -> None:
        """Say what there is to say of the page and of the listing."""
        self.query_one(ChipBar).show(chips_of(self.view))
        try:
            self._draw_notice()
            self._draw_head()
            self._draw_position()
        except CatalogFailed as error:
            self.catalog_failed(error)

    def _draw_head(self) -> None:
        settings, session = self.app.settings, self.session
        totals = session.catalog.totals(Query()) if session else Totals(0, 0)
        self.query_one("#head", TwoEnds).show(
            left=where_words(settings, session.account if session else settings.account, read_only=self.read_only),
            right=state_words(self.standing, totals, self.app.key, roomy=self.size.width >= ROOMY),
        )

    def _draw_position(self) -> None:
        line = Text()
        if self.looker.is_searching:
            line.append("searching…", "bold yellow")
        elif self.session and self.shown.files:
            everything = self.session.catalog.totals(Query()).files
            filling = self.standing.under_way and not self.standing.is_known
            if self.shown.is_counted or self._placed is not self.shown.query:
                self._placed = self.shown.query
                self._place = position_words(self.shown, self.page_length, everything, filling=filling)
            line.append(self._place)
        if self.session and (words := marks_words(self.session.catalog.marks.totals)):
            line.append(f"{' · ' if line else ''}{words}", "bold magenta")
        self.query_one("#foot", TwoEnds).show(left=line)

    def _draw_notice(self) -> None:
        notice = self.query_one("#notice", Static)
        standing = self.standing
        if self.shown.files or self.looker.is_searching or not (standing.problem or standing.is_fresh or self._waited):
            notice.display = False
            return
        account = self.session.account if self.session else self.app.settings.account
        words = notices.notice(
            standing=standing,
            view=self.view,
            catalog=self.session.catalog if self.session else None,
            key_from=account.key_from,
            usual=account.base_url == DEFAULT_BASE_URL,
            can_upload=not self.read_only,
            keys=self.app.key,
        )
        if notice.content != words:
            notice.update(words)
        notice.display = True

    async def _draw_detail(self) -> None:
        self._detail_timer = None
        pane = self.query_one(DetailPane)
        if pane.display:
            current = self.query_one(FilesTable).current
            used, original = self.uses_words(current), self.original_words(current)
            await pane.show(current, self.view.text, used, original, self._glimpse.lines_of(current))

    def on_screen_resume(self) -> None:
        """Show what has changed while a dialog was open."""
        self.watch_progress()
        self._rest()
        if self._is_stale:
            self.refresh_page()

    def _tick(self) -> None:
        self.retry_when_due()
        if not self.is_active:
            return
        progress = self.session.progress() if self.session else None
        line = self._greeting.copy()
        if progress is not None:
            from files_tui.ui.widgets.moving import moving_line

            line = moving_line(progress, self.app.key) or line
        if self.quits_when_done:
            line.append(" · then quits", "bold yellow")
        self.query_one("#foot", TwoEnds).show(right=line)
        pause = self.pause_left
        if pause > 0:
            waits = Text().append(f"waiting to try again: {text.clock(pause + 1)}", "bold yellow")
            self.query_one("#head", TwoEnds).show(right=waits)
        elif self._refresh_timer is None:  # or the refresh draws it, together with the rows
            self.draw_lines()
            if not self.active and not self.standing.under_way and self._retry_at is None:
                self._ticker.pause()

    # Moving about

    def _turn_page(self, move: Move, to_last_row: bool) -> None:
        before = self.shown
        self.move(move)
        if self.shown is not before and not to_last_row and move == "previous":
            self.query_one(FilesTable).move_cursor(row=0)

    @on(FilesTable.CursorMoved)
    def draw_detail_soon(self) -> None:
        if self._detail_timer is not None:
            self._detail_timer.stop()
        self._detail_timer = self.set_timer(DETAIL_DELAY, self._draw_detail)
        self._glimpse.leave(self.query_one(FilesTable).current)
        self._rest()

    def _rest(self) -> None:
        """Look at the first lines of the file under the cursor in a while, if the cursor stays there."""
        if self._glimpse_timer is not None:
            self._glimpse_timer.stop()
        self._glimpse_timer = self.set_timer(REST, self._look_at_first_lines)

    def _look_at_first_lines(self) -> None:
        current = self.query_one(FilesTable).current
        if current and self.session and self.is_active and self.query_one(DetailPane).display:
            self._glimpse.look(self.session, current)

    @on(FilesTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_detail()

    @on(FilesTable.Resized)
    def _table_resized(self) -> None:
        # A picture of nothing would only delay that of the first rows.
        if self._waited or self.shown.files or self._has_files:
            self.refresh_soon()

    def _fit(self, size: Size) -> None:
        self.set_class(size.width < NARROW, "narrow")
        self.set_class(size.width < MEDIUM, "medium")
        self.set_class(size.width >= WIDE, "wide")
        self.set_class(size.height >= TALL, "tall")
        self.set_class(size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT, "tiny")

    def on_resize(self, event: events.Resize) -> None:
        self._fit(event.size)
        if self.focused is None:  # a hidden table has lost it
            self.set_focus(self.query_one(FilesTable))
        self.draw_detail_soon()
