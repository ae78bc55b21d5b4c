"""One pass through the listing of a server, page by page; the next one is asked for while the last one is written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import SimpleQueue

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError
from files_tui.api.models import FilePage

LARGEST_PAGE = 10_000
_SMALLER = (2_000, 1_000, 100)
_STEPS_BACK = (2, 5, 17, 65, 257, 1025, 4097)
_NO_PAGING = frozenset((400, 404, 405, 410, 422, 501))
MOST_PASSES = 5

CIRCLE = "the server's paging leads in a circle: the list may be incomplete"
OWN_WAY = "the server pages in a way of its own: the list may be incomplete"
BROKE_OFF = "the server broke its list off: it may be incomplete"
RESTLESS = "the listing changes faster than it can be read: it may be incomplete"


class CursorGone(Exception):
    """All the files behind which the next page could begin are gone: the pass has to begin again."""


class Listing:
    """Asks a server for its files, newest first, in pages as large as it gives them; `page_size` is what that came to.

    Everything raises the `ApiError` tree and `Aborted`.
    """

    def __init__(self, client: FilesClient, abort: Abort, page_size: int) -> None:
        self._client = client
        self._abort = abort
        self.page_size = page_size
        self.requests = 0

    def pages(self, purpose: str | None = None) -> Iterator[FilePage]:
        """All pages of one pass, to be left when one of them brings nothing new.

        It ends where the server says so, or where it cannot lead on. Raises `CursorGone`.
        """
        page = self.first(self.page_size, purpose)
        cursors: set[str] = set()
        with contextlib.closing(_Ahead()) as ahead:
            while True:
                ids = [file.id.true for file in page.files]
                is_known = goes_on(page, self.page_size)
                if not ids or ids[-1] in cursors or not (is_known or is_unsure(page)):
                    yield page
                    return
                cursors.add(ids[-1])
                ask = self.behind if is_known or len(cursors) > 1 else self.rest
                ahead.ask(partial(ask, ids, self.page_size, purpose))
                yield page
                page = ahead.result()

    def first(self, limit: int, purpose: str | None = None) -> FilePage:
        """The newest `limit` files; fewer where so many are refused (API reference, "Servers that speak it")."""
        sizes = [limit, *(size for size in _SMALLER if size < limit)]
        for size in sizes:
            try:
                page = self._page(size, None, purpose)
            except ApiError as error:
                if error.status not in (400, 422) or size == sizes[-1]:
                    raise
            else:
                if size < limit:
                    self.page_size = size
                return page
        raise AssertionError("a server either answers or refuses")

    def behind(self, ids: Sequence[str], limit: int, purpose: str | None = None) -> FilePage:
        """The page behind another one; a file that was deleted meanwhile cannot be its cursor, but one before it.

        Raises `CursorGone`.
        """
        steps = [1, *(step for step in _STEPS_BACK if step <= len(ids))]
        for step in steps:
            try:
                return self._page(limit, ids[-step], purpose)
            except ApiError as error:
                if error.status not in (400, 404, 410):
                    raise
                refusal = error
        raise CursorGone from refusal

    def rest(self, ids: Sequence[str], limit: int, purpose: str | None = None) -> FilePage:
        """What comes behind a first page that may be all; nothing where the server does not page from any file."""
        for file_id in (*ids[-1:-3:-1], None, ids[-1]):  # the last may have been deleted meanwhile
            try:
                page = self._page(limit, file_id, purpose)
            except ApiError as error:
                if file_id is None or error.status not in _NO_PAGING:
                    raise  # a server that refuses everything at the moment does not refuse to page
            else:
                if file_id is not None:
                    return page
        return FilePage(files=[], has_more=False)

    def _page(self, limit: int, after: str | None, purpose: str | None) -> FilePage:
        self.requests += 1
        return self._client.list_page(limit=limit, after=after, purpose=purpose, abort=self._abort).value


class Course:
    """How far one pass has come, and whether its end is that of the listing.

    `seen` counts files, each once, `unreadable` the entries without an id; `last` is the last page.
    """

    def __init__(self) -> None:
        self.seen = self.unreadable = 0
        self.last = self._told = FilePage(files=[], has_more=False)
        self._repeats = self._broke_off = False

    def take(self, page: FilePage, unseen: int) -> bool:
        """Note a page, and how many of its files were not seen before; False where the pass leads no further."""
        self._broke_off = self.last.has_more is True and page.has_more is None and not page.files
        self._repeats = bool(page.files) and not unseen
        self.last = page
        if page.files or page.total is not None:
            self._told = page  # an empty page that stands for a refusal takes nothing back
        self.seen += unseen
        self.unreadable += 0 if self._repeats else page.unreadable  # they come again, too
        return unseen > 0

    def missing(self, page_size: int) -> str | None:
        """Why there may be more than was seen, None at the end of the listing."""
        last = self.last
        if last.has_more or (self._repeats and len(last.files) + last.unreadable == page_size):
            return CIRCLE  # a full page that comes again: the server keeps to the limit, and does not page on
        if self._broke_off:
            return BROKE_OFF
        return OWN_WAY if holds_back(self._told, self.seen + self.unreadable) else None

    def remark(self) -> str | None:
        """What the person should know of a listing that was seen to its end."""
        return f"{self.unreadable} entries had no id and are not shown" if self.unreadable else None


class _Ahead:
    """Asks for one page at a time, in a thread of its own, while the one before it is put away.

    It is one thread for all pages: what a thread has used of the memory is not soon another one's.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], FilePage] | None] = SimpleQueue()
        self._answers: SimpleQueue[FilePage | BaseException] = SimpleQueue()
        threading.Thread(target=self._run, name="next page", daemon=True).start()

    def _run(self) -> None:
        while (ask := self._asked.get()) is not None:
            try:
                self._answers.put(ask())
            except BaseException as error:
                self._answers.put(error)

    def ask(self, ask: Callable[[], FilePage]) -> None:
        """Begin to ask."""
        self._asked.put(ask)

    def result(self) -> FilePage:
        """The page, once it is there; raises what asking for it raised."""
        answer = self._answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """End with the page that is asked for, if one is."""
        self._asked.put(None)


def is_unsure(page: FilePage) -> bool:
    """Whether only a guess says that a page is the last: some servers give fewer files than were asked for."""
    return page.has_more is None and bool(page.files)


def goes_on(page: FilePage, limit: int) -> bool:
    """Whether another page follows, as far as a page tells (API reference, "What follows for one client", 4)."""
    entries = len(page.files) + page.unreadable
    return entries >= limit if page.has_more is None else page.has_more


def holds_back(page: FilePage, seen: int) -> bool:
    """Whether the server knows of more files than it gives in a way that this program can follow."""
    return page.continues or (page.total or 0) > seen
