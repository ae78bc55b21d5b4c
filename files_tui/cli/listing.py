"""`files-tui list` and `files-tui get`: what is there, a line or a paragraph a file."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from files_tui import text
from files_tui.api.errors import ApiError
from files_tui.api.models import File
from files_tui.catalog.fields import fields_of, status_word
from files_tui.catalog.walk import Walk
from files_tui.cli.output import JsonArray, is_piped, is_seen, put_json, put_lines
from files_tui.cli.server import connected, files_of, ids_of, waiting_words
from files_tui.cli.status import StatusLine, width
from files_tui.cli.words import FAILED, say, say_failed

LONGEST_NAME = 400
WIDEST = 40
"""A longer text than this does not push the columns behind it aside in all other lines."""


def print_listing(options: argparse.Namespace) -> int:
    """Print all files, newest first, as they come."""
    with connected(options) as client:
        walk = Walk(client, options.purpose)
        array = JsonArray()
        lines = _Columns() if is_seen() else tabbed
        heard, files = time.monotonic(), 0

        def words() -> str:
            waiting = waiting_words(client, heard)
            return waiting or ("" if is_seen() or is_piped() or not files else f"{text.plural(files, 'file')} so far")

        try:
            with StatusLine(words):
                for page in walk.pages():
                    heard, files = time.monotonic(), files + len(page)
                    if options.json:
                        array.add([file.raw for file in page])
                    else:
                        put_lines(lines(page))
        except ApiError as error:
            say_failed("the listing is not whole" if files else "", str(error), error.advice)
            return FAILED
    if options.json:
        array.end()
    elif not files and is_seen():
        say("files-tui: no files")
    if walk.note:
        say(f"files-tui: {walk.note}")
        return FAILED
    return 0


def tabbed(files: Sequence[File]) -> list[str]:
    """Lines for programs: the seven columns between tabs, sizes in bytes and times in UTC."""
    return ["\t".join((*_exact(file), text.safe(file.filename))) for file in files]


def _exact(file: File) -> tuple[str, ...]:
    return (
        text.safe(file.id),
        status_word(file) or "-",
        "-" if file.bytes is None else str(file.bytes),
        "-" if file.created_at is None else utc(file.created_at),
        "never" if file.expires_at is None else utc(file.expires_at),
        text.safe(file.purpose) or "-",
    )


def utc(at: int) -> str:
    """Unix seconds as `2026-11-20T09:12:44Z`; `-` beyond the calendar."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    except (OverflowError, OSError, ValueError):
        return "-"


class _Columns:
    """Lines for people: the same columns in words, one below the other; they grow with what comes, and never shrink."""

    def __init__(self) -> None:
        self._widths = [0] * 6

    def __call__(self, files: Sequence[File]) -> list[str]:
        now = time.time()
        rows = [(_words(file, now), text.safe(file.filename, LONGEST_NAME) or "(no name)") for file in files]
        for words, _ in rows:
            self._widths = [max(w, min(width(word), WIDEST)) for w, word in zip(self._widths, words, strict=True)]
        return ["  ".join([*map(_padded, words, self._widths), name]) for words, name in rows]


def _words(file: File, now: float) -> tuple[str, ...]:
    left = text.expiry(file.expires_at, now)
    return (
        text.safe(file.id),
        status_word(file) or "–",
        text.size(file.bytes),
        text.age(file.created_at, now),
        {"never": "never expires", "expired": "expired"}.get(left, f"expires {left}"),
        text.safe(file.purpose, WIDEST) or "–",
    )


def _padded(words: str, columns: int) -> str:
    return words + " " * (columns - width(words))


def print_files(options: argparse.Namespace) -> int:
    """Print all that the server says of some files."""
    failed, between = False, False
    with connected(options) as client:
        for file_id, found in files_of(client, ids_of(options.ids)):
            if isinstance(found, ApiError):
                say_failed(text.safe(file_id, 60), str(found), found.advice)
                failed = True
            elif options.json:
                put_json(found.raw)
            else:
                put_lines([""] * between + _paragraph(found))
                between = True
    return FAILED if failed else 0


def _paragraph(file: File) -> list[str]:
    return [f"{field:<9}{words}" for field, words in fields_of(file).items() if words]
