"""A screen's view of what has come of a file: its kind, how it is drawn, and what is folded of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events, on

from files_tui.contents.kinds import Kind, Soundness, kind_of
from files_tui.ui.background import in_background
from files_tui.ui.preview import notes
from files_tui.ui.preview.content import ContentView
from files_tui.ui.preview.documents import Document
from files_tui.ui.preview.fetching import PATIENCE, FetchingScreen
from files_tui.ui.preview.views import Source, View, views_of

if TYPE_CHECKING:
    from files_tui.api.excerpt import Excerpt
    from files_tui.api.models import File
    from files_tui.ui.session import Session

PICTURE = 4 << 20
"""Bytes up to which a picture is fetched without being asked for the rest of it."""


class ViewingScreen(FetchingScreen):
    """Shows a file in one of the ways that its kind can be looked at, and more of it as one moves towards its end."""

    def __init__(self, file: File, session: Session) -> None:
        super().__init__(file, session)
        self.kind: Kind | None = None
        """None until something has come."""
        self.soundness = Soundness()
        self._views: tuple[View, ...] = ()
        self._number = 0
        self._drawing = 0
        """The number of the newest view that is being laid out; an older one comes too late."""
        self._laid_out_to = 0

    @property
    def content(self) -> ContentView:
        """Where it is drawn."""
        return self.query_one(ContentView)

    @property
    def document(self) -> Document | None:
        """What is drawn there, None before anything is."""
        return self.content.document

    @property
    def view(self) -> View | None:
        """The way in which it is drawn."""
        return self._views[self._number] if self._views else None

    def forget_place(self) -> None:
        """Another document is shown, or it is folded in another way."""

    def grown(self, excerpt: Excerpt) -> None:
        self.soundness.look(excerpt.data, self.end, whole=excerpt.is_whole)
        document, view = self.document, self.view
        if self.kind is None:
            self.kind = kind_of(self.file.filename.true, bytes(excerpt.data[: self.end]))
            is_empty = self.kind is Kind.EMPTY
            self._views = () if is_empty else views_of(self.kind)
            self.notice(notes.empty(self.file) if is_empty else None)
            self._show(anew=True)
        elif view is not None and view.laid_out:
            if self._laid_out_to < view.laid_out:
                self._show(anew=False)
        elif document is not None:
            document.grow(self.end, whole=self.is_whole)
            self.content.grown()

    def _show(self, *, anew: bool) -> None:
        """Draw in the chosen way: from the beginning, or where one is where it is not `anew`."""
        view, content, excerpt = self.view, self.content, self.excerpt
        if view is None or excerpt is None:
            return
        self.forget_place()
        self._drawing += 1
        self._laid_out_to = self.end
        source = Source(
            excerpt.data,
            self.end,
            self.is_whole,
            self.file.filename,
            content.inner_width,
            content.size.height,
            self.app.console.color_system in ("256", "truecolor"),
        )
        if view.laid_out:
            work = partial(self._lay_out, view, source, self._drawing, anew)
            in_background(self.app.browse, work, "preview")
            self.set_timer(PATIENCE, self._say_that_it_draws)
        else:
            content.show(view.make(source))

    def _say_that_it_draws(self) -> None:
        if self.document is None:
            self.notice(Text("drawing…", "dim"))

    def _lay_out(self, view: View, source: Source, drawing: int, anew: bool) -> None:
        """Runs in a thread."""
        document = view.make(source)
        self.call_later(self._laid_out, document, drawing, anew)

    def _laid_out(self, document: Document, drawing: int, anew: bool) -> None:
        if self.is_attached and drawing == self._drawing:
            self.notice(None)
            self.content.show(document, anew=anew)
            self.draw_lines()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.draw_lines()
        if self.view is not None and self.view.laid_out:
            self.call_after_refresh(self._show, anew=False)

    def fetched(self) -> None:
        excerpt = self.excerpt
        is_small = self.end < PICTURE and excerpt is not None and (excerpt.length or 0) <= PICTURE
        if self.kind is Kind.IMAGE and is_small and not self.has_failed:
            self.fetch(PICTURE)  # whoever looks at a picture looks at all of it

    @on(ContentView.Moved)
    def _moved(self) -> None:
        """Fetch more as soon as the end of what is there is in sight, and somebody moves on."""
        if not self.has_failed:
            self.said = Text()
            if self.content.sees_end:
                self.fetch()
        self.draw_lines()

    def action_other_view(self) -> None:
        """Show it in the next of the ways that its kind can be looked at."""
        if self._views:
            self._number = (self._number + 1) % len(self._views)
            self._show(anew=True)
            self.draw_lines()

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        left, right = self.hint("{lines.left}", ContentView), self.hint("{lines.right}", ContentView)
        wraps = self.content.wrap()
        self.say("long lines are wrapped" if wraps else f"long lines are cut; {left} {right} move sideways")

    @on(ContentView.Chosen)
    def action_fold(self) -> None:
        """Fold or unfold what the cursor is on."""
        document, content = self.document, self.content
        if document is not None and document.count:
            self.forget_place()
            item = document.fold(content.cursor)
            if item is None:
                self.say("nothing folds here")
            else:
                content.turn_to(item)

    def action_fold_all(self) -> None:
        """Fold or unfold everything."""
        document, content = self.document, self.content
        if document is not None and document.count and document.fold_all():
            self.forget_place()
            content.turn_to(content.cursor)
