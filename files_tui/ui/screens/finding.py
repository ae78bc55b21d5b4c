"""A problem in a file: what is wrong, how to mend it, and the line with the place marked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from files_tui import text
from files_tui.transfers.source import SourceError
from files_tui.ui.background import in_background
from files_tui.ui.checks import Stamp, stamp_of
from files_tui.ui.excerpt import excerpt
from files_tui.ui.report_rows import LOOKS
from files_tui.ui.screens.dialog import Dialog, Pane

if TYPE_CHECKING:
    from files_tui.preflight import Finding, Report

LEAST_READ = 1 << 20
FARTHEST = 32 << 20
"""A place that is so many bytes into its line is told, but not shown."""


class _Line(NamedTuple):
    """A line of the file, and where in it the place is that the finding is about; or why it cannot be shown."""

    words: str
    at: int = 0
    problem: str = ""


class FindingScreen(Dialog[int]):
    """Walks through the findings of a report, and gives the number of the one that was shown last.

    `stamp` tells what the file was when it was checked.
    """

    CSS_PATH = ["dialog.tcss", "finding.tcss"]

    BINDINGS = [
        Binding("escape,enter,q", "leave", "Back", id="finding.back", tooltip="Back to the upload"),
        Binding("n,right,l", "step(1)", "Next", id="finding.next", tooltip="The next problem"),
        Binding("p,left,h", "step(-1)", "Previous", id="finding.previous", tooltip="The problem before"),
    ]

    def __init__(self, report: Report, number: int, stamp: Stamp | None) -> None:
        super().__init__()
        self._report = report
        self._number = number
        self._stamp = stamp
        self._line: _Line | None = None

    def compose(self) -> ComposeResult:
        yield Static("", classes="title", markup=False)
        yield Static("", id="finding-what", markup=False)
        yield Static("", id="finding-mend", markup=False)
        with Pane():
            yield Static("", id="finding-line", markup=False)
        keys = "{finding.next} {finding.previous} next, previous · {pane.down} {pane.up} scroll · {finding.back} back"
        yield Static(self.hint(keys, Pane), classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._lay_out)

    @property
    def _finding(self) -> Finding:
        return self._report.findings[self._number]

    def _show(self) -> None:
        """Show what is known at once, and read the line meanwhile."""
        finding = self._finding
        word = finding.severity.value
        glyph, style = LOOKS[word]
        of = f"{self._number + 1} of {len(self._report.findings)}"
        self.query_one(".title", Static).update(f"{text.safe(text.name_of(self._report.path), 100)} · {of}")
        what = Text().append(f"{glyph} {word}", style)
        what.append(f" · {finding.place}" if finding.place else "").append(f"\n{finding.message}", "bold")
        self.query_one("#finding-what", Static).update(what)
        self.query_one("#finding-mend", Static).update(f"→ {finding.mend}" if finding.mend else "")
        self._line = None
        if finding.line is None:
            self.query_one("#finding-line", Static).update("")
        else:
            in_background(self, partial(self._read, self._number), "line")

    def _read(self, number: int) -> None:
        self.call_later(self._came, number, _line_of(self._report, number, self._stamp))

    def _came(self, number: int, line: _Line) -> None:
        if number == self._number:
            self._line = line
            self._lay_out()

    def _lay_out(self) -> None:
        """Show the line for this width, scrolled to the place."""
        line = self._line
        pane = self.query_one(Pane)
        width = pane.scrollable_content_region.width
        if line is None or not width:
            return
        shown = excerpt(line.words, line.at, width, LOOKS[self._finding.severity.value][1])
        said = [Text(f"⚠ {line.problem}", "bold yellow")] if line.problem else []
        if not line.words and not said:
            said.append(Text("The line is empty.", "dim"))
        lines = [*said, *(shown.lines if line.words else [])]
        self.query_one("#finding-line", Static).update(Text("\n").join(lines))
        place = len(said) + shown.place
        self.call_after_refresh(pane.scroll_to, y=place - pane.size.height // 2, animate=False, force=True)

    def action_step(self, by: int) -> None:
        """Go to another problem, if there is one."""
        number = self._number + by
        if 0 <= number < len(self._report.findings):
            self._number = number
            self._show()

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss(self._number)


def _line_of(report: Report, number: int, stamp: Stamp | None) -> _Line:
    """Read the line that a finding is about, and find the place in it; blocking."""
    from files_tui.preflight import CannotRead, line_at
    from files_tui.preflight.places import places

    finding = report.findings[number]
    column = finding.column or 1
    try:
        changed = "" if stamp_of(report.path) == stamp else "the file has changed since it was checked"
        read = line_at(report.path, finding.line or 1, min(FARTHEST, 4 * column + LEAST_READ))
    except (CannotRead, SourceError) as error:
        return _Line("", problem=str(error))
    words = read.decode("utf-8", "replace")
    if finding.column is None and finding.pointer:
        column = next((place.start + 1 for place in places(words) if place.pointer == finding.pointer), 1)
    if column > len(words) + 1:
        return _Line(words, 0, changed or "the place is too far into the line to be shown")
    return _Line(words, column - 1, changed)
