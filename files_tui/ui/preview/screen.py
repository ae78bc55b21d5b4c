"""Looking into a remote file, of which no more is fetched than is looked at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer
from textual.widgets import Static

from files_tui import text
from files_tui.api.errors import Aborted, ApiError
from files_tui.api.models import File
from files_tui.contents.kinds import Kind, Soundness, called, kind_of
from files_tui.ui.background import in_background
from files_tui.ui.preview import notes
from files_tui.ui.preview.content import ContentView
from files_tui.ui.preview.documents import Bytes, Document
from files_tui.ui.preview.views import Source, View, views_of
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.search_line import SearchLine
from files_tui.ui.widgets.two_ends import TwoEnds

if TYPE_CHECKING:
    from pathlib import Path

    from files_tui.api.abort import Abort
    from files_tui.api.excerpt import Excerpt
    from files_tui.ui.app import FilesApp
    from files_tui.ui.session import Session

PATIENCE = 0.3
"""Seconds after which it is said that something is being fetched."""

SOUGHT = 1 << 20
"""Bytes that a search fetches at once."""

MOST_COPIED = 1 << 20


class PreviewScreen(Dialog[Literal["download"] | None]):
    """Shows a file as its kind is best looked at; more of it comes as one moves towards its end."""

    app: FilesApp

    CSS_PATH = ["../screens/dialog.tcss", "preview.tcss"]

    BINDINGS = [
        Binding("escape,q,o", "leave", "Close", id="preview.close", tooltip="Close, or stop a search that fetches"),
        Binding("space,enter", "fold", "Fold", id="preview.fold", tooltip="Fold or unfold this"),
        Binding("z", "fold_all", "Fold all", id="preview.fold-all", tooltip="Fold or unfold everything"),
        Binding("h", "other_view", "Other view", id="preview.view", tooltip="Show it in another way: text, hex"),
        Binding("w", "wrap", "Wrap", id="preview.wrap", tooltip="Wrap long lines, or not"),
        Binding("slash", "search", "Search", key_display="/", id="preview.search", tooltip="Search inside"),
        Binding("n", "find(1)", "Next", id="preview.next", tooltip="The next place that was searched for"),
        Binding("N", "find(-1)", "Previous", id="preview.previous", tooltip="The place before"),
        Binding("m,r", "more", "More", id="preview.more", tooltip="Fetch more, or try again"),
        Binding("c", "copy", "Copy", id="preview.copy", tooltip="Copy this line as it really is"),
        Binding("s", "save", "Save", id="preview.save", tooltip="Save what has been fetched"),
        Binding("d", "download", "Download", id="preview.download", tooltip="Download all of it"),
    ]

    def __init__(self, file: File, session: Session, folder: Path) -> None:
        super().__init__()
        self._file = file
        self._session = session
        self._folder = folder
        self._excerpt: Excerpt | None = None
        self._abort: Abort | None = None
        """Of what is being fetched."""
        self._slow: Timer | None = None
        self._kind: Kind | None = None
        self._soundness = Soundness()
        self._views: tuple[View, ...] = ()
        self._view = 0
        self._end = 0
        """How much of what has come is drawn."""
        self._words = ""
        self._began_at = 0
        self._offers = False
        """Whether the next key for the next place fetches on to it."""
        self._seeks = False
        self._revealed: int | None = None
        """What was unfolded only since a search came to it."""
        self._said = Text()

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
        self._content.focus()
        self._draw_head()
        if (said_at := self._session.lacks("content", self._file.purpose)) is not None:
            self._notice(notes.refused(self._file, said_at, self.hint("{preview.more}")))
        else:
            self._fetch(0)

    def on_unmount(self) -> None:
        if self._abort is not None:
            self._abort.cancel()

    @property
    def _content(self) -> ContentView:
        return self.query_one(ContentView)

    @property
    def _document(self) -> Document | None:
        return self._content.document

    @property
    def excerpt(self) -> Excerpt | None:
        """What has come of the file, None before anything was asked for."""
        return self._excerpt

    @property
    def is_drawn(self) -> bool:
        """Whether a first screen of it is to be seen."""
        return self._document is not None

    @property
    def is_fetching(self) -> bool:
        """Whether more is on its way."""
        return self._abort is not None

    @property
    def _whole(self) -> bool:
        return self._excerpt is not None and self._excerpt.is_whole

    # Fetching

    def _fetch(self, step: int) -> None:
        """Fetch so much more, or what a look takes; nothing while something is being fetched."""
        from files_tui.api.abort import Abort

        if self._abort is None:
            self._abort = Abort()
            self._slow = self.set_timer(PATIENCE, self._draw_foot)
            in_background(self.app.browse, partial(self._read, step, self._abort), "preview")

    def _read(self, step: int, abort: Abort) -> None:
        """Runs in a thread."""
        problem: ApiError | None = None
        try:
            if self._excerpt is None:
                self._excerpt = self._session.excerpt_of(self._file)
            excerpt = self._excerpt
            self._session.read(self._file, excerpt, max(excerpt.next_end, len(excerpt.data) + step), abort)
        except ApiError as error:
            problem = error
        except Aborted:
            pass
        self.call_later(self._came, problem)

    def _came(self, problem: ApiError | None) -> None:
        """Draw what has come, and say why no more has."""
        self._abort = None
        if self._slow is not None:
            self._slow.stop()
        excerpt = self._excerpt
        if excerpt is None or not self.is_attached:
            return
        self._said = Text()
        before, self._end = self._end, len(excerpt.data)
        self._soundness.look(excerpt.data, self._end, whole=excerpt.is_whole)
        if self._kind is None and (self._end or excerpt.is_whole):
            self._begin(excerpt)
        elif self._end > before or excerpt.is_whole:
            self._grow()
        if problem is not None:
            self._seeks = False
            self._tell_problem(problem)
        self._draw_head()
        if self._seeks:
            self._seek()
        self._draw_foot()

    def _begin(self, excerpt: Excerpt) -> None:
        self._kind = kind_of(self._file.filename.true, bytes(excerpt.data[: self._end]))
        if self._kind is Kind.EMPTY:
            self._notice(Text("The file is empty."))
            return
        self._notice(None)
        self._views = views_of(self._kind)
        self._show_view()

    def _tell_problem(self, problem: ApiError) -> None:
        again = self.hint("{preview.more}")
        if self._end:
            self._said = Text(f"✗ {problem} · {again} tries again", "bold red")
        elif (said_at := self._session.lacks("content", self._file.purpose)) is not None:
            self._notice(notes.refused(self._file, said_at, again))
        else:
            self._notice(notes.failed(problem, again))

    def action_more(self) -> None:
        """Fetch more, or again what could not be had."""
        if self._excerpt is None or self._excerpt.can_grow:
            if not self._end:
                self._notice(Text("fetching…", "dim"))
            self._fetch(0)

    @on(ContentView.Moved)
    def _moved(self) -> None:
        """Fetch more as soon as the end of what is there is in sight, and somebody moves on."""
        self._said = Text()
        excerpt = self._excerpt
        if excerpt is not None and excerpt.can_grow and self._content.sees_end:
            self._fetch(0)
        self._draw_foot()

    # Views

    def _show_view(self, *, anew: bool = True) -> None:
        """Show the content in the chosen way: from its beginning, or where one is where it is not `anew`."""
        assert self._excerpt is not None
        self._revealed = None
        view = self._views[self._view]
        content = self._content
        source = Source(self._excerpt.data, self._end, self._whole, content.inner_width, content.size.height)
        if view.laid_out:
            in_background(self.app.browse, partial(self._lay_out, view, source, anew), "preview")
        else:
            content.show(view.make(source))

    def _lay_out(self, view: View, source: Source, anew: bool) -> None:
        """Runs in a thread."""
        document = view.make(source)
        self.call_later(self._laid_out, view, document, anew)

    def _laid_out(self, view: View, document: Document, anew: bool) -> None:
        if self.is_attached and view is self._views[self._view]:
            self._content.show(document, anew=anew)
            self._draw_foot()

    def _grow(self) -> None:
        if not self._views:
            return
        if self._views[self._view].laid_out:
            self._show_view(anew=False)
        elif self._document is not None:
            self._document.grow(self._end, whole=self._whole)
            self._content.grown()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._views and self._views[self._view].laid_out:
            self.call_after_refresh(self._show_view, anew=False)

    def action_other_view(self) -> None:
        """Show it in the next of the ways that its kind can be looked at."""
        if self._views:
            self._view = (self._view + 1) % len(self._views)
            self._show_view()
            self._draw_head()
            self._draw_foot()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        wraps = self._content.wrap()
        left, right = self.hint("{lines.left}", ContentView), self.hint("{lines.right}", ContentView)
        self._say("long lines are wrapped" if wraps else f"long lines are cut; {left} {right} move sideways")

    @on(ContentView.Chosen)
    def action_fold(self) -> None:
        """Fold or unfold what the cursor is on."""
        document, content = self._document, self._content
        if document is not None and document.count:
            self._revealed = None
            item = document.fold(content.cursor)
            if item is None:
                self._say("nothing folds here")
            else:
                content.turn_to(item)

    def action_fold_all(self) -> None:
        """Fold or unfold everything."""
        document, content = self._document, self._content
        self._revealed = None
        if document is not None and document.count and document.fold_all():
            content.turn_to(content.cursor)

    # Search

    async def action_search(self) -> None:
        """Type what to search for."""
        if self._document is not None and not self.query(SearchLine):
            self._began_at = self._content.cursor
            line = SearchLine(self._words, "words inside the file")
            await self.mount(line, before="#preview-foot")
            self.set_focus(line.field)

    @on(SearchLine.Changed)
    async def _search_changed(self, message: SearchLine.Changed) -> None:
        if message.over:
            self.set_focus(self._content)
            await self.query(SearchLine).remove()
        if message.words != self._words:
            self._words = message.words
            self._content.mark_words(self._words)
            self._said = Text()
            if self._words:
                self._find(self._began_at - 1, 1)
        self._draw_foot()

    def action_find(self, step: int) -> None:
        """Go to the next place, or to the one before; at the end of what is there, fetch on to it."""
        if not self._words:
            self._say(f"{self.hint('{preview.search}')} searches")
        elif self._offers and step > 0:
            self._seeks = True
            self._seek()
            self._draw_foot()
        else:
            self._find(self._content.cursor, step)
            self._draw_foot()

    def _find(self, start: int, step: int) -> bool:
        """Go to the place nearest to an item; where there is none, say so."""
        document = self._document
        found = document.find(self._words, start, step) if document is not None else None
        self._offers = False
        if document is None or found is None:
            self._offers = step > 0 and isinstance(document, Bytes) and bool(self._excerpt and self._excerpt.can_grow)
            what = text.one_line(self._words, 30)
            self._said = Text(
                notes.not_found(
                    what,
                    self._end,
                    before=step < 0,
                    whole=self._whole,
                    goes_on=self.hint("{preview.next}") if self._offers else "",
                ),
                "yellow",
            )
            return False
        self._said = Text()
        if self._revealed not in (None, found):
            document.fold(self._revealed)
            self._revealed = None
        if document.reveal(found):
            self._revealed = found
        self._content.turn_to(found, self._words)
        return True

    def _seek(self) -> None:
        """Look for the next place in what has come, and fetch more where it is not there."""
        if self._find(self._content.cursor, 1) or not self._offers:
            self._seeks = False
        else:
            self._offers = False
            self._fetch(SOUGHT)

    def action_leave(self) -> None:
        """Stop a search that fetches; else close."""
        if self._seeks:
            self._seeks = False
            if self._abort is not None:
                self._abort.cancel()
            self._say("stopped")
        else:
            self.dismiss(None)

    # What becomes of it

    def action_copy(self) -> None:
        """Copy what the cursor is on as it really is."""
        document, cursor = self._document, self._content.cursor
        if document is None or not document.count:
            return
        words = document.true(cursor)
        if len(words) > MOST_COPIED:
            self._say(f"{text.size(len(words))} are too much to copy; {self.hint('{preview.save}')} saves them")
        else:
            self.app.copier.copy(words, f"{document.noun} {document.label(cursor)}".strip())

    def action_save(self) -> None:
        """Save what has come to a file."""
        from files_tui.ui.preview.save import SaveScreen

        if self._excerpt is not None and self._end:
            data = bytes(self._excerpt.data[: self._end])
            self.app.push_screen(SaveScreen(self._file, data, self._folder, whole=self._whole))

    def action_download(self) -> None:
        """Close, and download all of it."""
        self.dismiss("download")

    # What is said

    def _notice(self, words: Text | None) -> None:
        """Say something in place of the content."""
        notice = self.query_one("#preview-notice", Static)
        notice.display = words is not None
        notice.update(words or "")

    def _say(self, words: str) -> None:
        self._said = Text(words)
        self._draw_foot()

    def _draw_head(self) -> None:
        name = text.safe(self._file.filename, 200) or text.safe(self._file.id, 60)
        words = []
        if self._kind is not None and self._excerpt is not None:
            words.append(called(self._kind, bytes(self._excerpt.data[:64])))
            if self._views and len(self._views) > 1:
                words.append(self._views[self._view].name)
        words.append(notes.fetched(self._file, self._excerpt))
        line = Text(" · ".join(words), "dim")
        self.query_one("#preview-head", TwoEnds).show(left=Text(name, "bold"), right=line)

    def _draw_foot(self) -> None:
        document = self._document
        left = Text()
        if self._said:
            left = self._said
        elif document is not None and document.count:
            left.append(notes.place(document, self._content.cursor, whole=self._whole))
            if warning := notes.warning(self._file, self._kind, self._excerpt, self._soundness.broken_at):
                left.append(f" · {warning}", "yellow")
        right = Text()
        if self._seeks:
            right.append(f"searching on · {self.hint('{preview.close}')} stops", "bold yellow")
        elif self._abort is not None and self._slow is not None:
            right.append("fetching…", "dim")
        elif self._excerpt is not None and document is not None and not self._whole:
            right.append(notes.rest(self._excerpt, self.hint("{preview.more}"), self.hint("{preview.download}")), "dim")
        self.query_one("#preview-foot", TwoEnds).show(left=left, right=right)
