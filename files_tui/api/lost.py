"""Finding out what became of an upload whose answer was lost: it is looked for, and never sent again."""

from __future__ import annotations

from collections.abc import Callable
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

PAGE_SIZE = 100
PAGES = 5
CLOCK_SLACK = 2.0
UNKNOWN_CLOCK_SLACK = 120.0


@dataclass(frozen=True, slots=True)
class Lost:
    """An upload without an answer: what was sent, when it began (unix seconds), and why the answer is missing.

    `whole` tells that all of it was sent, so that the server can have kept it. `claim` takes a file for this upload,
    and is False for one that was there before or belongs to another upload.
    """

    name: str
    size: int
    purpose: str
    started: float
    whole: bool
    claim: Callable[[str], bool]
    error: ApiError

    def might_be(self, file: File, since: float) -> bool:
        """Whether this file can be what became of the upload, if it was made after `since`."""
        return (
            quoted(file.filename) == quoted(self.name)  # some servers keep the name as the form has it
            and file.bytes in (self.size, None)
            and file.purpose in (self.purpose, "")
            and (file.created_at is None or file.created_at >= since)
        )


def look_for(client: FilesClient, lost: Lost, abort: Abort) -> File:
    """The file that the upload made.

    Raises the lost upload's own error when the file is certainly not there, `UploadUnknown` when that cannot be told.
    """
    complete = False
    for pause in PAUSES:
        abort.wait(pause)
        try:
            found, complete = _look(client, lost, abort)
        except ApiError as error:
            raise _unknown(lost, f"looking for the file failed: {error}") from None
        if found is not None:
            return found
    refused = lost.error.status is not None and lost.error.status >= 500
    if lost.whole and not (refused and complete):
        raise _unknown(lost, "the file is not in the list yet")  # which may lag
    lost.error.advice = "The file is not in the list, so it can be sent again."
    raise lost.error


def _look(client: FilesClient, lost: Lost, abort: Abort) -> tuple[File | None, bool]:
    """The file, if it is listed, and whether the listing was seen back to the beginning of the upload."""
    after: str | None = None
    for _ in range(PAGES):
        page = client.list_page(limit=PAGE_SIZE, after=after, abort=abort).value
        offset = client.clock_offset
        since = lost.started + (-UNKNOWN_CLOCK_SLACK if offset is None else offset - CLOCK_SLACK)
        for file in page.files:
            if lost.might_be(file, since) and lost.claim(file.id):
                return file, True
        older = any(file.created_at is not None and file.created_at < since for file in page.files)
        if older or not page.has_more or not page.files or page.files[-1].id == after:
            return None, older or not page.has_more
        after = page.files[-1].id
    return None, False


def _unknown(lost: Lost, why: str) -> UploadUnknown:
    error = lost.error
    return UploadUnknown(f"the answer was lost ({error}), and {why}", status=error.status, request_id=error.request_id)
