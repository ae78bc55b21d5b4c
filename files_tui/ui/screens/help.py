"""Help, made from the bindings of the screen it was asked for on."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from files_tui.ui.screens.dialog import Dialog


class HelpScreen(Dialog[None]):
    """Every key that does something here, in two columns where there is room."""

    CSS_PATH = ["dialog.tcss", "help.tcss"]

    BINDINGS = [
        Binding("escape,question_mark,q,enter", "leave", "Close", id="help.close"),
        Binding("j,down", "scroll('down')", "Down", show=False),
        Binding("k,up", "scroll('up')", "Up", show=False),
    ]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        self._lines = help_lines(below)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="help") as dialog:
            dialog.border_title = "Keys"
            dialog.border_subtitle = "esc closes"
            half = -(-len(self._lines) // 2)
            yield Static(Text("\n").join(self._lines[:half]), classes="column")
            yield Static(Text("\n").join(self._lines[half:]), classes="column")

    def action_scroll(self, where: str) -> None:
        pane = self.query_one("#help", VerticalScroll)
        (pane.scroll_down if where == "down" else pane.scroll_up)(animate=False)


def help_lines(screen: Screen[object]) -> list[Text]:
    """One line for each command of a screen: its keys and what they do."""
    keys: dict[str, list[str]] = {}
    says: dict[str, str] = {}
    for _, binding, enabled, tooltip in screen.active_bindings.values():
        if not enabled or binding.system or binding.id is None:
            continue
        shown = binding.key_display or screen.app.get_key_display(binding)
        if shown:
            keys.setdefault(binding.id, []).append(shown)
            says[binding.id] = tooltip or binding.tooltip or binding.description
    return [Text(f"{' '.join(keys[name]):<9} ", "bold cyan").append(says[name], "not bold default") for name in keys]
