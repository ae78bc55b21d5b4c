"""What the tests of hostile texts share: files whose every word is one, and what must hold of each picture."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from rich.cells import cell_len, set_cell_size
from textual.widgets._toast import Toast

from files_tui.text import safe
from tests.hostile import HOSTILE, TELLING, sendable, unprintable, width
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote

T = TypeVar("T")

TEXTS = [sendable(text) for text in HOSTILE.values()]
FEW = [sendable(HOSTILE[name]) for name in TELLING]
SIZE = (120, len(TEXTS) + 20)
"""Columns and rows of a screen that shows them all at once."""

SEEN = 6
"""So many cells of a text have to be seen, wherever it is cut."""

Place = Callable[[Browser, ScriptedServer, Path], AsyncIterator[Iterable[str]]]
"""The way to a place that shows texts: gives those that the picture must show now."""


def some(texts: Sequence[T], count: int) -> Iterator[Sequence[T]]:
    """The texts, so many at a time."""
    for start in range(0, len(texts), count):
        yield texts[start : start + count]


def hostile_file(number: int, text: str, **fields: Any) -> dict[str, Any]:
    """A file whose every word is the text."""
    words: dict[str, Any] = {"id": f"{text[:200]}-{number}", "purpose": text, "status": text, "status_details": text}
    return remote(number, text, **{**words, "bytes": 5, "more": {text[:50]: text}, **fields})


def hostile_server() -> ScriptedServer:
    """A server that holds a file of each, the first one of them the newest."""
    server = ScriptedServer([hostile_file(len(TEXTS) - number, text) for number, text in enumerate(TEXTS)])
    server.ascii = False
    return server


def check(b: Browser, texts: Iterable[str] = ()) -> None:
    """Nothing that is painted acts on a terminal or on the program, each row is as wide as it looks, and the texts are
    there as they are."""
    assert b.app.is_running
    assert b.app._exception is None
    screen = b.app.screen
    rows = []
    for number, strip in enumerate(screen._compositor.render_strips()):
        row = "".join(segment.text for segment in strip)
        look = look_of(row)
        assert not look.unprintable, f"row {number}: {look.unprintable} in {row!a}"
        assert look.width == b.app.size.width, f"row {number} is shifted: {row!a}"
        for segment in strip:
            assert segment.control is None, f"row {number} holds {segment.control}"
            assert segment.style is None or ("@click" not in segment.style.meta and segment.style.link is None), row
        rows.append(look.plain)
    shown = "\n".join(rows)
    assert "😄" not in shown
    for text in texts:
        assert start_of(text) in shown, f"{start_of(text)!a} is not in\n{[row for row in rows if row.strip()]}"


class Look(NamedTuple):
    """What a terminal makes of a row: the characters that it would act on, its cells, and what is seen of it."""

    unprintable: list[str]
    width: int
    plain: str


@lru_cache(maxsize=4096)
def look_of(row: str) -> Look:
    """Judge a row, once for all the pictures that it is in."""
    return Look(unprintable(row), width(row), plain(row))


def plain(row: str) -> str:
    return "".join(char for char in row if cell_len(char)).replace("\u00a0", " ")


def start_of(text: str) -> str:
    """The cells that are seen of a text at least; marks are left out, since what of them is cut decides their order."""
    shown = safe(text).strip()
    if cell_len(text[:1]) and not cell_len(text[1:2]):
        shown = shown[:1]
    return plain(set_cell_size(shown, SEEN)).strip() if shown else ""


def folded(text: str) -> str:
    """A text as it is told on one line."""
    return " ".join(text.split())


async def toasted(b: Browser, count: int, words: str) -> None:
    """Wait until so many toasts are there and one with these words is painted."""
    await b.until(lambda: len(b.toasts) == count and words in b.text)


async def untoasted(b: Browser) -> None:
    """Take the toasts away."""
    b.app.clear_notifications()
    await b.until(lambda: not b.app.screen.query(Toast))


async def see_all(b: Browser, texts: Iterable[str]) -> None:
    """Wait until the screen shows how all these texts begin."""
    starts = [start_of(text) for text in texts]
    await b.until(lambda: all(start in plain(b.text) for start in starts))


async def visit(
    place: Place, folder: Path, server: ScriptedServer | None = None, size: tuple[int, int] = SIZE, **options: Any
) -> None:
    """Go to a place in an app of its own, and look at every picture on the way."""
    with server or hostile_server() as server:
        async with browsing(server.base_url, size=size, **options) as b:
            pictures = 0
            async with contextlib.aclosing(place(b, server, folder)) as steps:  # type: ignore[type-var]
                async for texts in steps:
                    check(b, texts)
                    pictures += 1
            assert pictures
            assert b.app._exception is None


async def with_each(b: Browser, keys: Sequence[str], opened: Callable[[], Awaitable[object]]) -> AsyncIterator[str]:
    """Press keys on a file of each kind, one after the other, and go back; gives the true name of each."""
    await b.press("home")
    for file in b.table.files:
        if file.filename.true in FEW:
            assert b.current == file.id.true
            await b.press(*keys)
            await opened()
            yield file.filename.true
            await b.press("escape")
            await b.main()
        if file.id != b.table.files[-1].id:
            await b.press("j")
