"""Findings as they are met: all are counted, some are kept, and those get their column."""

from __future__ import annotations

from files_tui.preflight.places import columns
from files_tui.preflight.report import LIMIT, Finding, Severity
from files_tui.text import safe

LONGEST_SOUGHT = 128 << 10
"""Characters of a line in which a column is still looked for."""


class Findings:
    """Keeps the first `LIMIT`, and errors before anything else; `last_line` is where the last one was."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Severity, 0)
        self.last_line: int | None = None
        self._kept: dict[bool, list[Finding]] = {True: [], False: []}
        self._line: int | None = None
        self._text = ""
        self._columns: dict[str, int] | None = None

    def at(self, line: int | None, text: str = "") -> None:
        """What follows is about this line, which says `text`; columns are looked for in it."""
        self._line, self._text, self._columns = line, text, None

    def add(
        self,
        severity: Severity,
        message: str,
        mend: str = "",
        *,
        pointer: str | None = None,
        column: int | None = None,
        line: int | None = None,
    ) -> None:
        """One more; a `pointer` into the line gives the column by itself."""
        self.counts[severity] += 1
        self.last_line = self._line if line is None else line
        kept = self._kept[severity is Severity.ERROR]
        if len(kept) >= LIMIT:
            return
        if pointer is not None and column is None:
            column = self._column_of(pointer)
        made = Finding(
            severity=severity,
            message=safe(message, 300),
            mend=safe(mend, 300),
            line=self.last_line,
            column=column,
            pointer=pointer or "",
        )
        kept.append(made)

    def _column_of(self, pointer: str) -> int | None:
        if self._columns is None:
            self._columns = columns(self._text) if len(self._text) <= LONGEST_SOUGHT else {}
        return self._columns.get(pointer)

    def kept(self) -> tuple[Finding, ...]:
        """At most `LIMIT`, in the order of the file; what is about the whole of it comes first."""
        errors = self._kept[True]
        kept = errors + self._kept[False][: LIMIT - len(errors)]
        return tuple(sorted(kept, key=lambda finding: (finding.line or 0, finding.column or 0)))
