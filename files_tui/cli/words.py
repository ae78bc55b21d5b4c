"""Words for the person, on standard error; data goes to standard output."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from files_tui.cli.status import undisturbed
from files_tui.text import safe

OWN_ERROR = FAILED = 1
USAGE_ERROR = 2


class OutputFailed(Exception):
    """What a command has to give cannot be written: one line that says why."""


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Write to standard output inside; raises `OutputFailed`, and `BrokenPipeError` when the reader has enough."""
    if sys.stdout is None:
        raise OutputFailed("standard output is closed")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        let_go_of_who_is_gone()
        raise OutputFailed(f"cannot write standard output: {error.strerror}") from None


def say(words: str) -> None:
    """Write lines to standard error."""
    if sys.stderr is None:
        return  # nobody listens, and `print` would take the data's way
    with undisturbed():
        print("\n".join(map(safe, words.split("\n"))), file=sys.stderr)


def say_failed(what: str, message: str, advice: str = "") -> None:
    """Tell on one line what went wrong with what, and what to do."""
    about = f"{what}: " if what else ""
    say(f"files-tui: {about}{message.rstrip('.')}. {advice}".rstrip(" .") + ".")


def let_go_of_who_is_gone() -> None:
    """Python would end with a code of its own when a terminal or a pipe takes its last words no more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
