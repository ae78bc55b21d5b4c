"""Going over to another account: which one, and what becomes of what moves in this one."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Literal

from files_tui.accounts import Choice
from files_tui.text import Safe, one_line, plural
from files_tui.ui.screens.menu import Item, MenuScreen

Parting = Literal["remember", "stop"]

# Letters that the menu has for itself are left out.
_LETTERS = [letter for letter in string.digits[1:] + string.ascii_lowercase if letter not in "jk"]


class ProfilesScreen(MenuScreen[Choice]):
    """Gives the account to go over to; the one in use is marked."""

    def __init__(self, choices: Sequence[Choice], current: str | None) -> None:
        letters = [*_LETTERS, *[""] * len(choices)]
        items = [
            Item(letter, *_words(choice, current), choice) for letter, choice in zip(letters, choices, strict=False)
        ]
        super().__init__("Account", items, next((each for each in choices if each.profile == current), None))

    def on_mount(self) -> None:
        self.query_one(".dialog").border_subtitle = "⏎ or its letter · esc stays"


def _words(choice: Choice, current: str | None) -> tuple[str, str]:
    about = [one_line(choice.host, 60) or "no address"]
    if choice.error is not None:
        about = [Safe("✗ cannot be used")]
    elif choice.read_only:
        about.append("read-only")
    if choice.profile == current:
        about.append("in use")
    return "environment" if choice.profile is None else one_line(choice.profile, 30), " · ".join(about)


class PartingScreen(MenuScreen[Parting]):
    """What is to become of so many transfers of the account that is left; Escape stays."""

    is_grave = True

    def __init__(self, active: int) -> None:
        still = "has" if active == 1 else "have"
        super().__init__(
            f"Leave this account? {plural(active, 'transfer')} {still} not ended",
            [
                Item("r", "remember", "stop, and offer to go on when you come back", "remember"),
                Item("x", "stop", "give them up; nothing half done is left", "stop"),
            ],
        )

    def readable(self) -> None:
        self.query_one(".dialog").border_subtitle = "⏎ or its letter · esc stays"
