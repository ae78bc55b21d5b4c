"""Data on standard output: lines for people, JSON for programs."""

from __future__ import annotations

import json
import os
import stat
import sys

import msgspec

from files_tui.cli.status import undisturbed
from files_tui.cli.words import writing
from files_tui.text import safe


def is_seen() -> bool:
    """Whether a person reads standard output, and no program."""
    return sys.stdout is not None and sys.stdout.isatty()


def is_piped() -> bool:
    """Whether another program reads standard output, which may be a pager that has the terminal."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (AttributeError, OSError):
        return False


def put(data: bytes) -> None:
    """Write data at once; see `writing`."""
    with writing(), undisturbed():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def put_lines(lines: list[str]) -> None:
    """Write lines of text, which are safe to show."""
    if lines:
        encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
        put("".join(f"{line}\n" for line in lines).encode(encoding, "backslashreplace"))


def put_path(path: str) -> None:
    """Write the path of a local file: for a program as it is, to the byte."""
    if is_seen():
        put_lines([safe(path)])
    else:
        put(path.encode("utf-8", "surrogateescape") + b"\n")


def put_text(words: str) -> None:
    """Write a text as it is, but for a person's eyes only what is safe to show there."""
    if is_seen():
        put_lines([safe(line) for line in words.split("\n")])
    else:
        put(f"{words}\n".encode("utf-8", "replace"))


def put_object(**fields: str | msgspec.Raw) -> None:
    """Write one JSON object on a line; a field may be JSON already."""
    pairs = (
        json.dumps(name).encode() + b": " + (_line(bytes(value)) if isinstance(value, msgspec.Raw) else _quoted(value))
        for name, value in fields.items()
    )
    put(b"{" + b", ".join(pairs) + b"}\n")


def put_json(value: bytes) -> None:
    """Write one JSON value on a line."""
    put(_line(value) + b"\n")


class JsonArray:
    """One array, a value on each line, written as they come; without `end` it is no valid JSON."""

    def __init__(self) -> None:
        self._before = b"[\n"

    def add(self, values: list[bytes]) -> None:
        """Write more of its values."""
        if values:
            put(self._before + b",\n".join(map(_line, values)))
            self._before = b",\n"

    def end(self) -> None:
        """Write the end, since all are there."""
        put(b"[]\n" if self._before == b"[\n" else b"\n]\n")


def _quoted(text: str) -> bytes:
    return json.dumps(text).replace("\x7f", "\\u007f").encode()


def _line(value: bytes) -> bytes:
    """The same JSON on one line; where a person reads it, what a terminal would act on is written as an escape."""
    if b"\n" in value or b"\r" in value:
        value = msgspec.json.format(value, indent=0)
    if (value.isascii() and b"\x7f" not in value) or not is_seen():
        return value
    return "".join(char if char == " " or safe(char) == char else _escape(char) for char in value.decode()).encode()


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x80 else json.dumps(char)[1:-1]
