"""The transfers in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from files_tui.transfers.words import moving_words
from files_tui.ui.notices import Keys

if TYPE_CHECKING:
    from files_tui.transfers.queue import Progress


def moving_line(progress: Progress, keys: Keys) -> Text:
    """What moves now, or how many have failed since nobody looked."""
    line = Text()
    if words := moving_words(progress):
        line.append(words)
    elif progress.failed:
        line.append(f"{progress.failed} failed · {keys('show.transfers')} shows them", "bold red")
    return line
