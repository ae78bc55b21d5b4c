"""What all drawings of contents are put together from."""

from __future__ import annotations

import io

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from files_tui import text
from files_tui.text import Safe, Untrusted

MOST_LINES = 20_000
"""Lines that a drawing has at most: more than anybody scrolls through, few enough to hold."""

SO_FAR = "so far"

_THEME = Theme(
    {
        "markdown.code": "cyan",
        "markdown.h1": "bold underline",
        "markdown.h2": "bold",
        "markdown.h3": "bold",
        "markdown.hr": "dim",
        "markdown.block_quote": "dim",
        "markdown.item.bullet": "yellow",
        "markdown.item.number": "yellow",
        "markdown.link": "blue underline",
        "markdown.link_url": "dim",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
    }
)


def line(words: str = "", style: str = "") -> Text:
    """A line of safe words whose colour is one of the terminal's."""
    return Text(no_wrap=True, overflow="ellipsis", end="").append(words, style)


def head(*words: str, whole: bool) -> Text:
    """The first line of a drawing: what it is about, and whether that is all."""
    shown = line(" · ".join(filter(None, words)), "bold")
    return shown if whole else shown.append(f" · {SO_FAR}", "yellow")


def note(words: str) -> Text:
    """A line about the drawing."""
    return line(words, "dim")


def problem(words: str) -> Text:
    """A line about what is wrong in the file."""
    return line("✗ ", "bold red").append(words)


def cut(raw: str | Untrusted, width: int) -> Safe:
    """A text made safe, and no wider than `width` cells."""
    raw = text.true(raw)
    shown = text.safe(raw[: 4 * width + 4])
    if len(raw) <= 4 * width + 4 and (len(shown) if shown.isascii() else cell_len(shown)) <= width:
        return shown
    return Safe(set_cell_size(shown, width - 1).rstrip() + "…" if width > 1 else "…"[:width])


def padded(shown: str, width: int, *, right: bool = False) -> str:
    """A safe text of no more than `width` cells, brought to that width."""
    room = " " * (width - (len(shown) if shown.isascii() else cell_len(shown)))
    return room + shown if right else shown + room


def fitted(lines: list[Text], width: int, *, more: bool = False) -> list[Text]:
    """No more lines than can be held, none wider than `width` cells; it says where there is `more` than these."""
    if len(lines) > MOST_LINES or more:
        lines = [*lines[: MOST_LINES - 1], note("… more than is drawn: download the file to read all of it")]
    for shown in lines:
        if len(shown) > width or not shown.plain.isascii():
            shown.truncate(width, overflow="ellipsis")
    return lines


def folded(shown: Text, width: int) -> list[Text]:
    """A line as lines of no more than `width` cells, cut wherever they are full."""
    width = max(2, width)
    plain = shown.plain
    if len(plain) <= width and (plain.isascii() or cell_len(plain) <= width):
        return [shown]
    if plain.isascii():
        places = list(range(width, len(plain), width))
    else:
        places, used = [], 0
        for at, char in enumerate(plain):
            cells = cell_len(char)
            if used + cells > width:
                places.append(at)
                used = 0
            used += cells
    rows = list(shown.divide(places))
    for row in rows:
        row.no_wrap, row.end = True, ""
    return rows


def console(width: int) -> Console:
    """A console that only measures and wraps."""
    return Console(
        file=io.StringIO(),
        width=max(1, width),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        no_color=False,
        theme=_THEME,
        _environ={},
    )


def wrapped(shown: Text, width: int, most: int) -> list[Text]:
    """A text over lines of `width` cells, no more than `most`."""
    shown.no_wrap, shown.overflow = False, "fold"
    parts = list(shown.wrap(console(width), max(1, width)))
    if len(parts) > most:
        parts = parts[:most]
        parts[-1].rstrip()
        parts[-1].truncate(max(1, width - 1))
        parts[-1].append("…")
    for part in parts:
        part.no_wrap, part.end = True, ""
    return parts
