"""Looking into a remote file, of which no more is fetched than is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from files_tui import text
from files_tui.contents.kinds import called
from files_tui.ui.preview import notes
from files_tui.ui.preview.content import ContentView
from files_tui.ui.preview.searching import SearchingScreen
from files_tui.ui.screens.dialog import SLIM
from files_tui.ui.widgets.two_ends import TwoEnds

if TYPE_CHECKING:
    from files_tui.api.models import File
    from files_tui.ui.session import Session

MOST_COPIED = 1 << 20
"""Characters; no clipboard takes more over a terminal."""


class PreviewScreen(SearchingScreen):
    """A file as its kind is best looked at. What is saved is proposed for `folder`."""

    CSS_PATH = ["../screens/dialog.tcss", "preview.tcss"]

    BINDINGS = [
        Binding("escape,q,o", "leave", "Close", id="preview.close", tooltip="Close, or stop searching"),
        Binding("space,enter", "fold", "Fold", id="preview.fold", tooltip="Fold or unfold this"),
        Binding("z", "fold_all", "Fold all", id="preview.fold-all", tooltip="Fold or unfold everything"),
        Binding("h", "other_view", "Other view", id="preview.view", tooltip="Another view: text, hex"),
        Binding("w", "wrap", "Wrap", id="preview.wrap", tooltip="Wrap long lines, or not"),
        Binding("slash", "search", "Search", key_display="/", id="preview.search", tooltip="Search inside"),
        Binding("n", "find(1)", "Next", id="preview.next", tooltip="The next place found"),
        Binding("N", "find(-1)", "Previous", id="preview.previous", tooltip="The place before"),
        Binding("m,r", "more", "More", id="preview.more", tooltip="Fetch more, or try again"),
        Binding("c", "copy", "Copy", id="preview.copy", tooltip="Copy this line"),
        Binding("s", "save", "Save", id="preview.save", tooltip="Save what has come"),
        Binding("d", "download", "Download", id="preview.download", tooltip="Download all of it"),
    ]

    def __init__(self, file: File, session: Session, folder: Path) -> None:
        super().__init__(file, session)
        self._folder = folder

    def compose(self) -> ComposeResult:
        yield TwoEnds(id="preview-head")
        yield Static("", id="preview-notice", markup=False)
        yield ContentView(id="preview-content")
        yield TwoEnds(id="preview-foot")
        keys = (
            "{preview.close} close · {preview.fold} fold · {preview.search} search · {preview.view} view · "
            "{preview.copy} copy · {preview.download} download · {dialog.help} keys"
        )
        yield Static(self.hint(keys), id="preview-keys", classes="hint", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.content.focus()
        self.begin()
        self.draw_lines()

    @property
    def again(self) -> str:
        return self.hint("{preview.more}")

    @property
    def goes_on(self) -> str:
        return self.hint("{preview.next}")

    def action_copy(self) -> None:
        """Copy what the cursor is on as it really is."""
        document, cursor = self.document, self.content.cursor
        if document is None or not document.count:
            return
        words = document.true(cursor)
        if len(words) > MOST_COPIED:
            self.say(f"{text.size(len(words))} are too much to copy; {self.hint('{preview.save}')} saves them")
        else:
            what = f"{document.noun} {document.label(cursor)}".strip()
            self.app.copier.copy(words, what if document.has_come(cursor) else f"{what}, as far as it has come")

    def action_save(self) -> None:
        """Save what has come to a file."""
        from files_tui.ui.preview.save import SaveScreen

        if self.excerpt is not None and self.end:
            data = bytes(self.excerpt.data[: self.end])
            self.app.push_screen(SaveScreen(self.file, data, self._folder, whole=self.is_whole))

    def action_download(self) -> None:
        """Close, and download all of it."""
        self.dismiss("download")

    def draw_lines(self) -> None:
        self._draw_head()
        self.query_one("#preview-foot", TwoEnds).show(left=self._place, right=self._rest)

    def _draw_head(self) -> None:
        name = text.safe(self.file.filename, 200) or text.safe(self.file.id, 60)
        words = []
        if self.kind is not None and self.excerpt is not None:
            words.append(called(self.kind, bytes(self.excerpt.data[:64])))
        if self.view is not None:
            words.append(self.view.name)
        words = [*(words if self.size.width >= SLIM else ()), notes.fetched(self.file, self.excerpt)]
        line = Text(" · ".join(words), "dim")
        self.query_one("#preview-head", TwoEnds).show(left=Text(name, "bold"), right=line)

    @property
    def _place(self) -> Text:
        document = self.document
        if self.said or document is None or not document.count:
            return self.said
        place = Text(notes.place(document, self.content.cursor, whole=self.is_whole))
        if warning := notes.warning(self.file, self.kind, self.excerpt, self.soundness.broken_at):
            place.append(f" · {warning}", "yellow")
        return place

    @property
    def _rest(self) -> Text:
        """What is under way, or can be done about what has not come."""
        if self.seeks:
            return Text(f"searching on · {self.hint('{preview.close}')} stops", "bold yellow")
        if self.is_slow:
            return Text("fetching…", "dim")
        if self.excerpt is None or self.document is None or self.is_whole:
            return Text()
        return Text(notes.rest(self.excerpt, self.again, self.hint("{preview.download}")), "dim")
