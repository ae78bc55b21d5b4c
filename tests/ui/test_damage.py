"""A kept listing that is no use any more is set aside, found out at the start or later, and fetched anew."""

import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from files_tui.api.errors import PermissionMissing
from files_tui.catalog.cache import catalog_path
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.errors import CatalogFailed
from files_tui.settings import cache_dir
from files_tui.ui.messages import SyncFailed
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.ui.helpers import Browser, account, browsing, jsonl
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio

Spoil = Callable[[Path], None]
Act = Callable[[Browser], Awaitable[None]]

FILES = 3000
PAGE = 4096


def fill_with_noise(path: Path) -> None:
    path.write_bytes(b"\x5a" * path.stat().st_size)


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // PAGE * PAGE)


def make_newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 99")
    connection.close()


def replace_with_another(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("create table photos (id)")
    connection.close()


def overwrite_the_second_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\x5a" * PAGE)


def overwrite_the_middle(path: Path) -> None:
    """All but the first pages, which hold what the program has read already."""
    with path.open("r+b") as file:
        file.seek(4 * PAGE)
        file.write(b"\x5a" * (path.stat().st_size - 4 * PAGE))


def many() -> list[dict[str, object]]:
    return [remote(n, purpose="batch" if n % 2 else "evals") for n in range(FILES)]


async def kept(server: ScriptedServer) -> Path:
    """Where the listing is kept, after a first start."""
    async with browsing(server.base_url) as b:
        await b.synced(len(server.files))
        await b.at_rest()
    server.asked.clear()
    return catalog_path(account(server.base_url))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (fill_with_noise, "the kept listing was damaged and is set aside as"),
        (make_newer, "the kept listing was of a newer version and is set aside as"),
        (replace_with_another, "the kept listing was not a catalog and is set aside as"),
    ],
)
async def test_a_file_that_is_no_use_at_the_start_is_set_aside(spoil: Spoil, words: str) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        path = await kept(server)
        spoil(path)
        async with browsing(server.base_url) as b:
            await b.toast(words)
            await b.toast(f"{path.stem}.aside; it is fetched anew")
            await b.synced(5)
            assert len(b.rows) == 5
            assert path.with_suffix(".aside").exists()
        assert path.stat().st_size > PAGE
        async with browsing(server.base_url) as b:
            await b.synced(5)
            assert b.toasts == []


@pytest.mark.parametrize("spoil", [overwrite_the_second_page, overwrite_the_middle, cut_short])
async def test_damage_behind_a_good_beginning_is_found_out_after_the_start(spoil: Spoil) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        path = await kept(server)
        spoil(path)
        async with browsing(server.base_url) as b:
            await b.toast("the kept listing was damaged and is set aside")
            await b.synced(5)
            await b.until(lambda: len(b.rows) == 5)


async def test_an_empty_file_is_simply_filled() -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        path = await kept(server)
        path.write_bytes(b"")
        async with browsing(server.base_url) as b:
            await b.synced(5)
            assert b.toasts == []


async def page_through(b: Browser) -> None:
    await b.press("G")


async def search(b: Browser) -> None:
    await b.press("slash", *"data-12", "enter")


async def choose_a_purpose(b: Browser) -> None:
    await b.press("2")


async def mark_all(b: Browser) -> None:
    await b.press("a", "x")


async def sort_by_name(b: Browser) -> None:
    await b.press("s", "n")


async def look_at_storage(b: Browser) -> None:
    await b.press("i")


async def refresh(b: Browser) -> None:
    await b.press("r")


async def back(b: Browser) -> None:
    """Leave a dialog, below which nothing is drawn."""
    if b.app.screen is not b.browse:
        await b.press("escape")
        await b.main()


@pytest.mark.parametrize(
    ("spoil", "act"),
    [
        *((overwrite_the_middle, act) for act in (page_through, search, mark_all, sort_by_name, look_at_storage)),
        (cut_short, refresh),
        (fill_with_noise, choose_a_purpose),
    ],
)
async def test_damage_that_is_met_while_it_runs_ends_in_a_new_listing(spoil: Spoil, act: Act) -> None:
    with ScriptedServer(many()) as server:
        path = await kept(server)
        gate = server.gate(1)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: b.rows)
            spoil(path)
            await act(b)
            await back(b)
            gate.set()
            for _ in range(3):  # where it has not met the damage yet
                await b.until(lambda: "synced" in b.head or "new files" in b.head)
                if path.with_suffix(".aside").exists():
                    break
                await b.press("r", "G", "g")
            await b.until(path.with_suffix(".aside").exists)  # a dialog may have taken the toast away
            await b.synced(FILES)
            await b.press("g")
            assert path.with_suffix(".aside").exists()
            await b.press("escape", "escape", "escape", "G")
            await b.until(lambda: f" of {FILES:,}" in b.foot)
        async with browsing(server.base_url) as b:
            await b.synced(FILES)
            assert b.toasts == []


