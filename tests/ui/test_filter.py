"""Narrowing and ordering: purposes, the filter dialog, the search, sorting, and marks."""

import re
import time
from functools import partial

import pytest
from textual.widgets import Input

from files_tui.catalog.query import Span
from files_tui.ui.browse.screen import BrowseScreen
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.menu import MenuScreen
from tests.ui.helpers import browsing
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def test_digits_choose_purposes_in_the_order_of_the_bar(samples: str) -> None:
    async with browsing(samples) as b:
        await b.until(lambda: "All 259" in b.purposes)
        counts = dict(re.findall(r"(\d) \S+ (\d+)", b.purposes))
        assert set(counts) == set("0123456789")

        def counted(number: str) -> bool:
            return b.foot.startswith(f"{number} of 259 · page 1 of ")

        for digit in ("1", "4", "9"):
            await b.press(digit)
            await b.until(partial(counted, counts[digit]))
        await b.press("0")
        await b.until(lambda: b.foot.rstrip().endswith(" of 259"))
        assert sum(int(number) for digit, number in counts.items() if digit != "0") == int(counts["0"])
        await b.press("6")
        await b.until(lambda: set(b.column("Purpose")) == {"user_data"})
        await b.press("escape")
        await b.until(lambda: b.browse.view.purpose is None)


async def test_a_digit_without_a_purpose_does_nothing() -> None:
    with ScriptedServer([remote(1), remote(2, purpose="batch")]) as server:
        async with browsing(server.base_url) as b:
            await b.until(lambda: b.purposes.split() == ["0", "All", "2", "1", "fine-tune", "1", "2", "batch", "1"])
            await b.press("3", "9")
            assert b.browse.view.purpose is None
            await b.press("2")
            await b.until(lambda: b.ids == ["file-0002"])


async def test_the_session_starts_with_the_purpose_that_was_asked_for(samples: str) -> None:
    async with browsing(samples, purpose="batch") as b:
        assert set(b.column("Purpose")) == {"batch"}


async def test_the_filter_dialog_narrows_by_status_purpose_and_expiry() -> None:
    soon = int(time.time()) + 3600 * 5
    files = [
        remote(1, status="error"),
        remote(2, purpose="batch", expires_at=soon),
        remote(3, purpose="batch", expires_at=soon + 3 * 86400),
        remote(4),
    ]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:
            await b.press("f")
            await b.screen(FilterScreen)
            await b.press("down", "right", "right", "right", "enter")
            await b.until(lambda: b.ids == ["file-0001"])
            assert b.chips == ["failed"]
            await b.press("f")
            await b.screen(FilterScreen)
            await b.press("c")
            await b.until(lambda: len(b.rows) == 4)
            await b.press("f")
            await b.screen(FilterScreen)
            await b.press("right", "right", "j", "j", "right", "enter")
            await b.until(lambda: b.ids == ["file-0002"])
            assert b.chips == ["purpose: batch", "expires < 1 d"]
            await b.press("f")
            screen = await b.screen(FilterScreen)
            assert [screen._purpose.value, screen._kind.value, screen._expires.value] == ["batch", None, Span(0, 86400)]
            await b.press("left", "escape")
            await b.main()
            assert b.ids == ["file-0002"]
            await b.press("escape")
            await b.until(lambda: len(b.rows) == 4)
            assert b.chips == []


