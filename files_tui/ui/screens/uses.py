"""Where one file is used, and the way to the other files of what uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import set_cell_size
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from files_tui import text
from files_tui.api.holders import Holder, Use
from files_tui.api.models import File
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.uses import KINDS, NAMES
from files_tui.ui.background import in_background
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.used import notes, scope_of
from files_tui.ui.widgets.options import Options

if TYPE_CHECKING:
    from files_tui.ui.app import FilesApp
    from files_tui.ui.session import Session

MOST_HOLDERS, MOST_FILES = 100, 20
"""So many are shown, and of each so many files."""

_ROLE = 10


class _Line(NamedTuple):
    """What stands on a line: a holder alone, or a file of it."""

    holder: Holder
    use: Use | None
    words: Text


class UsesScreen(Dialog[text.Untrusted | None]):
    """Gives the id of the file to go to. What is known is shown at once; where nothing is, it is looked for."""

    app: FilesApp
    CSS_PATH = ["dialog.tcss", "uses.tcss"]

    BINDINGS = [
        Binding("escape,q", "leave", "Close", id="uses.close"),
        Binding("r,w", "look", "Ask again", id="uses.look", tooltip="Ask the server again"),
        Binding("x", "stop", "Stop", id="uses.stop", tooltip="Stop asking"),
        Binding("c", "copy", "Copy the id", id="uses.copy", tooltip="Copy the id on the line"),
    ]

    def __init__(self, file: File, session: Session, copy_ids: Callable[[list[text.Untrusted]], None]) -> None:
        super().__init__()
        self._file = file
        self._session = session
        self._copy_ids = copy_ids
        self._lines: list[_Line] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Where {text.safe(self._file.filename or self._file.id, 50)} is used")
            yield Options(markup=False)
            with Vertical(classes="foot"):
                yield Static("", id="uses-state", classes="hint", markup=False)
                keys = "{options.choose} goes to the file · {uses.copy} copies the id · {uses.look} asks again"
                yield Static(self.hint(f"{keys} · {{uses.close}} closes", Options), classes="hint", markup=False)

    def on_mount(self) -> None:
        try:
            if self._session.catalog.uses.looked().keys() != set(KINDS):
                self.action_look()
            self.uses_changed()
        except CatalogFailed as error:
            self.app.browse.catalog_failed(error)
            self.dismiss(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is under way can be stopped."""
        return (action != "stop" or self._session.uses.words is not None) and super().check_action(action, parameters)

    def action_look(self) -> None:
        """Ask the server, unless it is being asked."""
        in_background(self, partial(self._session.uses.look, again=True), "uses")

    def action_stop(self) -> None:
        """Ask for no more."""
        self._session.uses.stop()

    def uses_changed(self) -> None:
        uses = self._session.catalog.uses
        looked, looking = uses.looked(), self._session.uses.words
        holders = uses.of(self._file.id)
        lines = list(self._lines_of(holders[:MOST_HOLDERS]))
        shown = [Option(line.words, disabled=self._is_here(line)) for line in lines]
        if not lines:
            words = "" if looking or not looked else "Nothing is known to use it." if notes(looked) else "Nowhere."
            shown = [Option(Text(words), disabled=True)]
        options = self.query_one(Options)
        if [each.prompt for each in shown] != [each.prompt for each in options.options]:
            before, self._lines = self._current, lines
            options.set_options(shown)
            options.highlighted = self._place_of(before)
        told = [text.Safe(looking + self.hint(" · {uses.stop} stops"))] if looking else [scope_of(looked)]
        if len(holders) > MOST_HOLDERS:
            told.append(text.Safe(f"the newest {MOST_HOLDERS} of {text.count(len(holders))} are shown"))
        self.query_one("#uses-state", Static).update(
            "\n".join(filter(None, [*told, *notes(looked, is_over=not looking)]))
        )
        self.refresh_bindings()

    def _is_here(self, line: _Line) -> bool:
        return line.use is not None and line.use.file == self._file.id

    @property
    def _current(self) -> _Line | None:
        place = self.query_one(Options).highlighted
        return self._lines[place] if place is not None and place < len(self._lines) else None

    def _place_of(self, before: _Line | None) -> int | None:
        """The line that was highlighted, else the first other file, else the first line."""
        if before is not None:
            for n, line in enumerate(self._lines):
                if (line.holder.id, line.use) == (before.holder.id, before.use):
                    return n
        others = [n for n, line in enumerate(self._lines) if line.use is not None and not self._is_here(line)]
        return next(iter([*others, *range(len(self._lines))]), None)

    def _lines_of(self, holders: list[Holder]) -> Iterator[_Line]:
        """Each holder with its files; what is in a vector store is no way to go."""
        uses = [use for holder in holders for use in holder.uses[:MOST_FILES]]
        known = {file.id: file for file in self._session.catalog.get({use.file for use in uses})}
        for holder in holders:
            yield _Line(holder, None, _holder_words(holder))
            if holder.kind != "store":
                for use in holder.uses[:MOST_FILES]:
                    yield _Line(holder, use, self._use_words(use, known.get(use.file)))

    def _use_words(self, use: Use, file: File | None) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"  {set_cell_size(use.role, _ROLE)} ", "dim")
        if use.file == self._file.id:
            return line.append("this file", "dim")
        if file is None:
            return line.append(text.safe(use.file, 60))
        line.append(text.safe(file.filename, 48) or text.safe(use.file, 48))
        return line.append(f"  {text.size(file.bytes)}", "dim")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        line = self._lines[event.option_index]
        if line.use is None:
            self.action_copy()
        else:
            self.dismiss(line.use.file)

    def action_copy(self) -> None:
        """Copy the id of the file or of what uses it."""
        if line := self._current:
            self._copy_ids([line.use.file if line.use else line.holder.id])


def _holder_words(holder: Holder) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis").append(f"{NAMES[holder.kind][0]} ", "dim")
    line.append(text.safe(holder.name or holder.id, 40), "bold")
    age = "" if holder.created_at is None else text.age(holder.created_at)
    more = (text.safe(holder.id, 40) if holder.name else "", text.safe(holder.status, 20), age)
    return line.append("".join(f" · {each}" for each in more if each), "dim")
