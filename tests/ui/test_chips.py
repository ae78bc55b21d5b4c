"""What narrows the listing, in a line of its own: words, and ways to take them away."""

import time

import pytest

from files_tui.catalog.query import Never, Query, Span
from files_tui.text import DAY, Untrusted
from files_tui.ui.chips import chips_of
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.sort import SortScreen
from files_tui.ui.widgets.chip_bar import ChipBar
from files_tui.ui.widgets.search_line import SearchLine
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote

EVERYTHING = Query(
    purpose=Untrusted("batch"),
    text="x",
    kinds=frozenset({"failed", "busy"}),
    age=Span(30 * DAY, None),
    expires=Span(0, DAY),
    size=Span(10_000_000, None),
    filename=Untrusted("a.txt"),
    sort="size",
    descending=False,
)


def words(query: Query) -> list[str]:
    return [chip.words for chip in chips_of(query)]


def test_every_filter_has_its_words_and_can_be_taken_away_alone() -> None:
    assert words(Query(sort="name", descending=False)) == []
    expected = [
        "purpose: batch",
        "busy",
        "failed",
        "age > 30 d",
        "expires < 1 d",
        "size > 10.0 MB",
        "name: a.txt",
        "“x”",
    ]
    assert words(EVERYTHING) == expected
    for number, chip in enumerate(chips_of(EVERYTHING)):
        assert words(chip.without) == [*expected[:number], *expected[number + 1 :]]
        assert (chip.without.sort, chip.without.descending) == ("size", False)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (Span(None, 7 * DAY), "age < 7 d"),
        (Span(0, 7 * DAY), "age < 7 d"),
        (Span(365 * DAY, None), "age > 365 d"),
        (Span(DAY, 7 * DAY), "age 1 d – 7 d"),
        (Span(3600, None), "age > 1 h"),
        (Span(None, None), "age known"),
    ],
)
def test_ages_in_words(age: Span, expected: str) -> None:
    assert words(Query(age=age)) == [expected]


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        (Span(0, DAY), "expires < 1 d"),
        (Span(7 * DAY, 30 * DAY), "expires 7 d – 30 d"),
        (Span(30 * DAY, None), "expires > 30 d"),
        (Span(None, 0), "expired"),
        ("never", "never expires"),
    ],
)
def test_expiries_in_words(expires: Span | Never, expected: str) -> None:
    assert words(Query(expires=expires)) == [expected]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(Span(None, 1_000_000), "size < 1.0 MB"), (Span(10, 2000), "size 10 B – 2.0 kB"), (Span(0, 1), "size < 1 B")],
)
def test_sizes_in_words(size: Span, expected: str) -> None:
    assert words(Query(size=size)) == [expected]


def test_the_words_of_others_are_made_safe_and_short() -> None:
    hostile = Query(
        purpose=Untrusted("p\x1b[31m" + "x" * 100), text="\n[red]", filename=Untrusted("a\u202eb" + "y" * 100)
    )
    purpose, filename, text = words(hostile)
    assert "\x1b" not in purpose
    assert len(purpose) < 40
    assert "\u202e" not in filename
    assert len(filename) < 60
    assert text == "“␊[red]”"
    assert words(Query(purpose=Untrusted(""), filename=Untrusted(""))) == ["purpose: (none)", "name: (none)"]


async def narrowed(b: Browser) -> None:
    """Narrow the listing by purpose, status, age and search."""
    await b.press("1", "slash", *"data", "enter")
    await b.until(lambda: b.table.has_focus)
    await b.press("f")
    await b.screen(FilterScreen)
    await b.press("down", "right", "down", "down", *["right"] * 3, "enter")
    await b.until(lambda: b.chips == ["purpose: fine-tune", "ready", "age > 7 d", "“data”"])


@pytest.mark.anyio
@pytest.mark.parametrize(("height", "taken"), [(29, 1), (30, 0)])
async def test_a_click_takes_one_filter_away_and_backspace_the_last(height: int, taken: int) -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url, size=(120, height)) as b:
            rows = b.table.size.height
            assert rows == height - 5 + taken
            assert b.browse.query_one(ChipBar).display == (not taken)
            await narrowed(b)
            await b.until(lambda: b.table.size.height == rows - taken)
            line = b.text.split("\n")[-3]
            assert line.strip().startswith("purpose: fine-tune ×   ready ×   age > 7 d ×   “data” ×")
            assert line.rstrip().endswith("⌫ drops the last")
            await b.pilot.click("#chips", offset=(line.index("⌫"), 0))
            assert len(b.chips) == 4
            await b.pilot.click("#chips", offset=(line.index("ready"), 0))
            await b.until(lambda: b.chips == ["purpose: fine-tune", "age > 7 d", "“data”"])
            await b.pilot.click("#chips", offset=(line.index("×"), 0))
            await b.until(lambda: b.chips == ["age > 7 d", "“data”"])
            await b.press("backspace")
            await b.until(lambda: b.chips == ["age > 7 d"])
            await b.press("backspace")
            await b.until(lambda: b.chips == [] and b.table.size.height == rows)
            await b.press("backspace")
            assert len(b.rows) == 5


