"""Writing a download so that nothing is lost: a temporary file beside the target, renamed when it is whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
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
        if is_special(target):
            raise TargetError(f"{safe(str(target), 120)} is no regular file, and is never replaced")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise TargetError(f"no permission to write in {safe(str(folder), 120)}")
        free = shutil.disk_usage(folder).free
    except (OSError, ValueError) as error:
        raise TargetError(f"cannot write {safe(str(target), 120)}: {safe(str(error), 120)}") from None
    if length is not None and length > free:
        raise TargetError(f"{size(length)} are wanted, and {safe(str(folder), 100)} has {size(free)} left")


def is_special(path: Path) -> bool:
    """Whether a device, a pipe or a socket is there, of which a rename would leave a plain file."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def part_beside(target: Path) -> Path:
    """A name for a temporary file in the target's own folder, so that it can be renamed."""
    stem = target.name.encode(errors="ignore")[:120].decode(errors="ignore")
    return target.with_name(f".{stem}.{os.urandom(4).hex()}.part")


def settle(part: Path, target: Path, *, replace: bool, about_to: Callable[[Path], None] = lambda _: None) -> Path:
    """Give a finished file its name and tell which: `target`, or beside an existing one the next free name.

    `about_to` hears of each name before it is tried, so that it is known which one a crash left behind.
    """
    for candidate in candidates(target):
        if not replace and os.path.lexists(candidate):
            continue
        about_to(candidate)
        if replace:
            os.replace(part, candidate)
            return candidate
        try:
            _rename_to_free(part, candidate)
        except FileExistsError:
            continue  # another program was quicker
        return candidate
    raise AssertionError("names never end")


def _rename_to_free(part: Path, target: Path) -> None:
    """Rename without replacing anything; raises `FileExistsError`."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: the name is taken first
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            os.replace(part, target)
        except OSError:
            target.unlink(missing_ok=True)
            raise
    else:
        part.unlink()


def is_settled(part: Path, saved: Path, length: int | None) -> bool:
    """Whether a rename from `part` to `saved`, cut off by a crash, was done; a name of it that is left is removed."""
    try:
        if part.exists():
            if not part.samefile(saved):
                if not saved.stat().st_size:  # the name was taken first, see `_rename_to_free`
                    saved.unlink()
                return False
            part.unlink()
        return saved.is_file() and length in (None, saved.stat().st_size)
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Make a rename itself survive a power cut, where the file system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def distinct(targets: Sequence[Path], *, keep: bool) -> list[Path]:
    """The same paths, in order, made different from each other, and with `keep` from what is there already.

    The first of two equal names stays as it is; the next get ` (1)`, ` (2)` and so on before the suffix.
    """
    taken: set[Path] = set()
    found: list[Path] = []
    for target in targets:
        path = next(p for p in candidates(target) if p not in taken and not (keep and os.path.lexists(p)))
        taken.add(path)
        found.append(path)
    return found


def candidates(target: Path) -> Iterator[Path]:
    """`a.txt`, `a (1).txt`, `a (2).txt`, …"""
    yield target
    for number in itertools.count(1):
        yield target.with_name(f"{target.stem} ({number}){target.suffix}")
