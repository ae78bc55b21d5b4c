"""The main screen: one page of the listing, and what the person does with it."""

from __future__ import annotations

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Static

from files_tui import text
from files_tui.api.models import File
from files_tui.catalog.query import Query
from files_tui.settings import DEFAULT_BASE_URL
from files_tui.ui import notices
from files_tui.ui.browse.view import ViewCommands
from files_tui.ui.messages import CatalogChanged, JobChanged
from files_tui.ui.widgets.detail import DetailPane
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.key_bar import KeyBar
from files_tui.ui.widgets.moving import moving_line
from files_tui.ui.widgets.purpose_bar import PurposeBar
from files_tui.ui.widgets.two_ends import TwoEnds

ROOMY, NARROW, MEDIUM, WIDE = 60, 100, 114, 150
LEAST_WIDTH, LEAST_HEIGHT = 40, 10
DETAIL_DELAY = 0.1
REFRESH_DELAY = 0.1
TICK = 0.4
AGES = 60.0
PATIENCE = 0.5


class BrowseScreen(ViewCommands):
    """Shows a page of `view` and turns keys into changes of it.

    What it shows always comes from the catalog, asked anew by `refresh_page`; no row is ever edited.
    """

    AUTO_FOCUS = "#files"

    BINDINGS = [
        Binding("c", "copy_id", "copy id", id="copy.id", tooltip="Copy the id, or all marked"),
        Binding("y", "copy_menu", "Copy menu", show=False, id="copy.menu", tooltip="Copy id, name, JSON, curl…"),
        Binding("u", "upload", "upload", id="file.upload", tooltip="Upload files"),
        Binding("d", "download", "download", id="file.download", tooltip="Download marked, or this"),
        Binding("x,delete", "delete", "delete", id="file.delete", tooltip="Delete marked, or this"),
        Binding("slash", "search", "search", key_display="/", id="list.search", tooltip="Search names and ids"),
        Binding("f", "filter", "filter", id="list.filter", tooltip="Filter by status, expiry…"),
        Binding("s", "sort", "sort", id="list.sort", tooltip="Sort by another column"),
        Binding("S", "reverse", "Reverse", show=False, id="list.reverse", tooltip="Reverse the order"),
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
        Binding("r", "refresh_listing", "Refresh", show=False, id="list.refresh", tooltip="Ask the server again"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._waited = False
        self._first = 0
        self._files_in_view = 0
        self._marked_bytes = 0
        self._refresh_timer: Timer | None = None
        self._detail_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TwoEnds(id="head")
        yield PurposeBar(id="purposes")
        with Horizontal(id="body"):
            yield FilesTable(id="files")
            yield DetailPane(id="detail")
            yield Static("", id="notice", markup=False)
        yield TwoEnds(id="foot")
        yield KeyBar(id="keys")
        yield Static("files-tui needs 40×10 cells", id="too-small", markup=False)

    def on_mount(self) -> None:
        self.view = Query(purpose=self.app.settings.purpose)
        self._ticker = self.set_interval(TICK, self._tick, pause=True)
        self.set_interval(AGES, self.refresh_page)
        self.set_timer(PATIENCE, self._say_that_it_loads)
        self.open_account()

    def _say_that_it_loads(self) -> None:
        self._waited = True
        self._draw_notice()

    def on_catalog_changed(self, _: CatalogChanged) -> None:
        self.refresh_soon()

    def on_job_changed(self, message: JobChanged) -> None:
        self.watch_progress()
        self.job_changed(message.job, message.state)
        self.refresh_soon()

    def watch_progress(self) -> None:
        """Keep the lines that count current, until nothing moves any more."""
        self._ticker.resume()

    # What is shown

    def refresh_soon(self) -> None:
        """Many changes at once make one refresh."""
        if self._refresh_timer is None:
            self._refresh_timer = self.set_timer(REFRESH_DELAY if self._files_in_view else 0.001, self.refresh_page)

    def refresh_page(self, *, keep: str | None = None, first: int | None = None, row: int | None = None) -> None:
        """Ask the catalog for the page and show it.

        The cursor stays on its file, or goes to the file with the id `keep`; with `first`, the page begins at that
        file of the query and the cursor goes to `row`.
        """
        if self._refresh_timer is not None:
            self._refresh_timer.stop()
            self._refresh_timer = None
        table = self.query_one(FilesTable)
        if self.session is None or not table.size.height:
            self._draw_notice()
            self._draw_head()
            return
        catalog = self.session.catalog
        length = self.app.settings.page_size or table.rows_that_fit
        totals = catalog.totals(self.view)
        if first is None:
            wanted = keep or (table.current.id if table.current else None)
            place = catalog.position(self.view, wanted) if wanted else None
            if place is None:
                place = self._first + (table.cursor_row if row is None else row)
            place = min(place, max(0, totals.files - 1))
            first, row = place, place % length
        first = min(max(0, first), max(0, totals.files - 1)) // length * length
        self._first, self._files_in_view = first, totals.files
        files = catalog.page(self.view, first, length)
        if self.marks:
            sizes = catalog.among(self.marks)
            self._marked_bytes = sum(sizes.values())
            if self.synced:
                self.marks &= sizes.keys()
        table.show(files, self.view, self.marks, row or 0)
        # Where the purposes take a second line the table moves: the first rows do not wait for that.
        bar = self.query_one(PurposeBar)
        self.call_after_refresh(bar.show, catalog.purposes(), self.view.purpose)
        self._draw_notice()
        self._draw_head()
        self._draw_position(length)
        if not files:
            self._cursor_moved()

    def _draw_head(self) -> None:
        account = self.session.client.account if self.session else self.app.settings.account
        host = "demo server" if self.app.settings.demo else text.safe(account.host, 60)
        where = f"files-tui · {host}"
        if not self.app.settings.demo:
            where += f" · {text.safe(account.profile, 30)}"
        if self.app.settings.read_only:
            where += " · read-only"
        state = f"{self.state}"
        if self.session and (self._files_in_view or self.synced) and self.size.width >= ROOMY:
            totals = self.session.catalog.totals(Query())
            state = f"{text.plural(totals.files, 'file')} · {text.size(totals.bytes)} · {state}"
        style = "bold red" if self.problem else "dim"
        self.query_one("#head", TwoEnds).show(left=Text(where, "bold"), right=Text(state, style))

    def _draw_position(self, length: int) -> None:
        table = self.query_one(FilesTable)
        parts: list[str] = []
        if self._files_in_view:
            pages = -(-self._files_in_view // length)
            last = self._first + len(table.files)
            parts.append(f"page {self._first // length + 1} of {text.count(pages)}")
            parts.append(f"{text.count(self._first + 1)}–{text.count(last)} of {text.count(self._files_in_view)}")
        line = Text(" · ".join(parts))
        if self.marks:
            words = f"{text.count(len(self.marks))} marked, {text.size(self._marked_bytes)}"
            line.append(f"{' · ' if line else ''}{words}", "bold magenta")
        if words := notices.filter_words(self.view):
            line.append(f"{' · ' if line else ''}{words}", "bold yellow")
        self.query_one("#foot", TwoEnds).show(left=line)

    def _draw_notice(self) -> None:
        notice = self.query_one("#notice", Static)
        if self._files_in_view or not (self.problem or self.synced or self._waited):
            notice.display = False
            return
        account = self.session.client.account if self.session else self.app.settings.account
        words = notices.notice(
            problem=self.problem,
            synced=self.synced,
            empty=self.session is None or not self.session.catalog.purposes(),
            view=self.view,
            key_from=account.key_from,
            usual=account.base_url == DEFAULT_BASE_URL,
            can_upload=not self.app.settings.read_only,
        )
        if notice.content != words:
            notice.update(words)
        notice.display = True

    async def _draw_detail(self) -> None:
        self._detail_timer = None
        pane = self.query_one(DetailPane)
        if pane.display:
            await pane.show(self.query_one(FilesTable).current)

    def _tick(self) -> None:
        self.retry_when_due()
        jobs = self.active_jobs
        for job in jobs:
            job.rate.read(job.moved)
        self.query_one("#foot", TwoEnds).show(right=moving_line(self.session.queue.jobs if self.session else []))
        pause = self.pause_left
        if pause > 0:
            waits = Text(f"waiting to try again: {text.clock(pause + 1)}", "bold yellow")
            self.query_one("#head", TwoEnds).show(right=waits)
        elif self._refresh_timer is None:  # or the refresh draws it, together with the rows
            self._draw_head()
            if not jobs and not self.under_way and self._retry_at is None:
                self._ticker.pause()

    # Moving about

    @on(FilesTable.PageTurned)
    def _turn_page(self, message: FilesTable.PageTurned) -> None:
        table = self.query_one(FilesTable)
        length = self.app.settings.page_size or table.rows_that_fit
        first = self._first + message.by * length
        if 0 <= first < self._files_in_view:
            self.refresh_page(first=first, row=length - 1 if message.to_last_row else 0)
        else:
            table.move_cursor(row=0 if message.by < 0 else max(0, len(table.files) - 1))

    @on(FilesTable.CursorMoved)
    def _cursor_moved(self) -> None:
        if self._detail_timer is not None:
            self._detail_timer.stop()
        self._detail_timer = self.set_timer(DETAIL_DELAY, self._draw_detail)

    @on(FilesTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_detail()

    @on(FilesTable.Resized)
    def _table_resized(self) -> None:
        self.refresh_soon()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.width < MEDIUM, "medium")
        self.set_class(event.size.width >= WIDE, "wide")
        self.set_class(event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT, "tiny")
        if self.focused is None:  # a hidden table has lost it
            self.set_focus(self.query_one(FilesTable))
        self._cursor_moved()

    @property
    def current(self) -> File | None:
        """The file under the cursor."""
        return self.query_one(FilesTable).current

    @property
    def targets(self) -> list[File]:
        """The files that a command is about: the marked ones, else the one under the cursor."""
        if self.marks and self.session:
            return self.session.catalog.get(self.marks)
        return [self.current] if self.current else []
