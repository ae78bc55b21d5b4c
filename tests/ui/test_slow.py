"""Questions that take longer than a key may: the screen stays as it is and stays usable until the answer comes."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.catalog.catalog import Catalog
from files_tui.catalog.errors import CatalogFailed, TooSlow
from files_tui.catalog.query import Query
from files_tui.ui.browse.look import Look, Shown
from files_tui.ui.screens.upload import UploadScreen
from tests.ui.helpers import browsing, jsonl
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio

Wanted = Callable[[Query], bool]


class Slow:
    """Lets a catalog take its time for some questions, until `answer`; those that cannot wait are told so.

    `rows` tells of which queries the files are slow, `numbers` of which the totals.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: Wanted = lambda _: False
        self.numbers: Wanted = lambda _: False
        self.asked: list[Query] = []
        self.answer = threading.Event()
        self.error: CatalogFailed | None = None
        for name in ("page", "totals", "files_before"):
            self._patch(monkeypatch, name)

    def _patch(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        usual = getattr(Catalog, name)

        def patched(catalog: Catalog, query: Query, *args: Any, patience: float | None = None, **more: Any) -> Any:
            is_slow = self.rows if name == "page" else self.numbers
            if is_slow(query) and not self.answer.is_set():
                if patience is not None:
                    raise TooSlow
                self.asked.append(query)
                self.answer.wait(20)
                if self.error:
                    raise self.error
            return usual(catalog, query, *args, patience=None, **more)

        monkeypatch.setattr(Catalog, name, patched)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    monkeypatch.setattr("files_tui.ui.widgets.search_line.DELAY", 60)  # nothing is asked for before Enter
    slow = Slow(monkeypatch)
    yield slow
    slow.answer.set()


def is_over() -> bool:
    """Whether nothing is looked for any more."""
    return not any(thread.name == "search" for thread in threading.enumerate())


def searched(words: str) -> Wanted:
    return lambda query: query.text == words


async def test_a_slow_search_says_so_and_leaves_the_rows_usable(hundred: str, slow: Slow) -> None:
    slow.rows = searched("frame")
    async with browsing(hundred) as b:
        await b.press("slash")
        await b.until(lambda: b.table.size.height - 1 == b.browse.page_length == len(b.ids))
        before = b.ids
        await b.press(*"frame", "enter")
        await b.until(lambda: b.foot.startswith("searching…"))
        assert b.chips == ["“frame”"]
        assert b.ids == before
        await b.press("j", "j", "space")
        assert (b.table.cursor_row, b.marks) == (3, 1)
        assert b.foot.rstrip().startswith("searching… · 1 marked")
        slow.answer.set()
        await b.until(lambda: b.foot.startswith("12 of 100 · page 1 of 1 · 1–12 · 1 marked"))
        assert all("frame-" in name for name in b.names)
        assert b.table.cursor_row == 0


async def test_the_newest_question_wins(hundred: str, slow: Slow) -> None:
    slow.rows = searched("frame")
    async with browsing(hundred) as b:
        await b.press("slash", *"frame", "enter")
        await b.until(lambda: slow.asked)
        await b.press("escape", "2")
        await b.until(lambda: b.foot.startswith("13 of 100"))
        assert b.chips == ["purpose: batch"]
        slow.answer.set()
        await b.press("j")
        await b.until(is_over)
        await b.press("j")
        assert b.chips == ["purpose: batch"]
        assert set(b.column("Purpose")) == {"batch"}


async def test_esc_ends_a_slow_search(hundred: str, slow: Slow) -> None:
    slow.rows = searched("frame")
    async with browsing(hundred) as b:
        await b.press("slash", *"frame", "enter")
        await b.until(lambda: slow.asked)
        await b.press("escape")
        await b.until(lambda: b.foot.startswith("page 1 of ") and b.chips == [])


async def test_another_filter_is_added_to_a_slow_search(hundred: str, slow: Slow) -> None:
    slow.rows = lambda query: query.text == "frame"
    async with browsing(hundred) as b:
        await b.press("slash", *"frame", "enter")
        await b.until(lambda: slow.asked)
        await b.press("5")
        assert b.chips == ["purpose: vision", "“frame”"]
        slow.answer.set()
        await b.until(lambda: b.foot.startswith("12 of 100"))
        assert b.chips == ["purpose: vision", "“frame”"]


@pytest.mark.parametrize("key", ["n", "k"])
async def test_turning_a_page_does_not_lose_a_slow_search(hundred: str, slow: Slow, key: str) -> None:
    slow.rows = searched("frame")
    async with browsing(hundred) as b:
        await b.press("slash", *"frame", "enter")
        await b.until(lambda: slow.asked)
        await b.press(key)
        slow.answer.set()
        await b.until(is_over)
        await b.press("j")
        assert b.chips == ["“frame”"]
        await b.until(lambda: b.foot.startswith("12 of 100"))


async def test_news_do_not_lose_a_slow_search(slow: Slow) -> None:
    slow.rows = searched("data-0")
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("slash", *"data-0", "enter")
            await b.until(lambda: slow.asked)
            server.files.append(remote(5))
            await b.refreshed(6)
            assert b.foot.startswith("searching…")
            slow.answer.set()
            await b.until(lambda: b.foot.startswith("6 of 6 · page 1 of 1 · 1–6"))


async def test_a_slow_refresh_leaves_the_cursor_where_it_was_moved_meanwhile(slow: Slow) -> None:
    with ScriptedServer([remote(n) for n in range(30)]) as server:
        async with browsing(server.base_url, page_size=20) as b:
            slow.rows = lambda query: True
            server.files.append(remote(30))
            await b.press("r")
            await b.until(lambda: slow.asked)
            await b.press("j", "j", "j")
            assert b.current == "file-0026"
            assert not b.foot.startswith("searching…")
            slow.answer.set()
            await b.until(lambda: b.ids[0] == "file-0030")
            assert b.current == "file-0026"


class Late:
    """Lets looks have no patience, and come late with what they have seen: each when it is its turn."""

    def __init__(self) -> None:
        self.turns: list[threading.Event] = []
        self.is_over = False

    def patched(self, usual: Callable[..., Shown]) -> Callable[..., Shown]:
        def move(look: Look, *args: Any) -> Shown:
            if self.is_over:
                return usual(look, *args)
            if threading.current_thread().name != "search":
                raise TooSlow
            shown = usual(look, *args)
            turn = threading.Event()
            self.turns.append(turn)
            if not self.is_over:  # the end may have come between the look and its turn
                turn.wait(20)
            return shown

        return move

    def end(self) -> None:
        self.is_over = True
        for turn in self.turns:
            turn.set()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Late]]:
    begun = Late()

    def begin() -> Late:
        monkeypatch.setattr(Look, "move", begun.patched(Look.move))
        return begun

    yield begin
    begun.end()


