"""The application: its account, its log, and the commands of every screen."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from files_tui import crash, text
from files_tui.catalog.errors import CatalogFailed
from files_tui.settings import Account, Settings
from files_tui.ui import themes
from files_tui.ui.browse.screen import BrowseScreen
from files_tui.ui.copying import Copier
from files_tui.ui.messages import WorkFailed
from files_tui.ui.terminal import TerminalApp
from files_tui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from files_tui.api.models import Exchange

LOG_LENGTH = 1000

KEYS_TO_PICK = {"file.detail": "v"}
"""Where enter chooses, another key looks closer."""


class FilesApp(TerminalApp):
    """A browser for the files of one account.

    `open_account` is called in a thread: with the embedded server it waits for the address. `on_exchange` hears of
    every request, for a log file.
    """

    # A default screen loads no style sheet of its own.
    CSS_PATH = ["app.tcss", "browse/browse.tcss"]
    PLAIN_CSS = ["app.tcss", "browse/browse.tcss", "plain.tcss"]
    TITLE = "files-tui"
    NOTIFICATION_TIMEOUT = 4
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS = [
        Binding("colon", "command_palette", "Commands", show=False, id="app.palette",
                tooltip="Every command, by name"),
        Binding("question_mark,f1", "help", "help", id="app.help", tooltip="The keys of this screen"),
        Binding("q", "quit", "Quit", show=False, id="app.quit", tooltip="Quit"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, system=True, id="app.suspend"),
    ]  # fmt: skip

    def __init__(
        self,
        settings: Settings,
        open_account: Callable[[], Account],
        on_exchange: Callable[[Exchange], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._take_colours(settings.theme)
        self.settings = settings
        self.open_account = open_account
        self._on_exchange = on_exchange
        self.exchanges: deque[Exchange] = deque(maxlen=LOG_LENGTH)
        self.read_only = settings.read_only
        """Whether nothing is changed; a key that may not write makes it so."""
        self.copier = Copier(self)
        self.chosen: list[str] = []
        """The ids of the files that were chosen, where that is what the program was started for."""
        self.browse = BrowseScreen()
        if settings.pick:
            self.set_keymap(KEYS_TO_PICK)

    def _take_colours(self, wanted: str | None) -> None:
        self.set_reactive(FilesApp.ansi_theme_dark, themes.ON_DARK)
        self.set_reactive(FilesApp.ansi_theme_light, themes.ON_LIGHT)
        known = wanted if wanted in self.available_themes else None
        colours = self.console.color_system
        self.theme = themes.first_theme(known, self.theme, no_color=self.no_color, color_system=colours)

    def on_mount(self) -> None:
        theme = self.settings.theme
        if theme is not None and theme not in self.available_themes:
            words = f"there is no theme '{text.one_line(theme, 40)}'; the palette's “Theme” shows all"
            self.notify(words, title="Settings", severity="warning", markup=False)

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        super().set_keymap(dict(keymap))
        for bar in self.browse.query(KeyBar):
            bar.show()

    def get_default_screen(self) -> Screen[None]:
        return self.browse

    def key(self, name: str) -> str:
        """The key in force for a binding of the app or of its main screen, as it is shown."""
        from files_tui.ui.hints import keys_of
        from files_tui.ui.widgets.files_table import FilesTable

        return keys_of(self, (type(self), BrowseScreen, FilesTable), name)[0]

    def note_exchange(self, exchange: Exchange) -> None:
        """Keep a request for the log; called from any thread."""
        self.exchanges.append(exchange)
        self._on_exchange(exchange)

    def thread_failed(self, failed: threading.ExceptHookArgs) -> None:
        """An error of our own in a thread is told of on the screen, which a traceback would tear."""
        if failed.exc_value is not None:
            name = failed.thread.name if failed.thread else "thread"
            self.browse.post_message(WorkFailed(name, crash.noted(failed.exc_value)))

    def push_screen(self, *args: Any, **options: Any) -> Any:
        self.clear_notifications()  # a toast would cover the dialog's buttons
        return super().push_screen(*args, **options)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.browse.stop_greeting()
        await super().on_event(event)

    async def run_action(self, *args: Any, **options: Any) -> bool:
        """A command that finds the catalog's file damaged must not end the program."""
        try:
            return await super().run_action(*args, **options)
        except CatalogFailed as error:
            self.browse.catalog_failed(error)
            return True

    def action_command_palette(self) -> None:
        from files_tui.ui.screens.dialog import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_help(self) -> None:
        from files_tui.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_change_theme(self) -> None:
        from files_tui.ui.screens.theme import ThemeScreen

        self.push_screen(ThemeScreen())

    def action_help_quit(self) -> None:
        """Ctrl+c, which ends other programs, tells how this one is ended."""
        self.notify(f"{self.key('app.quit')} quits; in a dialog, esc first", timeout=3, markup=False)

    async def action_quit(self) -> None:
        self.browse.action_quit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        from files_tui.ui.hints import commands_of

        for command in commands_of(screen):
            if command.action != "command_palette":
                yield SystemCommand(
                    command.name.capitalize(),
                    f"{' '.join(command.keys)} · {command.words}",
                    partial(self.call_later, self.run_action, command.action, command.node),
                )
        yield SystemCommand("Theme", "Choose colours, seen at once", self.action_change_theme)
