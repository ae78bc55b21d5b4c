"""Where files are used: looked for from the main screen, and followed from file to file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.query import Query
from files_tui.ui.background import in_background
from files_tui.ui.browse.commands import FileCommands
from files_tui.ui.messages import UsesChanged

if TYPE_CHECKING:
    from files_tui.api.models import File
    from files_tui.text import Untrusted


class UseCommands(FileCommands):
    """The way from a file to what uses it, and on to the other files of that; and to what it was made from."""

    def __init__(self, *, read_only: bool) -> None:
        super().__init__(read_only=read_only)
        self._goes_to: Untrusted | None = None
        self._asked: Untrusted | None = None
        self._original = Text()

    def catalog_failed(self, error: CatalogFailed) -> None:
        """The catalog cannot be read."""
        raise NotImplementedError

    def change_view(self, view: Query) -> None:
        """Show another query, from its first page on."""
        raise NotImplementedError

    def draw_detail_soon(self) -> None:
        """Show anew what is said of the file under the cursor."""
        raise NotImplementedError

    def uses_words(self, file: File | None) -> Text:
        """Where a file is used, in two short lines."""
        if file is None or self.session is None:
            return Text()
        from files_tui.ui.used import brief

        uses = self.session.catalog.uses
        try:
            return brief(uses.looked(), uses.in_use([file.id]), self.session.uses.words, self.app.key("file.uses"))
        except CatalogFailed as error:
            self.catalog_failed(error)
            return Text()

    def original_words(self, file: File | None) -> Text:
        """What a file was made from; empty at first, since a disk may be slow, and drawn again once it is known."""
        if file is not None and file.id != self._asked:
            self._asked, self._original = file.id, Text()
            in_background(self, partial(self._look_for_original, file.id), "original")
        return self._original if file is not None else Text()

    def _look_for_original(self, file_id: Untrusted) -> None:
        if words := self._words_of_original(file_id):
            self.call_later(self._original_found, file_id, words)

    def _words_of_original(self, file_id: Untrusted, *, reads: bool = False) -> str:
        found = self.session.original_of(file_id, reads=reads) if self.session else None
        if found is None:
            return ""
        from files_tui.transfers.originals import words_of

        return words_of(*found)

    def _original_found(self, file_id: Untrusted, words: str) -> None:
        if file_id == self._asked:
            self._original = Text("original: ", "dim").append(words)
            self.draw_detail_soon()

    def action_detail(self) -> None:
        from files_tui.ui.screens.detail import DetailScreen

        if (file := self.current) is not None:
            original = partial(self._words_of_original, file.id, reads=True)
            used = Text(" ").join(self.uses_words(file).split("\n"))
            self.app.push_screen(DetailScreen(file, self.app.copier.copy_ids, used, original))

    def action_uses(self) -> None:
        from files_tui.ui.screens.uses import UsesScreen

        if self.current and self.session:
            self.app.push_screen(UsesScreen(self.current, self.session, self.app.copier.copy_ids), self._go_to)
        else:
            self.notify("There is no file here to ask about.", severity="warning", markup=False)

    def _go_to(self, file_id: Untrusted | None) -> None:
        """Move the cursor to a file, which is asked for where the listing does not have it."""
        if file_id is None or self.session is None:
            return
        self._goes_to = file_id
        try:
            known = self.session.catalog.get([file_id])
        except CatalogFailed as error:
            self.catalog_failed(error)
        else:
            if known:
                self.show_or_say(known[0])
            else:
                self.open_files([file_id.true])

    def show_or_say(self, file: File) -> None:
        """Move the cursor to a file; for one that is gone to, a filter that hides it is dropped."""
        if file.id == self._goes_to and not self.show_file(file):
            self.change_view(Query(sort=self.view.sort, descending=self.view.descending))
        self._goes_to = None
        super().show_or_say(file)

    def on_uses_changed(self, _: UsesChanged) -> None:
        from files_tui.ui.screens.dialog import Dialog

        self.draw_detail_soon()
        if isinstance(self.app.screen, Dialog):
            try:
                self.app.screen.uses_changed()
            except CatalogFailed as error:
                self.catalog_failed(error)
