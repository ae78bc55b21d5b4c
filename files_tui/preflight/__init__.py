"""What a server would refuse, found before anything is sent: sizes, names, and every line of a JSONL file."""

from files_tui.preflight.checking import check
from files_tui.preflight.lines import line_at
from files_tui.preflight.mending import mend
from files_tui.preflight.report import LIMIT, CannotRead, Finding, Flaw, Report, Severity, Stopped

__all__ = [
    "LIMIT",
    "CannotRead",
    "Finding",
    "Flaw",
    "Report",
    "Severity",
    "Stopped",
    "check",
    "line_at",
    "mend",
]
