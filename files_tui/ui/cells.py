"""How a file looks in a line: glyphs, colours and words of its columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from files_tui import text
from files_tui.api.models import File, Kind
from files_tui.catalog.fields import WORDS
from files_tui.catalog.query import Sort, folded
from files_tui.config import Column

WIDTHS: dict[Column, int] = {"status": 10, "size": 11, "created": 11, "expires": 12, "purpose": 18}
MARK, NO_MARK = "▌ ", "  "
TITLES: dict[Column, str] = {
    "status": "Status",
    "size": "Size",
    "created": "Created",
    "expires": "Expires",
    "purpose": "Purpose",
    "name": "Name",
}
NARROW = 80
LEAST_NAME = 16
NARROW_PURPOSE = 13
# Under NARROW columns they leave in this order.
LEAVING: tuple[Column, ...] = ("expires", "created", "size")

GLYPHS: dict[Kind, str] = {"ready": "●", "busy": "◐", "failed": "✗", "gone": "⌀", "unknown": "○"}
FOUND = "bold underline reverse"
SOON = "bold red"
STYLES: dict[Kind, str] = {
    "ready": "green",
    "busy": "yellow",
    "failed": "bold red",
    "gone": "dim",
    "unknown": "cyan",
}


def columns_for(width: int, wanted: Sequence[Column]) -> list[tuple[Column, int]]:
    """Those of the `wanted` columns that fit a table of so many cells, each with its width.

    The name takes what is left, and the first column has room for the mark.
    """
    widths: dict[Column, int] = {column: WIDTHS[column] for column in wanted if column != "name"}
    if width < 100 and "purpose" in widths:
        widths["purpose"] = NARROW_PURPOSE
    for column in LEAVING:
        if width >= NARROW - 1 or width - len(MARK) - sum(widths.values()) >= LEAST_NAME:
            break
        widths.pop(column, None)
    widths["name"] = max(1, width - len(MARK) - sum(widths.values()))
    widths[next(iter(widths))] += len(MARK)
    return list(widths.items())


def heads(columns: Sequence[tuple[Column, int]], sort: Sort, *, descending: bool) -> list[Text]:
    """The columns' heads, with an arrow at the one that the listing is sorted by."""
    shown = []
    for number, (column, _) in enumerate(columns):
        words = TITLES[column] + ((" ▾" if descending else " ▴") if column == sort else "")
        words = f"{words:>9}" if column == "size" else words
        shown.append(Text(words if number else NO_MARK + words, no_wrap=True))
    return shown


def row(file: File, columns: Sequence[tuple[Column, int]], *, marked: bool, now: float, found: str = "") -> list[Text]:
    """The cells of a file's row, the first with the mark; `found` is what was searched for."""
    shown = []
    for number, (column, width) in enumerate(columns):
        if number:
            shown.append(cell(file, column, width, now=now, found=found))
        else:
            mark = Text(no_wrap=True, overflow="ellipsis", end="")
            mark.append(MARK if marked else NO_MARK, "bold magenta")
            shown.append(mark.append_text(cell(file, column, width - len(MARK), now=now, found=found)))
    return shown


def cell(file: File, column: Column, width: int, *, now: float, found: str = "") -> Text:
    """What one column says of a file."""
    shown = Text(no_wrap=True, overflow="ellipsis", end="")
    match column:
        case "status":
            shown = status(file, short=True)
        case "size":
            shown.append(f"{text.size(file.bytes):>9}")
        case "created":
            shown.append(text.age(file.created_at, now))
        case "expires":
            shown = expiry(file, now)
        case "purpose":
            shown.append(text.safe(file.purpose, 40) or "–")
            shown.truncate(width - 1, overflow="ellipsis")
        case "name":
            shown.append(text.safe(file.filename, 400) or "(no name)")
            if found and not highlight(shown, found):
                shown.append(f"  {text.safe(file.id, 60)}", "dim")
                highlight(shown, found)
            shown.truncate(width, overflow="ellipsis")
    return shown


def coloured(words: str, style: str) -> Text:
    """A text of one line whose colour is one of the terminal's; of a `Text`'s own style Textual makes a web colour."""
    return Text(no_wrap=True, overflow="ellipsis", end="").append(words, style)


def highlight(shown: Text, words: str) -> bool:
    """Make what was searched for stand out; False where it is not in sight."""
    plain, wanted = shown.plain.casefold(), folded(words)
    start = plain.find(wanted)
    if start < 0:
        return False
    while start >= 0 and len(plain) == len(shown.plain):  # where folding makes a text longer, places would be wrong
        shown.stylize(FOUND, start, start + len(wanted))
        start = plain.find(wanted, start + len(wanted))
    return True


def status(file: File, *, short: bool = False) -> Text:
    """The status as a glyph, a colour and a word; a word of the server's own is shown as it is."""
    own = text.safe(file.status or "–", 40)
    word = WORDS.get(file.kind, own) if short else own
    shown = coloured(f"{GLYPHS[file.kind]} {word}", STYLES[file.kind])
    if short:
        shown.truncate(WIDTHS["status"] - 1, overflow="ellipsis")
    return shown


def expiry(file: File, now: float) -> Text:
    """When the file ends; within a day it stands out."""
    words = text.expiry(file.expires_at, now)
    style = expiry_style(file, now)
    return coloured(f"{words} !" if style == SOON else words, style)


def expiry_style(file: File, now: float) -> str:
    """How that is shown."""
    if file.expires_at is None:
        return "dim"
    return SOON if file.expires_at - now < text.DAY else ""
