"""What the doctor found out, a line each, and how it is shown."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from files_tui.settings import redacted
from files_tui.text import safe

Mark = Literal["ok", "note", "problem"]

_COLOURS: Mapping[Mark, str] = {"ok": "32", "note": "33", "problem": "1;31"}
_INDENT = " " * 22
_WIDEST, _NARROW = 100, 60


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: a `note` is worth knowing, a `problem` keeps the program from working.

    `says` may hold untrusted text. `todo` is what to do, a line each, which is shown as it is, to be copied.
    """

    mark: Mark
    about: str
    says: str
    todo: tuple[str, ...] = ()


def cleaned(text: str) -> str:
    """A text that is safe to show; no secret that this process knows is in it, whoever repeated it."""
    return safe(redacted(text))


def shown(lines: Iterable[Line], *, colours: bool) -> str:
    """Lines for a terminal."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    indent = _INDENT if width >= _NARROW else "    "
    text = []
    for line in lines:
        mark = f"{line.mark:<9}"
        if colours:
            mark = f"\x1b[{_COLOURS[line.mark]}m{mark}\x1b[0m"
        head = f"  {mark}{line.about:<11}"
        says = textwrap.wrap(
            cleaned(line.says), max(width - len(indent), 20), break_long_words=False, break_on_hyphens=False
        )
        beside = says.pop(0) if says and indent == _INDENT else ""
        text.append(f"{head}{beside}".rstrip())
        text.extend(f"{indent}{more}" for more in says)
        text.extend(f"{indent}→ {cleaned(each)}" for each in line.todo)
    return "\n".join(text)


def has_colours(environ: Mapping[str, str]) -> bool:
    """Whether standard output takes colours, and the person wants them."""
    return sys.stdout.isatty() and "NO_COLOR" not in environ and environ.get("TERM") not in (None, "dumb")
