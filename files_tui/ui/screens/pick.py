"""The file picker: a path field with completion, and a folder's entries below it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input, Static

from files_tui import text
from files_tui.settings import working_folder
from files_tui.ui import folder as folders
from files_tui.ui.background import in_background
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.field import Field
from files_tui.ui.widgets.path_list import Entry, PathList


class PathInput(Field):
    """A path; a pasted one loses its quotes and escapes, and several files are more than a field holds."""

    @dataclass
    class Dropped(Message):
        """Several files were pasted, or dragged here."""

        paths: list[Path]

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if len(paths := folders.pasted_paths(event.text, working_folder())) > 1:
            self.post_message(self.Dropped(paths))
        elif event.text.strip():
            self.insert_text_at_cursor(folders.pasted_path(event.text.splitlines()[0]))


class PickScreen(Dialog[list[Path] | None]):
    """Gives the chosen files. What is typed narrows the list; a typed or pasted path and Enter are enough."""

    CSS_PATH = ["dialog.tcss", "pick.tcss"]

    BINDINGS = [
        Binding("escape", "leave", "Cancel", id="pick.cancel"),
        Binding("tab", "complete", "Complete", id="pick.complete", tooltip="Complete what is typed"),
        Binding("full_stop", "hidden", "Hidden files", id="pick.hidden", tooltip="Show hidden files, or not"),
        Binding("slash,tilde", "type", "Type a path", id="pick.type"),
        Binding("down", "into_list", "To the list", show=False, id="pick.list", tooltip="Into the list"),
    ]

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder or working_folder()
        self._entries: list[Entry] = []
        self._read: Path | None = None
        self._hidden = False
        self._cursor_name: text.Untrusted | None = None

    def compose(self) -> ComposeResult:
        yield Static("Upload: choose files", classes="title")
        yield PathInput(placeholder="path, or choose below", id="path")
        yield Static("", id="pick-folder", markup=False)
        yield PathList(self._show_foot, id="entries")
        yield Static("", id="pick-foot", markup=False)

    def on_mount(self) -> None:
        self.query_one(PathInput).focus()
        self._open(self._folder)

    @property
    def _list(self) -> PathList:
        return self.query_one(PathList)

    @property
    def _field(self) -> PathInput:
        return self.query_one(PathInput)

    # Reading

    def _open(self, folder: Path) -> None:
        """Read a folder in a thread, unless it is the one that is shown."""
        if folder == self._read:
            self._narrow()
            return
        in_background(self, partial(self._scan, folder), "folder")

    def _scan(self, folder: Path) -> None:
        try:
            entries = folders.read_folder(folder)
        except (OSError, ValueError) as error:
            words = error.strerror if isinstance(error, OSError) else str(error)
            self.call_later(self._unreadable, folder, text.one_line(words or "unreadable"))
        else:
            self.call_later(self._show, folder, entries)

    def _show(self, folder: Path, entries: list[Entry]) -> None:
        if folders.split_typed(self._field.value, self._folder)[0] != folder:
            return  # the person has typed on meanwhile
        self._read, self._entries = folder, entries
        self._narrow()

    def _unreadable(self, folder: Path, reason: str) -> None:
        self._read, self._entries = None, []
        self._list.show([])
        self.query_one("#pick-folder", Static).update(f"{text.safe(folders.short_path(folder), 100)}: {reason}")
        self._show_foot()

    def _narrow(self) -> None:
        start = folders.split_typed(self._field.value, self._folder)[1]
        entries = folders.matching(self._entries, start, hidden=self._hidden)
        cursor = next((n for n, entry in enumerate(entries) if text.name_of(entry.path) == self._cursor_name), 0)
        self._cursor_name = None
        self._list.show(entries, cursor)
        self.query_one("#pick-folder", Static).update(text.safe(folders.short_path(self._read or self._folder), 200))
        self._show_foot()

    def _show_foot(self) -> None:
        marks = self._list.marks
        shown = text.plural(len(self._list.entries), "entry").replace("entrys", "entries")
        if marks:
            shown = f"{len(marks)} marked, {text.size(sum(marks.values()))}"
        keys = self.hint(
            "{pick.choose} choose · {pick.mark} mark · {pick.complete} complete · {pick.list} list · "
            "{pick.parent} up · {pick.hidden} hidden",
            PathList,
        )
        self.query_one("#pick-foot", Static).update(f"{shown} · {keys}")

    # Typing

    @on(Input.Changed, "#path")
    def _typed(self, event: Input.Changed) -> None:
        self._open(folders.split_typed(event.value, self._folder)[0])

    @on(PathInput.Dropped)
    def _dropped(self, message: PathInput.Dropped) -> None:
        self.dismiss([*self._list.marks, *message.paths])

    @on(Input.Submitted, "#path")
    def _entered(self, event: Input.Submitted) -> None:
        typed = folders.pasted_path(event.value)
        if not typed:
            if self._list.marks:
                self.dismiss(list(self._list.marks))
            else:
                self.action_into_list()
            return
        path = self._folder / os.path.expanduser(typed)
        narrowed = self._read == folders.split_typed(event.value, self._folder)[0] and bool(self._list.entries)
        if os.path.isdir(path):
            self._go_to(path)
        elif narrowed and not os.path.lexists(path):
            self._choose(self._list.entries[0])
        else:
            self.dismiss(list({**self._list.marks, path: 0}))

    def action_complete(self) -> None:
        """Add what all matching names have in common."""
        if not self._field.has_focus:
            self._field.focus()
            return
        folder, start = folders.split_typed(self._field.value, self._folder)
        entries = folders.matching(self._entries, start, hidden=self._hidden) if self._read == folder else []
        done = folders.completed([text.name_of(entry.path).true for entry in entries], start)
        if len(entries) == 1 and entries[0].is_dir:
            done += os.sep
        typed = self._field.value
        self._field.value = typed[: len(typed) - len(start)] + done if start else typed + done
        self._field.cursor_position = len(self._field.value)

    # Choosing

    @on(PathList.Picked)
    def _chosen(self, event: PathList.Picked) -> None:
        self._choose(event.entry)

    def _choose(self, entry: Entry) -> None:
        if entry.is_dir:
            self._go_to(entry.path)
        else:
            self.dismiss(list(self._list.marks) or [entry.path])

    @on(PathList.Left)
    def _up(self) -> None:
        folder = Path(os.path.abspath(self._read or self._folder))
        self._cursor_name = text.name_of(folder)
        self._go_to(folder.parent)

    def _go_to(self, folder: Path) -> None:
        self._folder = Path(os.path.abspath(folder))
        with self.prevent(Input.Changed):
            self._field.value = ""
        self._open(self._folder)

    @on(PathList.Above)
    def action_type(self) -> None:
        """Back to the field, with what was typed to get there."""
        self._field.focus()

    def on_key(self, event: events.Key) -> None:
        if event.character in ("/", "~") and self._list.has_focus:
            event.stop()
            self._field.value = event.character
            self._field.cursor_position = 1
            self._field.focus()

    def action_into_list(self) -> None:
        """Choose below."""
        self._list.focus()

    def action_hidden(self) -> None:
        """Show hidden files, or hide them again."""
        self._hidden = not self._hidden
        self._narrow()
