"""What a check has found: a report of findings, each with its place and the way to mend it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import msgspec

from files_tui.text import Safe, count, plural, safe, size

LIMIT = 100
"""So many findings of a file are kept; all are counted."""


class CannotRead(Exception):
    """A path that cannot be checked or mended: one safe line that says why."""


class Stopped(Exception):
    """The person has no more need of the check."""


class Severity(Enum):
    """How much a finding matters."""

    ERROR = "error"
    """The server would refuse it, now or hours later."""
    WARNING = "warning"
    """The server may take it otherwise than it is meant."""
    NOTE = "note"


class Flaw(Enum):
    """What `mend` can repair without changing what any line says."""

    BYTE_ORDER_MARK = "byte order mark"
    ENCODING = "encoding"
    LINE_ENDS = "line ends"
    BLANK_LINES = "blank lines"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be.

    `line` and `column` count from 1, columns in characters of the line decoded as UTF-8 with replacements; `pointer` is
    the JSON pointer to the value in that line. Each is None or empty where it is about no such place.
    """

    severity: Severity
    message: Safe
    mend: Safe = Safe("")
    line: int | None = None
    column: int | None = None
    pointer: str = ""

    @property
    def place(self) -> Safe:
        """`line 17, column 4 (/messages/0/role)`, as much of it as there is."""
        words = [f"{name} {count(at)}" for name, at in (("line", self.line), ("column", self.column)) if at is not None]
        where = ", ".join(words)
        return safe(f"{where} ({self.pointer})".lstrip() if self.pointer else where, 200)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a file of `size` bytes and `lines` lines, of which `counted` are a `noun` each.

    At most `LIMIT` findings are kept, in the order of the file; `errors` and `warnings` count all that were met.
    `statistics` are names and values for people.
    """

    path: Path
    purpose: str
    size: int
    lines: int = 0
    counted: int = 0
    noun: str = "line"
    findings: tuple[Finding, ...] = ()
    errors: int = 0
    warnings: int = 0
    statistics: tuple[tuple[str, Safe], ...] = ()
    mendable: frozenset[Flaw] = frozenset()

    @property
    def would_be_refused(self) -> bool:
        """Whether the server would refuse the file, now or hours later."""
        return self.errors > 0

    def amount(self) -> Safe:
        """`12,480 examples`; the size where nothing was counted."""
        return Safe(plural(self.counted, self.noun) if self.counted else size(self.size))

    def headline(self) -> Safe:
        """`12,480 examples, 3 problems: line 17: …`."""
        what = self.amount()
        problems = self.errors + self.warnings
        if not problems:
            return Safe(f"{what}, no problems")
        worst = Severity.ERROR if self.errors else Severity.WARNING
        first = next((finding for finding in self.findings if finding.severity is worst), None)
        where = "" if first is None else f": {first.place}{': ' if first.place else ''}{first.message}"
        return safe(f"{what}, {plural(problems, 'problem')}{where}")
