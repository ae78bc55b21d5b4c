"""A repaired copy of a file, beside it."""

from __future__ import annotations

import codecs
import contextlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from io import FileIO
from pathlib import Path

from files_tui.preflight.checking import readable_size, wide_encoding
from files_tui.preflight.lines import BYTE_ORDER_MARK, LONGEST, Source, separator_of
from files_tui.preflight.report import CannotRead, Flaw
from files_tui.text import safe


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
                os.replace(part, name)
            return name
    raise AssertionError("names never end")


def _mended(file: FileIO, source: Source, flaws: frozenset[Flaw]) -> Iterator[bytes]:
    head = file.read(64 << 10)
    file.seek(0)
    encoding = wide_encoding(head) if Flaw.ENCODING in flaws else ""
    separator = b"\n"
    if encoding:
        flaws |= {Flaw.BYTE_ORDER_MARK}
    elif Flaw.LINE_ENDS in flaws:
        separator = separator_of(head)
    parts: list[bytes] = []
    held, is_inside = 0, False
    for block in _decoded(source, encoding):
        *lines, rest = block.split(separator)
        for line in lines:
            if is_inside:  # the end of a line that was too long to be held
                yield line + b"\n"
                is_inside = False
            else:
                parts.append(line)
                yield from _line(b"".join(parts), b"\n", flaws)
            parts, held = [], 0
        if is_inside:
            yield rest
            continue
        parts.append(rest)
        held += len(rest)
        if held > LONGEST:
            whole = b"".join(parts)
            yield whole.removeprefix(BYTE_ORDER_MARK) if Flaw.BYTE_ORDER_MARK in flaws else whole
            parts, held, is_inside = [], 0, True
    if held:
        yield from _line(b"".join(parts), b"", flaws)


def _decoded(source: Source, encoding: str) -> Iterator[bytes]:
    if not encoding:
        while block := source.read():
            yield block
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    while block := source.read():
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _line(line: bytes, end: bytes, flaws: frozenset[Flaw]) -> Iterator[bytes]:
    """A line as it should be; nothing where it is blank."""
    if Flaw.BYTE_ORDER_MARK in flaws:
        while line.startswith(BYTE_ORDER_MARK):
            line = line.removeprefix(BYTE_ORDER_MARK)
    if Flaw.LINE_ENDS in flaws:
        line = line.removesuffix(b"\r")
        if b"\r" in line and not _is_json(line):
            pieces = [piece for piece in line.split(b"\r") if piece.strip()]
            if all(map(_is_json, pieces)):
                line = b"\n".join(pieces)
    if line.strip() or Flaw.BLANK_LINES not in flaws:
        yield line + end


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