async def test_the_search_is_live_enter_keeps_it_and_esc_clears_it(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.press("slash")
        await b.write("FRAME")
        await b.until(lambda: b.foot.startswith("12 of 100 · page 1 of 1 · 1–12 "))
        assert isinstance(b.app.focused, Input)
        assert b.chips == ["“FRAME”"]
        await b.press("backspace", "enter")
        await b.until(lambda: b.table.has_focus and b.chips == ["“FRAM”"])
        assert all("frame-" in name for name in b.names)
        await b.press("escape")
        await b.until(lambda: b.foot.startswith("page 1 ") and b.chips == [])
        await b.press("slash")
        await b.write("note")
        await b.until(lambda: b.chips == ["“note”"])
        await b.press("escape")
        await b.until(lambda: b.foot.startswith("page 1 ") and b.table.has_focus)


async def test_keys_typed_right_after_the_search_key_are_searched_for(hundred: str, clipboard: list[str]) -> None:
    async with browsing(hundred) as b:
        wanted = b.ids[20]
        await b.press("slash", *wanted[5:14], "enter", "c")
        await b.until(lambda: b.ids == [wanted])
        await b.until(lambda: clipboard == [wanted])
        assert isinstance(b.app.screen, BrowseScreen)


async def test_search_words_are_no_pattern() -> None:
    with ScriptedServer([remote(1, "50%_off.txt"), remote(2, "500_off.txt"), remote(3, "Überblick.md")]) as server:
        async with browsing(server.base_url) as b:
            await b.press("slash")
            await b.write("50%")
            await b.until(lambda: b.ids == ["file-0001"])
            await b.press("enter", "slash", *["backspace"] * 3)
            await b.write("übERBLICK")
            await b.until(lambda: b.ids == ["file-0003"])


async def test_sorting_shows_an_arrow_and_reverses() -> None:
    files = [remote(1, "b", bytes=30), remote(2, "C", bytes=10), remote(3, "a", bytes=None)]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:
            assert "Created ▾" in b.heads
            await b.press("S")
            await b.until(lambda: b.ids == ["file-0001", "file-0002", "file-0003"])
            assert "Created ▴" in b.heads
            await b.press("s")
            await b.screen(MenuScreen)
            await b.press("n")
            await b.until(lambda: b.names == ["a", "b", "C"])
            assert "Name ▴" in b.heads
            assert "Created" in b.heads
            await b.press("s")
            await b.screen(MenuScreen)
            await b.press("k", "enter")
            await b.until(lambda: b.ids == ["file-0001", "file-0002", "file-0003"])
            assert "Size ▾" in b.heads
            await b.press("s")
            await b.screen(MenuScreen)
            await b.press("escape")
            await b.main()
            assert "Size ▾" in b.heads


async def test_marks_one_by_one(hundred: str) -> None:
    async with browsing(hundred, page_size=10) as b:
        await b.press("space", "space")
        await b.until(lambda: b.marked == [0, 1])
        assert b.table.cursor_row == 2
        size = sum(file.bytes or 0 for file in b.table.files[:2])
        assert f"2 marked, {size / 1000:.1f} kB" in b.foot or f"2 marked, {size} B" in b.foot
        await b.press("k", "space")
        await b.until(lambda: b.marked == [0])
        await b.press("end", "space")
        await b.until(lambda: "page 2" in b.foot)
        assert b.marked == []
        assert b.marks == 2


async def test_mark_all_and_invert_take_what_the_filter_shows(hundred: str) -> None:
    async with browsing(hundred, page_size=10) as b:
        await b.press("2", "a")
        await b.until(lambda: b.marked == list(range(10)))
        assert b.marks == 13
        await b.press("0")
        await b.until(lambda: " of 100 ·" in b.foot)
        assert "13 marked" in b.foot
        await b.press("asterisk")
        await b.until(lambda: "87 marked" in b.foot)


async def test_esc_clears_marks_then_the_search_then_the_filter(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.press("5", "slash", *"frame", "enter")
        await b.until(lambda: b.chips == ["purpose: vision", "“frame”"] and b.table.has_focus)
        await b.press("a")
        await b.until(lambda: "marked" in b.foot)
        await b.press("escape")
        await b.until(lambda: "marked" not in b.foot)
        assert b.chips == ["purpose: vision", "“frame”"]
        await b.press("escape")
        await b.until(lambda: b.chips == ["purpose: vision"])
        await b.press("escape")
        await b.until(lambda: b.chips == [] and len(b.rows) > 20)


async def test_marks_of_files_that_are_gone_go_too() -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await b.until(lambda: "5 marked" in b.foot)
            server.files = server.files[:3]
            await b.refreshed(3)
            await b.until(lambda: "3 marked" in b.foot)


async def test_the_search_line_shows_the_search_it_stands_for(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.press("slash", *"eval", "enter")
        await b.until(lambda: b.chips == ["“eval”"] and b.table.has_focus)
        await b.press("slash", "backspace", "enter")
        await b.until(lambda: b.chips == ["“eva”"] and b.table.has_focus)
