"""Sorting, by the heads of the columns and by keys."""

from functools import partial

import pytest

from files_tui.ui.screens.sort import SortScreen
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio

FILES = [
    remote(1, "b.txt", bytes=30, purpose="evals", status="uploaded", expires_at=4_000_000_000),
    remote(2, "C.txt", bytes=10, purpose="batch", status="processed", expires_at=None),
    remote(3, "a.txt", bytes=20, purpose="fine-tune", status="error", expires_at=3_000_000_000),
]


async def click(b: Browser, title: str) -> None:
    """Click the head of a column, on the first letter of its title."""
    lines = b.text.split("\n")
    row = next(n for n, line in enumerate(lines) if "Purpose" in line and "Name" in line)
    await b.pilot.click(offset=(lines[row].index(title), row))


def order(b: Browser) -> str:
    return "".join(name[0] for name in b.names)


@pytest.mark.parametrize(
    ("title", "arrows", "first", "then"),
    [
        ("Created", "▴▾", "bCa", "aCb"),
        ("Size", "▾▴", "baC", "Cab"),
        ("Name", "▴▾", "abC", "Cba"),
        ("Expires", "▴▾", "abC", "Cba"),
        ("Purpose", "▴▾", "Cba", "abC"),
        ("Status", "▴▾", "baC", "Cab"),
    ],
)
async def test_a_click_on_a_head_sorts_and_another_one_reverses(title: str, arrows: str, first: str, then: str) -> None:
    with ScriptedServer(FILES) as server:
        async with browsing(server.base_url) as b:
            assert order(b) == "aCb"
            for arrow, expected in ((arrows[0], first), (arrows[1], then), (arrows[0], first)):
                await click(b, title)
                await b.until(partial(lambda wanted: order(b) == wanted, expected))
                assert [head for head in b.heads if head[-1] in "▾▴"] == [f"{title} {arrow}"]


async def test_the_heads_of_a_table_with_other_columns_and_of_an_empty_one() -> None:
    with ScriptedServer(FILES) as server:
        async with browsing(server.base_url, size=(60, 20)) as b:
            assert "Expires" not in " ".join(b.heads)
            await click(b, "Purpose")
            await b.until(lambda: order(b) == "Cba")
            await b.press("slash", *"zz", "enter")
            await b.until(lambda: b.rows == [])
            await click(b, "Size")
            await b.press("backspace")
            await b.until(lambda: order(b) == "baC")


async def test_sorting_begins_at_the_first_page_and_keeps_the_filters(hundred: str) -> None:
    async with browsing(hundred, page_size=10) as b:
        await b.press("2", "n", "j")
        await b.until(lambda: "page 2 of 2" in b.foot)
        await click(b, "Name")
        await b.until(lambda: "page 1 of 2" in b.foot)
        assert b.table.cursor_row == 0
        assert b.chips == ["purpose: batch"]
        assert b.names == sorted(b.names)


async def test_the_key_of_the_same_column_reverses_too() -> None:
    with ScriptedServer(FILES) as server:
        async with browsing(server.base_url) as b:

            async def sort(key: str, expected: str) -> None:
                await b.press("s")
                await b.screen(SortScreen)
                await b.press(key)
                await b.until(lambda: order(b) == expected)

            await sort("z", "baC")
            await sort("z", "Cab")
            await sort("enter", "baC")
            await sort("c", "aCb")
            await sort("c", "bCa")
            await b.press("S")
            await b.until(lambda: order(b) == "aCb")
