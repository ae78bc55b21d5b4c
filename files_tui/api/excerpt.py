"""The beginning of a remote file, fetched as far as somebody looks at it."""

from __future__ import annotations

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError, ConnectionFailed, Unreadable

STEP = 256 << 10
"""Bytes that are asked for at first, and then each time that somebody looks further."""

KEPT = 16 << 20
"""No more bytes of a file than that, and one piece of a stream, are kept for looking at them."""


class Excerpt:
    """Bytes of a file from its beginning on; they only grow, and one thread at a time lets them.

    `length` is that of the whole file as its server tells it, None until it has. `received` counts the bytes that came:
    they are more than are kept where the server sends no parts of files, so that each look begins anew.
    """

    def __init__(self, client: FilesClient, file_id: str, listed: int | None = None) -> None:
        self.data = bytearray()
        self.length: int | None = None
        self.received = 0
        self.is_whole = False
        self.is_page = False
        """Whether it came as a web page."""
        self.takes_ranges = True
        """False once the server has sent something else than the part that was asked for."""
        self._client = client
        self._file_id = file_id
        self._listed = listed

    @property
    def can_grow(self) -> bool:
        """Whether there is more to be fetched, and room to keep it."""
        return not self.is_whole and len(self.data) < KEPT

    @property
    def next_end(self) -> int:
        """How far the next look reaches; where each has to begin anew, twice as far, so that they are few."""
        there = len(self.data)
        return min(KEPT, max(there + STEP, 0 if self.takes_ranges else 2 * there))

    def fetch(self, end: int, abort: Abort) -> None:
        """Have the bytes up to `end`, or all that there are; what came before a failure stays.

        Raises `ApiError` and `Aborted`.
        """
        end = min(end, KEPT)
        if self.is_whole or len(self.data) >= end:
            return
        if self.takes_ranges:
            try:
                self._read(len(self.data), end, end, abort)
                return
            except ApiError as error:
                if not _is_about_the_range(error):
                    raise
                self.takes_ranges = False
        self._read(0, None, end, abort)

    def _read(self, start: int, asked: int | None, end: int, abort: Abort) -> None:
        before = len(self.data)
        with self._client.content(self._file_id, start=start, end=asked, retry=False, abort=abort) as content:
            self.takes_ranges = content.end is not None
            self.is_page = content.is_page
            if self.length is None:
                self.length = content.length
            elif content.length not in (None, self.length):
                raise Unreadable("the file has another length than before", advice="Close it, and open it again.")
            at = content.start
            for chunk in content.chunks:
                abort.check()
                self.received += len(chunk)
                self._take(at, chunk)
                at += len(chunk)
                if len(self.data) >= end:
                    break
            else:
                self._ended(at, content.end, end, cut=not content.delimited and at < (self._listed or 0))
            self.is_whole = self.is_whole or len(self.data) == self.length
        if len(self.data) == before and not self.is_whole:
            raise Unreadable("the server sent nothing of the part that was asked for", advice="Download it instead.")

    def _take(self, at: int, chunk: bytes) -> None:
        there = self.data[at : at + len(chunk)]
        if there != chunk[: len(there)]:
            raise Unreadable("the server sends other bytes than before", advice="Close it, and open it again.")
        self.data += chunk[len(there) :]

    def _ended(self, at: int, part: int | None, end: int, *, cut: bool) -> None:
        """Tell the end of a part from that of the file."""
        if part is None and cut:
            raise ConnectionFailed("the connection broke: the file ends before its listed length")
        if part is None or (self.length is None and part < end):
            self.is_whole = True
            self.length = at


def _is_about_the_range(error: ApiError) -> bool:
    """Whether all of the file may be had though a part may not: it was another one, cannot be, or is not spoken of."""
    return error.status in (206, 416, 501) or (error.status == 400 and "range" in error.message.lower())
