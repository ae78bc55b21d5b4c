"""What the server does not give out, and the local files that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from files_tui import text
from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted
from files_tui.api.models import File
from files_tui.transfers.originals import Original, State, copy_to, sentence_of
from files_tui.transfers.target import TargetError
from files_tui.ui.background import in_background
from files_tui.ui.folder import short_path
from files_tui.ui.screens.dialog import Dialog

Found = tuple[File, Original, State]
"""A remote file, what it was made from, and what has become of that."""


class RefusedScreen(Dialog[None]):
    """Offers the originals: to copy them to the folder of downloads, or to copy their paths by `copy`.

    `words` say what the server does not give out.
    """

    CSS_PATH = ["dialog.tcss", "refused.tcss"]
    AUTO_FOCUS = "#close"

    BINDINGS = [
        Binding("c", "copy_path", "Copy the path", id="refused.path"),
        Binding("k", "take", "Copy the file", id="refused.take", tooltip="Copy it to the folder of downloads"),
        Binding("escape,q", "leave", "Close", id="refused.close"),
    ]

    def __init__(self, words: str, found: Sequence[Found], folder: Path, copy: Callable[[str, str], None]) -> None:
        super().__init__()
        self._words = words
        self._found = list(found)
        self._there = [each for each in found if each[2] not in ("gone", "unreadable")]
        self._folder = folder
        self._copy = copy
        self._copies: list[Path] = []
        self._abort = Abort()
        self._under_way = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Not given out"
            yield Static(f"{self._words[0].upper()}{self._words[1:]}.", markup=False)
            with VerticalScroll(id="refused-list", can_focus=False):
                yield Static(self._listing(), markup=False)
            if self._there:
                which = "what is there" if len(self._found) > 1 else "the file"
                words = f"{self.hint('{refused.take}')} copies {which} to {text.safe(short_path(self._folder), 60)}"
                yield Static(words, classes="hint", markup=False)
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button(self.hint("Close {refused.close}"), id="close")
                    yield Button(self.hint("Copy path {refused.path}"), id="path")
                    yield Button(self.hint("Copy {refused.take}"), id="take", disabled=not self._there)

    def _listing(self) -> Text:
        shown = Text()
        for file, original, state in self._found:
            shown.append(f"{text.safe(file.filename or file.id, 60)}\n", "bold")
            shown.append(f"{sentence_of(original, state)}\n")
        shown.right_crop(1)
        return shown

    @on(Button.Pressed, "#path")
    def action_copy_path(self) -> None:
        """Copy the paths, a line each."""
        paths = [text.path_of(original.path) for _, original, _ in self._found]
        what = text.safe(paths[0], 60) if len(paths) == 1 else text.plural(len(paths), "path")
        self._copy("\n".join(path.true for path in paths), what)

    @on(Button.Pressed, "#take")
    def action_take(self) -> None:
        """Copy the originals that are there."""
        if self._there and not self._under_way:
            self._under_way = True
            self.tell("")
            in_background(self, self._take, "copy originals")

    def _take(self) -> None:
        problem = ""
        for each in list(self._there):
            file, original, _ = each
            target = self._folder / text.file_name(file.filename or file.id)
            try:
                self._copies.append(copy_to(original, target, self._abort))
            except Aborted:
                return
            except TargetError as error:
                problem = str(error)
                break
            except OSError as error:  # the others may be there
                why = text.one_line(error.strerror or str(error))
                problem = problem or f"{text.safe(text.name_of(original.path), 60)}: {why}"
            else:
                self._there.remove(each)
        self.call_later(self._taken, problem)

    def _taken(self, problem: str) -> None:
        self._under_way = False
        done = len(self._copies)
        if problem and self.is_attached:
            self.tell(f"{text.plural(done, 'file')} copied; {problem}" if done else problem)
            return
        words = text.path_of(self._copies[0]) if done == 1 else f"{done} files in {short_path(self._folder)}"
        self.dismiss(None)
        self.app.notify(f"{words}", title=f"Copied from the original{'s' if done > 1 else ''}", markup=False)

    @on(Button.Pressed, "#close")
    def action_leave(self) -> None:
        """Close; a copy that is not whole yet goes."""
        self._abort.cancel()
        self.dismiss(None)
