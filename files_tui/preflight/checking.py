"""The check of one file for one purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from files_tui.preflight.report import LIMIT, CannotRead, Finding, Flaw, Report, Severity, Stopped
from files_tui.text import Safe, safe


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
    findings: list[Finding] = []
    lines, mendable = 0, set()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            for lines, line in enumerate(file, 1):
                if stopped is not None and stopped():
                    raise Stopped
                if line.startswith(b"\xef\xbb\xbf"):
                    mendable.add(Flaw.BYTE_ORDER_MARK)
                try:
                    right = isinstance(json.loads(line), dict)
                except ValueError:
                    right = False
                if not right:
                    says, how = Safe("the line is no JSON object"), Safe("write one object on each line")
                    findings.append(Finding(severity=Severity.ERROR, line=lines, column=1, message=says, mend=how))
    except OSError as error:
        raise CannotRead(f"cannot read {safe(str(path), 120)}: {error.strerror}") from None
    if progress is not None:
        progress(size)
    return Report(
        path=path,
        purpose=purpose,
        size=size,
        lines=lines,
        counted=lines,
        noun={"batch": "request", "fine-tune": "example"}.get(purpose, "line"),
        findings=tuple(findings[:LIMIT]),
        errors=len(findings),
        mendable=frozenset(mendable),
    )
