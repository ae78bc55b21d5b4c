"""The application: its account, its log, its signals, and what happens when it breaks."""

from __future__ import annotations

import asyncio
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from textual import events
from textual._context import active_message_pump
from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from files_tui.settings import Account, Settings
from files_tui.ui.screens.browse import BrowseScreen

if TYPE_CHECKING:
    from files_tui.api.models import Exchange

LOG_LENGTH = 1000


class FilesApp(App[None]):
    """A browser for the files of one account.

    `open_account` is called in a thread: with the embedded server it waits for the address. `on_exchange` hears of
    every request, for a log file.
    """

    # A default screen loads no style sheet of its own.
    CSS_PATH = ["app.tcss", "screens/browse.tcss"]
    TITLE = "files-tui"
    NOTIFICATION_TIMEOUT = 4
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS = [
        Binding("colon", "command_palette", "Commands", show=False, id="app.palette", key_display=":",
                tooltip="Every command, by name"),
        Binding("question_mark", "help", "help", id="app.help", key_display="?", tooltip="The keys of this screen"),
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
        self.settings = settings
        self.open_account = open_account
        self._on_exchange = on_exchange
        self.exchanges: deque[Exchange] = deque(maxlen=LOG_LENGTH)
        self.browse = BrowseScreen()
        self._aimed_at: WeakKeyDictionary[events.Event, Widget] = WeakKeyDictionary()

    def get_default_screen(self) -> Screen[None]:
        return self.browse

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, None, 128 + number)
        if self._driver is not None and self._driver.can_suspend:
            self._take_up_terminal = signal.signal(signal.SIGCONT, self._continued)

    def _continued(self, number: int, frame: FrameType | None) -> None:
        """Leave the terminal before it is taken up again: SIGSTOP, unlike ctrl+z, gave no chance to.

        Without this, the settings that the program made itself are kept as those to go back to at the end.
        """
        driver = self._driver
        if driver is not None and not getattr(driver, "_must_signal_resume", True):
            driver.suspend_application_mode()
            driver._must_signal_resume = True  # type: ignore[attr-defined]
        if callable(self._take_up_terminal):
            self._take_up_terminal(number, frame)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._aimed_at[event] = self.focused or self.screen
        await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """A key that was typed ahead, before a dialog or the search line had the focus, goes where it was meant to."""
        if self._is_typed_ahead(event):
            event.prevent_default()
            await self.on_event(events.Key(event.key, event.character))

    async def on_paste(self, event: events.Paste) -> None:
        """The same for text that was pasted ahead."""
        if self._is_typed_ahead(event):
            event.prevent_default()
            await self.on_event(events.Paste(event.text))

    def _is_typed_ahead(self, event: events.Event) -> bool:
        now = self.focused or self.screen
        return self._aimed_at.pop(event, now) is not now

    def note_exchange(self, exchange: Exchange) -> None:
        """Keep a request for the log; called from any thread."""
        self.exchanges.append(exchange)
        self._on_exchange(exchange)

    def write_to_terminal(self, sequence: str) -> None:
        """Write an escape sequence between two frames; called from any thread."""
        if self._driver is not None:
            self._driver.write(sequence)  # the driver queues it whole; no public method writes but the frame's own

    def push_screen(self, *args: Any, **options: Any) -> Any:
        self.clear_notifications()  # a toast would cover the dialog's buttons
        return super().push_screen(*args, **options)

    def pop_screen(self) -> AwaitComplete:
        sender = active_message_pump.get(None)
        if isinstance(sender, Widget) and sender.is_attached and sender.screen is not self.screen:
            return AwaitComplete()  # a dialog that a key before this one has closed already
        return super().pop_screen()

    def action_help(self) -> None:
        from files_tui.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_help_quit(self) -> None:
        """Ctrl+c, which ends other programs, tells how this one is ended."""
        self.notify("q quits; in a dialog, esc first", timeout=3, markup=False)

    async def action_quit(self) -> None:
        active = self.browse.active_jobs
        if not active:
            self.exit()
            return
        from files_tui.text import plural
        from files_tui.ui.screens.confirm import ConfirmScreen

        question = f"{plural(len(active), 'transfer')} still running. Quitting ends them; nothing half done is left."
        self.push_screen(ConfirmScreen("Quit", question, accept="Quit"), lambda yes: self.exit() if yes else None)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        named: set[str] = set()
        for _, binding, enabled, tooltip in screen.active_bindings.values():
            listed = binding.system or binding.id is None or binding.id in named
            if listed or not enabled or binding.action == "command_palette":
                continue
            named.add(binding.id or "")
            action = binding.action
            key = binding.key_display or self.get_key_display(binding)
            yield SystemCommand(
                binding.description.capitalize(),
                f"{key} · {tooltip or binding.tooltip}",
                lambda action=action: self.call_later(screen.run_action, action),
            )
        yield SystemCommand("Theme", "Choose colours", self.action_change_theme)

    def _fatal_error(self) -> None:
        """End after an unhandled exception with its plain traceback: Textual's own prints every local, keys too."""
        error = sys.exception()
        lines = "".join(traceback.format_exception(error)) if error else ""
        self.panic(
            f"{lines}\nfiles-tui stopped because of an error of its own; nothing was left half done. "
            "Please report the lines above."
        )
