"""`files-tui check`: what a server would refuse about local files, told without sending anything."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from files_tui import text
from files_tui.cli.output import JsonArray, put_lines
from files_tui.cli.status import StatusLine
from files_tui.cli.words import FAILED, say_failed
from files_tui.preflight import CannotRead, Finding, Report, Severity, check


def check_files(options: argparse.Namespace) -> int:
    """Print what was found in each file; gives 1 where one would be refused or cannot be read."""
    failed = False
    array = JsonArray()
    for path in options.paths:
        try:
            report = _checked(path, options.purpose)
        except CannotRead as error:
            say_failed("", str(error))
            failed = True
            continue
        failed |= report.would_be_refused
        if options.json:
            array.add([msgspec.json.encode(_as_json(report))])
        else:
            put_lines(_as_lines(report))
    if options.json:
        array.end()
    return FAILED if failed else 0


def _checked(path: Path, purpose: str) -> Report:
    done = 0

    def progress(so_far: int) -> None:
        nonlocal done
        done = so_far

    name = text.safe(str(path), 60)
    with StatusLine(lambda: f"{name}: {text.size(done)} checked"):
        return check(path, purpose, progress=progress)


def _as_lines(report: Report) -> list[str]:
    """A line for the file, one for each thing found, and what there is to know besides."""
    problems = report.errors + report.warnings
    told = text.plural(problems, "problem") if problems else "no problems"
    lines = [f"{text.safe(str(report.path))}: {report.amount()}, {told}"]
    lines += [f"  {_words(finding)}" for finding in report.findings]
    shown = sum(finding.severity is not Severity.NOTE for finding in report.findings)
    if shown < problems:
        lines.append(f"  … and {text.plural(problems - shown, 'problem')} more")
    lines += [f"  {name}: {value}" for name, value in report.statistics]
    return lines


def _words(finding: Finding) -> str:
    mark = "" if finding.severity is Severity.ERROR else f"{finding.severity.value}: "
    place = f"{finding.place}: " if finding.place else ""
    mend = f" — mend: {finding.mend}" if finding.mend else ""
    return f"{place}{mark}{finding.message}{mend}"


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "path": str(report.path).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "purpose": report.purpose,
        "bytes": report.size,
        "lines": report.lines,
        "counted": report.counted,
        "noun": report.noun,
        "errors": report.errors,
        "warnings": report.warnings,
        "findings": [_finding(finding) for finding in report.findings],
        "statistics": dict(report.statistics),
        "mendable": sorted(flaw.value for flaw in report.mendable),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "line": finding.line,
        "column": finding.column,
        "pointer": finding.pointer.encode("utf-8", "replace").decode(),
        "message": finding.message,
        "mend": finding.mend,
    }
