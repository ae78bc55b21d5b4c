"""A choice among a few words, all in sight: left and right choose, Enter is left to the dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from files_tui.text import Untrusted, safe

T = TypeVar("T")

GAP = "   "


class Choice(Static, Generic[T], can_focus=True):
    """One line of options, wrapped where it is longer than the dialog."""

    BINDINGS = [
        Binding("left,h", "step(-1)", "Previous", show=False, id="choice.previous", tooltip="The option before"),
        Binding("right,l,space", "step(1)", "Next", show=False, id="choice.next", tooltip="The next option"),
        Binding("up,k", "app.focus_previous", "Up", show=False, id="choice.up", tooltip="The line above"),
        Binding("down,j", "app.focus_next", "Down", show=False, id="choice.down", tooltip="The line below"),
    ]

    DEFAULT_CSS = """
    Choice { height: auto; width: 1fr; }
    """

    @dataclass
    class Changed(Message):
        """Another option is chosen."""

        choice: Choice[object]

        @property
        def control(self) -> Choice[object]:
            """The widget that it came from."""
            return self.choice

    def __init__(self, options: Sequence[tuple[str | Untrusted, T]], value: T, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._options = list(options)
        values = [option for _, option in self._options]
        self._index = values.index(value) if value in values else 0

    @property
    def value(self) -> T:
        """The chosen option."""
        return self._options[self._index][1]

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_step(self, by: int) -> None:
        self._choose((self._index + by) % len(self._options))

    def on_click(self, event: events.Click) -> None:
        index = event.style.meta.get("option")
        if isinstance(index, int):
            self._choose(index)

    def _choose(self, index: int) -> None:
        self._index = index
        self.refresh()
        self.post_message(self.Changed(self))  # type: ignore[arg-type]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as the options need."""
        return len(self._lines(width))

    def render(self) -> Text:
        return Text("\n").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Text]:
        """The options, wrapped between them and never in one: neither Rich nor Textual heeds a no-break space."""
        lines = [Text(no_wrap=True, overflow="ellipsis")]
        for index, (words, _) in enumerate(self._options):
            chosen = index == self._index
            style = ("bold reverse" if self.has_focus else "bold underline") if chosen else "dim"
            option = Text(safe(words, 40), style)
            option.truncate(max(1, width), overflow="ellipsis")
            option.apply_meta({"option": index})
            if lines[-1] and lines[-1].cell_len + option.cell_len > width:
                lines.append(Text(no_wrap=True, overflow="ellipsis"))
            lines[-1].append_text(option).append(GAP)
        return lines