Begin = Callable[[], Late]


async def test_a_slow_refresh_that_began_before_an_upload_does_not_take_the_cursor_from_it(
    here: Path, late: Begin
) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            looks = late()
            b.browse.refresh_page()
            await b.until(lambda: looks.turns)
            b.browse.open_upload([jsonl(here / "a.jsonl")])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("a.jsonl is file-0105")
            looks.end()
            await b.until(is_over)
            await b.until(lambda: b.browse.looker.wanted is None and b.ids[:2] == ["file-0105", "file-0004"])
            assert b.current == "file-0105"


async def test_an_upload_is_found_in_the_listing_that_is_being_looked_for(here: Path, late: Begin) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url, page_size=4) as b:
            looks = late()
            await b.press("S")
            await b.until(lambda: looks.turns)
            b.browse.open_upload([jsonl(here / "a.jsonl")])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("a.jsonl is file-0105")
            await b.until(lambda: b.ids == ["file-0105"])
            looks.end()
            await b.until(is_over)
            assert (b.ids, b.current) == (["file-0105"], "file-0105")


async def test_what_changes_during_a_slow_refresh_is_shown_after_it(late: Begin) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            looks = late()
            b.browse.refresh_page()
            await b.until(lambda: looks.turns)
            server.files.insert(0, remote(5))
            await b.press("r")
            await b.until(lambda: "6 files" in b.head and not b.browse.standing.under_way)
            b.browse.refresh_page()
            assert len(b.rows) == 5
            looks.end()
            await b.until(lambda: len(b.rows) == 6)


async def test_an_older_look_does_not_pass_for_a_newer_one_of_the_same_query(late: Begin) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url, page_size=3) as b:
            looks = late()
            b.browse.refresh_page()
            await b.until(lambda: len(looks.turns) == 1)
            await b.press("n")
            await b.until(lambda: len(looks.turns) == 2)
            older, newer = looks.turns
            older.set()
            await b.until(lambda: sum(thread.name == "search" for thread in threading.enumerate()) == 1)
            assert b.ids == ["file-0004", "file-0003", "file-0002"]
            newer.set()
            await b.until(lambda: b.ids == ["file-0001", "file-0000"])


