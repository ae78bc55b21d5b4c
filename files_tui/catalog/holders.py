"""Looking at everything that uses files: batches, fine-tuning jobs and vector stores, newest first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    NotFound,
    NotSupported,
    PermissionMissing,
    RateLimited,
    Refused,
    TimedOut,
    Unreadable,
)
from files_tui.api.holders import Holder, HolderKind
from files_tui.api.uses import PAGE_SIZE, Page
from files_tui.catalog import capabilities
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.uses import KINDS, NAMES, Looked
from files_tui.text import Untrusted, plural

MOST_PAGES = 10
"""So many pages of each kind are looked at: the newest thousand."""

MOST_MEMBER_PAGES = 200
"""So many pages of files in vector stores, in all of them together: each store takes a request at least."""

CIRCLE = "the server's paging leads in a circle"
CHANGED = "the list changed while it was read"
KEPT_BACK = "the server says that there is more than it gives"


_FOR_ALL = (AuthenticationFailed, ConnectionFailed, RateLimited, TimedOut)
"""What one list is refused by, the next one would be too."""


class _Walk:
    """One list, page by page; `note` says at the end why there may be more than was given."""

    def __init__(self, ask: Callable[[str | None], Page], most: int) -> None:
        self._ask = ask
        self._most = most
        self.pages = 0
        self.is_cut = False
        self.note: str | None = None

    def __iter__(self) -> Iterator[Page]:
        seen: set[str] = set()
        after: str | None = None
        while True:
            try:
                page = self._ask(after)
            except (NotFound, Refused):
                if after is None:
                    raise
                self.note = CHANGED  # what the page begins behind is gone
                return
            except (NotSupported, PermissionMissing):
                if after is None:
                    raise
                self.note = KEPT_BACK
                return
            self.pages += 1
            new = set(page.ids) - seen
            seen |= new
            yield page
            goes_on = page.entries >= PAGE_SIZE if page.has_more is None else page.has_more
            if not goes_on:
                return
            if not page.entries:
                self.note = KEPT_BACK if page.has_more else None
                return
            if not new:
                self.note = CIRCLE
                return
            if self.pages >= self._most:
                self.is_cut = True
                return
            after = page.ids[-1]


class UsesLook:
    """Writes into the catalog what uses files; `on_news` hears after each page how many of a kind were seen.

    Where the server does not tell of a kind that is remembered, and the others are looked at.
    """

    def __init__(
        self,
        client: FilesClient,
        catalog: Catalog,
        abort: Abort,
        on_news: Callable[[HolderKind, int], None] = lambda *_: None,
    ) -> None:
        self._client = client
        self._catalog = catalog
        self._abort = abort
        self._on_news = on_news
        self._member_pages = 0

    def run(self) -> None:
        """Look at all kinds. Raises `Aborted` and `CatalogFailed`; what a server refuses is kept as words."""
        look = self._catalog.uses.begin()
        hopeless: ApiError | None = None
        for kind in KINDS:
            if capabilities.lacks(self._catalog, kind) is not None:
                continue
            try:
                if hopeless is not None:
                    raise hopeless
                self._on_news(kind, 0)
                self._look_at(kind, look)
            except ApiError as error:
                self._failed(kind, error)
                hopeless = error if isinstance(error, _FOR_ALL) else None

    def _look_at(self, kind: HolderKind, look: int) -> None:
        walk = _Walk(lambda after: self._client.uses.holders(kind, after, abort=self._abort), MOST_PAGES)
        holders: dict[Untrusted, Holder] = {}
        for page in walk:
            self._catalog.uses.put(look, page.holders)
            holders |= {holder.id: holder for holder in page.holders}
            self._on_news(kind, len(holders))
        seen = len(holders)
        notes = [walk.note] if walk.note else []
        if walk.is_cut:
            notes.append(f"only the newest {seen:,} {NAMES[kind][1]} were looked at")
        if kind == "store":
            notes += self._look_into(list(holders.values()), look)
        looked = Looked(int(time.time()), seen, "; ".join(notes) or None)
        self._catalog.uses.finish(kind, look, looked)

    def _look_into(self, stores: list[Holder], look: int) -> Iterator[str]:
        """Look at the files of vector stores; gives notes on what is missing."""
        cut = closed = 0
        odd: set[str] = set()
        for store in stores:
            if store.members == 0:
                continue
            if self._member_pages >= MOST_MEMBER_PAGES:
                cut += 1
                continue
            most = min(MOST_PAGES, MOST_MEMBER_PAGES - self._member_pages)
            walk = _Walk(partial(self._members, store.id.true), most)
            try:
                for page in walk:
                    self._catalog.uses.put_members(look, store.id, page.files)
                    self._on_news("store", len(stores))
            except (NotFound, Refused, Unreadable):
                closed += 1  # it has expired, or was deleted meanwhile
            self._member_pages += max(1, walk.pages)
            cut += walk.is_cut
            odd |= {walk.note} if walk.note else set()
        if cut:
            yield f"of {plural(cut, 'vector store')} not all files were looked at"
        if closed:
            yield f"{plural(closed, 'vector store')} told nothing of files"
        yield from sorted(odd)

    def _members(self, store_id: str, after: str | None) -> Page:
        return self._client.uses.members(store_id, after, abort=self._abort)

    def _failed(self, kind: HolderKind, error: ApiError) -> None:
        words = f"{NAMES[kind][1]} could not be looked at: {error}"
        if isinstance(error, NotFound | NotSupported):
            words = f"this server does not tell of {NAMES[kind][1]}"
            capabilities.learn(self._catalog, kind)
        elif isinstance(error, PermissionMissing):
            words = f"this key may not see {NAMES[kind][1]}"
            capabilities.learn(self._catalog, kind)
        self._catalog.uses.fail(kind, words)
