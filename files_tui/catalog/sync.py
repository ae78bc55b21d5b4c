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
from files_tui.catalog.listing import (
    LARGEST_PAGE,
    MOST_PASSES,
    RESTLESS,
    Course,
    CursorGone,
    Listing,
    goes_on,
    holds_back,
    is_unsure,
)
from files_tui.catalog.query import Query
from files_tui.text import Untrusted

SCREEN = 100
NEWS_PAGE = 1_000
DUE_SECONDS = 600.0


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
    """One pass through the listing, with how many pages brought files that it had not seen before."""

    run: Run
    course: Course
    pages: int = 0
    differences: int = 0


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
            this = _Pass(news, Course(), pages=1)
            this.course.take(page, len(page.files))
            outcome = self._finish(this)
            self._on_whole(outcome)
            return outcome
        if was_whole_at is not None and self._more_news(page, limit, new, news) and not self._is_due(was_whole_at):
            return Synced(self._listing.requests, len(page.files), whole=False)
        return self._until_settled(first=was_whole_at is None)

    def _is_all(self, page: FilePage, limit: int, run: Run) -> bool:
        """Whether the first page holds the whole listing."""
        if goes_on(page, limit) or holds_back(page, len(page.files) + page.unreadable):
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
                this = self._pass(first=first)
            except CursorGone:
                continue
            is_news = outcome is None
            outcome = self._finish(this)
            if is_news or not outcome.whole:
                self._on_whole(outcome)
            if not outcome.whole or this.pages == 1 or not this.differences:
                return outcome
            first = False
        if outcome is None:
            outcome = Synced(self._listing.requests, 0, whole=False, note=RESTLESS)
            self._on_whole(outcome)
        return outcome

    def _pass(self, *, first: bool) -> _Pass:
        """Look at every page once."""
        self._run = self._catalog.begin_sync(after=self._run)
        this = _Pass(self._run, Course())
        if first:
            self._fetch_wanted(this)
        for page in self._listing.pages():
            upserted = self._catalog.upsert(page.files, run=this.run)
            goes_further = this.course.take(page, upserted.unseen)
            this.pages += goes_further
            this.differences += upserted.new
            self._on_page(this.course.seen)
            if not goes_further:
                break
            if first and goes_on(page, self._listing.page_size):
                self._fetch_wanted(this)
        return this

    def _finish(self, this: _Pass) -> Synced:
        """Remove what the pass did not see, where it came to the end of the listing."""
        seen = this.course.seen
        if note := this.course.missing(self._listing.page_size):
            return Synced(self._listing.requests, seen, whole=False, note=note)
        this.differences += self._catalog.finish_sync(this.run)
        if self._listing.page_size != (self._catalog.noted("page_limit") or LARGEST_PAGE):
            self._catalog.note("page_limit", self._listing.page_size)
        return Synced(self._listing.requests, seen, whole=True, note=this.course.remark())

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
                    self._on_page(this.course.seen)
                    if any(file.purpose != purpose for file in page.files) or self._wanted() != purpose:
                        break
