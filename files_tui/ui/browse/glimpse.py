"""A glimpse of the file under the cursor: its first lines, asked for once the cursor has rested there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from files_tui.api.models import File
from files_tui.text import Untrusted
from files_tui.ui.background import in_background

if TYPE_CHECKING:
    from textual.screen import Screen

    from files_tui.api.abort import Abort
    from files_tui.ui.session import Session

REST = 0.7
"""Seconds for which the cursor stays on a file before anything is asked for."""

FETCHED = 16 << 10
"""Bytes that are asked for."""

_KEPT = 500


class Glimpse:
    """Keeps the first lines of what was looked at in this session, and fetches those of one file at a time.

    What a server has refused is not asked for again, nor anything of a purpose of which it gives out no content.
    """

    def __init__(self, screen: Screen[None], on_lines: Callable[[], Awaitable[None]]) -> None:
        self._screen = screen
        self._on_lines = on_lines
        self._known: OrderedDict[Untrusted, Sequence[Text]] = OrderedDict()
        self._wanted: Untrusted | None = None
        self._abort: Abort | None = None

    def lines_of(self, file: File | None) -> Sequence[Text]:
        """What is known of a file's first lines; none where nothing is."""
        return self._known.get(file.id, ()) if file is not None else ()

    def leave(self, file: File | None) -> None:
        """Give up what is under way for another file."""
        if self._abort is not None and (file is None or file.id != self._wanted):
            self._abort.cancel()
            self._abort = None

    def look(self, session: Session, file: File) -> None:
        """Fetch the first lines of a file, unless they are known or there are none to be had."""
        if self._abort is not None or file.id in self._known or file.bytes == 0 or file.kind == "gone":
            return
        if session.pause_left or session.lacks("content", file.purpose) is not None:
            return
        from files_tui.api.abort import Abort

        self._wanted, self._abort = file.id, Abort()
        in_background(self._screen, partial(self._read, session, file, self._abort), "first lines")

    def _read(self, session: Session, file: File, abort: Abort) -> None:
        """Runs in a thread."""
        from files_tui.api.errors import Aborted, ApiError
        from files_tui.ui.preview.first import first_lines

        lines: Sequence[Text] = ()
        try:
            excerpt = session.excerpt_of(file)
            session.read(file, excerpt, FETCHED, abort)
            lines = first_lines(file.filename.true, bytes(excerpt.data), whole=excerpt.is_whole)
        except ApiError as error:  # whoever looks inside is told why
            if error.status is None or error.status in (408, 429) or error.status >= 500:
                self._screen.call_later(self._ended, abort)
                return
        except Aborted:
            return
        self._screen.call_later(self._came, file, lines, abort)

    def _ended(self, abort: Abort) -> None:
        if self._abort is abort:
            self._abort = None

    async def _came(self, file: File, lines: Sequence[Text], abort: Abort) -> None:
        self._ended(abort)
        self._known[file.id] = lines
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        if lines:
            await self._on_lines()
