"""Lines of a file of any size, read in blocks."""

from __future__ import annotations

from pathlib import Path

from files_tui.preflight.report import CannotRead
from files_tui.text import safe


def line_at(path: Path, number: int, limit: int = 1 << 20) -> bytes:
    """The first `limit` bytes of a line, counted from 1, without its end; raises `CannotRead`."""
    try:
        with path.open("rb") as file:
            for at, line in enumerate(file, 1):
                if at == number:
                    return line.rstrip(b"\r\n")[:limit]
    except OSError as error:
        raise CannotRead(f"cannot read {safe(str(path), 120)}: {error.strerror}") from None
    return b""
