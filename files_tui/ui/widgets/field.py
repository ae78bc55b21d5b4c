"""A line to type in."""

from __future__ import annotations

from typing import Literal

from rich.highlighter import Highlighter
from rich.text import Text
from textual.binding import Binding
from textual.widgets import Input

from files_tui.text import sign


class _Signs(Highlighter):
    """Draws what was pasted, or completed from a name on disk, as one visible sign for each character."""

    def __call__(self, text: str | Text) -> Text:
        shown = Text("".join(map(sign, str(text))), no_wrap=True, overflow="ignore", end="")
        self.highlight(shown)
        return shown

    def highlight(self, text: Text) -> None:
        """Nothing stands out."""


class Field(Input):
    """An `Input` that neither blinks, which would cost 2.5 kB a second over SSH, nor marks its text on focus.

    One for a number leaves letters to bindings with priority.
    """

    BINDINGS = [Binding("enter", "submit", "Accept", show=False, id="field.accept", tooltip="Accept what is typed")]

    def __init__(
        self,
        value: str = "",
        placeholder: str = "",
        *,
        type: Literal["integer", "number", "text"] = "text",  # noqa: A002
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(value, placeholder, type=type, select_on_focus=False, highlighter=_Signs(), id=id)
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        is_letter = character is not None and character.isalpha()
        return super().check_consume_key(key, character) and not (self.type == "integer" and is_letter)
