"""A screen's excerpt of a file: what is fetched of it, when, and what is said where that fails."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from rich.text import Text
from textual.timer import Timer
from textual.widgets import Static

from files_tui.api.errors import Aborted, ApiError
from files_tui.api.models import File
from files_tui.ui.background import in_background
from files_tui.ui.preview import notes
from files_tui.ui.screens.dialog import Dialog

if TYPE_CHECKING:
    from files_tui.api.abort import Abort
    from files_tui.api.excerpt import Excerpt
    from files_tui.ui.app import FilesApp
    from files_tui.ui.session import Session

PATIENCE = 0.3
"""Seconds after which it is said that something is being fetched."""


class FetchingScreen(Dialog[Literal["download"] | None]):
    """Fetches one thing at a time. `end` is how much of what has come is drawn."""

    app: FilesApp

    def __init__(self, file: File, session: Session) -> None:
        super().__init__()
        self.file = file
        self.excerpt: Excerpt | None = None
        self.end = 0
        self.said = Text()
        """What stands in the last line, in place of where the cursor is."""
        self.has_failed = False
        """Whether the last try to fetch more has: then nothing but a key for it starts another."""
        self.is_slow = False
        """Whether the person waits for what is being fetched."""
        self._session = session
        self._abort: Abort | None = None
        self._timer: Timer | None = None

    @property
    def is_fetching(self) -> bool:
        """Whether more is on its way."""
        return self._abort is not None

    @property
    def is_whole(self) -> bool:
        """Whether all of the file has come."""
        return self.excerpt is not None and self.excerpt.is_whole

    @property
    def can_grow(self) -> bool:
        """Whether there is more to be fetched, and room to keep it."""
        return self.excerpt is None or self.excerpt.can_grow

    @property
    def again(self) -> str:
        """The key that fetches more, or tries again."""
        raise NotImplementedError

    def grown(self, excerpt: Excerpt) -> None:
        """Draw what has come."""
        raise NotImplementedError

    def fetched(self) -> None:
        """Go on with what waited for it."""
        raise NotImplementedError

    def draw_lines(self) -> None:
        """Say how things stand."""
        raise NotImplementedError

    def begin(self) -> None:
        """Fetch the beginning, unless it is known that the server does not give it out."""
        if (said_at := self._session.lacks("content", self.file.purpose)) is not None:
            self._tell_refusal(said_at)
        else:
            self.fetch()

    def on_unmount(self) -> None:
        self.stop_fetching()

    def stop_fetching(self) -> None:
        """End what is under way; what has come of it stays."""
        if self._abort is not None:
            self._abort.cancel()

    def fetch(self, step: int = 0) -> None:
        """Fetch so many bytes more, or what a look takes where that is more; nothing while another fetch goes on."""
        from files_tui.api.abort import Abort

        if self._abort is None and self.can_grow:
            self._abort = Abort()
            self._timer = self.set_timer(PATIENCE, self._say_that_it_fetches)
            in_background(self.app.browse, partial(self._fetch, step, self._abort), "preview")

    def _say_that_it_fetches(self) -> None:
        self.is_slow = self.is_fetching
        self.draw_lines()

    def _fetch(self, step: int, abort: Abort) -> None:
        """Runs in a thread."""
        problem: ApiError | None = None
        try:
            if self.excerpt is None:
                self.excerpt = self._session.excerpt_of(self.file)
            excerpt = self.excerpt
            self._session.read(self.file, excerpt, max(excerpt.next_end, len(excerpt.data) + step), abort)
        except ApiError as error:
            problem = error
        except Aborted:
            pass
        self.call_later(self._came, problem)

    def _came(self, problem: ApiError | None) -> None:
        """Draw what has come, and say why no more has."""
        self._abort, self.is_slow = None, False
        if self._timer is not None:
            self._timer.stop()
        excerpt = self.excerpt
        if excerpt is None or not self.is_attached:
            return
        if self.has_failed and problem is None:
            self.said = Text()
        self.has_failed = problem is not None
        if len(excerpt.data) > self.end or excerpt.is_whole:
            self.end = len(excerpt.data)
            self.grown(excerpt)
        if problem is not None:
            self._tell(problem)
        self.fetched()
        self.draw_lines()

    def _tell(self, problem: ApiError) -> None:
        if self.end:
            self.said = Text(f"✗ {problem} · {self.again} tries again", "bold red")
        elif (said_at := self._session.lacks("content", self.file.purpose)) is not None:
            self._tell_refusal(said_at)
        else:
            self.notice(notes.failed(problem, self.again))

    def _tell_refusal(self, said_at: int) -> None:
        self.notice(notes.refused(self.file, said_at, self.again))
        in_background(self.app.browse, partial(self._look_for_original, said_at), "original")

    def _look_for_original(self, said_at: int) -> None:
        """Runs in a thread, since the local file may be read to see whether it has changed."""
        if found := self._session.original_of(self.file.id, reads=True):
            from files_tui.transfers.originals import sentence_of

            self.call_later(self._original_found, said_at, sentence_of(*found))

    def _original_found(self, said_at: int, original: str) -> None:
        if self.is_attached and not self.end and not self.is_fetching:
            words = f"{original} {self.hint('{preview.download}')} offers it."
            self.notice(notes.refused(self.file, said_at, self.again, words))

    def action_more(self) -> None:
        """Fetch more, or again what could not be had."""
        if not self.end and self.can_grow:
            self.notice(Text("fetching…", "dim"))
        self.fetch()

    def notice(self, words: Text | None) -> None:
        """Say something in place of the content, or nothing any more."""
        notice = self.query_one("#preview-notice", Static)
        notice.display = words is not None
        notice.update(words or "")

    def say(self, words: str, style: str = "") -> None:
        """Say something in the last line."""
        self.said = Text(words, style)
        self.draw_lines()
