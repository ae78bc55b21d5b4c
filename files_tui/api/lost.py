"""Finding out what became of an upload whose answer was lost: it is looked for, and never sent again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from files_tui.api.abort import Abort
from files_tui.api.errors import ApiError, UploadUnknown
from files_tui.api.models import File
from files_tui.api.multipart import quoted

if TYPE_CHECKING:
    from files_tui.api.client import FilesClient

PAUSES = (0.3, 1.0, 3.0)
"""Seconds before each look, since a listing may lag behind an upload."""

LONGEST_LAG = 120.0
"""So many seconds after it was sent, a file that is not in the list did not arrive."""

_OWN_ERRORS = frozenset((500, 501, 503, 507))
"""With these a server says that it failed; all else may come from a relay, behind which it is at work."""

PAGE_SIZE = 100
PAGES = 5
CLOCK_SLACK = 2.0
UNKNOWN_CLOCK_SLACK = 120.0


@dataclass(frozen=True, slots=True)
class Lost:
    """An upload without an answer: what was sent, when it began (unix seconds), and why the answer is missing.

    `sent` is when the last of it left (unix seconds), None when not all of it did, so that the server cannot have kept
    it. `claim` takes a file for this upload, and is False for one that was there before or belongs to another upload;
    `is_contested` tells that any of some files may belong to another upload, so that none is to be taken.
    """

    name: str
    size: int
    purpose: str
    started: float
    sent: float | None
    claim: Callable[[str], bool]
    error: ApiError
    is_contested: Callable[[Collection[str]], bool] = lambda _: False

    def might_be(self, file: File, since: float) -> bool:
        """Whether this file can be what became of the upload, if it was made after `since`."""
        return self.resembles(file, since) and bool(file.filename) and file.purpose in (self.purpose, "")

    def resembles(self, file: File, since: float) -> bool:
        """Whether it can be, though the server may give it another purpose, and tells no name."""
        return (
            quoted(file.filename.true) in (quoted(self.name), "")  # some servers keep the name as the form has it
            and file.bytes in (self.size, None)
            and (file.created_at is None or file.created_at >= since)
        )


def look_for(client: FilesClient, lost: Lost, abort: Abort) -> File | None:
    """The file that the upload made, None when it certainly made none; raises `UploadUnknown` when that is unclear."""
    if lost.sent is None:
        return None  # what is listed under this name came from another upload
    complete = contested = False
    for pause in PAUSES:
        abort.wait(pause)
        try:
            files, complete = _look(client, lost, abort)
        except ApiError as error:
            raise _unknown(lost, f"looking for the file failed: {error}") from None
        contested = lost.is_contested([file.id.true for file in files])
        found = None if contested else next((file for file in files if lost.claim(file.id.true)), None)
        if found is not None:
            return found
    if contested:
        raise _unknown(lost, "what is in the list may be another file of that name and size")
    refused = lost.error.status in _OWN_ERRORS and lost.error.is_api_like
    settled = time.time() - lost.sent > LONGEST_LAG
    if complete and (refused or settled):
        return None
    raise _unknown(lost, "the file is not in the list yet")  # which may lag


def _look(client: FilesClient, lost: Lost, abort: Abort) -> tuple[list[File], bool]:
    """Listed files that it might be, and whether it can be no other one.

    For that the listing was seen back to the beginning of the upload, and nothing on it resembles the upload otherwise.
    """
    after: str | None = None
    files: list[File] = []
    resembling = 0
    for _ in range(PAGES):
        page = client.list_page(limit=PAGE_SIZE, after=after, abort=abort).value
        offset = client.clock_offset
        since = lost.started + (-UNKNOWN_CLOCK_SLACK if offset is None else offset - CLOCK_SLACK)
        files += [file for file in page.files if lost.might_be(file, since)]
        resembling += sum(lost.resembles(file, since) for file in page.files)
        times = [file.created_at for file in page.files if file.created_at is not None]
        older = bool(times) and times[-1] < since and times[-1] <= times[0]  # not so on a page of the oldest
        is_full = len(page.files) + page.unreadable >= PAGE_SIZE
        ends = not page.files or not (is_full if page.has_more is None else page.has_more)
        if older or ends or page.files[-1].id == after:
            return files, (older or ends) and resembling == len(files)
        after = page.files[-1].id.true
    return files, False


def _unknown(lost: Lost, why: str) -> UploadUnknown:
    error = lost.error
    return UploadUnknown(f"the answer was lost ({error}), and {why}", status=error.status, request_id=error.request_id)
