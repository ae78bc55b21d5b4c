"""One line on standard error that tells how it goes, where that is a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator

SECONDS = 0.25
"""Between two looks at how it goes."""

_drawing = threading.RLock()
_is_drawn = False


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Take the line away, and keep it away for as long as something else is written."""
    global _is_drawn
    with _drawing:
        if _is_drawn:
            _is_drawn = False
            _write("\r\x1b[K")
        yield


class StatusLine:
    """Shows what `words` gives, which are safe to show, at most four times a second; leaves nothing behind."""

    def __init__(self, words: Callable[[], str]) -> None:
        self._words = words
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> StatusLine:
        if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") not in (None, "", "dumb"):
            self._thread = threading.Thread(target=self._run, name="status line", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with undisturbed():
            pass

    def _run(self) -> None:
        shown = ""
        while not self._ended.wait(SECONDS):
            words = fitting(self._words(), _columns() - 1)
            if words != shown or (words and not _is_drawn):
                shown = words
                self._draw(words)

    def _draw(self, words: str) -> None:
        global _is_drawn
        with _drawing:
            if not self._ended.is_set():
                _is_drawn = bool(words)
                _write(f"\r{words}\x1b[K")


def fitting(words: str, columns: int) -> str:
    """As much of the beginning as takes so many columns."""
    while width(words) > columns:
        words = words[:-1]
    return words


def width(words: str) -> int:
    """The columns that a terminal needs for words that are safe to show."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words
    )


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _write(sequence: str) -> None:
    with contextlib.suppress(OSError):  # a terminal that is gone is told of by the next data
        sys.stderr.write(sequence)
        sys.stderr.flush()
