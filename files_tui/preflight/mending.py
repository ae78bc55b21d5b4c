"""A repaired copy of a file, beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from files_tui.preflight.report import CannotRead, Flaw
from files_tui.text import safe


def mend(
    path: Path,
    flaws: Collection[Flaw],
    *,
    progress: Callable[[int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Path:
    """Write a copy without these flaws beside the file, whole or not at all, and give its path.

    `progress` is told the bytes read. Raises `CannotRead` and `Stopped`.
    """
    copy = path.with_name(f"{path.stem}.mended{path.suffix}")
    try:
        data = path.read_bytes()
        if Flaw.BYTE_ORDER_MARK in flaws:
            data = data.removeprefix(b"\xef\xbb\xbf")
        with copy.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise CannotRead(f"cannot mend {safe(str(path), 120)}: {error.strerror}") from None
    return copy
