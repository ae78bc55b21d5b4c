"""Lines of a file of any size, read in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from files_tui.preflight.report import CannotRead, Stopped
from files_tui.text import safe

BLOCK = 128 << 10
"""Bytes that are read at once."""

LONGEST = 8 << 20
"""Bytes of a line beyond which it is not held in memory, and not looked into."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Overlong(NamedTuple):
    """A line of more than `LONGEST` bytes: its size, its first bytes, and its last."""

    size: int
    first: bytes
    last: bytes


class Block(NamedTuple):
    """Some whole lines without their ends, and perhaps one after them that is too long to be held.

    `is_cut` tells that the file ends behind the last of them without an end of line.
    """

    lines: list[bytes]
    overlong: Overlong | None = None
    is_cut: bool = False


class Source:
    """A file that is read from its beginning; tells how far it is, and stops when it is asked to."""

    def __init__(
        self,
        file: FileIO,
        progress: Callable[[int], None] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        self._file = file
        self._progress = progress
        self._stopped = stopped
        self._done = 0

    def read(self) -> bytes:
        """The next block, empty at the end. Raises `Stopped`."""
        if self._stopped is not None and self._stopped():
            raise Stopped
        block = self._file.read(BLOCK)
        self._done += len(block)
        if self._progress is not None:
            self._progress(self._done)
        return block


def blocks(source: Source, separator: bytes = b"\n") -> Iterator[Block]:
    """The lines of a file, in memory that does not grow with it."""
    parts: list[bytes] = []
    held = 0
    overlong: Overlong | None = None
    while block := source.read():
        lines = block.split(separator)
        rest = lines.pop()
        if lines:
            if overlong is not None:
                yield Block([], _longer(overlong, lines.pop(0)))
                overlong = None
            else:
                parts.append(lines[0])
                lines[0] = b"".join(parts)
            yield Block(lines)
            parts, held = [], 0
        if overlong is not None:
            overlong = _longer(overlong, rest)
            continue
        parts.append(rest)
        held += len(rest)
        if held > LONGEST:
            whole = b"".join(parts)
            overlong = Overlong(held, whole[:64], whole[-1:])
            parts, held = [], 0
    if overlong is not None:
        yield Block([], overlong, is_cut=True)
    elif held:
        yield Block([b"".join(parts)], is_cut=True)


def _longer(line: Overlong, more: bytes) -> Overlong:
    last = more.rstrip()[-1:]
    return Overlong(line.size + len(more), line.first, last or line.last)


def line_at(path: Path, number: int, limit: int = 1 << 20) -> bytes:
    """The first `limit` bytes of a line, counted from 1 as in a report, without its end; raises `CannotRead`."""
    try:
        with FileIO(path) as file:
            head = file.read(BLOCK)
            file.seek(0)
            separator = separator_of(head)
            passed, found = 1, b""
            while block := file.read(BLOCK):
                start = 0
                while passed < number:
                    end = block.find(separator, start)
                    if end < 0:
                        break
                    passed, start = passed + 1, end + 1
                if passed == number:
                    end = block.find(separator, start)
                    found += block[start : len(block) if end < 0 else end][: limit - len(found)]
                    if end >= 0 or len(found) >= limit:
                        break
            return found.removesuffix(b"\r")
    except OSError as error:
        raise CannotRead(f"cannot read {safe(str(path), 120)}: {error.strerror}") from None


def separator_of(head: bytes) -> bytes:
    """What ends a line in a file that begins so: CR where there is nothing else, as old Macs wrote it."""
    return b"\r" if b"\r" in head.rstrip(b"\r") and b"\n" not in head else b"\n"
