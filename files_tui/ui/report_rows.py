"""The lines of the upload dialog's list: each file with its verdict, and what is found in those that are open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.text import Text

from files_tui import text
from files_tui.ui.checks import CHANGES, Look

if TYPE_CHECKING:
    from files_tui.preflight import Finding, Report

ROOMY = 60
"""From so many cells on, columns stand below each other."""

LOOKS = {
    "": (" ", ""),
    "waiting": ("…", "dim"),
    "checking": ("◐", "yellow"),
    "changes": ("◐", "yellow"),
    "not checked": ("✗", "bold red"),
    "error": ("✗", "bold red"),
    "warning": ("⚠", "yellow"),
    "note": ("·", "cyan"),
    "no problems": ("✓", "green"),
}
"""The glyph and style of how a file stands, and of how much a finding matters."""

_VERDICT, _COUNT, _FACT = 15, 17, 13


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be uploaded, its bytes, and what is known of one that is there already."""

    path: Path
    size: int
    twin: str = ""


class Row(NamedTuple):
    """A line: of a file, or of something about it; `number` tells which of its findings or facts."""

    kind: Literal["file", "why", "twin", "finding", "more", "fact", "problem"]
    path: Path | None
    number: int = 0


class Verdict(NamedTuple):
    """How a file stands: one of `LOOKS`, and a word or two."""

    kind: str
    words: str

    @property
    def glyph(self) -> str:
        """One character that is seen before the words are read."""
        return LOOKS[self.kind][0]

    @property
    def style(self) -> str:
        """The colour of the glyph and the words."""
        return LOOKS[self.kind][1]


def rows_of(sources: Sequence[Source], problems: int, look: Look, opened: Collection[Path]) -> list[Row]:
    """The lines in their order; the last are about paths that cannot be uploaded, of which there are `problems`."""
    rows: list[Row] = []
    for source in sources:
        path, report = source.path, look.report(source.path)
        rows.append(Row("file", path))
        if report is None and path in look.outcomes:
            rows.append(Row("why", path))
        if source.twin:
            rows.append(Row("twin", path))
        if path in opened and report is not None:
            rows += [Row("finding", path, number) for number in range(len(report.findings))]
            if unlisted(report):
                rows.append(Row("more", path))
            rows += [Row("fact", path, number) for number in range(len(report.statistics))]
    return [*rows, *(Row("problem", None, number) for number in range(problems))]


def unlisted(report: Report) -> int:
    """How many problems were met beyond those that are listed."""
    listed = sum(finding.severity.value != "note" for finding in report.findings)
    return report.errors + report.warnings - listed


def verdict_of(source: Source, look: Look) -> Verdict:
    """How a file stands at the moment."""
    outcome = look.outcomes.get(source.path)
    if outcome is None:
        if look.at == source.path:
            return Verdict("checking", f"checking {percent_of(source, look)} %")
        kind = "waiting" if look.purpose else ""
    elif isinstance(outcome, str):
        kind = "changes" if outcome is CHANGES else "not checked"
    elif outcome.errors:
        return Verdict("error", text.plural(outcome.errors, "error"))
    elif outcome.warnings:
        return Verdict("warning", text.plural(outcome.warnings, "warning"))
    else:
        kind = "no problems"
    return Verdict(kind, kind)


def percent_of(source: Source, look: Look) -> int:
    """How much of a file has been read."""
    return min(99, look.read * 100 // max(1, source.size)) if look.at == source.path else 0


def file_line(source: Source, look: Look, width: int, *, several: bool) -> Text:
    """A file; among several, with its verdict in words and what it holds."""
    verdict = verdict_of(source, look)
    line = Text(no_wrap=True, end="").append(f"{verdict.glyph} ", verdict.style)
    if not several:
        line.append(f"{text.size(source.size)}  ")
    else:
        line.append(f"{text.size(source.size):>9}  " if width >= ROOMY else "")
        line.append(f"{verdict.words:<{_VERDICT}} ", verdict.style)
        if width >= ROOMY:
            report = look.report(source.path)
            holds = report.amount() if report and report.counted else ""
            line.append(f"{holds[: _COUNT - 1]:<{_COUNT}}", "dim")
    return line.append(text.safe(text.name_of(source.path), 200))


def finding_line(finding: Finding, width: int) -> Text:
    """A finding, short enough for a list."""
    word = finding.severity.value
    glyph, style = LOOKS[word]
    line = Text(no_wrap=True, end="")
    if width >= ROOMY:
        place = "file" if finding.line is None else f"line {finding.line:,}"
        return line.append(f"  {glyph} {word:<9}", style).append(f"{place:<12} ").append(finding.message)
    place = "" if finding.line is None else f" {finding.line:,}"
    return line.append(f"{glyph} {word}{place}: ", style).append(finding.message)


def severity_of(row: Row, look: Look) -> str | None:
    """How much the finding of a line matters; None for any other line."""
    report = look.report(row.path) if row.kind == "finding" else None
    return report.findings[row.number].severity.value if report else None


def worst_of(rows: Sequence[Row], look: Look) -> int:
    """The line of the first finding that matters most; the first line where there is none."""
    severities = [severity_of(row, look) for row in rows]
    return next((severities.index(each) for each in ("error", "warning", "note") if each in severities), 0)


def is_problem(row: Row, sources: Mapping[Path, Source], look: Look) -> bool:
    """Whether a line is that of a problem, or of a file that has one."""
    kind = severity_of(row, look)
    if row.kind == "file" and row.path is not None:
        kind = verdict_of(sources[row.path], look).kind
    return row.kind == "problem" or kind in ("error", "warning", "not checked")


def more_line(report: Report) -> Text:
    """How many there are that no line tells of."""
    return Text(f"    … and {text.plural(unlisted(report), 'problem')} more", "dim", no_wrap=True, end="")


def fact_line(name: str, value: str) -> Text:
    """One of a report's statistics."""
    return Text(no_wrap=True, end="").append(f"    {name:<{_FACT}}", "dim").append(value)
