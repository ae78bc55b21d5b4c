"""Nothing is drawn, and nothing moves, that need not."""

from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList

from files_tui.config import Animation
from files_tui.settings import Account, Settings
from files_tui.ui.app import FilesApp
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.dialog import Palette
from files_tui.ui.screens.sort import SortScreen
from files_tui.ui.screens.storage import StorageScreen
from files_tui.ui.widgets.files_table import FilesTable
from tests.ui.helpers import Browser, browsing

SCREENS: dict[str, type[Screen[Any]]] = {"s": SortScreen, "x": DeleteScreen, "i": StorageScreen, ":": Palette}


@pytest.mark.anyio
async def test_a_mouse_that_passes_by_draws_nothing(hundred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Widget] = []

    def refresh(widget: Widget, *regions: Region, draw: Callable[..., Widget] = Widget.refresh, **how: bool) -> Widget:
        if isinstance(widget, FilesTable | OptionList | Button | Input):
            drawn.append(widget)
        return draw(widget, *regions, **how)

    monkeypatch.setattr(Widget, "refresh", refresh)
    async with browsing(hundred) as b:

        async def cross() -> None:
            await b.pilot.pause()
            drawn.clear()
            for row in range(2, 38, 4):
                for column in (30, 62, 78):
                    b.app.post_message(
                        events.MouseMove(b.app.screen, column, row, 0, 1, 0, False, False, False, column, row)
                    )
            await b.pilot.pause()

        await cross()
        assert drawn == []
        for key, screen in SCREENS.items():
            await b.press(key)
            await b.screen(screen)
            await b.until(lambda: is_filled(b))
            await cross()
            assert drawn == [], key
            await b.press("escape")
            await b.main()
        await b.press("j")
        assert drawn


def is_filled(b: Browser) -> bool:
    """Whether all that is drawn on the screen on top has come."""
    screen = b.app.screen
    if isinstance(screen, Palette):
        return bool(screen.query_one(OptionList).option_count) and not list(b.app.workers)
    return not isinstance(screen, StorageScreen) or screen._twins is not None


@pytest.mark.parametrize(
    ("animation", "variable", "level"),
    [
        ("auto", None, "full"),
        ("auto", "SSH_CONNECTION", "none"),
        ("auto", "SSH_CLIENT", "none"),
        ("auto", "SSH_TTY", "none"),
        ("full", "SSH_TTY", "full"),
        ("none", None, "none"),
    ],
)
def test_nothing_fades_over_ssh_or_where_the_person_says_so(
    animation: Animation, variable: str | None, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "10.0.0.1 50000 22")
    app = FilesApp(Settings(animation=animation), Account)
    assert app.animation_level == level