@pytest.mark.anyio
@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_a_page_fits_in_the_first_frame_whether_there_are_filters_or_none(size: tuple[int, int]) -> None:
    purposes = ["batch", "fine-tune", "assistants", "something-else-entirely"]
    with ScriptedServer([remote(n, purpose=purposes[n % 4]) for n in range(280)]) as server:
        async with browsing(server.base_url, size=size) as b:
            # Without the page that is looked up a moment after the table has been laid out anew.
            b.browse.refresh_soon = lambda: None  # type: ignore[method-assign]
            for key in "3n0n1":
                await b.press(key)
                await b.until(lambda: b.table.size.height - 1 == b.browse.page_length)
                assert len(b.rows) == b.browse.page_length


@pytest.mark.anyio
async def test_esc_takes_marks_then_the_search_then_all_other_filters() -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            await narrowed(b)
            await b.press("s")
            await b.screen(SortScreen)
            await b.press("n", "a")
            await b.until(lambda: b.marks == 5)
            await b.press("escape")
            await b.until(lambda: b.marks == 0)
            assert len(b.chips) == 4
            await b.press("escape")
            await b.until(lambda: b.chips == ["purpose: fine-tune", "ready", "age > 7 d"])
            await b.press("escape")
            await b.until(lambda: b.chips == [])
            assert (b.browse.view.sort, b.marks) == ("name", 0)


@pytest.mark.anyio
async def test_backspace_in_the_search_line_takes_a_letter() -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("1", "slash", *"dat", "backspace")
            await b.until(lambda: b.chips == ["purpose: fine-tune", "“da”"])
            assert b.browse.query_one(SearchLine).field.value == "da"


@pytest.mark.anyio
@pytest.mark.parametrize("width", [40, 80])
async def test_a_narrow_screen_cuts_the_line_and_keeps_its_height(width: int) -> None:
    with ScriptedServer([remote(n, purpose="fine-tune-results-of-a-kind") for n in range(5)]) as server:
        async with browsing(server.base_url, size=(width, 20)) as b:
            await b.press("1", "slash", *"data-and-much-more-of-the-same", "enter")
            await b.until(lambda: len(b.chips) == 2)
            assert b.browse.query_one(ChipBar).size.height == 1
            assert all(len(line) <= width for line in b.text.split("\n"))


@pytest.mark.anyio
async def test_the_filter_dialog_narrows_by_age_and_size() -> None:
    now = int(time.time())
    files = [
        remote(1, created_at=now - 60, bytes=500),
        remote(2, created_at=now - 3 * DAY, bytes=5_000_000),
        remote(3, created_at=now - 40 * DAY, bytes=50_000_000),
        remote(4, created_at=now - 400 * DAY, bytes=500_000_000),
    ]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:

            async def filtered(lines: int, *keys: str) -> list[str]:
                b.browse.change_view(Query())
                await b.press("f")
                await b.screen(FilterScreen)
                before = b.browse.shown
                await b.press(*["down"] * lines, *keys, "enter")
                await b.main()
                await b.until(lambda: b.browse.shown.query != before.query and b.browse.shown.is_counted)
                return [file_id[-1] for file_id in b.ids]

            ages = [await filtered(3, *["right"] * steps) for steps in range(1, 6)]
            assert ages == [["1"], ["1", "2"], ["3", "4"], ["3", "4"], ["4"]]
            assert b.chips == ["age > 365 d"]
            sizes = [await filtered(4, *["right"] * steps) for steps in range(1, 5)]
            assert sizes == [["1"], ["2", "3", "4"], ["3", "4"], ["4"]]
            assert b.chips == ["size > 100.0 MB"]


@pytest.mark.anyio
async def test_the_filter_dialog_shows_and_keeps_what_was_chosen_elsewhere() -> None:
    with ScriptedServer([remote(1, purpose="batch"), remote(2)]) as server:
        async with browsing(server.base_url) as b:
            chosen = Query(
                purpose=Untrusted("evals"), age=Span(DAY, 7 * DAY), size=Span(0, 1), expires=Span(None, 0), text="x"
            )
            b.browse.change_view(chosen)
            await b.press("f")
            await b.screen(FilterScreen)
            for says in ("evals", "age 1 d – 7 d", "size < 1 B", "expired"):
                assert says in b.text.replace("\xa0", " ")
            await b.press("enter")
            await b.main()
            assert b.browse.view == chosen
            await b.press("f")
            await b.screen(FilterScreen)
            await b.press("c")
            await b.until(lambda: b.chips == ["“x”"])


@pytest.mark.anyio
async def test_nothing_matches_names_the_filters_and_what_would_be_there_without_each() -> None:
    files = [remote(n, purpose="batch") for n in range(3)] + [remote(9, "notes.md", purpose="evals")]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:
            await b.press("1", "slash", *"notes", "enter")
            await b.until(lambda: "Nothing matches purpose: batch · “notes”" in b.notice)
            lines = b.notice.split("\n")
            assert "esc clears all, ⌫ drops the last." in lines
            assert "Without purpose: batch: 1 file" in lines
            assert "Without “notes”: 3 files" in lines
            await b.press("slash", *"zzz", "enter")
            await b.until(lambda: "“noteszzz”" in b.notice)
            assert "Without purpose" not in b.notice
            assert "Without “noteszzz”: 3 files" in b.notice
            await b.press("backspace")
            await b.until(lambda: len(b.rows) == 3)
            assert b.notice == ""
