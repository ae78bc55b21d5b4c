"""The files of the upload dialog with what the check says of them; Enter opens a file, and then a problem in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.actions import SkipAction
from textual.binding import Binding
from textual.message import Message

from files_tui import text
from files_tui.ui.checks import Look, Outcome
from files_tui.ui.report_rows import (
    Row,
    Source,
    fact_line,
    file_line,
    finding_line,
    is_problem,
    more_line,
    rows_of,
    verdict_of,
    worst_of,
)
from files_tui.ui.widgets.line_list import LineList

if TYPE_CHECKING:
    from files_tui.preflight import Report


class ReportList(LineList):
    """A file that is alone is open from the beginning. Paints again only the lines of which something has changed."""

    BINDINGS = [
        Binding("enter,right,l", "open", "Open", show=False, id="reports.open", tooltip="Show what was found"),
        Binding("left,h", "fold", "Fold", show=False, id="reports.fold", tooltip="Fold the file"),
        Binding("n", "seek(1)", "Next", show=False, id="reports.next", tooltip="The next problem"),
        Binding("p", "seek(-1)", "Previous", show=False, id="reports.previous", tooltip="The problem before"),
    ]

    @dataclass
    class Picked(Message):
        """Enter on a finding, of which there are so many before in the report."""

        report: Report
        number: int

    def __init__(self, sources: Sequence[Source], problems: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._problems = list(problems)
        self._look = Look((), "", {})
        self._drawn: dict[Path, Outcome | None] = {}
        self._reading: Path | None = None
        self._rows: list[Row] = []
        self._opened: set[Path] = set()
        self.replace(sources)

    def replace(self, sources: Sequence[Source]) -> None:
        """Other files are to be uploaded."""
        self._sources = {source.path: source for source in sources}
        self._opened = set(self._sources) if len(self._sources) == 1 else self._opened & self._sources.keys()
        self._made = False

    @property
    def count(self) -> int:
        return len(self._rows)

    def on_resize(self) -> None:
        self.recount(self.cursor)

    def line(self, index: int, width: int) -> Text:
        width = min(width, self.scrollable_content_region.width)  # the scroll bar takes a column
        line = self.words(index, width)
        line.truncate(width, overflow="ellipsis")
        return line

    def words(self, index: int, width: int) -> Text:
        """What a line says where there is so much room."""
        row = self._rows[index]
        if row.path is None:
            problem = text.safe(self._problems[row.number], max(2, width - 2))
            return Text(f"✗ {problem}", "bold red", no_wrap=True, end="")
        source, outcome = self._sources[row.path], self._look.outcomes.get(row.path)
        if row.kind == "file":
            return file_line(source, self._look, width, several=len(self._sources) > 1)
        if row.kind == "twin":
            return Text(f"  ⚠ {source.twin}", "bold yellow", no_wrap=True, end="")
        if outcome is None or isinstance(outcome, str):
            verdict = verdict_of(source, self._look)
            why = text.safe(outcome or "", max(2, width - 4))
            return Text(f"  {verdict.glyph} {why}", verdict.style, no_wrap=True, end="")
        if row.kind == "finding":
            return finding_line(outcome.findings[row.number], width)
        return more_line(outcome) if row.kind == "more" else fact_line(*outcome.statistics[row.number])

    def show(self, look: Look) -> None:
        """Show how far a look is; it must not go on meanwhile, since lines are drawn later."""
        outcomes = {path: look.outcomes.get(path) for path in self._sources}
        changed = {path for path, outcome in outcomes.items() if outcome is not self._drawn.get(path)}
        changed |= {path for path in (self._reading, look.at) if path in self._sources}
        if look.purpose != self._look.purpose:
            changed |= self._sources.keys()
        self._look, self._drawn, self._reading = look, outcomes, look.at
        if changed or not self._made:
            self._make(changed)

    def _make(self, changed: set[Path]) -> None:
        """Lines for what is there now; the cursor stays on what it is on, and begins on the worst finding."""
        rows = rows_of(list(self._sources.values()), len(self._problems), self._look, self._opened)
        if rows == self._rows and self._made:
            for index, row in enumerate(rows):
                if row.path in changed:
                    self.refresh_line(index)
            return
        kept = self._rows[self.cursor] if self.cursor < len(self._rows) else None
        self._rows, self._made = rows, True
        if kept is None or (not self.has_focus and len(self._sources) == 1):
            self.recount(worst_of(rows, self._look))
        elif kept in rows:
            self.recount(rows.index(kept))
        else:
            self.recount(next((at for at, row in enumerate(rows) if row.path == kept.path), 0))

    def action_move(self, by: int) -> None:
        """Move, and past either end on to the dialog's next field."""
        if by < 0 and self.cursor == 0:
            self.screen.focus_previous()
        elif by > 0 and self.cursor >= self.count - 1:
            self.screen.focus_next()
        else:
            super().action_move(by)

    def action_seek(self, by: int) -> None:
        """Go to the next problem, or file that has one."""
        rest = range(self.cursor + by, self.count if by > 0 else -1, by)
        if (at := next((at for at in rest if is_problem(self._rows[at], self._sources, self._look)), None)) is not None:
            self.go(at)

    def action_open(self) -> None:
        """Show the line of a problem; open a file, or fold it; from a file that is alone, go to its worst problem.

        Where nothing is found, it is the dialog's key.
        """
        row = self._rows[self.cursor] if self.cursor < self.count else None
        if row is not None and row.path is not None:
            report = self._look.report(row.path)
            if row.kind == "finding" and report is not None:
                self.post_message(self.Picked(report, row.number))
                return
            if row.kind == "file" and len(self._sources) > 1:
                self._opened ^= {row.path}
                self._make(set())
                return
        if not any(each.kind == "finding" for each in self._rows):
            raise SkipAction
        if len(self._sources) == 1:
            self.go(worst_of(self._rows, self._look))

    def action_fold(self) -> None:
        """Back to the line of the file, which is folded."""
        row = self._rows[self.cursor] if self.cursor < self.count else None
        if row is not None and row.path is not None:
            if len(self._sources) > 1:
                self._opened -= {row.path}
                self._make(set())
            self.go(self._rows.index(Row("file", row.path)))

    def go_to_finding(self, path: Path, number: int) -> None:
        """Put the cursor on a finding."""
        if (row := Row("finding", path, number)) in self._rows:
            self.go(self._rows.index(row))

    def on_line_list_chosen(self) -> None:
        with suppress(SkipAction):  # a click is not the dialog's key
            self.action_open()
