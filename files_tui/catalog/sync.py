"""From the pages of the API to the catalog."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.catalog.catalog import Catalog

PAGE_SIZE = 1000


class Synced(msgspec.Struct, frozen=True):
    """A finished sync: pages asked for, files seen, and what the person should know, if anything."""

    pages: int
    files: int
    note: str | None = None


def sync(
    client: FilesClient,
    catalog: Catalog,
    *,
    on_page: Callable[[int], None] = lambda _: None,
    abort: Abort | None = None,
    page_size: int = PAGE_SIZE,
) -> Synced:
    """Mirror the whole listing; `on_page` hears after each page how many files were seen so far.

    A sync that ends early, by an error or because the paging of the server leads nowhere, removes nothing.
    (API reference, "What follows for one client", 4.) Raises `ApiError`, `Aborted`, and `Superseded` when another sync
    of this catalog has begun.
    """
    generation = catalog.begin_sync()
    after: str | None = None
    seen = pages = unreadable = 0
    while True:
        page = client.list_page(limit=page_size, after=after, abort=abort).value
        pages += 1
        unreadable += page.unreadable
        new = catalog.upsert(page.files, generation)
        seen += new
        on_page(seen)
        last = page.files[-1].id if page.files else None
        full = len(page.files) + page.unreadable >= page_size
        more = full if page.has_more is None else page.has_more
        if not more or (page.has_more is None and not new):
            if page.continues or (page.total or 0) > seen + unreadable:
                return Synced(pages, seen, "the server pages in a way of its own: the list may be incomplete")
            catalog.finish_sync(generation)
            return Synced(pages, seen, f"{unreadable} entries had no id and are not shown" if unreadable else None)
        if not new or last is None or last == after:
            return Synced(pages, seen, "the server's paging leads in a circle: the list may be incomplete")
        after = last
