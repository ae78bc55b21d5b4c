"""What can be uploaded, told before a connection is made."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from files_tui.api.models import LARGEST_IN_PARTS
from files_tui.text import DAY, HOUR, MINUTE, safe, size

SHORTEST, LONGEST = HOUR, 30 * DAY
"""Seconds after which a file may be made to expire (API reference, "Upload")."""

_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}


class SourceError(Exception):
    """A path that cannot be uploaded: one safe line that says why."""


def source_size(path: Path) -> int:
    """The bytes of an uploadable file; raises `SourceError` for anything else."""
    name = safe(str(path), 120)
    try:
        info = path.stat()
    except FileNotFoundError:
        raise SourceError(f"no such file: {name}") from None
    except OSError as error:
        raise SourceError(f"cannot read {name}: {error.strerror}") from None
    except ValueError:
        raise SourceError(f"not a path: {name}") from None
    if stat.S_ISDIR(info.st_mode):
        raise SourceError(f"{name} is a folder: choose the files in it")
    if not stat.S_ISREG(info.st_mode):
        raise SourceError(f"{name} is no regular file")
    if not os.access(path, os.R_OK):
        raise SourceError(f"cannot read {name}: permission denied")
    if not info.st_size:
        raise SourceError(f"{name} is empty: the API takes no files of 0 bytes")
    if info.st_size > LARGEST_IN_PARTS:
        raise SourceError(f"{name} holds {size(info.st_size)}: an upload holds at most 8 GiB")
    return info.st_size


def span_seconds(words: str) -> int | None:
    """Seconds of `12h`, `3d` or `90m`; None when it is no span after which the API lets a file expire."""
    match = re.fullmatch(r"(\d{1,6})\s*([mhd])\w*", words.strip().lower())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    return seconds if SHORTEST <= seconds <= LONGEST else None
