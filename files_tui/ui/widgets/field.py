"""A line to type in."""

from __future__ import annotations

from typing import Literal

from textual.widgets import Input


class Field(Input):
    """An `Input` that neither blinks, which would cost 2.5 kB a second over SSH, nor marks its text on focus.

    One for a number leaves letters to bindings with priority.
    """

    def __init__(
        self,
        value: str = "",
        placeholder: str = "",
        *,
        type: Literal["integer", "number", "text"] = "text",  # noqa: A002
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(value, placeholder, type=type, select_on_focus=False, id=id)
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        is_letter = character is not None and character.isalpha()
        return super().check_consume_key(key, character) and not (self.type == "integer" and is_letter)
