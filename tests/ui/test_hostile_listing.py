"""Hostile texts at every place of the main screen, and in what is said of the listing as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual import events

from files_tui.api.models import Exchange
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.query import Query
from files_tui.settings import Settings
from files_tui.text import Untrusted, safe
from files_tui.ui.app import FilesApp
from files_tui.ui.background import in_background
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.log import LogScreen
from files_tui.ui.screens.storage import StorageScreen
from files_tui.ui.widgets.search_line import SearchLine
from tests.hostile import for_header
from tests.ui.helpers import Browser, account
from tests.ui.hostile import (
    FEW,
    SIZE,
    TEXTS,
    Place,
    check,
    folded,
    hostile_file,
    hostile_server,
    plain,
    see_all,
    some,
    start_of,
    toasted,
    untoasted,
    visit,
    with_each,
)
from tests.ui.scripted import Reply, ScriptedServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

Steps = AsyncIterator[Iterable[str]]
FINAL = {"x-should-retry": "false"}


async def table(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Every file at once, with its purpose and its own word for its status."""
    assert len(b.rows) == len(TEXTS)
    yield TEXTS
    await b.press("a")
    yield TEXTS


async def purposes(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The bar, by its digits."""
    for number in range(1, 10):
        await b.press(str(number))
        await b.until(lambda: len(b.chips) == 1)
        yield [b.column("Purpose")[0].strip("…")]


async def chips(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What the listing is narrowed to, with a file that is there or none."""
    for text in FEW:
        name = Untrusted(text)
        for query in (
            Query(purpose=name),
            Query(filename=name),
            Query(text=text),
            Query(purpose=name, text=f"no {text}"),
        ):
            b.browse.change_view(query)
            await looked(b, query)
            await b.pilot.pause(0)
            yield [text]


async def found(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What is found by its id shows that behind its name."""
    for words in ("-", "-1", "-7"):
        b.browse.change_view(Query(text=words))
        await looked(b, Query(text=words))
        await b.pilot.pause(0)
        assert b.rows
        yield []


async def looked(b: Browser, query: Query) -> None:
    """Wait until the page is that of a query."""
    await b.until(lambda: b.browse.shown.query == query and b.browse.shown.totals is not None)


async def searched(b: Browser, words: str) -> None:
    """Wait until a search has begun, or has been given up."""
    await b.until(lambda: b.browse.view.text == words and bool(words) == bool(b.browse.query(SearchLine)))


async def typed(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """A search that was pasted."""
    for text in (text for text in FEW if text.strip() and len(text) < 200):
        await b.press("/")
        b.app.screen.query_one(SearchLine).field.post_message(events.Paste(text))
        await searched(b, text.splitlines()[0])
        yield []
        await b.press("escape")
        await searched(b, "")


async def pane(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The detail pane, file by file."""
    for text in TEXTS:
        await see_all(b, [text])
        await b.until(lambda: b.browse._beside._drawing is None)
        yield [text]
        await b.press("j")


async def detail(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The detail screen with what came from the server."""
    async for text in with_each(b, ["enter"], lambda: b.screen(DetailScreen)):
        yield [text] if len(text) > 500 else [text, '"more": {']


async def filters(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    await b.press("f")
    await b.screen(FilterScreen)
    yield [text for text in TEXTS if text.strip()]


async def storage(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Purposes, duplicates and the largest files."""
    for texts in some(TEXTS, 15):
        server.files = [
            hostile_file(number * 2 + twin, text, bytes=10**6 + number)
            for number, text in enumerate(texts)
            for twin in (0, 1)
        ]
        await b.refreshed(len(server.files))
        await b.press("i")
        await b.screen(StorageScreen)
        await see_all(b, ["Likely duplicates", *(text for text in texts if text.strip())])
        yield texts
        await b.press("right")
        yield texts
        await b.press("escape")
        await b.main()


async def log(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Paths, request ids and errors of requests."""
    for text in TEXTS:
        told = safe(text)
        b.app.note_exchange(
            Exchange(at=1.0, method="GET", path=told, status=400, duration=1.0, request_id=told, retries=1, error=told)
        )
    await b.press("l")
    await b.screen(LogScreen)
    await see_all(b, TEXTS)
    yield TEXTS


async def real_log(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The same by way of real requests."""
    for text in FEW:
        server.refuse["GET", "/files"] = Reply(400, text, {"x-request-id": for_header(text)})
        server.requests.clear()
        await b.press("r")
        await b.until(lambda: server.requests and not b.browse.standing.under_way)
        await b.toast("Listing")
        yield []
        b.app.clear_notifications()
    await b.press("l")
    await b.screen(LogScreen)
    await b.until(lambda: b.text.count("GET") > len(FEW))
    yield [folded(text) for text in FEW if len(text) < 30]


def _all_in_sight(b: Browser, texts: list[str]) -> bool:
    shown = plain(b.text)
    return all(start_of(text) in shown for text in texts)


async def notices(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """An empty listing that cannot be fetched, with a message of the server, or a page of a gateway."""
    statuses = (400, 401, 403, 404, 405, 418, 429, 500, 501, 503)
    for number, text in enumerate(TEXTS):
        status = statuses[number % len(statuses)]
        html = f"<html><head><title>{text[:100]}</title><style>b {{}}</style></head><body><h1>{text}</h1>".encode()
        for reply in (Reply(status, text), Reply(502, body=html), Reply(200, body=html)):
            reply.headers |= {**FINAL, "x-request-id": for_header(text)}
            server.refuse["GET", "/files"] = reply
            server.requests.clear()
            await b.press("r")
            await b.until(lambda: server.requests and not b.browse.standing.under_way)
            await b.until(lambda: "✗" in b.head and b.browse._refresh_timer is None)
            wanted = [folded(text)] if reply.status == status else []
            # The title may be painted a moment before what stands below it.
            await b.until(partial(_all_in_sight, b, wanted))
            yield wanted


async def own_errors(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What goes wrong in this program or on its disk, with a text of others in it."""
    assert b.browse.session is not None
    for texts in some(TEXTS, 8):
        for text in texts:
            b.browse.catalog_failed(CatalogFailed(text, is_damage=False))

            def fails(text: str = text) -> None:
                raise ValueError(text)

            in_background(b.browse, fails, "listing")
        await toasted(b, 2 * len(texts), "listing")
        yield []
        await untoasted(b)


async def head(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The line that says which account this is."""
    assert b.browse.session is not None
    opened = b.browse.session.account
    for text in FEW:
        host = "".join(char for char in text if char not in "/?#[]@\\" and char.isascii())[:20]
        b.browse.session.account = replace(opened, profile=text, base_url=f"http://x{host}.example/v1")
        b.browse.draw_lines()
        await b.pilot.pause(0)
        yield [text]


_ALL = (table, purposes, chips, found, typed, pane, detail, filters, storage, log, real_log, own_errors, head)
PLACES: dict[str, Place] = {place.__name__: place for place in _ALL}


@pytest.mark.parametrize("place", PLACES)
async def test_a_place_shows_every_text_as_it_is(place: str, here: Path) -> None:
    await visit(PLACES[place], here)


async def test_a_listing_that_fails(here: Path) -> None:
    await visit(notices, here, ScriptedServer(), (120, 24))


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 60)])
async def test_no_size_shifts_a_row(here: Path, size: tuple[int, int]) -> None:
    async def pages(b: Browser, server: ScriptedServer, here: Path) -> Steps:
        await b.press("g")
        for _ in TEXTS:
            yield []
            await b.press("j")

    await visit(pages, here, size=size)


async def test_an_account_that_does_not_open() -> None:
    texts = iter(TEXTS)

    def fails() -> None:
        raise RuntimeError(next(texts))

    app = FilesApp(Settings(account=account("http://127.0.0.1:1/v1")), fails)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 24), notifications=True) as pilot:
        b = Browser(app, pilot)
        for text in TEXTS[:-1]:
            await b.until(lambda: "✗" in b.head and b.browse._refresh_timer is None)
            await b.until(partial(_all_in_sight, b, [folded(text)]))
            check(b, [folded(text)])
            await b.press("r")


async def test_it_is_all_of_the_corpus() -> None:
    with hostile_server() as server:
        assert len({file["id"] for file in server.files}) == len(server.files) == len(TEXTS) < SIZE[1]