class Broken:
    """Lets a catalog fail from now on, as one does whose file was damaged."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_damage: bool = True) -> None:
        self._patch = monkeypatch
        self._is_damage = is_damage

    def __call__(self, catalog: Catalog) -> None:
        @contextlib.contextmanager
        def failing(*_: object, **__: object) -> Iterator[NoReturn]:
            raise CatalogFailed("it is broken", is_damage=self._is_damage)
            yield

        self._patch.setattr(catalog._store, "reading", failing)
        self._patch.setattr(catalog._store, "writing", failing)


def fail() -> NoReturn:
    raise CatalogFailed("it is broken", is_damage=True)


async def click_a_purpose(b: Browser) -> None:
    await b.pilot.click("#purposes", offset=(b.text.split("\n")[1].index("batch"), 0))


async def click_a_head(b: Browser) -> None:
    await b.pilot.click("#files", offset=(b.text.split("\n")[2].index("Size"), 0))


async def click_a_row(b: Browser) -> None:
    await b.pilot.click("#files", offset=(20, 3))
    await b.press("n")


async def delete(b: Browser) -> None:
    await b.press("x")
    await b.screen(DeleteScreen)
    await b.press("y")


async def mark_and_copy(b: Browser) -> None:
    await b.press("space", "c", "y", "escape")


async def filter_and_storage(b: Browser) -> None:
    await b.press("f", "i", "enter", "escape")


async def ask_where_it_is_used(b: Browser) -> None:
    await b.press("w")


async def resize(b: Browser) -> None:
    await b.pilot.resize_terminal(100, 30)


ACTS: list[Act] = [
    *(page_through, search, choose_a_purpose, mark_all, sort_by_name, refresh, click_a_purpose, click_a_head),
    *(click_a_row, delete, mark_and_copy, filter_and_storage, ask_where_it_is_used, resize),
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_no_command_ends_the_program_when_it_meets_the_damage(
    act: Act, monkeypatch: pytest.MonkeyPatch, clipboard: list[str]
) -> None:
    with ScriptedServer([remote(n, purpose="batch" if n % 2 else "evals") for n in range(30)]) as server:
        async with browsing(server.base_url, page_size=10) as b:
            Broken(monkeypatch)(b.catalog)
            await act(b)
            await back(b)
            await b.until(lambda: list(cache_dir().glob("*.aside")))  # a dialog may have taken the toast away
            await b.until(lambda: f"{len(server.files)} files" in b.head and "· synced" in b.head)
            assert not any("Error of our own" in toast for toast in b.toasts)


async def test_damage_that_an_upload_meets(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        server.held = True
        async with browsing(server.base_url, upload=(jsonl(here / "a.jsonl"),)) as b:
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.until(server.arrived.is_set)
            Broken(monkeypatch)(b.catalog)
            server.release()
            await b.toast("the kept listing was damaged and is set aside")
            await b.synced(4)


async def test_damage_that_a_refusal_is_the_first_to_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            with monkeypatch.context() as patch:
                patch.setattr(b.catalog, "purposes", fail)
                b.browse.post_message(SyncFailed(PermissionMissing("no more")))
                await b.until(lambda: list(cache_dir().glob("*.aside")))
            await b.until(lambda: "3 files" in b.head and "· synced" in b.head)


async def test_a_disk_that_fails_is_told_of_and_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([remote(n) for n in range(30)]) as server:
        async with browsing(server.base_url, page_size=10) as b:
            with monkeypatch.context() as patch:
                Broken(patch, is_damage=False)(b.catalog)
                await b.press("G")
                await b.toast("the kept listing: it is broken")
                assert len(b.rows) == 10
            await b.press("G")
            await b.until(lambda: b.foot.startswith("page 3 of 3"))
            assert not list(cache_dir().glob("*.aside"))
