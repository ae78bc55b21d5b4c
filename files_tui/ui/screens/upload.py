"""Uploading: which files, for which purpose, and until when."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from files_tui import text
from files_tui.api.models import LARGEST_UPLOAD, UPLOAD_PURPOSES
from files_tui.catalog.errors import CatalogFailed
from files_tui.text import DAY, HOUR
from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.source import SourceError, source_size, span_seconds
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from files_tui.catalog.catalog import Catalog

_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_SPANS: tuple[tuple[str, int | None], ...] = (
    ("never", None),
    ("1 h", HOUR),
    ("1 day", DAY),
    ("7 days", 7 * DAY),
    ("30 days", 30 * DAY),
    ("custom", 0),
)


class UploadScreen(Dialog[list[UploadJob] | None]):
    """Gives the jobs that the person agreed to; Enter uploads from everywhere in it.

    It points out what the `catalog` holds already under the same name and size (bytes), and what other programs upload
    `elsewhere` at the moment.
    """

    CSS_PATH = ["dialog.tcss", "upload.tcss"]
    AUTO_FOCUS = "#purpose"

    BINDINGS = [
        Binding("enter", "accept", "Upload", id="upload.accept"),
        Binding("escape", "leave", "Cancel", id="upload.cancel"),
    ]

    def __init__(
        self,
        paths: Sequence[Path],
        last_purpose: str | None,
        catalog: Catalog,
        elsewhere: Collection[tuple[str, int]] = (),
    ) -> None:
        super().__init__()
        self._catalog = catalog
        self._elsewhere = elsewhere
        self._sources: list[tuple[Path, int]] = []
        self._problems: list[str] = []
        for path in dict.fromkeys(paths):
            try:
                self._sources.append((path, source_size(path)))
            except SourceError as error:
                self._problems.append(str(error))
        guess = guess_purpose([path for path, _ in self._sources], last_purpose)
        self._purpose = Choice([*((p, p) for p in UPLOAD_PURPOSES), ("other", "")], guess, id="purpose")
        self._expiry = Choice(_SPANS, None, id="expiry")
        self._parts = Choice([("in one request", False), ("in parts of 64 MiB", True)], False, id="parts")

    def compose(self) -> ComposeResult:
        size = sum(size for _, size in self._sources)
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = f"Upload {text.plural(len(self._sources), 'file')}, {text.size(size)}"
            dialog.border_subtitle = self.hint(
                "{choice.previous}{choice.next} choose · {choice.up}{choice.down} line · {upload.accept} upload · "
                "{upload.cancel} cancel",
                Choice,
            )
            with VerticalScroll(id="sources", can_focus=False):
                yield Static(self._listing(), id="source-list", markup=False)
            with Grid(classes="form"):
                yield Static("purpose", classes="label")
                with Vertical(classes="value"):
                    yield self._purpose
                    yield Field(placeholder="the server's own word", id="other-purpose")
                yield Static("expires", classes="label")
                with Vertical(classes="value"):
                    yield self._expiry
                    yield Field(placeholder="such as 12h or 3d, from 1h to 30d", id="custom-expiry")
                yield Static("sent", classes="label")
                yield self._parts
            yield Static("", id="upload-hint", classes="hint", markup=False)
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button(self.hint("Cancel {upload.cancel}"), id="cancel")
                    yield Button(
                        self.hint("Upload {upload.accept}"), id="upload", variant="primary", disabled=not self._sources
                    )

    def on_mount(self) -> None:
        self._choices_changed()

    def _listing(self) -> Text:
        shown = Text(no_wrap=True, overflow="ellipsis")
        for path, size in self._sources:
            shown.append(f"  {text.size(size):>9}  {text.safe(text.name_of(path), 200)}\n")
            if twin := self._twin(text.name_of(path).true, size):
                shown.append(f"  {'':>9}  ⚠ {twin}\n", "bold yellow")
        for problem in self._problems:
            shown.append(f"✗ {problem}\n", "bold red")
        shown.right_crop(1)
        return shown

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

    @on(Choice.Changed)
    def _choices_changed(self) -> None:
        self.query_one("#other-purpose").display = not self._purpose.value
        self.query_one("#custom-expiry").display = self._expiry.value == 0
        hints = []
        if self._purpose.value == "batch" and self._expiry.value is None:
            hints.append("The server lets batch files expire after 30 days by itself.")
        if not self._parts.value and any(size > LARGEST_UPLOAD for _, size in self._sources):
            hints.append("What is larger than 512 MiB is sent in parts.")
        self.query_one("#upload-hint", Static).update("\n".join(hints))

    @on(Input.Submitted)
    @on(Button.Pressed, "#upload")
    def action_accept(self) -> None:
        """Upload, unless something is missing."""
        purpose = self._purpose.value or self.query_one("#other-purpose", Input).value.strip()
        if not self._sources:
            self.tell(self.hint("Nothing here can be uploaded: {upload.cancel}, and choose another file."))
            return
        if not purpose:
            self.tell("A purpose is wanted.")
            self.query_one("#other-purpose").focus()
            return
        seconds = self._expiry.value
        if seconds == 0:
            seconds = span_seconds(self.query_one("#custom-expiry", Input).value)
            if seconds is None:
                self.tell("Between 1 hour and 30 days, such as 12h or 3d.")
                self.query_one("#custom-expiry").focus()
                return
        self.dismiss([UploadJob(path, purpose, seconds, self._parts.value, size) for path, size in self._sources])

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Upload nothing."""
        self.dismiss(None)


def guess_purpose(paths: Sequence[Path], last: str | None) -> str:
    """The purpose that names and habit suggest."""
    suffixes = {os.path.splitext(path)[1].lower() for path in paths}
    if suffixes == {".jsonl"}:
        names = " ".join(text.name_of(path).true.lower() for path in paths)
        for purpose, words in (("batch", ("batch", "request")), ("evals", ("eval",)), ("fine-tune", ("train", "tun"))):
            if any(word in names for word in words):
                return purpose
        return last if last in ("batch", "fine-tune", "evals") else "fine-tune"
    if suffixes and suffixes <= _IMAGES:
        return "vision"
    return last if last in UPLOAD_PURPOSES and last not in ("batch", "fine-tune", "evals", "vision") else "user_data"
