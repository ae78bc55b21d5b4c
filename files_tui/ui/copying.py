"""Copying: a text goes to the person's clipboard, and the person hears which way it went."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from files_tui import text
from files_tui.ui.background import in_background

if TYPE_CHECKING:
    from files_tui.clipboard import Copied
    from files_tui.ui.app import FilesApp

UNCONFIRMED = "A terminal does not say whether it took it; y, then s shows it bare."


class Copier:
    """Copies, and keeps what was `copied`, each once and in order, since a terminal may have dropped it."""

    def __init__(self, app: FilesApp) -> None:
        self._app = app
        self._warned = False
        self.copied: dict[str, None] = {}
        self._waiting: deque[tuple[str, str]] = deque()

    def copy(self, words: str, what: str) -> None:
        """Put a text on the clipboard, `what` being its name for the person."""
        self.copied.setdefault(words)
        self._copy_soon(words, what)

    def copy_ids(self, ids: Sequence[text.Untrusted]) -> None:
        """Put ids on the clipboard, a line each; one that would pass for several is kept as it is shown."""
        for each in ids:
            self.copied.setdefault(each.true if text.is_word(each) else str(each))
        what = str(ids[0]) if len(ids) == 1 else text.plural(len(ids), "id")
        self._copy_soon("\n".join(each.true for each in ids), what)

    def _copy_soon(self, words: str, what: str) -> None:
        self._waiting.append((words, what))
        if len(self._waiting) == 1:
            self._begin()

    def _begin(self) -> None:
        in_background(self._app.browse, partial(self._copy, *self._waiting[0]), "copy")

    def _copy(self, words: str, what: str) -> None:
        from files_tui import clipboard

        try:
            copied = clipboard.copy(words, write=self._app.write_to_terminal)
            self._app.call_later(self.show_by_hand if copied.failed else self.tell, words, what, copied)
        finally:
            self._app.call_later(self._go_on)

    def _go_on(self) -> None:
        """One after the other, since what was copied last has to be what is on the clipboard."""
        self._waiting.popleft()
        if self._waiting:
            self._begin()

    def tell(self, _: str, what: str, copied: Copied) -> None:
        """Say which way a text went; what is to be known of ways that nobody confirms is said once."""
        lines = [text.safe(what, 60), text.safe(copied.words, 80)]
        if not copied.is_certain and not self._warned:
            self._warned = True
            lines.append(text.Safe(UNCONFIRMED))
        if copied.note:
            lines.append(text.safe(copied.note, 200))
        title = "Copied" if copied.is_certain else "Sent, not confirmed"
        self._app.notify("\n".join(lines), title=title, markup=False)

    def show_by_hand(self, words: str, _: str, copied: Copied) -> None:
        """Show a text that nothing took."""
        from files_tui.ui.screens.show import ShowScreen

        self._app.push_screen(ShowScreen("Nothing could copy this: mark it by hand", words, copied.note))
