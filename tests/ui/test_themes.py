"""Colours: chosen by a setting or by looking, and what the terminal has decides where nothing was chosen."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from files_tui.ui.screens.theme import ThemeScreen
from files_tui.ui.themes import ON_DARK, ON_LIGHT, TERMINAL, first_theme
from tests.ui.helpers import browsing

COLOURS = ("red", "green", "yellow", "blue", "magenta", "cyan")


@pytest.mark.anyio
async def test_a_theme_is_seen_before_it_is_chosen(shared_empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.ui.screens.theme.PREVIEW_DELAY", 0.02)
    async with browsing(shared_empty, theme="nord") as b:
        assert b.app.theme == "nord"
        b.app.action_change_theme()
        await b.screen(ThemeScreen)
        await b.press("j")
        await b.until(lambda: b.app.theme == "rose-pine")
        await b.press("escape")
        await b.main()
        assert b.app.theme == "nord"
        b.app.action_change_theme()
        await b.screen(ThemeScreen)
        await b.press("k", "enter")
        await b.main()
        assert b.app.theme == "monokai"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("wanted", "no_color", "colours", "theme"),
    [
        (None, False, "truecolor", "usual"),
        (None, False, "256", "usual"),
        (None, False, "standard", TERMINAL),
        ("nord", False, "standard", "nord"),
        ("nord", True, "truecolor", TERMINAL),
    ],
)
def test_the_first_theme(wanted: str | None, no_color: bool, colours: str, theme: str) -> None:
    assert first_theme(wanted, "usual", no_color=no_color, color_system=colours) == theme


@pytest.mark.parametrize("name", [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi])
def test_colours_are_readable_on_every_background(name: str) -> None:
    theme = BUILTIN_THEMES[name]
    behind = luminance(Color.parse(theme.to_color_system().generate()["background"]).rgb)
    for number, colour in enumerate(COLOURS, 1):
        letters = luminance((ON_DARK if theme.dark else ON_LIGHT).ansi_colors[number])
        dark, light = sorted((behind, letters))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour  # WCAG 2.2, 1.4.3


def luminance(rgb: tuple[int, int, int]) -> float:
    """How light a colour is (WCAG 2.2, "relative luminance")."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in rgb)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
