"""Lines of a file of any size, read in blocks."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from files_tui.preflight.report import CannotRead, Stopped
from files_tui.text import safe

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 128 << 10
"""Bytes that are read at once."""

LONGEST = 8 << 20
"""Bytes of a line beyond which it is not held in memory, and not looked into."""

WHITE = b" \t\r\n"
"""What JSON takes for white space."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_MARKS = re.compile(b"(?:%s)+" % BYTE_ORDER_MARK)


class Source(io.RawIOBase):
    """A file's bytes; tells how many were read, and stops when it is asked to."""

    def __init__(
        self,
        file: io.FileIO,
        progress: Callable[[int], None] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__()
        self._file = file
        self._progress = progress
        self._stopped = stopped
        self._done = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes, 0 at the end. Raises `Stopped`."""
        if self._stopped is not None and self._stopped():
            raise Stopped
        count = self._file.readinto(buffer)
        self._done += count
        if self._progress is not None:
            self._progress(self._done)
        return count


class _OldEnds(io.RawIOBase):
    """The same bytes with LF for each CR."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes, 0 at the end."""
        view = memoryview(buffer)
        count = self._file.readinto(view)
        view[:count] = bytes(view[:count]).replace(b"\r", b"\n")
        return count


def buffered(source: io.RawIOBase) -> io.BufferedReader:
    """For `readline` with a limit, which reads lines faster than to split blocks, and none that is too long."""
    return io.BufferedReader(source, BLOCK)


def with_lines(file: io.BufferedReader) -> tuple[io.BufferedReader, bool]:
    """The same, and whether its lines end with CR alone, as old Macs wrote them; they end with LF then."""
    head = unmarked(file.peek())
    first, end, rest = head.lstrip(WHITE).partition(b"\r")
    # A CR between the values of one object is white space, and no end.
    has_old_ends = bool(end and rest.strip(WHITE)) and b"\n" not in head and is_json(first)
    return (buffered(_OldEnds(file)) if has_old_ends else file), has_old_ends


def unmarked(line: bytes) -> bytes:
    """A line without byte order marks at its beginning."""
    marks = _MARKS.match(line)
    return line[marks.end() :] if marks else line


def is_json(line: bytes) -> bool:
    """Whether it is one JSON text."""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def line_at(path: Path, number: int, limit: int = 1 << 20) -> bytes:
    """The first `limit` bytes of a line as a report counts it, from 1; raises `CannotRead`.

    It is without its end and without a byte order mark, so that the columns of findings fit.
    """
    try:
        with io.FileIO(path) as file:
            lines, _ = with_lines(buffered(Source(file)))
            at = 1
            while at < number and (piece := lines.readline(BLOCK)):
                at += piece.endswith(b"\n")
            return unmarked(lines.readline(limit).rstrip(b"\r\n"))
    except OSError as error:
        raise CannotRead(f"cannot read {safe(str(path), 120)}: {error.strerror}") from None
