"""The local files that uploads were made from, and whether they are still what they were."""

from __future__ import annotations

import contextlib
import hashlib
import stat
import time
from pathlib import Path
from typing import Literal

import msgspec

from files_tui.api.abort import Abort
from files_tui.api.multipart import READ_SIZE
from files_tui.text import Safe, safe
from files_tui.transfers.target import check_target, part_beside, settle

State = Literal["unchanged", "touched", "changed", "gone", "unreadable"]

_WORDS: dict[State, str] = {
    "unchanged": "unchanged",
    "touched": "perhaps changed since",
    "changed": "changed since",
    "gone": "gone",
    "unreadable": "which cannot be read",
}


class Original(msgspec.Struct, frozen=True):
    """What became a remote file at a time (unix seconds): a path, and what was there.

    `stamp` is the size (bytes) and modification time (ns); `digest` is `sha256:…`, or `md5:…` where it went in parts,
    which need that of the whole file; None where it was sent too fast for one.
    """

    path: Path
    stamp: tuple[int, int]
    digest: str | None
    at: float = msgspec.field(default_factory=time.time)


def state_of(original: Original, abort: Abort | None = None) -> State:
    """What has become of a local file; blocking.

    Only with an `abort` it is read, where its size is the same and its time another one; then it is not left at
    `touched`, unless there is no digest of it. Raises `Aborted`.
    """
    try:
        info = original.path.stat()
        if not stat.S_ISREG(info.st_mode):
            return "gone"
        if info.st_size != original.stamp[0]:
            return "changed"
        if info.st_mtime_ns == original.stamp[1]:
            return "unchanged"
        if abort is None or original.digest is None:
            return "touched"
        return "unchanged" if digest_of(original.path, original.digest, abort) == original.digest else "changed"
    except (FileNotFoundError, NotADirectoryError):
        return "gone"
    except (OSError, ValueError):
        return "unreadable"


def words_of(original: Original, state: State) -> Safe:
    """Where the original is, and what has become of it: `~/a.txt, unchanged`."""
    return Safe(f"{_shown(original.path)}, {_WORDS[state]}")


def sentence_of(original: Original, state: State) -> Safe:
    """The same as a sentence."""
    if state == "gone":
        return Safe(f"The original, {_shown(original.path)}, is gone.")
    return Safe(f"The original is still at {words_of(original, state)}.")


def _shown(path: Path) -> Safe:
    with contextlib.suppress(ValueError, RuntimeError):  # it is not below it, or there is none
        path = "~" / path.relative_to(Path.home())
    return safe(str(path), 200)


def copy_to(original: Original, target: Path, abort: Abort) -> Path:
    """Copy a local file to a target, or beside what is there, whole or not at all; gives where it is.

    Raises `TargetError`, `OSError` and `Aborted`.
    """
    check_target(target, original.stamp[0])
    part = part_beside(target)
    try:
        with original.path.open("rb") as source, part.open("xb") as file:
            while piece := source.read(READ_SIZE):
                abort.check()
                file.write(piece)
        return settle(part, target, replace=False)
    finally:
        part.unlink(missing_ok=True)


def digest_of(path: Path, like: str, abort: Abort) -> str:
    """The digest of a file as it is now, of the same kind as another one; raises `OSError`, `Aborted`."""
    kind = like.partition(":")[0]
    digest = hashlib.new(kind, usedforsecurity=False)
    buffer = memoryview(bytearray(READ_SIZE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            abort.check()
            digest.update(buffer[:count])
    return f"{kind}:{digest.hexdigest()}"
