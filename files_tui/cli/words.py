"""Words for the person, on standard error; data goes to standard output."""

from __future__ import annotations

import os
import sys

from files_tui.text import safe

OWN_ERROR, USAGE_ERROR = 1, 2


def say(words: str) -> None:
    """Write lines to standard error."""
    print("\n".join(map(safe, words.split("\n"))), file=sys.stderr)


def print_data(words: str) -> None:
    """Write a text to standard output as it is, but to a terminal only what is safe to show there."""
    shown = "\n".join(map(safe, words.split("\n"))) if sys.stdout.isatty() else words
    sys.stdout.buffer.write(f"{shown}\n".encode("utf-8", "replace"))


def let_go_of_who_is_gone() -> None:
    """Python would end with a code of its own when a terminal or a pipe takes its last words no more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
