"""Uploading: which files, for which purpose, and until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Horizontal, Vertical
from textual.geometry import Size
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from files_tui.api.models import LARGEST_UPLOAD, UPLOAD_PURPOSES
from files_tui.text import DAY, HOUR
from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.source import span_seconds
from files_tui.ui.guess import guess_purpose
from files_tui.ui.screens.check import CheckScreen
from files_tui.ui.screens.dialog import SHORT
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.field import Field

if TYPE_CHECKING:
    from files_tui.catalog.catalog import Catalog

REST = 0.4
"""Seconds for which a typed purpose has to stand before the files are checked for it."""

ROOMY = 30
"""From so many rows on there is room between the lines of the form."""

FORM_ROWS, MOST_ROWS = 15, 10
"""Rows of the frame, the form and the buttons, and those that the list has at most."""

_SPANS: tuple[tuple[str, int | None], ...] = (
    ("never", None),
    ("1 h", HOUR),
    ("1 day", DAY),
    ("7 days", 7 * DAY),
    ("30 days", 30 * DAY),
    ("custom", 0),
)


class UploadScreen(CheckScreen):
    """Gives the jobs that the person agreed to; Enter uploads from everywhere in it but the list of problems.

    It points out what the server would refuse, what the `catalog` holds already under the same name and size (bytes),
    and what other programs upload `elsewhere` at the moment.
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
        super().__init__(paths, catalog, elsewhere)
        guess = guess_purpose([source.path for source in self._sources], last_purpose)
        self._purpose = Choice([*((p, p) for p in UPLOAD_PURPOSES), ("other", "")], guess, id="purpose")
        self._expiry = Choice(_SPANS, None, id="expiry")
        self._rest: Timer | None = None
        self._parts = Choice([("in one request", False), ("in parts of 64 MiB", True)], False, id="parts")

    def compose(self) -> ComposeResult:
        self._fit(self.app.size)  # or the focus would be scrolled to where it is not
        with Vertical(classes="dialog"):
            yield self._list
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
                yield Static("", id="verdict", markup=False)
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button("", id="mend")
                    yield Button(self.hint("Cancel {upload.cancel}"), id="cancel")
                    yield Button("", id="upload", variant="primary", disabled=not self._sources)

    def on_mount(self) -> None:
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._fit(event.size)
        self.show()

    def _fit(self, size: Size) -> None:
        """Give the list the room that the form leaves, whatever is found, so that nothing moves when it is."""
        self.set_class(size.height >= ROOMY, "roomy")
        self.set_class(size.height < SHORT, "short")
        rows = MOST_ROWS if size.height >= ROOMY else min(size.height - FORM_ROWS, MOST_ROWS - 2)
        self._list.styles.height = None if size.height < SHORT else rows

    @property
    def wanted(self) -> str:
        return self._purpose.value or self.query_one("#other-purpose", Input).value.strip()

    @on(Input.Changed, "#other-purpose")
    def _typed(self) -> None:
        self.tell("")
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self.check)

    @on(Choice.Changed)
    def _chosen(self) -> None:
        self._arrange()
        if self.wanted != self.checked_for:
            self._note = ""
            self.check()

    def _arrange(self) -> None:
        """Show the fields and the hints that go with what is chosen."""
        self.query_one("#other-purpose").display = not self._purpose.value
        self.query_one("#custom-expiry").display = self._expiry.value == 0
        hints = []
        if self._purpose.value == "batch" and self._expiry.value is None:
            hints.append("The server lets batch files expire after 30 days by itself.")
        if not self._parts.value and any(source.size > LARGEST_UPLOAD for source in self._sources):
            hints.append("What is larger than 512 MiB is sent in parts.")
        self.query_one("#upload-hint", Static).update("\n".join(hints))

    @on(Input.Submitted)
    @on(Button.Pressed, "#upload")
    def action_accept(self) -> None:
        """Upload, unless something is missing; what the check says, or that it is not over, is in no one's way."""
        purpose = self.wanted
        if not self._sources:
            self.tell(self.hint("Nothing here can be uploaded: {upload.cancel}, and choose another file."))
            return
        if self.is_mending:
            self.tell("The mended copy is being written; it goes when it is whole.")
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
        parts = self._parts.value
        self.dismiss([UploadJob(source.path, purpose, seconds, parts, source.size) for source in self._sources])

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Upload nothing."""
        self.dismiss(None)
