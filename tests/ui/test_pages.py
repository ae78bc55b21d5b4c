"""The table: pages, the cursor, and what stays where it is while things change."""

import time
from functools import partial
from types import SimpleNamespace

import pytest
from textual import events

from files_tui.catalog.query import Query
from tests.ui.helpers import browsing
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def test_a_page_is_what_fits_and_nothing_scrolls(hundred: str) -> None:
    async with browsing(hundred) as b:
        fits = b.table.size.height - 1
        assert len(b.rows) == fits > 25
        await b.press("end")
        assert b.table.cursor_row == fits - 1
        assert b.table.max_scroll_y == 0
        assert b.table.scroll_y == 0
        assert b.foot.startswith(f"page 1 of {-(-100 // fits)} · 1–{fits} of 100")


async def test_moving_past_the_end_turns_the_page(hundred: str) -> None:
    async with browsing(hundred, page_size=40) as b:
        first = b.ids
        await b.press("end", "j")
        await b.until(lambda: b.foot.startswith("page 2 of 3 · 41–80 of 100"))
        assert b.table.cursor_row == 0
        assert not set(first) & set(b.ids)
        await b.press("up")
        await b.until(lambda: b.ids == first)
        assert b.table.cursor_row == 39
        await b.press("end", "down", "end", "down")
        await b.until(lambda: b.foot.startswith("page 3 of 3 · 81–100 of 100"))
        await b.press("end", "j", "j")
        assert b.table.cursor_row == 19
        assert b.foot.startswith("page 3 of 3")


async def test_pages_turn_both_ways_and_end_at_the_ends(hundred: str) -> None:
    async with browsing(hundred, page_size=40) as b:
        await b.press("j", "j", "n")
        await b.until(lambda: "page 2 of 3" in b.foot)
        assert b.table.cursor_row == 0
        await b.press("pagedown")
        await b.until(lambda: "page 3 of 3" in b.foot)
        await b.press("n")
        assert b.table.cursor_row == 19
        await b.press("p", "pageup")
        await b.until(lambda: "page 1 of 3" in b.foot)
        await b.press("j", "p")
        assert (b.table.cursor_row, "page 1 of 3" in b.foot) == (0, True)


async def test_first_and_last_row_of_the_page(hundred: str) -> None:
    async with browsing(hundred, page_size=40) as b:
        await b.press("n", "end")
        assert (b.table.cursor_row, b.foot.startswith("page 2 of 3")) == (39, True)
        await b.press("home")
        assert (b.table.cursor_row, b.foot.startswith("page 2 of 3")) == (0, True)


async def test_first_and_last_page(hundred: str) -> None:
    async with browsing(hundred, page_size=40) as b:
        first = b.ids
        await b.press("j", "G")
        await b.until(lambda: b.foot.startswith("page 3 of 3 · 81–100 of 100"))
        assert b.table.cursor_row == 19
        last = b.ids
        await b.press("j", "n", "G")
        assert (b.ids, b.table.cursor_row) == (last, 19)
        await b.press("g")
        await b.until(lambda: b.ids == first)
        assert b.table.cursor_row == 0
        await b.press("j", "g", "k")
        assert (b.ids, b.table.cursor_row) == (first, 0)


@pytest.mark.parametrize(
    ("start", "burst", "place"),
    [
        ("home", "jjj", 3),
        ("end", "jjj", 12),
        ("end", "j" * 13, 22),
        ("end", "jjkk", 9),
        ("end", "gj", 1),
        ("home", "njj", 12),
        ("home", "Gk", 98),
        ("end", "jnjp", 10),
    ],
)
async def test_a_burst_of_keys_does_what_the_keys_do_one_by_one(
    hundred: str, start: str, burst: str, place: int
) -> None:
    """As with type-ahead, or a key that repeats on a slow line."""
    async with browsing(hundred, page_size=10) as b:
        order = [file.id.true for file in b.catalog.page(Query(), 100)]
        await b.press(start)
        await b.write(burst)
        assert order.index(b.current) == place


