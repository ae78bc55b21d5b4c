"""Lines to choose one from."""

from __future__ import annotations

from textual.binding import Binding
from textual.widgets import OptionList


class Options(OptionList):
    """An `OptionList` whose keys have names, so that help shows them and a key map can change them."""

    BINDINGS = [
        Binding("j,down", "cursor_down", "Down", show=False, id="options.down", tooltip="Move down"),
        Binding("k,up", "cursor_up", "Up", show=False, id="options.up", tooltip="Move up"),
        Binding("enter", "select", "Choose", show=False, id="options.choose", tooltip="Choose this line"),
    ]
