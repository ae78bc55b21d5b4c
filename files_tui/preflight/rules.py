"""What the rules of all purposes have in common."""

from __future__ import annotations

from typing import Any

from files_tui.preflight.findings import Findings
from files_tui.preflight.report import Severity
from files_tui.text import Safe, safe


class Rules:
    """Looks at the lines of a file; this one wants nothing more of them than that each is an object."""

    noun = "line"

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def knows(self, _number: int, _line: bytes, /) -> bool:
        """Whether a line is right and taken into account, as one that is known to be like others before it."""
        return False

    def look(self, number: int, line: bytes, value: dict[str, Any], /) -> None:
        """Look at the object that a line, with its end, says."""

    def end(self, counted: int, /) -> None:
        """Tell what can be told when all lines have been seen."""

    def statistics(self) -> list[tuple[str, str]]:
        """Names and values for people."""
        return []

    def error(self, pointer: str, message: str, mend: str) -> None:
        """The server would refuse what stands at `pointer`."""
        self.findings.add(Severity.ERROR, message, mend, pointer=pointer)

    def warn(self, pointer: str, message: str, mend: str) -> None:
        """The server may take what stands at `pointer` otherwise than it is meant."""
        self.findings.add(Severity.WARNING, message, mend, pointer=pointer)


def safe_pairs(pairs: list[tuple[str, str]]) -> tuple[tuple[str, Safe], ...]:
    """Those that have a value, which is safe to show then."""
    return tuple((name, safe(value, 200)) for name, value in pairs if value)


def shown(value: object, limit: int = 60) -> str:
    """A value of the file in words: a text in quotes, the kind of anything that has parts."""
    match value:
        case str():
            return f'"{safe(value, limit)}"'
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return safe(f"{value:.17g}" if isinstance(value, float) else "a number" if is_long(value) else str(value))


def is_long(value: object) -> bool:
    """Whether a whole number has more digits than Python likes to write."""
    return isinstance(value, int) and value.bit_length() > 256