async def test_a_flick_of_the_wheel_moves_file_by_file(hundred: str) -> None:
    async with browsing(hundred, page_size=10) as b:
        order = [file.id.true for file in b.catalog.page(Query(), 100)]
        await b.press("end", "k")
        for _ in range(4):
            b.table.post_message(events.MouseScrollDown(b.table, 5, 5, 0, 1, 0, False, False, False))
        await b.press("space")
        assert b.marks == 1
        assert order.index(b.catalog.marked()[0].id.true) == 12


async def test_page_size_is_what_was_asked_for(hundred: str) -> None:
    async with browsing(hundred, page_size=7) as b:
        assert len(b.rows) == 7
        assert b.foot.startswith("page 1 of 15 · 1–7 of 100")


async def test_the_cursor_stays_on_its_file_when_others_upload_and_delete_above_it() -> None:
    with ScriptedServer([remote(n) for n in range(60)]) as server:
        async with browsing(server.base_url, page_size=20) as b:
            await b.press(*["j"] * 5)
            assert b.current == "file-0054"
            server.files.append(remote(60))
            await b.refreshed(61)
            assert (b.current, b.table.cursor_row) == ("file-0054", 6)
            server.files = [file for file in server.files if file["id"] not in ("file-0060", "file-0059", "file-0058")]
            await b.refreshed(58)
            assert (b.current, b.table.cursor_row) == ("file-0054", 3)


async def test_the_page_follows_a_file_that_moves_to_another() -> None:
    with ScriptedServer([remote(n) for n in range(40)]) as server:
        async with browsing(server.base_url, page_size=20) as b:
            await b.press("end")
            assert b.current == "file-0020"
            server.files.append(remote(40))
            await b.refreshed(41)
            assert b.current == "file-0020"
            assert b.foot.startswith("page 2 of 3 · 2–21 of 41")


async def test_when_the_file_under_the_cursor_goes_its_neighbour_takes_over() -> None:
    with ScriptedServer([remote(n) for n in range(41)]) as server:
        async with browsing(server.base_url, page_size=20) as b:
            await b.press("n", "n")
            await b.until(lambda: b.current == "file-0000")
            server.files = server.files[1:]
            await b.refreshed(40)
            assert b.current == "file-0001"
            assert b.foot.startswith("page 2 of 2 · 21–40 of 40")


async def test_a_resize_keeps_cursor_and_marks(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.press("j", "space", "end", "k")
        wanted = b.current

        def there(size: tuple[int, int]) -> bool:
            return b.app.size == size and (b.settled or size[1] < 10)

        for size in ((80, 24), (200, 60), (30, 8), (120, 40)):
            await b.pilot.resize_terminal(*size)
            await b.until(partial(there, size))
            assert b.current == wanted
            assert b.marks == 1
        assert len(b.rows) == b.table.size.height - 1
        assert "1 marked" in b.foot
        await b.press("g")
        assert b.marked == [1]


async def test_the_same_rows_are_not_added_again(hundred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("files_tui.ui.widgets.files_table.time", SimpleNamespace(time=lambda: now))  # no age changes
    async with browsing(hundred) as b:
        added: list[object] = []
        monkeypatch.setattr(type(b.table), "add_row", lambda *cells, **_: added.append(cells))
        b.table.show(b.table.files, b.browse.view, (), 0)
        b.browse.refresh_page()
        assert added == []
        b.table.show(b.table.files[:3], b.browse.view, (), 0)
        assert len(added) == 3


async def test_the_wheel_moves_the_cursor(hundred: str) -> None:
    async with browsing(hundred) as b:
        b.table.post_message(events.MouseScrollDown(b.table, 5, 5, 0, 1, 0, False, False, False))
        await b.until(lambda: b.table.cursor_row == 1)
        b.table.post_message(events.MouseScrollUp(b.table, 5, 5, 0, -1, 0, False, False, False))
        await b.until(lambda: b.table.cursor_row == 0)


async def test_a_click_chooses_a_row_and_a_purpose(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.pilot.click("#files", offset=(30, 4))
        assert b.table.cursor_row == 3
        label = b.text.split("\n")[1].index("2 batch")
        await b.pilot.click("#purposes", offset=(label, 0))
        await b.until(lambda: b.browse.view.purpose == "batch")
