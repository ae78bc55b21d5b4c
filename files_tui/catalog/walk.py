"""The listing of a server without a catalog: for those who read it once and keep nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError, NotFound, NotSupported, Refused
from files_tui.api.models import File
from files_tui.catalog.listing import LARGEST_PAGE, MOST_PASSES, RESTLESS, Course, CursorGone, Listing


class Walk:
    """All files of a server, or of one purpose, each once and newest first, page by page as they come.

    `note` says at the end why they may not be all, or what was left out; None where nothing was.
    """

    def __init__(self, client: FilesClient, purpose: str | None = None) -> None:
        self._listing = Listing(client, Abort(), LARGEST_PAGE)
        self._purpose = purpose
        self._given: set[str] = set()
        self.note: str | None = None

    def pages(self) -> Iterator[Sequence[File]]:
        """Raises `ApiError`.

        A server that takes no notice of the order that it is asked for is read to its end before anything is given.
        """
        pages = self._wanted()
        first = next(pages, [])
        if _is_newest_first(first):
            yield first
            yield from pages
        else:
            files = [*first, *(file for page in pages for file in page)]
            yield sorted(files, key=lambda file: file.created_at or 0, reverse=True)

    def _wanted(self) -> Iterator[Sequence[File]]:
        """The purpose is asked for, and looked at here as well: not every server takes notice of it, or knows it."""
        if self._purpose is None:
            yield from self._passes(None)
            return
        has_begun = False
        try:
            for page in self._passes(self._purpose):
                has_begun = True
                yield [file for file in page if file.purpose == self._purpose]
        except (Refused, NotFound, NotSupported) as error:
            if has_begun:
                raise
            yield from self._all_of_purpose(error)

    def _all_of_purpose(self, refusal: ApiError) -> Iterator[Sequence[File]]:
        try:
            for page in self._passes(None):
                yield [file for file in page if file.purpose == self._purpose]
        except (Refused, NotFound, NotSupported):
            raise refusal from None  # it was not the purpose that was refused

    def _passes(self, purpose: str | None) -> Iterator[Sequence[File]]:
        """One pass, or more where all that the next page could begin behind is deleted meanwhile."""
        for _ in range(MOST_PASSES):
            course, seen = Course(), set[str]()
            try:
                for page in self._listing.pages(purpose):
                    unseen = {file.id.true: file for file in page.files if file.id.true not in seen}
                    seen |= unseen.keys()
                    yield [file for file_id, file in unseen.items() if file_id not in self._given]
                    if not course.take(page, len(unseen)):
                        break
            except CursorGone:
                self._given |= seen
                continue
            self.note = course.missing(self._listing.page_size) or course.remark()
            return
        self.note = RESTLESS


def _is_newest_first(files: Sequence[File]) -> bool:
    times = [file.created_at for file in files if file.created_at is not None]
    return all(time >= following for time, following in pairwise(times))
