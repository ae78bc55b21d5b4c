"""A key map changes keys, and every word that names them; help names what works in the place where it is asked for."""

from pathlib import Path

import pytest
from textual.binding import Binding

from files_tui.ui.keys import PLACES
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.dialog import Palette
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.help import HelpScreen, help_sections
from files_tui.ui.screens.open import OpenScreen
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.sort import SortScreen
from files_tui.ui.screens.transfers import TransfersScreen
from tests.ui.helpers import Browser, browsing

pytestmark = pytest.mark.anyio

CHANGED = {
    "file.delete": "w",
    "delete.yes": "Z",
    "delete.no": "b,escape",
    "list.reverse": "v",
    "app.palette": "comma",
    "app.help": "h",
    "dialog.help": "h",
    "transfers.close": "f8",
    "pick.hidden": "ctrl+t",
    "list.drop": "B",
}


def shown(b: Browser) -> dict[str, str]:
    """What help says of the screen on top: the keys of each binding."""
    return {
        command.id: " ".join(command.keys) for commands in help_sections(b.app.screen).values() for command in commands
    }


async def test_every_word_names_the_key_in_force(here: Path, hundred: str) -> None:
    async with browsing(hundred) as b:
        b.app.set_keymap(CHANGED)
        await b.until(lambda: "w delete" in b.text and "h help" in b.text)
        keys = shown(b)
        assert keys["file.delete"] == "w"
        assert keys["app.help"] == "h"
        assert keys["file.download"] == "d"
        commands = {command.title: command.help for command in b.app.get_system_commands(b.app.screen)}
        assert commands["Delete"].startswith("w · ")
        assert commands["Help"].startswith("h · ")

        await b.press("x")
        assert b.app.screen is b.browse
        await b.press("w")
        await b.screen(DeleteScreen)
        assert (b.label("#cancel"), b.label("#delete")) == ("Cancel b", "Delete Z")
        await b.press("y")
        await b.press("h")
        await b.screen(HelpScreen)
        await b.see("Z         Delete")
        await b.press("escape")
        await b.screen(DeleteScreen)
        await b.press("b")
        await b.main()

        await b.press("s")
        await b.screen(SortScreen)
        await b.see("Sort by (v reverses)")
        await b.press("escape", "t")
        await b.screen(TransfersScreen)
        await b.see("f8 close")
        await b.press("f8", "u")
        await b.screen(PickScreen)
        await b.see("^t hidden")
        await b.press("escape", "slash", "a", "enter")
        await b.see("B drops the last")
        await b.press("comma")
        await b.screen(Palette)


async def test_help_says_nothing_that_does_nothing_there(here: Path, hundred: str) -> None:
    async with browsing(hundred) as b:
        assert {"app.palette", "page.next", "mark.all"} < shown(b).keys()
        assert list(help_sections(b.app.screen)) == [
            "Files", "Listing", "Marks", "Moving", "Looking", "Program"
        ]  # fmt: skip
        await b.press("d")
        await b.screen(DownloadScreen)
        here_only = {
            "field.accept": "⏎",
            "download.cancel": "esc",
            "dialog.up": "↑",
            "dialog.down": "↓",
            "dialog.help": "f1",  # where a question mark would be typed
        }
        await b.until(lambda: shown(b) == here_only)
        await b.press("f1")
        await b.screen(HelpScreen)
        await b.press("f1", "enter")
        await b.main()
        (here / b.table.files[0].filename.true).write_bytes(b"")
        await b.press("d")
        await b.screen(DownloadScreen)
        await b.press("enter")
        await b.until(lambda: {"download.keep", "download.replace"} < shown(b).keys())
        await b.press("escape", "t")
        await b.screen(TransfersScreen)
        assert not {"dialog.up", "dialog.left"} & shown(b).keys()
        await b.press("escape", "O")
        await b.screen(OpenScreen)
        assert "page.next" not in shown(b)


def test_every_key_of_ours_can_be_changed() -> None:
    ours = {kind for place in PLACES for kind in place.classes if kind.__module__.startswith("files_tui.")}
    assert len(ours) > 20
    for kind in ours:
        for binding in kind.BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.id, f"{kind.__name__}: {binding.key}"
