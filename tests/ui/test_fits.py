"""Every screen, opened once and looked at in several sizes, in the terminal's own colours."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import ColorType
from rich.style import Style
from textual.screen import Screen
from textual.widgets import Button

from files_tui.ui.screens.dialog import Dialog
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio

SIZES = ((40, 10), (150, 50))
NAMES = (
    "訓練データ-とても長い名前のファイル.jsonl",
    "emoji-🔥🔥.png",
    "e\u0301te\u0301.txt",
    "plain.jsonl",
    "n" * 200,
)
DIALOGS = {
    "?": "Keys",
    "y": "Copy of 2 files",
    "s": "Sort by",
    "f": "Filter",
    "i": "Storage: 40 files",
    "l": "Request log",
    "t": "Transfers",
    "O": "Open by id",
    "enter": ".txt",
    "o": "line 1 of",
    "d": "Download 2 files",
    "x": "Delete 2 files",
    "w": "Where ",
    "u": "Upload: choose files",
}
OWN = (ColorType.DEFAULT, ColorType.STANDARD)


async def test_every_screen_fits_every_size_in_the_colours_of_the_terminal(here: Path) -> None:
    kinds = ("processed", "error", "uploaded")
    files = [
        remote(n, NAMES[n % 5], bytes=1000 * n, status=kinds[n % 3], status_details="why" if n % 3 == 1 else None)
        for n in range(40)
    ]
    (here / NAMES[0]).write_bytes(b"{}\n")
    (here / NAMES[4]).write_bytes(b"{}\n")
    names = {"id": "ftjob-1", "model": "m" * 90, "training_file": "file-0039", "result_files": ["file-0036"] * 9}
    with ScriptedServer(files) as server:
        server.lists = {"/fine_tuning/jobs": [names], "/vector_stores": []}
        async with browsing(server.base_url, theme="ansi-light") as b:
            await b.press("space", "space")
            await every_size(b, "files-tui", "? help")
            for key, title in DIALOGS.items():
                await b.press(key)
                await b.screen(Dialog)
                await every_size(b, title)
                await b.press("escape")
                await b.main()
            b.browse.open_upload([here / NAMES[0], here / NAMES[4], here / "missing"])
            await b.screen(Dialog)
            await b.press("left", "left", "down", "left", "enter")
            await every_size(b, "Upload 2 files", "✗ Between 1 hour")


async def every_size(b: Browser, *words: str) -> None:
    """Look at the screen on top in each size."""
    screen = b.app.screen
    focus = b.app.focused
    buttons = [widget for widget in screen.focus_chain if isinstance(widget, Button)]
    for size in SIZES:
        await b.pilot.resize_terminal(*size)
        await b.until(partial(is_laid_out, screen, size))
        for each in words:
            await b.see(each[: size[0] // 3])
        assert b.app.focused is focus
        await b.until(lambda: focus is None or in_sight(screen, focus))
        assert all(in_sight(screen, button) == button.size for button in buttons)
        assert max(cell_len(line) for line in b.text.split("\n")) <= size[0]
        for words_, style in painted(screen):
            for color in (style.color, style.bgcolor):
                assert color is None or color.type in OWN, f"{words_!r} is drawn in {color}"


def is_laid_out(screen: Screen[object], size: tuple[int, int]) -> bool:
    return screen.outer_size == size


def in_sight(screen: Screen[object], widget: object) -> object:
    """The size of what is to be seen of a widget."""
    return screen.find_widget(widget).visible_region.size  # type: ignore[arg-type]


def painted(screen: Screen[object]) -> Iterator[tuple[str, Style]]:
    """Every piece of text on the screen that is more than blanks, with its style."""
    for strip in screen._compositor.render_strips():
        yield from ((segment.text, segment.style) for segment in strip if segment.text.strip() and segment.style)
