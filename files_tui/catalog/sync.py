"""From the pages of the API to the catalog."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import msgspec

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import NotFound, Refused
from files_tui.api.models import FilePage
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.changes import Run
from files_tui.catalog.listing import LARGEST_PAGE, CursorGone, Listing, goes_on, is_unsure
from files_tui.catalog.query import Query
from files_tui.text import Untrusted

SCREEN = 100
NEWS_PAGE = 1_000
DUE_SECONDS = 600.0
MOST_PASSES = 5

CIRCLE = "the server's paging leads in a circle: the list may be incomplete"
OWN_WAY = "the server pages in a way of its own: the list may be incomplete"
BROKE_OFF = "the server broke its list off: it may be incomplete"
RESTLESS = "the listing changes faster than it can be read: r asks again"


class Synced(msgspec.Struct, frozen=True):
    """What a sync came to: requests made, files seen, and what the person should know, if anything.

    `whole` tells that the catalog holds the whole listing; otherwise only what is new was asked for, or `note` says
    what is missing.
    """

    requests: int
    files: int
    whole: bool
    note: str | None = None


class _Pass(msgspec.Struct):
    """One pass through the listing.

    Its last page `repeats` when it holds files, and all were seen before; the pass `broke_off` where that page is empty
    though the one before it said that there is more.
    """

    run: Run
    pages: int = 0
    seen: int = 0
    unreadable: int = 0
    differences: int = 0
    repeats: bool = False
    broke_off: bool = False


class Sync:
    """Mirrors the listing of one server into a catalog.

    The first request asks for `screen` files, so that there is something to see; then for what else is new, and, when
    that is due, for everything. `force` makes it due. `on_page` hears after each page how many files were seen so far,
    `on_whole` when the catalog holds the whole listing, or with a note why it cannot. `wanted` tells the purpose that
    the person looks at: while the catalog was never whole, the server is asked for that one first.
    """

    def __init__(
        self,
        client: FilesClient,
        catalog: Catalog,
        *,
        abort: Abort | None = None,
        force: bool = False,
        screen: int = SCREEN,
        page_size: int | None = None,
        on_page: Callable[[int], None] = lambda _: None,
        on_whole: Callable[[Synced], None] = lambda _: None,
        wanted: Callable[[], Untrusted | None] = lambda: None,
    ) -> None:
        self._catalog = catalog
        self._force = force
        self._screen = screen
        self._on_page = on_page
        self._on_whole = on_whole
        self._wanted = wanted
        self._listing = Listing(client, abort or Abort(), page_size or catalog.noted("page_limit") or LARGEST_PAGE)
        self._fetched: set[Untrusted] = set()
        self._run: Run | None = None

    def run(self) -> Synced:
        """Do it all.

        A pass that ends early, by an error or because the paging of the server leads nowhere, removes nothing
        (API reference, "What follows for one client", 4). Where it took several requests, files may have come and gone
        meanwhile: it is repeated until it finds nothing that was not known. Raises `ApiError`, `Aborted`, and
        `Superseded` when another sync of this catalog has begun.
        """
        was_whole_at = self._catalog.noted("synced_at")
        news = self._run = self._catalog.begin_sync()
        limit = min(self._screen, self._listing.page_size)
        page = self._listing.first(limit)
        new = self._catalog.upsert(page.files, run=news).new
        self._on_page(len(page.files))
        if self._is_all(page, limit, news):
            outcome = self._finish(_Pass(news, 1, len(page.files), page.unreadable), page)
            self._on_whole(outcome)
            return outcome
        if was_whole_at is not None and self._more_news(page, limit, new, news) and not self._is_due(was_whole_at):
            return Synced(self._listing.requests, len(page.files), whole=False)
        return self._until_settled(first=was_whole_at is None)

    def _is_all(self, page: FilePage, limit: int, run: Run) -> bool:
        """Whether the first page holds the whole listing."""
        if goes_on(page, limit) or _missing(page, len(page.files) + page.unreadable):
            return False
        if not is_unsure(page):
            return True
        rest = self._listing.rest([file.id.true for file in page.files], self._listing.page_size)
        return not self._catalog.upsert(rest.files, run=run).unseen

    def _is_due(self, whole_at: int) -> bool:
        """Whether to ask for everything: always where that takes one request."""
        files = self._catalog.totals(Query()).files
        return self._force or files < self._listing.page_size or time.time() - whole_at > DUE_SECONDS

    def _more_news(self, page: FilePage, limit: int, new: int, run: Run) -> bool:
        """Newest first, until a page brings only files that are known; gives whether it came that far."""
        while new and page.files and goes_on(page, limit):
            limit = min(NEWS_PAGE, self._listing.page_size)
            try:
                page = self._listing.behind([file.id.true for file in page.files], limit)
            except CursorGone:
                return False
            new = self._catalog.upsert(page.files, run=run).new
        return True

    def _until_settled(self, *, first: bool) -> Synced:
        outcome: Synced | None = None
        for _ in range(MOST_PASSES):
            try:
                this, last = self._pass(first=first)
            except CursorGone:
                continue
            is_news = outcome is None
            outcome = self._finish(this, last)
            if is_news or not outcome.whole:
                self._on_whole(outcome)
            if not outcome.whole or this.pages == 1 or not this.differences:
                return outcome
            first = False
        if outcome is None:
            outcome = Synced(self._listing.requests, 0, whole=False, note=RESTLESS)
            self._on_whole(outcome)
        return outcome

    def _pass(self, *, first: bool) -> tuple[_Pass, FilePage]:
        """Look at every page once; gives the last one, too."""
        self._run = self._catalog.begin_sync(after=self._run)
        this = _Pass(self._run)
        if first:
            self._fetch_wanted(this)
        page = FilePage(files=[], has_more=False)
        was_promised = False
        for page in self._listing.pages():
            this.broke_off = was_promised and page.has_more is None and not page.files
            was_promised = page.has_more is True
            upserted = self._catalog.upsert(page.files, run=this.run)
            this.pages += bool(upserted.unseen)
            this.seen += upserted.unseen
            this.unreadable += page.unreadable
            this.differences += upserted.new
            self._on_page(this.seen)
            if not upserted.unseen:
                this.repeats = bool(page.files)
                break
            if first and goes_on(page, self._listing.page_size):
                self._fetch_wanted(this)
        return this, page

    def _finish(self, this: _Pass, last: FilePage) -> Synced:
        """Remove what the pass did not see, where it came to the end of the listing."""
        note: str | None = None
        if last.has_more or (this.repeats and len(last.files) + last.unreadable == self._listing.page_size):
            note = CIRCLE  # a full page that comes again: the server keeps to the limit, and does not page on
        elif this.broke_off:
            note = BROKE_OFF
        elif _missing(last, this.seen + this.unreadable):
            note = OWN_WAY
        if note is not None:
            return Synced(self._listing.requests, this.seen, whole=False, note=note)
        this.differences += self._catalog.finish_sync(this.run)
        if self._listing.page_size != (self._catalog.noted("page_limit") or LARGEST_PAGE):
            self._catalog.note("page_limit", self._listing.page_size)
        if this.unreadable:
            note = f"{this.unreadable} entries had no id and are not shown"
        return Synced(self._listing.requests, this.seen, whole=True, note=note)

    def _fetch_wanted(self, this: _Pass) -> None:
        """All files of the purpose that the person looks at.

        They are not counted as seen, so that the pass itself gets on; but what of them goes before the pass comes to
        it is removed by the next one only, so that they are differences.
        """
        while (purpose := self._wanted()) is not None and purpose not in self._fetched:
            self._fetched.add(purpose)
            with contextlib.suppress(Refused, NotFound):  # the pass itself brings them, or tells what is wrong
                for page in self._listing.pages(purpose.true):
                    upserted = self._catalog.upsert(page.files, asked_at=this.run.began)
                    this.pages += 1
                    this.differences += upserted.new + upserted.changed
                    self._on_page(this.seen)
                    if any(file.purpose != purpose for file in page.files) or self._wanted() != purpose:
                        break


def _missing(page: FilePage, seen: int) -> bool:
    """Whether the server knows of more files than it gives in a way that this program can follow."""
    return page.continues or (page.total or 0) > seen
