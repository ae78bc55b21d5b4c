"""Help, made from the bindings of the screen it was asked for on."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Static

from files_tui.ui.hints import Command, commands_of
from files_tui.ui.screens.dialog import Dialog, Pane

TWO_COLUMNS = 76

_SECTIONS: dict[str, tuple[str, ...]] = {
    "Files": ("copy", "file"),
    "Listing": ("list", "purpose"),
    "Marks": ("mark",),
    "Here": (),
    "Moving": ("table", "page", "lines", "rows", "options", "choice", "pane"),
    "Looking": ("show",),
    "Program": ("app",),
}
"""What a binding's id begins with tells its section; what a dialog has of its own is under `Here`."""


class HelpScreen(Dialog[None]):
    """Every key that does something there, in two columns where there is room."""

    CSS_PATH = ["dialog.tcss", "help.tcss"]

    BINDINGS = [
        Binding("escape,question_mark,f1,q,enter", "leave", "Close", id="help.close"),
    ]

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        self._sections = help_sections(below)

    def compose(self) -> ComposeResult:
        left, right = _halves(self._sections)
        with Pane(classes="dialog", id="help") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = self.hint("{help.close} closes")
            yield Static(left, classes="column")
            yield Static(right, classes="column")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width < TWO_COLUMNS, "narrow")


def help_sections(screen: Screen[Any]) -> dict[str, list[Command]]:
    """What keys do on a screen, by section; none is empty."""
    of = {prefix: title for title, prefixes in _SECTIONS.items() for prefix in prefixes}
    sections: dict[str, list[Command]] = {title: [] for title in _SECTIONS}
    for command in commands_of(screen):
        if command.keys:
            sections[of.get(command.id.partition(".")[0], "Here")].append(command)
    return {title: commands for title, commands in sections.items() if commands}


def _halves(sections: dict[str, list[Command]]) -> tuple[Text, Text]:
    """Two columns as even as whole sections make them; of one section, its two halves."""
    blocks = [_block(title if len(sections) > 1 else "", commands) for title, commands in sections.items()]
    if len(blocks) == 1:
        blocks = [[line] for line in blocks[0]]
    total = sum(map(len, blocks))
    cut = min(range(1, len(blocks) + 1), key=lambda n: abs(total - 2 * sum(map(len, blocks[:n]))))
    left, right = ([line for block in part for line in block] for part in (blocks[:cut], blocks[cut:]))
    return Text("\n").join(left), Text("\n").join(right)


def _block(title: str, commands: list[Command]) -> list[Text]:
    lines = [Text().append(f"{' '.join(each.keys):<9} ", "bold cyan").append(each.words) for each in commands]
    return [Text(title, "bold underline"), *lines] if title else lines
