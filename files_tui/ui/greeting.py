"""The one line of help for a person who starts the program for the first time."""

from __future__ import annotations

import os

from rich.text import Text

from files_tui.settings import Settings, make_private, state_dir
from files_tui.ui.notices import Keys

NOTE = "greeted"


def is_first_time(settings: Settings) -> bool:
    """Whether this person is to be greeted, which is noted at once: blocking.

    With the embedded server, where nothing is kept, always; never where it cannot or must not be noted.
    """
    if settings.demo or not settings.cache or settings.pick:
        return settings.demo and not settings.pick
    try:
        make_private(state_dir())
        os.close(os.open(state_dir() / NOTE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def greeting(keys: Keys, *, roomy: bool) -> Text:
    """`New here? ? shows the keys · : finds any command`."""
    line = Text()
    if roomy:
        line.append("New here? ", "bold")
    line.append(keys("app.help"), "bold cyan").append(" shows the keys")
    if roomy:
        line.append(" · ").append(keys("app.palette"), "bold cyan").append(" finds any command")
    return line
