"""Lines to choose one from."""

from __future__ import annotations

from textual.binding import Binding
from textual.style import Style
from textual.widgets import OptionList


class Options(OptionList):
    """An `OptionList` whose keys have names, so that help shows them and a key map can change them."""

    BINDINGS = [
        Binding("j,down", "cursor_down", "Down", show=False, id="options.down", tooltip="Move down"),
        Binding("k,up", "cursor_up", "Up", show=False, id="options.up", tooltip="Move up"),
        Binding("enter", "select", "Choose", show=False, id="options.choose", tooltip="Choose this line"),
    ]

    def on_resize(self) -> None:
        self.scroll_to_highlight()

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """Where there are no colours the cursor is reversed; what a style sheet says of that, Textual drops here."""
        style = super().get_visual_style(*component_classes, partial=partial)
        is_cursor = self.app.no_color and "option-list--option-highlighted" in component_classes
        return style + Style(reverse=True) if is_cursor else style
