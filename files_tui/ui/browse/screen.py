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
from files_tui.catalog.query import Query
from files_tui.ui.background import in_background
from files_tui.ui.browse.around import Around
from files_tui.ui.browse.beside import Beside
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

NARROW, MEDIUM, WIDE = 100, 114, 150
LEAST_WIDTH, LEAST_HEIGHT = 40, 10
TALL = 30
"""Lines from which that of the filters is always there, so that the table keeps its size as filters come and go."""
FEWEST = 20
LINES_AROUND = 4
"""The head, the heads of the columns, the foot and the keys."""
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
        self.has_waited = False
        """Whether it is worth saying that there are no rows yet."""
        self._refresh_timer: Timer | None = None
        self._is_stale = False
        self._around = Around(self)
        self._beside = Beside(self)
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
            self._styled_for = self.classes
            super().update_node_styles(animate)

    def _begin_to_draw(self) -> None:
        if not self._is_drawing:
            self._is_drawing = True
            self.refresh()

    def _compositor_refresh(self) -> None:
        if self._is_drawing:
            super()._compositor_refresh()

    def _say_that_it_loads(self) -> None:
        self.has_waited = True
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
            self._around.greeting = greeting(self.app.key, roomy=self._around.is_roomy)
            self._tick()

    def stop_greeting(self) -> None:
        """A key was pressed."""
        self._has_begun = True
        if self._around.greeting:
            self._around.greeting = Text()
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
        if not self._can_look:
            self.looker.begin_with(Shown(view))
        self._look(Shown(view), "first")

    def show_file(self, file: File) -> bool:
        start = Shown(self.view) if self.looker.is_searching else self._as_it_is
        return self.session is not None and self.looker.find(
            self.session.catalog, self._length_of(start.query), start, file.id
        )

    @property
    def _as_it_is(self) -> Shown:
        return replace(self.shown, row=self.query_one(FilesTable).cursor_row)

    @property
    def _can_look(self) -> bool:
        """Whether there is a listing, and room for it: in a tiny window the table is hidden."""
        return self.session is not None and bool(self.query_one(FilesTable).size.height)

    def _look(self, start: Shown, move: Move) -> None:
        if self.session is None or not self._can_look:
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
        try:
            self._around.draw()
        except CatalogFailed as error:
            self.catalog_failed(error)

    def on_screen_resume(self) -> None:
        """Show what has changed while a dialog was open."""
        self.watch_progress()
        self._beside.rest()
        if self._is_stale:
            self.refresh_page()

    def _tick(self) -> None:
        self.retry_when_due()
        if not self.is_active:
            return
        self._around.draw_progress()
        if self.pause_left <= 0 and self._refresh_timer is None:  # or the refresh draws it, together with the rows
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
        self._beside.follow()

    @on(FilesTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_detail()

    @on(FilesTable.Resized)
    def _table_resized(self) -> None:
        # A picture of nothing would only delay that of the first rows.
        if self.has_waited or self.shown.files or self._has_files:
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
