"""The files of the upload dialog: what the server would say of them, and mending what it would refuse."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.widgets import Button, Static

from files_tui import text
from files_tui.catalog.errors import CatalogFailed
from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.source import SourceError, source_size
from files_tui.ui.background import in_background
from files_tui.ui.checks import Checks, Look, Mending
from files_tui.ui.messages import WorkFailed
from files_tui.ui.report_rows import Source
from files_tui.ui.screens.dialog import SLIM, Dialog
from files_tui.ui.verdict import NO_PURPOSE, NOTHING, advice_of, summary_of
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.report_list import ReportList

if TYPE_CHECKING:
    from files_tui.catalog.catalog import Catalog

TICK = 0.25
"""Seconds between two looks at how far the check is."""

WATCH = 2.0
"""Seconds between two looks at whether the files are still the same."""


class CheckScreen(Dialog[list[UploadJob] | None]):
    """Checks files in the background for the purpose that is `wanted`, and shows it in a list and above the buttons."""

    BINDINGS = [Binding("m", "mend", "Mend", id="upload.mend", tooltip="Mend a copy, and upload that")]

    def __init__(self, paths: Sequence[Path], catalog: Catalog, elsewhere: Collection[tuple[str, int]]) -> None:
        super().__init__()
        self._catalog = catalog
        self._elsewhere = elsewhere
        self._sources: list[Source] = []
        problems: list[str] = []
        for path in dict.fromkeys(paths):
            try:
                self._sources.append(self._source(path, source_size(path)))
            except SourceError as error:
                problems.append(str(error))
        self._list = ReportList(self._sources, problems, id="sources")
        self._checks = Checks()
        self._summary = NOTHING
        self._mending: Mending | None = None
        self._note = ""

    @property
    def wanted(self) -> str:
        """The purpose that stands there; empty while it is still to be typed."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self._tick = self.set_interval(TICK, self.show, pause=True)
        self.set_interval(WATCH, self._watch)
        self.show()
        self.call_after_refresh(self.check)

    def on_unmount(self) -> None:
        self._checks.stop()
        if self._mending is not None:
            self._mending.is_stopped = True

    @on(events.DescendantFocus)
    def _entitle(self) -> None:
        """Say in the frame how much is sent, and what the keys do where the focus is."""
        dialog = self.query_one(".dialog")
        size = sum(source.size for source in self._sources)
        dialog.border_title = f"Upload {text.plural(len(self._sources), 'file')}, {text.size(size)}"
        keys = "{choice.previous}{choice.next} choose · {choice.up}{choice.down} line · {upload.accept} upload"
        if self._list.has_focus and self._summary.found:
            keys = "{lines.up} {lines.down} line · {reports.next} next problem · {reports.open} shows it"
        dialog.border_subtitle = self.hint(f"{keys} · {{upload.cancel}} cancel", Choice, ReportList)
        self.show()

    def _source(self, path: Path, size: int) -> Source:
        return Source(path, size, self._twin(text.name_of(path).true, size))

    def _twin(self, name: str, size: int) -> str:
        """What is known of a file with this name and size, a line."""
        if (name, size) in self._elsewhere:
            return "is being uploaded by another files-tui"
        try:
            there = self._catalog.get(self._catalog.twins(name, size))
        except CatalogFailed:
            return ""  # the next look at the listing tells
        if not there:
            return ""
        more = f", and {text.plural(len(there) - 1, 'other')}" if len(there) > 1 else ""
        return f"is there already: {text.safe(there[0].id, 40)}, {text.age(there[0].created_at)}{more}"

    # The check

    def check(self) -> None:
        """Begin to check for the purpose that stands there; what takes no longer than a tick is shown at once."""
        look = self._checks.begin([source.path for source in self._sources], self.wanted)
        if look.purpose:
            in_background(self, partial(self._run, look), "check")
            self._tick.reset()
            self._tick.resume()
        else:
            self.show()

    def _run(self, look: Look) -> None:
        self._checks.run(look)
        self.call_later(self.show)

    @property
    def checked_for(self) -> str:
        """The purpose for which files are checked, or have been."""
        return self._checks.look.purpose

    def _watch(self) -> None:
        """See whether the files are what they were; only what has changed is checked again."""
        if self._checks.look.is_over and not self.is_mending:
            self.check()

    def show(self) -> None:
        """Show how far it is; what has not changed is not painted again."""
        if not self.display:
            return  # it is about to close
        look = self._checks.look.seen()
        if look.is_over and not self.is_mending:
            self._tick.pause()
            self._keep_sizes()
        self._list.show(look)
        self._summary = summary_of(self._sources, look) if self.wanted else NO_PURPOSE
        ways = advice_of(self._summary, several=len(self._sources) > 1, in_list=self._list.has_focus)
        ways = self.hint(ways, Choice, ReportList)
        advice = self._mending.words if self._mending is not None else self._note or ways
        words = Text("\n").join([self._summary.line, Text(advice, "dim")])
        verdict = self.query_one("#verdict", Static)
        if verdict.content != words:
            verdict.update(words, layout=False)
        self._show_buttons()

    def _show_buttons(self) -> None:
        mend, upload = self.query_one("#mend", Button), self.query_one("#upload", Button)
        anyway = "Upload anyway" if self._summary.refused else "Upload"
        for button, words in (
            (mend, "Mend {upload.mend}" if self.app.size.width >= SLIM else "Mend"),
            (upload, f"{anyway} {{upload.accept}}"),
        ):
            if str(button.label) != (label := self.hint(words)):
                button.label = label
        if mend.has_focus and not self._can_mend:
            upload.focus()
        mend.visible = self._can_mend

    def _keep_sizes(self) -> None:
        """A file that has changed may have another size now."""
        stamps = [self._checks.stamp(source.path) for source in self._sources]
        sizes = {source.path: stamp[0] for source, stamp in zip(self._sources, stamps, strict=True) if stamp}
        if any(sizes.get(source.path, source.size) != source.size for source in self._sources):
            self._put([self._source(source.path, sizes.get(source.path, source.size)) for source in self._sources])

    def _put(self, sources: list[Source]) -> None:
        """Upload these."""
        self._sources = sources
        self._list.replace(sources)
        self._entitle()

    @on(ReportList.Picked)
    def _picked(self, message: ReportList.Picked) -> None:
        from files_tui.ui.screens.finding import FindingScreen

        path = message.report.path
        screen = FindingScreen(message.report, message.number, self._checks.stamp(path))
        self.app.push_screen(screen, partial(self._went_to, path))

    def _went_to(self, path: Path, number: int | None) -> None:
        if number is not None:
            self._list.go_to_finding(path, number)

    def on_work_failed(self, message: WorkFailed) -> None:
        """An error of our own is told, and in the way of no upload."""
        self._mending = None
        self._checks.fail(message.reason)
        self._tick.pause()
        self.show()
        self.tell(f"Error of our own: {message.name}: {message.reason}")

    # Mending

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A copy is mended where there is something that can be."""
        return (action != "mend" or self._can_mend) and super().check_action(action, parameters)

    @property
    def is_mending(self) -> bool:
        """Whether copies are being written."""
        return self._mending is not None

    @property
    def _can_mend(self) -> bool:
        return bool(self._summary.mendable) and not self.is_mending

    @on(Button.Pressed, "#mend")
    def action_mend(self) -> None:
        """Mend a copy of each file that can be, and upload that instead."""
        if self._can_mend:
            self._mending = Mending(self._summary.mendable)
            in_background(self, partial(self._mend, self._mending), "mended copy")
            self._tick.resume()
            self.show()

    def _mend(self, mending: Mending) -> None:
        mending.run()
        self.call_later(self._mended, mending)

    def _mended(self, mending: Mending) -> None:
        """Put the copies in the place of their originals, and check them."""
        if not self.display:
            return  # it is about to close
        self._mending = None
        self.tell(mending.problem)
        copies = mending.copies
        self._put([self._source(*copies.get(source.path, (source.path, source.size))) for source in self._sources])
        names = [text.safe(text.name_of(path), 60) for path, _ in copies.values()]
        several = f"{text.count(len(names))} mended copies go instead" if names else ""
        self._note = f"mended: {names[0]} goes instead" if len(names) == 1 else several
        self.check()