async def test_numbers_may_follow_the_rows(hundred: str, slow: Slow) -> None:
    slow.numbers = lambda query: bool(query.text)
    async with browsing(hundred, page_size=5) as b:
        await b.press("slash", *"frame", "enter")
        await b.until(lambda: b.foot.startswith("counting…"))
        assert all("frame-" in name for name in b.names)
        await b.press("n", "j")
        assert b.foot.startswith("counting…")
        slow.answer.set()
        await b.until(lambda: b.foot.startswith("12 of 100 · page 2 of 3 · 6–10"))


async def test_the_cursor_stays_when_the_numbers_come(hundred: str, slow: Slow) -> None:
    slow.numbers = lambda query: bool(query.text)
    async with browsing(hundred, page_size=5) as b:
        await b.press("slash", *"frame", "enter")
        await b.until(lambda: slow.asked)
        await b.press("n", "j", "j")
        wanted = b.current
        slow.answer.set()
        await b.until(lambda: b.foot.startswith("12 of 100 · page 2 of 3 · 6–10"))
        assert (b.current, b.table.cursor_row) == (wanted, 2)


async def test_old_numbers_stay_until_the_new_ones_come(slow: Slow) -> None:
    with ScriptedServer([remote(n) for n in range(30)]) as server:
        async with browsing(server.base_url, page_size=10) as b:
            await b.press("slash", *"data", "enter")
            await b.until(lambda: b.foot.startswith("30 of 30 · page 1 of 3 · 1–10"))
            slow.numbers = lambda query: bool(query.text)
            server.files.append(remote(30))
            await b.refreshed(31)
            await b.until(lambda: b.ids[0] == "file-0030")
            assert b.foot.startswith("30 of 30 · page 1 of 3 · 1–10")
            slow.answer.set()
            await b.until(lambda: b.foot.startswith("31 of 31 · page 1 of 4 · 1–10"))


async def test_the_last_page_comes_before_its_numbers(hundred: str, slow: Slow) -> None:
    async with browsing(hundred, page_size=40) as b:
        last = b.catalog.page(Query(sort="name", descending=False), 100)[-1].id
        slow.numbers = lambda query: query.sort == "name"
        await b.press("s", "n", "G")
        await b.until(lambda: b.current == last)
        assert b.foot.startswith("counting…")
        slow.answer.set()
        await b.until(lambda: b.foot.rstrip().endswith("–100 of 100"))
        assert b.current == last


async def test_a_way_out_that_cannot_be_counted_at_once_is_left_out(hundred: str, slow: Slow) -> None:
    slow.numbers = lambda query: query.purpose == "batch" and not query.text
    async with browsing(hundred) as b:
        await b.press("slash", *"frame", "enter", "2")
        await b.until(lambda: "Nothing matches purpose: batch · “frame”" in b.notice)
        assert "Without purpose: batch: 12 files" in b.notice
        assert "Without “frame”" not in b.notice


@pytest.mark.parametrize("kind", ["rows", "numbers"])
async def test_damage_that_a_slow_question_meets(slow: Slow, kind: str) -> None:
    setattr(slow, kind, searched("data"))
    slow.error = CatalogFailed("it is broken", is_damage=True)
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("slash", *"data", "enter")
            await b.until(lambda: slow.asked)
            slow.answer.set()
            if kind == "rows":
                await b.toast("the kept listing was damaged and is set aside")
                await b.until(lambda: "5 files · " in b.head and "· synced" in b.head)
            await b.press("escape", "r")
            await b.until(lambda: b.foot.startswith("page 1 of 1 · 1–5 of 5"))
            assert (b.chips, b.notice) == ([], "")


async def test_a_count_that_began_before_a_change_is_made_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, began, go_on = Look.count, threading.Event(), threading.Event()

    def count(look: Look, shown: Shown) -> Shown:
        if threading.current_thread().name != "count":
            return shown
        counted = usual(look, shown)
        if not began.is_set():
            began.set()
            go_on.wait(20)
        return counted

    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            monkeypatch.setattr(Look, "count", count)
            b.browse.refresh_page()
            await b.until(began.is_set)
            server.files.insert(0, remote(5))
            await b.press("r")
            await b.until(lambda: len(b.rows) == 6 and not b.browse.standing.under_way)
            await b.until(lambda: b.browse._refresh_timer is None and not b.browse._ticker._active.is_set())
            go_on.set()
            await b.until(lambda: b.foot.startswith("page 1 of 1 · 1–6 of 6"))
