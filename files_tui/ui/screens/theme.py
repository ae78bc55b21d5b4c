"""The theme, chosen by looking at it."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from files_tui.ui.cells import GLYPHS, STYLES, coloured
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.options import Options

PREVIEW_DELAY = 0.15
"""Seconds for which the cursor must rest on a theme: over SSH each costs a screen."""


class ThemeScreen(Dialog[None]):
    """Shows each theme as the cursor comes to it; left by Escape, all is as it was."""

    CSS_PATH = ["dialog.tcss", "theme.tcss"]

    BINDINGS = [
        Binding("escape", "leave", "Cancel", id="theme.cancel", tooltip="Back to the colours from before"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None
        themes = self.app.available_themes.values()
        # The terminal's own colours first, then dark ones, then light ones.
        self._themes = sorted(themes, key=lambda theme: (not theme.ansi, not theme.dark, theme.name))
        self._before = self.app.theme

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Theme"
            dialog.border_subtitle = self.hint("{options.choose} keep · {theme.cancel} cancel", Options)
            yield Static(_sample(), id="sample", markup=False)
            lines = []
            for theme in self._themes:
                ground = "dark" if theme.dark else "light"
                own = "the terminal's own colours, " if theme.ansi else ""
                lines.append(Option(Text(f"{theme.name:<22} ").append(f"{own}{ground}", "dim")))
            yield Options(*lines, markup=False)

    def on_mount(self) -> None:
        names = [theme.name for theme in self._themes]
        self.query_one(Options).highlighted = names.index(self._before)

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        if self._timer is not None:
            self._timer.stop()
        name = self._themes[event.option_index].name
        self._timer = self.set_timer(PREVIEW_DELAY, lambda: self._show(name))

    def _show(self, name: str) -> None:
        if self.app.theme != name:
            self.app.theme = name

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self._end(self._themes[event.option_index].name)

    def action_leave(self) -> None:
        self._end(self._before)

    def _end(self, name: str) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._show(name)
        self.dismiss(None)


def _sample() -> Text:
    """What colours tell apart on the main screen."""
    line = coloured("▌ marked", "bold magenta")
    for kind in ("ready", "busy", "failed"):
        line.append(f"  {GLYPHS[kind]} {kind}", STYLES[kind])
    return line.append("  never", "dim").append("  c", "bold cyan").append(" copy id")
