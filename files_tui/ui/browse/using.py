"""Where files are used: looked for from the main screen, and followed from file to file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from files_tui.ui.browse.commands import FileCommands
from files_tui.ui.messages import UsesChanged

if TYPE_CHECKING:
    from files_tui.text import Untrusted


class UseCommands(FileCommands):
    """The way from a file to what uses it, and on to the other files of that."""

    def draw_detail_soon(self) -> None:
        """Show anew what is said of the file under the cursor."""
        raise NotImplementedError

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
        if known := self.session.catalog.get([file_id]):
            self.show_or_say(known[0])
        else:
            self.open_files([file_id.true])

    def on_uses_changed(self, _: UsesChanged) -> None:
        from files_tui.ui.screens.dialog import Dialog

        self.draw_detail_soon()
        if isinstance(self.app.screen, Dialog):
            self.app.screen.uses_changed()
