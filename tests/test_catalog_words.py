"""Search by a part of a name or id, before the index of words, beside it, and behind it."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from files_tui.catalog import words
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import END, Place, Query, Span
from files_tui.text import Untrusted
from tests.catalog_model import FILE, catalog_in, ids, settle
from tests.files import a_file

NAMES = {
    "train": "Train_2026.jsonl",
    "street": "Straße",
    "nfd": "cafe\u0301",
    "percent": "100% x",
    "backslash": "a\\b",
    "quote": "'; -- drop",
    "double": 'he said "no"',
    "quotes": '"""""',
    "operators": "cats AND dogs OR NOT -birds NEAR(fish) ^col:umn + {x}",
    "star": "run* (1)",
    "file-9gXp": "",
    "wide": "会議資料",
    "one": "会",
    "nul": "a\0nul\0b",
    "surrogate": "lone\ud800one",
    "emoji": "\U0001f600\U0001f601\U0001f602",
    "noncharacter": "\uffff\ufffe\ufdd0",
    "lines": "two\nlines\r\n",
}


SEARCHES = {
    "TRAIN": "train",
    "train_2026*": "",
    "_": "train",
    "strasse": "street",
    "STRAẞE": "street",
    "CAFÉ": "nfd",
    "cafe\u0301": "nfd",
    "100%": "percent",
    "%": "percent",
    "\\": "backslash",
    "'; --": "quote",
    "'": "quote",
    '"no"': "double",
    'd "N': "double",
    '"': "double quotes",
    '"""': "quotes",
    '""""""': "",
    "AND": "operators",
    "s AND d": "operators",
    "-birds": "operators",
    "NEAR(fish)": "operators",
    "^col:": "operators",
    "col : umn": "",
    "+ {x}": "operators",
    "run*": "star",
    "ru*": "",
    "(1)": "star",
    "FILE-9GXP": "file-9gXp",
    "会": "one wide",
    "会議": "wide",
    "議資料": "wide",
    "議会資": "",
    "a\0nul": "nul",
    "\0": "nul",
    "nul␀b": "nul",
    "e\ud800on": "surrogate",
    "\ud800": "surrogate",
    "\U0001f601": "emoji",
    "\U0001f600\U0001f601\U0001f602": "emoji",
    "\uffff\ufffe\ufdd0": "noncharacter",
    "\uffff\uffff\ufdd0": "",
    "o\nlin": "lines",
    "es\r\n": "lines",
    "cats dogs": "",
    "tac": "",
}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalog_in(tmp_path) as catalog:
        yield catalog


