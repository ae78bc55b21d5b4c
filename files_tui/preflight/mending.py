"""A repaired copy of a file, beside it."""

from __future__ import annotations

import codecs
import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from io import FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from files_tui.preflight.checking import readable_size, wide_encoding
from files_tui.preflight.lines import BLOCK, LONGEST, WHITE, Source, buffered, is_json, unmarked, with_lines
from files_tui.preflight.report import CannotRead, Flaw
from files_tui.text import safe

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


def mend(
    path: Path,
    flaws: Collection[Flaw],
    *,
    progress: Callable[[int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Path:
    """Write a copy without these flaws beside the file, whole or not at all, and give its path.

    What any line says stays as it is. `progress` is told the bytes read. Raises `CannotRead` and `Stopped`.
    """
    stem = path.stem.encode(errors="surrogateescape")[:100].decode(errors="replace")
    part = path.with_name(f".{stem}.{os.urandom(4).hex()}.part")
    try:
        readable_size(path)
        with FileIO(path) as file:
            source = Source(file, progress, stopped)
            try:
                with part.open("xb") as copy:
                    for piece in _mended(file, source, frozenset(flaws)):
                        copy.write(piece)
                    copy.flush()
                    os.fsync(copy.fileno())
                shutil.copymode(path, part)
                return _named(part, path)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise CannotRead(f"cannot mend {safe(str(path), 120)}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CannotRead(f"cannot mend {safe(str(path), 120)}: it is no whole {error.encoding.upper()}") from None


def _named(part: Path, path: Path) -> Path:
    """Give a finished copy the first name that is free: `a.mended.jsonl`, `a.mended-2.jsonl`, …"""
    for number in itertools.count(1):
        name = path.with_name(f"{path.stem}.mended{f'-{number}' if number > 1 else ''}{path.suffix}")
        with contextlib.suppress(FileExistsError):
            try:
                os.link(part, name)
            except FileExistsError:
                raise
            except OSError:  # a file system without hard links: the name is taken first
                os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
                try:
                    os.replace(part, name)
                except OSError:
                    name.unlink(missing_ok=True)
                    raise
            return name
    raise AssertionError("names never end")


def _mended(file: FileIO, source: Source, flaws: frozenset[Flaw]) -> Iterator[bytes]:
    head = file.read(BLOCK)
    file.seek(0)
    encoding = wide_encoding(head) if Flaw.ENCODING in flaws else ""
    lines = buffered(_Narrow(source, encoding) if encoding else source)
    if Flaw.LINE_ENDS in flaws:
        lines, _ = with_lines(lines)
    is_inside = False
    while piece := lines.readline(LONGEST):
        is_whole = piece.endswith(b"\n") or len(piece) < LONGEST
        # A line that is too long to be held comes in pieces, of which only the first and last bytes are mended.
        if is_inside:
            yield _ended(piece, flaws)
        elif is_whole:
            yield _line(piece, flaws)
        else:
            yield _begun(piece, flaws)
        is_inside = not is_whole


class _Narrow(RawIOBase):
    """The same text as UTF-8. Raises `UnicodeDecodeError` where it is none."""

    def __init__(self, source: Source, encoding: str) -> None:
        super().__init__()
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._left = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes, 0 at the end."""
        view = memoryview(buffer)
        while not self._left:
            block = self._source.read(len(view)) or b""
            self._left = self._decoder.decode(block, final=not block).encode()
            if not block:
                break
        count = min(len(view), len(self._left))
        view[:count], self._left = self._left[:count], self._left[count:]
        return count


def _line(line: bytes, flaws: frozenset[Flaw]) -> bytes:
    """A line as it should be; empty where it is blank."""
    line = _ended(_begun(line, flaws), flaws)
    if Flaw.LINE_ENDS in flaws and b"\r" in line:
        pieces = [piece for piece in line.split(b"\r") if piece.strip(WHITE)]
        if all(map(is_json, pieces)):
            line = b"\n".join(pieces)
    return line if line.strip(WHITE) or Flaw.BLANK_LINES not in flaws else b""


def _begun(line: bytes, flaws: frozenset[Flaw]) -> bytes:
    return unmarked(line) if Flaw.BYTE_ORDER_MARK in flaws else line


def _ended(line: bytes, flaws: frozenset[Flaw]) -> bytes:
    return line.rstrip(b"\r\n") + b"\n" if Flaw.LINE_ENDS in flaws and line.endswith(b"\r\n") else line
