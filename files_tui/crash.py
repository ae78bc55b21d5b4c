"""Reports of errors of our own: a traceback with its locals but no secret, in a file that only its owner reads."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator, Sequence, Sized
from pathlib import Path

from files_tui import __version__
from files_tui.settings import forms_of, known_secrets, make_private, state_dir
from files_tui.text import Safe, one_line

KEPT = 10
"""So many reports are kept, the newest of them."""

LONGEST_VALUE = 2000
MOST_ENTRIES = 10_000
_TELLING_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS|_PWD$|CREDENTIAL|_AUTH$|HEADERS|COOKIE", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s:=,;]+")
_PASSWORD = re.compile(r"://[^/\s]*?:([^/\s]+)@")


def stopped(error: BaseException) -> Safe:
    """The last words of the program after an error of its own, which it writes a report of."""
    return one_line(f"files-tui stopped because of an error of its own: {noted(error)}", 600)


def noted(error: BaseException) -> Safe:
    """What went wrong, and where the report of it is, which this writes."""
    try:
        words = f"{type(error).__name__}: {error}"
    except Exception:
        words = type(error).__name__
    try:
        where = f"the report is {write_report(error)}"
    except Exception as problem:  # such as a full disk, or an error that cannot even be described
        where = f"no report could be written: {one_line(str(problem))}"
    return one_line(f"{one_line(_without(words, secrets()), 200)}; {where}", 500)


def write_report(error: BaseException) -> Path:
    """Write a report and give its path; raises `OSError`."""
    folder = state_dir()
    make_private(folder)
    stem = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    numbers = (folder / f"{stem}-{number}.txt" for number in range(1, 1000))
    path = next(path for path in numbers if not path.exists())
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(described(error))
    for old in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def described(error: BaseException) -> str:
    """The error with all that led to it."""
    hidden = secrets()
    whole = traceback.TracebackException.from_exception(error)
    for each, itself in _chain(whole, error):
        for summary, (frame, _) in zip(each.stack, traceback.walk_tb(itself.__traceback__), strict=False):
            summary.locals = {name: _shown(value, hidden) for name, value in frame.f_locals.items()}
    head = f"files-tui {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n\n"
    return head + "".join(_without(line, hidden) for line in whole.format())


def secrets() -> list[str]:
    """Every text that no one is to see, the longest first, since one may be part of another."""
    found = set(known_secrets())
    for name, value in os.environ.items():
        if _TELLING_NAME.search(name):
            found |= {value, *_BETWEEN.split(value)}
        found.update(_PASSWORD.findall(value))
    found |= {repr(secret)[1:-1] for secret in found}
    return sorted({form for secret in found for form in forms_of(secret)}, key=len, reverse=True)


def _chain(
    whole: traceback.TracebackException, error: BaseException
) -> Iterator[tuple[traceback.TracebackException, BaseException]]:
    waiting = [(whole, error)]
    while waiting:
        whole, error = waiting.pop()
        yield whole, error
        for described, itself in ((whole.__cause__, error.__cause__), (whole.__context__, error.__context__)):
            if described is not None and itself is not None:
                waiting.append((described, itself))


def _shown(value: object, hidden: Sequence[str]) -> str:
    """A local as `repr` writes it; it is cut only after what must not be seen is gone, of which a part might stay."""
    if isinstance(value, type(os.environ)):
        return "<the environment>"
    try:
        if isinstance(value, Sized) and len(value) > MOST_ENTRIES:
            return f"<{type(value).__name__} of {len(value)}>"
        words = repr(value)
    except BaseException as error:
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"
    return _without(words, hidden)[:LONGEST_VALUE]


def _without(words: str, hidden: Sequence[str]) -> str:
    for secret in hidden:
        words = words.replace(secret, "[secret]")
    return words
