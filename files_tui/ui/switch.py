"""From one account to another without a restart."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from files_tui.accounts import Accounts, Choice
from files_tui.settings import SettingsError
from files_tui.text import Safe, one_line, path_of
from files_tui.ui.background import in_background
from files_tui.ui.browse.account import LONG_TOAST
from files_tui.ui.screens.profiles import Parting, PartingScreen, ProfilesScreen

if TYPE_CHECKING:
    from files_tui.settings import Account
    from files_tui.ui.app import FilesApp

AGAIN = 0.5
"""Seconds after which it is tried again, where a dialog of the old account is open."""


class Switch:
    """Asks for an account, gets its key, and only then leaves the old one, which stays where anything is wrong."""

    def __init__(self, app: FilesApp, accounts: Accounts) -> None:
        self._app = app
        self._accounts = accounts

    def ask(self) -> None:
        """Show what there is to choose from."""
        try:
            choices = self._accounts.choices()
        except SettingsError as error:
            self._refused(one_line(str(error)))
            return
        if any(choice.profile != self._accounts.current for choice in choices):
            self._app.push_screen(ProfilesScreen(choices, self._accounts.current), self._chosen)
        else:
            words = (
                f"There is no other account: make a [profiles.NAME] in {one_line(path_of(self._accounts.path), 200)}"
            )
            self._app.notify(words, title="Account", markup=False)

    def _chosen(self, choice: Choice | None) -> None:
        if choice is None or choice.profile == self._accounts.current:
            return
        if active := self._app.browse.active:
            self._app.push_screen(PartingScreen(active), partial(self._parting_chosen, choice))
        else:
            self._get(choice, remember=True)

    def _parting_chosen(self, choice: Choice, parting: Parting | None) -> None:
        if parting is not None:
            self._get(choice, remember=parting == "remember")

    def _get(self, choice: Choice, *, remember: bool) -> None:
        """Get the key in a thread; a command that gives it has the terminal, since it may ask the person."""
        if choice.asks:
            self._app.lend_terminal(f"files-tui: asking for the key of profile '{one_line(choice.profile or '', 60)}'…")
        in_background(self._app.browse, partial(self._load, choice, remember), "profile")

    def _load(self, choice: Choice, remember: bool) -> None:
        try:
            account, read_only = self._accounts.load(choice.profile)
            then = partial(self._loaded, choice, account, read_only, remember)
        except SettingsError as error:
            then = partial(self._refused, one_line(str(error)))
        finally:
            self._app.call_later(self._app.take_terminal_back)
        self._app.call_later(then)

    def _refused(self, reason: Safe) -> None:
        words = f"{reason}\nThe account stays as it is."
        self._app.notify(words, title="Account", severity="error", timeout=LONG_TOAST, markup=False)

    def _loaded(self, choice: Choice, account: Account, read_only: bool, remember: bool) -> None:
        if not self._app.browse.is_active:
            self._app.set_timer(AGAIN, partial(self._loaded, choice, account, read_only, remember))
            return
        self._accounts.current = choice.profile
        self._app.open_another(account, read_only=read_only, remember=remember)
