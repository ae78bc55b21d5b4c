"""Words for the person, on standard error; data goes to standard output."""

from __future__ import annotations

import os
import sys

from files_tui.cli.status import undisturbed
from files_tui.text import safe

OWN_ERROR = FAILED = 1
USAGE_ERROR = 2


class OutputFailed(Exception):
    """What a command has to give cannot be written: one line that says why."""


def say(words: str) -> None:
    """Write lines to standard error."""
    with undisturbed():
        print("\n".join(map(safe, words.split("\n"))), file=sys.stderr)


def say_failed(what: str, message: str, advice: str = "") -> None:
    """Tell on one line what went wrong with what, and what to do."""
    about = f"{what}: " if what else ""
    say(f"files-tui: {about}{message.rstrip('.')}. {advice}".rstrip(" .") + ".")


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
