"""The application: its account, its log, and the commands of every screen."""

from __future__ import annotations

import gc
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from textual import events
from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from files_tui import crash, text
from files_tui.catalog.errors import CatalogFailed
from files_tui.config import KeyChoice
from files_tui.settings import Account, Settings
from files_tui.ui import themes
from files_tui.ui.background import in_background
from files_tui.ui.browse.account import LONG_TOAST
from files_tui.ui.browse.screen import BrowseScreen
from files_tui.ui.copying import Copier
from files_tui.ui.messages import WorkFailed
from files_tui.ui.terminal import TerminalApp, is_over_ssh
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from files_tui.accounts import Accounts
    from files_tui.api.models import Exchange
    from files_tui.ui.keymap import KeyMap, Place

LOG_LENGTH = 1000
MOST_PROBLEMS = 4
SETTINGS_DELAY = 0.3
STARTED = 1.0
"""Seconds after which the rest of the settings is looked at, since the first rows come before it."""

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
    BINDINGS = [
        Binding("colon,ctrl+p", "command_palette", "Commands", show=False, id="app.palette",
                tooltip="Every command, by name"),
        Binding("question_mark,f1", "help", "help", id="app.help", tooltip="The keys of this screen"),
        Binding("P", "profiles", "Account", show=False, id="app.account", tooltip="Go over to another account"),
        Binding("q", "quit", "Quit", show=False, id="app.quit", tooltip="Quit"),
        Binding("ctrl+l", "redraw", "Redraw", show=False, id="app.redraw", priority=True,
                tooltip="Draw the whole screen again"),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, system=True, priority=True, id="app.suspend"),
    ]  # fmt: skip

    def __init__(
        self,
        settings: Settings,
        open_account: Callable[[], Account],
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        accounts: Accounts | None = None,
    ) -> None:
        super().__init__()
        self._take_colours(settings.theme)
        self.settings = settings
        self.is_awaited = settings.awaited
        self.accounts = accounts
        if settings.animation == "none" or (settings.animation == "auto" and is_over_ssh(os.environ)):
            self.animation_level = "none"
        elif settings.animation == "full":
            self.animation_level = "full"
        self.open_account = open_account
        self._on_exchange = on_exchange
        self.exchanges: deque[Exchange] = deque(maxlen=LOG_LENGTH)
        self.copier = Copier(self)
        self.chosen: list[str] = []
        """The ids of the files that were chosen, where that is what the program was started for."""
        self.browse = BrowseScreen(read_only=settings.read_only)
        if settings.pick:
            self.set_keymap(KEYS_TO_PICK)

    def on_load(self) -> None:
        """Have the keys of the main screen from the first one on."""
        if self.settings.config.keys:
            from files_tui.ui.keymap import key_map

            self.set_keymap(key_map(self._key_choices, [main_place()]).for_textual())

    @property
    def _key_choices(self) -> list[KeyChoice]:
        own = dict(KEYS_TO_PICK) if self.settings.pick else {}
        chosen = [each for each in self.settings.config.keys if each.binding not in own]
        return [*(KeyChoice(name, (key,), text.Safe("--pick")) for name, key in own.items()), *chosen]

    def on_mount(self) -> None:
        if not self.is_headless:  # where the process is this program's alone
            self.set_timer(STARTED, _collect_garbage_quickly)
        config = self.settings.config
        if config.keys or config.problems or self.settings.theme not in (None, self.theme):
            self.set_timer(SETTINGS_DELAY, partial(in_background, self.browse, self._check_settings, "settings"))

    def _check_settings(self) -> None:
        """Runs in a thread, since the keys of all dialogs come with the modules of all dialogs."""
        from files_tui.ui.keymap import key_map
        from files_tui.ui.keys import PLACES

        self.call_later(self._settings_checked, key_map(self._key_choices, PLACES))

    def _settings_checked(self, keys: KeyMap) -> None:
        """Have the keys of all dialogs, and say at once all that is wrong with the file."""
        self.set_keymap(keys.for_textual())
        config, theme = self.settings.config, self.settings.theme
        problems = [*config.problems, *keys.problems]
        if theme not in (None, self.theme) and (where := config.wheres.get("theme")):
            problems.append(text.Safe(f"{where}: no theme is called '{text.one_line(theme or '', 40)}', ignored"))
        if problems:
            more = f"\n… and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
            words = "\n".join(problems[:MOST_PROBLEMS]) + more
            self.notify(words, title="Settings", severity="warning", timeout=LONG_TOAST, markup=False)

    def get_key_display(self, binding: Binding) -> str:
        """Nothing for a command that the key map has taken all keys from."""
        return "" if binding.key.startswith("<") else super().get_key_display(binding)

    def _take_colours(self, wanted: str | None) -> None:
        self.set_reactive(FilesApp.ansi_theme_dark, themes.ON_DARK)
        self.set_reactive(FilesApp.ansi_theme_light, themes.ON_LIGHT)
        known = wanted if wanted in self.available_themes else None
        colours = self.console.color_system
        # What TEXTUAL_THEME names may be a theme of another program's.
        usual = self.theme if self.theme in self.available_themes else themes.USUAL
        self.theme = themes.first_theme(known, usual, no_color=self.no_color, color_system=colours)

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        super().set_keymap(dict(keymap))
        for bar in self.browse.query(KeyBar):
            bar.show()

    def get_default_screen(self) -> Screen[None]:
        return self.browse

    def action_profiles(self) -> None:
        """Go over to another account of the configuration file, or to that of the environment."""
        if self.accounts is None:
            self.notify("The demo has no other account; without --demo, P shows your profiles.", markup=False)
            return
        from files_tui.ui.switch import Switch

        Switch(self, self.accounts).ask()

    def open_another(self, account: Account, *, read_only: bool, remember: bool) -> None:
        """Leave the account in use and open another one, on a screen of its own: what the old one still says is lost.

        With `remember`, transfers that have not ended are offered again when their account is next opened.
        """
        self.browse.leave_account(remember=remember)
        self.settings = replace(self.settings, account=account, read_only=read_only, purpose=None, upload=())
        self.open_account = lambda: account
        if not self.browse._result_callbacks:  # which Textual pops here, and gives to every screen but the first
            self.browse._push_result_callback(self.browse, None)
        self.browse = BrowseScreen(read_only=read_only)
        self.clear_notifications()
        self.switch_screen(self.browse)

    def key(self, name: str) -> str:
        """The key in force for a binding of the app or of its main screen, as it is shown."""
        from files_tui.ui.hints import keys_of

        return keys_of(self, (type(self), BrowseScreen, FilesTable), name)[0]

    def note_exchange(self, exchange: Exchange) -> None:
        """Keep a request for the log; called from any thread."""
        self.exchanges.append(exchange)
        self._on_exchange(exchange)

    def thread_failed(self, failed: threading.ExceptHookArgs) -> None:
        """An error of our own in a thread is told of on the screen, which a traceback would tear.

        That a terminal which is gone cannot be written to is none.
        """
        if isinstance(failed.exc_value, OSError) and self.has_lost_terminal:
            self.call_later(self._leave_lost_terminal)
        elif failed.exc_value is not None:
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
                    " · ".join(filter(None, (" ".join(command.keys), command.words))),
                    partial(self.call_later, self.run_action, command.action, command.node),
                )
        yield SystemCommand("Theme", "Choose colours, seen at once", self.action_change_theme)


def main_place() -> Place:
    """The main screen, as a place that has keys."""
    from files_tui.ui.keymap import Place

    return Place((FilesTable, BrowseScreen, FilesApp))


def _collect_garbage_quickly() -> None:
    """What start-up has made stays: looking through it for garbage would make a key wait for a fifth of a second."""
    gc.freeze()
    gc.set_threshold(2_000, 5, 50)
