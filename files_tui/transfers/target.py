"""Writing a download so that nothing is lost: a temporary file beside the target, renamed when it is whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from files_tui.text import safe, size


class TargetError(Exception):
    """A place that a download cannot go to: one safe line that says why."""


def expanded(text: str) -> Path:
    """A path that a person typed, with `~` and variables; what cannot be expanded stays as it is."""
    return Path(os.path.expanduser(os.path.expandvars(text)))


def check_target(target: Path, length: int | None) -> None:
    """Raise `TargetError` when a file of `length` bytes cannot be written there."""
    folder = target.parent
    try:
        if not folder.is_dir():
            raise TargetError(f"no such folder: {safe(str(folder), 120)}")
        os.access(target, os.F_OK)  # raises for a name that no file can have, which `is_dir` does not
        if target.is_dir():
            raise TargetError(f"{safe(str(target), 120)} is a folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise TargetError(f"no permission to write in {safe(str(folder), 120)}")
        free = shutil.disk_usage(folder).free
    except (OSError, ValueError) as error:
        raise TargetError(f"cannot write {safe(str(target), 120)}: {safe(str(error), 120)}") from None
    if length is not None and length > free:
        raise TargetError(f"{size(length)} are wanted, and {safe(str(folder), 100)} has {size(free)} left")


@contextlib.contextmanager
def temporary(target: Path) -> Iterator[tuple[FileIO, Path]]:
    """A new file beside `target`, with its path; it is removed unless it was renamed meanwhile."""
    stem = target.name.encode(errors="ignore")[:120].decode(errors="ignore")
    part = target.with_name(f".{stem}.{os.urandom(4).hex()}.part")
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(FileIO(part, "xb"))
        stack.callback(part.unlink, missing_ok=True)
        yield file, part


def settle(part: Path, target: Path, *, replace: bool) -> Path:
    """Give a finished file its name and tell which: `target`, or beside an existing one the next free name."""
    if replace:
        os.replace(part, target)
        return target
    for candidate in candidates(target):
        try:
            # Taking the name first keeps another program's file of that name from being replaced.
            os.close(os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            continue
        try:
            os.replace(part, candidate)
        except OSError:
            candidate.unlink(missing_ok=True)
            raise
        return candidate
    raise AssertionError("names never end")


def candidates(target: Path) -> Iterator[Path]:
    """`a.txt`, `a (1).txt`, `a (2).txt`, …"""
    yield target
    for number in itertools.count(1):
        yield target.with_name(f"{target.stem} ({number}){target.suffix}")
