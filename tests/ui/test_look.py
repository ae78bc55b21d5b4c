"""Which files a page holds, with a real catalog and no screen: pages are found by key, whatever comes and goes."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Key, Query, Totals
from files_tui.text import Untrusted
from files_tui.ui.browse.lines import position_words
from files_tui.ui.browse.look import Look, Move, Patience, Shown
from tests.files import a_file

LENGTH = 10
NEWEST = Query()
EVENTS: dict[str, tuple[list[int], list[int]]] = {
    "nothing": ([], []),
    "new files": ([100, 101, 102], []),
    "files of this page deleted": ([], [50, 51, 53]),
    "files above deleted": ([], [90, 91, 92]),
    "both at once": ([100, 101], [50, 95]),
}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.sqlite", durable=False)) as catalog:
        yield catalog


def made(number: int, **fields: Any) -> File:
    """A file; a higher number is newer."""
    return a_file(id=f"file-{number:03}", filename=f"{number:03}.txt", created_at=number, bytes=1, **fields)


def fill(catalog: Catalog, files: int) -> None:
    catalog.upsert(made(number) for number in range(files))


def remove(catalog: Catalog, *numbers: int) -> None:
    catalog.remove(f"file-{number:03}" for number in numbers)


def numbers(shown: Shown) -> list[int]:
    return [int(file.id.true[5:]) for file in shown.files]


def walk(catalog: Catalog, *moves: Move, query: Query = NEWEST) -> Shown:
    shown = Shown(query)
    for move in ("first", *moves):
        shown = Look(catalog, LENGTH, Patience()).move(shown, move)
    return shown


def forward(turns: int) -> list[Move]:
    return ["next"] * turns


def again(catalog: Catalog, shown: Shown, move: Move = "stay", length: int = LENGTH) -> Shown:
    return Look(catalog, length, Patience()).move(shown, move)


def at(shown: Shown, number: int) -> Shown:
    """With the cursor on another file of the page."""
    return Shown(shown.query, shown.files, numbers(shown).index(number), shown.anchor, shown.first, shown.totals)


def falling(newest: int, oldest: int) -> list[int]:
    return list(range(newest, oldest - 1, -1))


def test_pages_follow_one_another(catalog: Catalog) -> None:
    fill(catalog, 34)
    pages = [walk(catalog, *forward(turns)) for turns in range(5)]

    assert [numbers(page) for page in pages[:4]] == [falling(33, 24), falling(23, 14), falling(13, 4), falling(3, 0)]
    assert [page.first for page in pages[:4]] == [0, 10, 20, 30]
    assert {page.totals for page in pages} == {Totals(34, 34)}
    assert numbers(pages[4]) == falling(3, 0)
    assert [page.row for page in pages] == [0, 0, 0, 0, 3]


def test_backwards_the_cursor_comes_to_the_last_row(catalog: Catalog) -> None:
    fill(catalog, 34)
    back = walk(catalog, "next", "next", "previous")
    assert (numbers(back), back.row, back.first) == (falling(23, 14), 9, 10)
    start = again(catalog, back, "previous")
    assert (numbers(start), start.row, start.first) == (falling(33, 24), 9, 0)
    assert again(catalog, start, "previous").row == 0


def test_a_first_page_that_is_not_whole_is_filled_up(catalog: Catalog) -> None:
    fill(catalog, 30)
    page = at(walk(catalog, "next"), 15)
    catalog.upsert([made(number) for number in range(30, 36)])
    remove(catalog, 29, 28, 27, 26, 25, 24)
    page = again(catalog, page)
    assert page.current == made(15)
    remove(catalog, *range(30, 36))
    start = again(catalog, again(catalog, page), "previous")
    assert (numbers(start), start.row, start.first, start.anchor) == (falling(23, 14), 3, 0, None)


@pytest.mark.parametrize(("files", "expected"), [(34, falling(3, 0)), (30, falling(9, 0)), (7, falling(6, 0)), (0, [])])
def test_the_last_page_is_what_is_left(catalog: Catalog, files: int, expected: list[int]) -> None:
    fill(catalog, files)
    end = walk(catalog, "last")
    assert numbers(end) == expected
    assert end.row == max(0, len(expected) - 1)
    assert end.first == files - len(expected)
    assert end.totals == Totals(files, files)
    if files > LENGTH:
        assert numbers(again(catalog, end, "previous"))[-1] == expected[0] + 1


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("turns", [forward(4), ["last", *["previous"] * 5]])
def test_a_page_further_down_does_not_move(catalog: Catalog, event: str, turns: Sequence[Move]) -> None:
    """Whatever comes and goes above it; a page that loses files is filled from behind."""
    new, gone = EVENTS[event]
    fill(catalog, 100)
    before = at(walk(catalog, *turns), 55)
    assert numbers(before) == falling(59, 50)
    catalog.upsert(made(number) for number in new)
    remove(catalog, *gone)

    after = again(catalog, before)

    left = [number for number in [*falling(102, 100), *falling(99, 0)] if number in {*range(100), *new} - {*gone}]
    assert after.current == made(55)
    assert numbers(after) == left[left.index(59) :][:LENGTH]
    assert after.first == left.index(59)
    assert after.totals == Totals(len(left), len(left))


def test_new_files_appear_on_the_first_page(catalog: Catalog) -> None:
    fill(catalog, 30)
    before = at(walk(catalog), 27)
    catalog.upsert([made(30), made(31)])
    after = again(catalog, before)
    assert (numbers(after), after.row, after.anchor) == (falling(31, 22), 4, None)


def test_new_files_appear_on_a_first_page_that_was_come_back_to(catalog: Catalog) -> None:
    fill(catalog, 30)
    before = at(walk(catalog, "next", "previous"), 27)
    catalog.upsert([made(30), made(31)])
    after = again(catalog, before)
    assert (numbers(after), after.row, after.anchor) == (falling(31, 22), 4, None)


def test_a_first_page_stays_with_its_file_when_more_come_than_fit(catalog: Catalog) -> None:
    fill(catalog, 30)
    before = at(walk(catalog), 27)
    catalog.upsert(made(number) for number in range(30, 60))
    after = again(catalog, before)
    assert (numbers(after), after.row, after.first) == (falling(29, 20), 2, 30)


def test_a_page_that_comes_to_be_the_first_shows_new_files_again(catalog: Catalog) -> None:
    fill(catalog, 30)
    page = walk(catalog, "next")
    remove(catalog, *range(20, 30))
    page = again(catalog, page)
    assert (numbers(page), page.first, page.anchor) == (falling(19, 10), 0, None)
    catalog.upsert([made(30)])
    assert numbers(again(catalog, page))[0] == 30


def test_a_neighbour_takes_over_from_a_file_that_is_gone(catalog: Catalog) -> None:
    fill(catalog, 30)
    page = at(walk(catalog, "next"), 15)
    remove(catalog, 15)
    after = again(catalog, page)
    assert after.current == made(14)
    assert numbers(after)[0] == 19


def test_the_end_is_shown_when_all_of_a_page_is_gone(catalog: Catalog) -> None:
    fill(catalog, 30)
    end = walk(catalog, "last")
    remove(catalog, *range(10))
    after = again(catalog, end)
    assert (numbers(after), after.row, after.first) == (falling(19, 10), 9, 10)
    remove(catalog, *range(10, 30))
    empty = again(catalog, after)
    assert (empty.files, empty.row, empty.first, empty.totals) == ([], 0, 0, Totals(0, 0))
    for move in get_args(Move):
        assert again(catalog, empty, move).files == []


def test_the_cursor_follows_a_file_that_changes_its_place(catalog: Catalog) -> None:
    """As a file does that is sorted by status once it is ready."""
    query = Query(sort="status", descending=False)
    catalog.upsert(made(number, status="processed", kind="ready") for number in range(30))
    catalog.upsert([made(99, status="uploaded", kind="busy")])
    before = walk(catalog, query=query)
    assert before.current is not None
    assert before.current.id == "file-099"
    catalog.upsert([made(99, status="processed", kind="ready")])
    after = again(catalog, before)
    assert after.current is not None
    assert (after.current.id.true, after.current.kind) == ("file-099", "ready")
    assert after.first == 30


def test_a_file_that_the_query_shows_no_longer_leaves_its_row_to_another(catalog: Catalog) -> None:
    query = Query(purpose=Untrusted("batch"))
    catalog.upsert(made(number, purpose="batch") for number in range(5))
    before = at(walk(catalog, query=query), 3)
    catalog.upsert([made(3, purpose="evals")])
    after = again(catalog, before)
    assert (numbers(after), after.row) == ([4, 2, 1, 0], 1)


@pytest.mark.parametrize(("number", "first"), [(95, 0), (60, 39), (2, 97), (99, 0)])
def test_the_page_of_a_file_is_found(catalog: Catalog, number: int, first: int) -> None:
    fill(catalog, 100)
    found = Look(catalog, LENGTH, Patience()).find(walk(catalog), made(number))
    assert found.current == made(number)
    assert found.first == first


@pytest.mark.parametrize("turns", [0, 3])
def test_a_file_that_is_not_there_changes_nothing(catalog: Catalog, turns: int) -> None:
    fill(catalog, 100)
    page = walk(catalog, *forward(turns))
    page = at(page, numbers(page)[4])
    assert Look(catalog, LENGTH, Patience()).find(page, made(500)) == page


@pytest.mark.parametrize("sort", ["created", "size", "name", "expires", "purpose", "status"])
@pytest.mark.parametrize("descending", [True, False])
def test_every_order_is_walked_without_gap_or_double(catalog: Catalog, sort: Any, descending: bool) -> None:
    """Ties in everything but the id."""
    catalog.upsert(a_file(id=f"file-{n:03}", bytes=None if n % 2 else 3, created_at=n % 3 or None) for n in range(35))
    query = Query(sort=sort, descending=descending)
    shown = walk(catalog, query=query)
    down: list[int] = []
    while shown.row == 0:
        assert shown.first == len(down)
        down += numbers(shown)
        shown = again(catalog, shown, "next")
    assert sorted(down) == list(range(35))
    up = numbers(shown)
    while shown.first:
        shown = again(catalog, shown, "previous")
        up = numbers(shown) + up
    assert up == down


def test_another_length_keeps_the_file_in_sight(catalog: Catalog) -> None:
    fill(catalog, 100)
    page = at(walk(catalog, "next", "next"), 71)
    short = again(catalog, page, length=4)
    assert (short.current, len(short.files)) == (made(71), 4)
    long = again(catalog, short, length=30)
    assert (long.current, len(long.files)) == (made(71), 30)


@pytest.mark.parametrize(
    ("first", "rows", "files", "filled", "filling", "words"),
    [
        (0, 10, 517, False, False, "page 1 of 52 · 1–10 of 517"),
        (80, 10, 517, False, False, "page 9 of 52 · 81–90 of 517"),
        (510, 7, 517, False, False, "page 52 of 52 · 511–517 of 517"),
        (3, 10, 34, False, False, "page 2 of 5 · 4–13 of 34"),
        (0, 10, 12345, True, False, "12,345 of 20,000 · page 1 of 1,235 · 1–10"),
        (0, 10, 17, True, True, "17 of the 20,000 loaded so far · page 1 of 2 · 1–10"),
    ],
)
def test_the_place_in_words(first: int, rows: int, files: int, filled: bool, filling: bool, words: str) -> None:
    query = Query(text="x") if filled else Query()
    shown = Shown(query, [made(n) for n in range(rows)], 0, Key(1, "a"), first, Totals(files, 0))
    assert position_words(shown, LENGTH, 20_000, filling=filling) == words


@pytest.mark.parametrize(("first", "totals"), [(None, Totals(1, 1)), (3, None)])
def test_what_is_not_counted_yet_is_said(first: int | None, totals: Totals | None) -> None:
    shown = Shown(NEWEST, [made(1)], 0, Key(1, "a"), first, totals)
    assert not shown.is_counted
    assert position_words(shown, LENGTH, 1, filling=False) == "counting…"
