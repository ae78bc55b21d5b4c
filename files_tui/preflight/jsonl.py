"""The lines of a JSONL file, one after the other."""

from __future__ import annotations

from functools import partial
from io import BufferedReader

from files_tui.preflight.findings import Findings
from files_tui.preflight.lines import BLOCK, BYTE_ORDER_MARK, LONGEST, WHITE, is_json, unmarked
from files_tui.preflight.report import Flaw, Severity
from files_tui.preflight.rules import Rules
from files_tui.preflight.strict import StrictReader
from files_tui.text import count, plural, safe, size

LONGEST_KNOWN = 256 << 10
"""A longer line is read to the letter, which takes less memory whatever it holds."""


class JsonLines:
    """Counts the lines of a file of `length` bytes and has each looked at; what is no JSON object has `severity`."""

    def __init__(self, findings: Findings, rules: Rules, severity: Severity, length: int) -> None:
        self.lines = 0
        self.counted = 0
        self.flaws: set[Flaw] = set()
        self._findings = findings
        self._rules = rules
        self._severity = severity
        self._bytes = length
        self._reader = StrictReader(findings, severity)
        self._largest = self._largest_at = 0
        self._blanks = self._first_blank = self._first_crlf = 0

    def read(self, file: BufferedReader) -> None:
        """Look at all lines. Raises `OSError` and `Stopped`."""
        knows = self._rules.knows
        number = 0
        for line in iter(partial(file.readline, LONGEST), b""):
            number += 1
            if len(line) > self._largest:
                self._largest, self._largest_at = len(line), number
            if len(line) <= LONGEST_KNOWN and knows(number, line):
                self.counted += 1
            else:
                self._look(number, line, file)
        self.lines = number
        self._findings.at(None)
        self._tell_blanks_and_ends()
        self._rules.end(self.counted)

    def _look(self, number: int, whole: bytes, file: BufferedReader) -> None:
        is_cut = not whole.endswith(b"\n")
        if is_cut and len(whole) >= LONGEST:
            self._too_long(number, whole, file)
            return
        if whole.endswith(b"\r\n"):
            self._first_crlf = self._first_crlf or number
        line = whole.rstrip(b"\r\n")
        if line.startswith(BYTE_ORDER_MARK):
            self._byte_order_mark(number)
            line = unmarked(line)
        if not line.strip(WHITE):
            self._blanks += 1
            self._first_blank = self._first_blank or number
            return
        self.counted += 1
        if b"\r" in line and self._look_at_old_ends(number, line):
            return
        value = self._reader.value(number, line, is_cut=is_cut)
        if value is not None:
            self._rules.look(number, whole, value)

    def _byte_order_mark(self, number: int) -> None:
        self.flaws.add(Flaw.BYTE_ORDER_MARK)
        self._findings.at(number)
        where = "the file begins" if number == 1 else "the line begins"
        message = f"{where} with a byte order mark, which is refused as no JSON object"
        self._findings.add(self._severity, message, "save it as UTF-8 without byte order mark", column=1)

    def _look_at_old_ends(self, number: int, line: bytes) -> bool:
        """Whether a line is several that end with CR alone."""
        pieces = [piece for piece in line.split(b"\r") if piece.strip(WHITE)]
        if len(pieces) < 2 or not all(map(is_json, pieces)):
            return False
        self.flaws.add(Flaw.LINE_ENDS)
        self._findings.at(number)
        column = len(line[: line.index(b"\r")].decode(errors="replace")) + 1
        message = f"{plural(len(pieces), 'line')} that end with CR alone are taken for one"
        self._findings.add(self._severity, message, "end each line with LF", column=column)
        return True

    def statistics(self) -> list[tuple[str, str]]:
        """What the rules have counted, and how large the lines are."""
        average = size(self._bytes // self.counted) if self.counted else ""
        words = f"{average} on average, {size(self._largest)} the largest (line {count(self._largest_at)})"
        return [*self._rules.statistics(), (f"{self._rules.noun} size", words if average else "")]

    def _too_long(self, number: int, line: bytes, file: BufferedReader) -> None:
        self.counted += 1
        first, last, length = line[:64], line.rstrip(WHITE)[-1:], len(line)
        while not line.endswith(b"\n") and (line := file.readline(BLOCK)):
            length += len(line)
            last = line.rstrip(WHITE)[-1:] or last
        if length > self._largest:
            self._largest, self._largest_at = length, number
        self._findings.at(number)
        looks_right = first.lstrip(BYTE_ORDER_MARK + WHITE).startswith(b"{") and last == b"}"
        if looks_right:
            message = f"a line of {size(length)}, too long to be looked into (at most {LONGEST >> 20} MiB)"
            how = (
                "if it is one object, give what is large by its address; if it holds several, end each with a line end"
            )
            self._findings.add(Severity.WARNING, message, how, column=1)
        else:
            begins = safe(first[:10].strip().decode(errors="replace")) or "white space"
            message = f"a line of {size(length)} that is no JSON object: it begins with {begins}"
            self._findings.add(self._severity, message, "write each object on a line of its own", column=1)

    def _tell_blanks_and_ends(self) -> None:
        if self._blanks:
            self.flaws.add(Flaw.BLANK_LINES)
            more = "" if self._blanks == 1 else f", the first of {plural(self._blanks, 'such line')}"
            message = f"a blank line{more}: some servers refuse it as no JSON object"
            self._findings.add(Severity.WARNING, message, "take it away", line=self._first_blank)
        if self._first_crlf:
            self.flaws.add(Flaw.LINE_ENDS)
            message = "lines end with CR LF, as Windows writes them"
            self._findings.add(Severity.NOTE, message, "LF alone is safer", line=self._first_crlf)
