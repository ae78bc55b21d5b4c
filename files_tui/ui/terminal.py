"""What a full-screen program owes its terminal: signals, job control, and a plain end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import termios
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from files_tui import crash
from files_tui.ui.terminal_input import TerminalInput
from files_tui.ui.typed_ahead import TypedAheadApp

if TYPE_CHECKING:
    from files_tui.ui.painting import Painted

LOST_CHECK = 5.0
DRAGGING = 0.15
"""Seconds after which a window is taken to have its last size."""

_SSH = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")


def is_over_ssh(environ: Mapping[str, str]) -> bool:
    """Whether what is drawn goes over a network."""
    return any(environ.get(name) for name in _SSH)


MOUSE_MODES = (1000, 1003, 1015, 1006)
"""Those that Textual's driver switches on."""

MOUSE_PIXELS = 1016
"""What it switches on as well where the terminal has it."""


class TerminalApp(TypedAheadApp):
    """An app that leaves the terminal usable however it ends, and finds it again after a stop."""

    PLAIN_CSS: ClassVar[list[str]] = []
    """What makes cursor and focus seen where there are no colours."""

    is_awaited = False
    """Whether another program waits for what is printed at the end."""

    def __init__(self) -> None:
        if "NO_COLOR" in os.environ:
            # None is written at all then: greys, as Textual would have it, are colours too.
            super().__init__(css_path=[*self.PLAIN_CSS], ansi_color=True)
        else:
            super().__init__()
        self._lent: contextlib.ExitStack | None = None
        self._painted = _painted()
        self._sized: Size | None = None
        self._dragged: Timer | None = None

    def get_driver_class(self) -> type[Driver]:
        """Textual's own, which reads what the terminal sends in our way; it has no other place to say so."""
        driver_class = super().get_driver_class()
        vars(sys.modules[driver_class.__module__])["XTermParser"] = TerminalInput
        return driver_class

    def on_load(self) -> None:
        """Be ready before the terminal is taken up; left to asyncio, SIGINT would cancel whatever the app waits for."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self._end_by, number)

    def _end_by(self, number: int) -> None:
        if number != signal.SIGINT or self._lent is None:  # whose ctrl+c is for the program that has the terminal
            self.exit(None, 128 + number)

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())
        if self._driver is not None and self._driver.can_suspend:
            self._take_up_terminal = signal.signal(signal.SIGCONT, self._continued)
            self.set_interval(LOST_CHECK, self._leave_lost_terminal)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write an update, without what the terminal shows already."""
        update: object = renderable
        is_written = self._running and not self._closed and not self._batch_count and not self.is_headless
        if is_written and self._painted is not None:
            try:
                update = self._painted.changes(renderable, self.size, self.console)
            except (AttributeError, TypeError):  # Textual's updates are its own affair, and may have become others
                self._painted = None
        super()._display(screen, update)  # type: ignore[arg-type]

    def on_resize(self, event: events.Resize) -> None:
        """Draw all of it once more when the dragging is over: terminals differ about what they keep meanwhile."""
        before, self._sized = self._sized, event.size
        if before == event.size:  # which a terminal may tell in two ways
            return
        self._forget_painted()
        if self._dragged is not None:
            self._dragged.stop()
        if before is not None:
            self._dragged = self.set_timer(DRAGGING, self._dragging_over)

    def _dragging_over(self) -> None:
        """Where one signal came in the middle of another, the driver has told of the sizes in the wrong order."""
        size = Size(*shutil.get_terminal_size())
        if self.is_headless or size == self.size:
            self.action_redraw()
        else:
            self.post_message(events.Resize(size, size))

    def action_redraw(self) -> None:
        """Draw everything, whatever others have written on the terminal."""
        self._forget_painted()
        self.refresh()

    def action_suspend_process(self) -> None:
        """Stop the whole job, for whose other parts a shell would wait, but where no shell would go on with it."""
        if self._driver is None or not self._driver.can_suspend:
            return
        # `ssh -t host files-tui` and a pane of its own have no such shell, and in a `$(…)` it waits for the end alone.
        if self.is_awaited or os.getpgrp() == os.getsid(0):
            self.notify("It is not stopped: here, no shell could go on with it.", timeout=3, markup=False)
            return
        self.app_suspend_signal.publish(self)
        self._leave_terminal()
        # Only now, since the shell takes the terminal as soon as the others have stopped.
        handler = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        os.kill(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _forget_painted(self) -> None:
        if self._painted is not None:
            self._painted.forget()

    def write_to_terminal(self, sequence: str) -> None:
        """Write an escape sequence between two frames; called from any thread."""
        if self._driver is not None:
            self._driver.write(sequence)  # the driver queues it whole; no public method writes but the frame's own

    def lend_mouse(self) -> None:
        """Let the terminal mark text with the mouse, as it does outside of this program."""
        self._say_of_mouse("l")

    def take_mouse_back(self) -> None:
        """Hear of the mouse again, where that was so."""
        self._say_of_mouse("h")

    def _say_of_mouse(self, switch: str) -> None:
        if getattr(self._driver, "_mouse", False):
            pixels = [MOUSE_PIXELS] if getattr(self._driver, "_mouse_pixels", False) else []
            self.write_to_terminal("".join(f"\x1b[?{mode}{switch}" for mode in [*MOUSE_MODES, *pixels]))

    def lend_terminal(self, words: str) -> None:
        """Leave the terminal to a program that may ask something, below a line that says so."""
        if self._lent is None and self._driver is not None and self._driver.can_suspend:
            self._lent = contextlib.ExitStack()
            self._lent.enter_context(self.batch_update())  # nothing is drawn meanwhile
            self._lent.enter_context(self.suspend())
            if sys.__stderr__ is not None:
                print(words, file=sys.__stderr__, flush=True)

    def take_terminal_back(self) -> None:
        """Draw again."""
        if self._lent is not None:
            lent, self._lent = self._lent, None
            lent.close()

    def _continued(self, number: int, frame: FrameType | None) -> None:
        """Leave the terminal before it is taken up again: SIGSTOP, unlike ctrl+z, gave no chance to.

        Without this, the settings that the program made itself are kept as those to go back to at the end.
        """
        if self._lent is not None:
            return
        self._leave_terminal()
        if callable(self._take_up_terminal):
            self._take_up_terminal(number, frame)

    def _leave_terminal(self) -> None:
        """Give the terminal back as it was, unless that has been done; SIGCONT takes it up again."""
        driver = self._driver
        if driver is not None and not getattr(driver, "_must_signal_resume", True):
            driver.suspend_application_mode()
            driver._must_signal_resume = True  # type: ignore[attr-defined]

    @property
    def has_lost_terminal(self) -> bool:
        """Whether the terminal is gone."""
        try:
            termios.tcgetattr(sys.__stdin__.fileno() if sys.__stdin__ else 0)
        except (OSError, termios.error):
            return True
        return False

    def _leave_lost_terminal(self) -> None:
        """End when the terminal is gone and no SIGHUP told so: the driver would read its end for ever."""
        if self.has_lost_terminal:
            self.exit(None, 128 + signal.SIGHUP)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.MouseMove) and not event.button and self.mouse_captured is None:
            return  # a pointer that only passes by changes nothing, so that it costs nothing
        await super().on_event(event)

    def _fatal_error(self) -> None:
        """End after an unhandled exception with one line that names its report; Textual's own shows every local."""
        error = sys.exception()
        self.panic(Text(crash.stopped(error or RuntimeError("an unknown error"))))


def _painted() -> Painted | None:
    """What leaves out the cells that have not changed; None where it does not know the updates of this Textual."""
    try:
        from files_tui.ui.painting import Painted
    except ImportError:
        return None
    return Painted()
