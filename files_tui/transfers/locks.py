"""Locks on files, by which programs know of each other: the system takes them away, however a program ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def has_ended(mark: Path) -> bool:
    """Whether no program holds this lock."""
    try:
        handle = os.open(mark, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def held(path: Path) -> int | None:
    """A handle that holds the lock on a file, None when another program holds it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