def found(catalog: Catalog, text: str) -> list[str]:
    """The ids that a search finds, as each of the ways of asking gives them."""
    query = Query(text=text, sort="name")
    files = catalog.page(query, 10_000)
    assert catalog.totals(query).files == len(files)
    assert catalog.page(query, 10_000, END) == files
    for at in (0, len(files) // 2):
        if files:
            assert catalog.page(query, 2, Place(query.key(files[at]), inclusive=True)) == files[at : at + 2]
            assert catalog.files_before(query, query.key(files[at])) == at
    return sorted(ids(files))


def in_index(folder: Path, run: str) -> list[int]:
    """The numbers of the files that the index knows by three characters."""
    with closing(sqlite3.connect(folder / FILE)) as connection:
        rows = connection.execute("select rowid from words where words match ?", (f'"{run}"',))
        return [row[0] for row in rows]


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("text", SEARCHES)
def test_a_search_is_literal_and_without_case(catalog: Catalog, settled: bool, text: str) -> None:
    catalog.upsert(a_file(id=file_id, filename=name) for file_id, name in NAMES.items())
    if settled:
        settle(catalog)
    assert found(catalog, text) == SEARCHES[text].split()


def test_a_long_name_is_found_by_all_of_it(catalog: Catalog) -> None:
    name = "".join(f"{n:x}É" for n in range(700))
    catalog.upsert([a_file(id="long", filename=name), a_file(id="other", filename=name[::-1])])
    settle(catalog)
    assert found(catalog, name.swapcase()) == found(catalog, name[1000:2000]) == ["long"]
    assert found(catalog, name + "x") == []


def test_a_renamed_file_is_found_by_its_new_name(catalog: Catalog, tmp_path: Path) -> None:
    catalog.upsert([a_file(id="Id-1", filename="Before"), a_file(id="Id-2", filename="before, too")])
    settle(catalog)
    catalog.upsert([a_file(id="Id-1", filename="AFTER"), a_file(id="Id-3", filename="late")])
    catalog.upsert([a_file(id="Id-3", filename="later")])

    assert found(catalog, "after") == ["Id-1"]
    assert found(catalog, "before") == ["Id-2"]
    assert found(catalog, "ID-1") == ["Id-1"]
    assert in_index(tmp_path, "aft") == in_index(tmp_path, "d-1") == [1]
    assert in_index(tmp_path, "bef") == [2]
    assert in_index(tmp_path, "lat") == []
    settle(catalog)
    assert in_index(tmp_path, "ter") == [1, 3]
    assert found(catalog, "TER") == ["Id-1", "Id-3"]


def test_a_file_that_changes_but_for_its_name_stays_in_the_index(catalog: Catalog, tmp_path: Path) -> None:
    catalog.upsert([a_file(id="a", filename="name.txt", bytes=1)])
    settle(catalog)
    catalog.upsert([a_file(id="a", filename="NAME.txt", bytes=2, purpose="batch")])
    assert in_index(tmp_path, "ame") == [1]
    assert [file.filename for file in catalog.page(Query(text="name", size=Span(2, 3)), 9)] == ["NAME.txt"]


def test_a_removed_file_is_found_no_more(catalog: Catalog) -> None:
    catalog.upsert([a_file(id="a", filename="name"), a_file(id="b", filename="name")])
    settle(catalog)
    catalog.remove(["a"])
    assert found(catalog, "name") == ["b"]
    catalog.finish_sync(catalog.begin_sync())
    catalog.upsert([a_file(id="c", filename="name")])
    assert found(catalog, "name") == ["c"]


def test_a_search_finds_what_the_index_does_not_know_yet(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(words, "BATCH", 10)
    monkeypatch.setattr(words, "TAIL", 25)
    number = itertools.count()
    expected: list[str] = []
    seen: set[bool] = set()
    for size in (5, 10, 11, 26, 40):
        new = [a_file(id=f"f{n:03}", filename=f"name-{n}") for n in itertools.islice(number, size)]
        catalog.upsert(new)
        expected += ids(new)
        assert found(catalog, "name") == expected
        behind = len(expected) - len(in_index(tmp_path, "nam"))
        with closing(sqlite3.connect(tmp_path / FILE)) as reader:
            few = words.few_matches(reader, "name")
        assert few == (None if behind > words.TAIL else [n + 1 for n in range(len(expected))])
        seen.add(behind > words.TAIL)
        catalog.settle()
        assert found(catalog, "name") == expected
        assert len(in_index(tmp_path, "nam")) < len(expected)
    assert seen == {True, False}
    settle(catalog)
    assert len(in_index(tmp_path, "nam")) == len(expected)
    assert not catalog.settle()


def test_more_matches_than_are_looked_up_one_by_one(catalog: Catalog) -> None:
    catalog.upsert(
        a_file(id=f"f{n:05}", filename=f"name-{n}", bytes=n, purpose=f"p{n % 3}") for n in range(words.FEW + 2)
    )
    settle(catalog)
    for text, number in (("name", words.FEW + 2), ("name-", words.FEW + 2), ("name-1", 1111)):
        assert len(found(catalog, text)) == number
    few = Query(text="name", size=Span(10, 20), purpose=Untrusted("p1"), sort="size")
    assert ids(catalog.page(few, 100)) == ["f00019", "f00016", "f00013", "f00010"]
    assert catalog.totals(few).files == 4
