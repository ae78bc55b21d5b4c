"""The check of one file for one purpose."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from files_tui.preflight.batch import BatchRules
from files_tui.preflight.evals import ItemRules
from files_tui.preflight.examples import ExampleRules
from files_tui.preflight.findings import Findings
from files_tui.preflight.images import HEAD, look_at_image
from files_tui.preflight.jsonl import JsonLines
from files_tui.preflight.lines import WHITE, Source, buffered, unmarked, with_lines
from files_tui.preflight.purposes import JSONL, extension_of, look_at_name, look_at_purpose, look_at_size
from files_tui.preflight.report import CannotRead, Flaw, Report, Severity
from files_tui.preflight.rules import Rules, safe_pairs
from files_tui.text import safe

_RULES: dict[str, type[Rules]] = {"batch": BatchRules, "fine-tune": ExampleRules, "evals": ItemRules}
_SEEN_AT_ONCE = 64 << 10
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Which of the first eight bytes are zero, ASCII, or neither.
_ZEROS = bytes([ord("0"), *b"a" * 127, *b"?" * 128])
_BY_ZEROS = {b"a0a0a0a0": "utf-16-le", b"0a0a0a0a": "utf-16-be", b"a000a000": "utf-32-le", b"000a000a": "utf-32-be"}


def check(
    path: Path,
    purpose: str,
    *,
    progress: Callable[[int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Report:
    """All that a server would refuse about a file of this purpose. `progress` is told the bytes read.

    Raises `CannotRead` where the file cannot be read, and `Stopped` soon after `stopped` says so.
    """
    try:
        size = readable_size(path)
        with FileIO(path) as file:
            return _Check(path, purpose, size).report(file, progress, stopped)
    except OSError as error:
        raise CannotRead(f"cannot read {safe(str(path), 120)}: {error.strerror}") from None


def readable_size(path: Path) -> int:
    """The bytes of a regular file; raises `CannotRead` for anything else, and `OSError`."""
    try:
        info = path.stat()
    except ValueError:
        raise CannotRead(f"not a path: {safe(str(path), 120)}") from None
    if stat.S_ISDIR(info.st_mode):
        raise CannotRead(f"{safe(str(path), 120)} is a folder: choose the files in it")
    if not stat.S_ISREG(info.st_mode):
        raise CannotRead(f"{safe(str(path), 120)} is no regular file")
    return info.st_size


class _Check:
    """One file that is being looked at."""

    def __init__(self, path: Path, purpose: str, size: int) -> None:
        self._path, self._purpose, self._size = path, purpose, size
        self._extension = extension_of(path.name)
        self._findings = Findings()
        self._flaws: set[Flaw] = set()
        self._statistics: list[tuple[str, str]] = []
        self._lines = self._counted = 0
        self._noun = "line"

    def report(
        self, file: FileIO, progress: Callable[[int], None] | None, stopped: Callable[[], bool] | None
    ) -> Report:
        """What is found in it."""
        findings = self._findings
        look_at_purpose(findings, self._purpose)
        look_at_name(findings, self._purpose, self._extension)
        look_at_size(findings, self._purpose, self._extension, self._size)
        head = file.read(_SEEN_AT_ONCE)
        if self._purpose == "vision" and head:
            file.seek(max(0, self._size - HEAD))
            kind = look_at_image(findings, self._extension, head[:HEAD], file.read(), self._size)
            self._statistics.append(("image", kind))
        file.seek(0)
        if head and (self._purpose in JSONL or self._extension == "jsonl"):
            self._look_at_lines(Source(file, progress, stopped), head)
        return Report(
            path=self._path,
            purpose=self._purpose,
            size=self._size,
            lines=self._lines,
            counted=self._counted,
            noun=self._noun,
            findings=findings.kept(),
            errors=findings.counts[Severity.ERROR],
            warnings=findings.counts[Severity.WARNING],
            statistics=safe_pairs(self._statistics),
            mendable=frozenset(self._flaws),
        )

    def _look_at_lines(self, source: Source, head: bytes) -> None:
        severity = Severity.ERROR if self._purpose in JSONL else Severity.WARNING
        if encoding := wide_encoding(head):
            self._flaws.update(Flaw)  # the lines of another encoding were not looked at
            message = f"the file is {encoding.upper()}, and JSON lines are UTF-8"
            self._findings.add(severity, message, "save it as UTF-8 without byte order mark", line=1, column=1)
            return
        if b"\x00" in head and not unmarked(head).lstrip(WHITE).startswith((b"{", b"[")):
            message = "the file holds binary data, and no JSON lines"
            self._findings.add(
                severity, message, "choose another file", line=1 + head[: head.index(b"\x00")].count(b"\n")
            )
            return
        rules = _RULES.get(self._purpose, Rules)(self._findings)
        lines = JsonLines(self._findings, rules, severity, self._size)
        file, has_old_ends = with_lines(buffered(source))
        lines.read(file)
        if has_old_ends:
            message = "lines end with CR alone, so that the file is taken for one line"
            self._findings.add(severity, message, "end each line with LF", line=1)
            lines.flaws.add(Flaw.LINE_ENDS)
        self._lines, self._counted, self._noun = lines.lines, lines.counted, rules.noun
        self._flaws |= lines.flaws
        self._statistics += lines.statistics()


def wide_encoding(head: bytes) -> str:
    """`utf-16`, `utf-16-le` and so on, where a file that begins so is written in it; empty where it is not."""
    for mark, encoding in _WIDE:
        if head.startswith(mark):
            return encoding
    # The first characters of JSON lines are ASCII, so that the places of their zero bytes tell.
    zeros = head[:8].translate(_ZEROS)
    return _BY_ZEROS.get(zeros, "")
