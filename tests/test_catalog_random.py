"""A catalog beside a list: the same random files and changes, and every question answered by both."""

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from files_tui.api.models import File
from files_tui.catalog import pages, store, words
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import BEGINNING, END, Place, Query
from files_tui.text import Untrusted
from tests.catalog_model import (
    NOW,
    answer,
    catalog_in,
    ids,
    kept,
    random_file,
    random_query,
    recount,
    settle,
    totals_of,
)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred files are as many ones: all decisions that depend on their number come up."""
    monkeypatch.setattr(pages, "SMALL_CELL", 30)
    monkeypatch.setattr(words, "FEW", 40)
    monkeypatch.setattr(words, "TAIL", 150)
    monkeypatch.setattr(words, "BATCH", 70)
    monkeypatch.setattr(store, "BATCH", 30)


def live(catalog: Catalog, dice: random.Random, files: dict[str, File], new: int) -> None:
    """One sync that sees new, changed and unchanged files and misses some, then a few removals."""
    run = catalog.begin_sync()
    for number in range(len(files) + 1, len(files) + new + 1):
        file = random_file(dice, number * 1000 + dice.randrange(1000))
        files[kept(file).id.true] = file
    for file_id in dice.sample(sorted(files), len(files) // 5):
        del files[file_id]
    for file_id in dice.sample(sorted(files), len(files) // 4):
        changed = random_file(dice, 0)
        renamed = replace(files[file_id], filename=changed.filename)
        files[file_id] = replace(dice.choice((changed, renamed)), id=Untrusted(file_id))
    listed = dice.sample(list(files.values()), len(files))
    for start in range(0, len(listed), 97):
        catalog.upsert(listed[start : start + 97], run=run)
    catalog.finish_sync(run)
    gone = dice.sample(sorted(files), 10)
    catalog.remove(gone)
    for file_id in gone:
        del files[file_id]


def compare(catalog: Catalog, query: Query, files: list[File], dice: random.Random) -> None:
    """Every question about one query, at a random place of its order."""
    wanted = answer(query, files)
    assert catalog.totals(query) == totals_of(wanted)
    assert catalog.page(query, 20) == wanted[:20]
    assert catalog.page(query, 20, END) == wanted[-20:]
    assert catalog.page(query, len(files), dice.choice((BEGINNING, END))) == wanted
    for at in dice.sample(range(len(wanted)), min(2, len(wanted))):
        key = query.key(wanted[at])
        assert catalog.files_before(query, key) == at
        assert catalog.page(query, 15, Place(key)) == wanted[at + 1 : at + 16]
        assert catalog.page(query, 15, Place(key, inclusive=True)) == wanted[at : at + 15]
        assert catalog.page(query, 15, Place(key, backward=True)) == wanted[max(0, at - 15) : at]
        assert catalog.page(query, 15, Place(key, backward=True, inclusive=True)) == wanted[max(0, at - 14) : at + 1]


def compare_elsewhere(catalog: Catalog, query: Query, files: list[File], dice: random.Random) -> None:
    """The place of a file that the query does not have, such as one that is gone."""
    stranger = kept(random_file(dice, 0))
    key = query.key(stranger)
    everything = answer(replace(query, **EVERYTHING), [*files, stranger])
    order = {file.id: at for at, file in enumerate(everything)}
    wanted = answer(query, files)
    before = [file for file in wanted if order[file.id] < order[stranger.id]]
    assert catalog.files_before(query, key) == len(before)
    assert catalog.page(query, 15, Place(key)) == wanted[len(before) : len(before) + 15]
    assert catalog.page(query, 15, Place(key, backward=True)) == before[-15:]


EVERYTHING = {
    **dict.fromkeys(("purpose", "age", "expires", "size", "filename")),
    "text": "",
    "kinds": frozenset[str](),
}


def compare_marks(catalog: Catalog, first: Query, second: Query, files: list[File]) -> None:
    one, other = set(ids(answer(first, files))), set(ids(answer(second, files)))
    by_id = {file.id.true: file for file in files}
    catalog.marks.clear()
    catalog.marks.add(first, NOW)
    assert set(ids(catalog.marked())) == one
    assert catalog.marks.outside(second, NOW) == len(one - other)
    assert catalog.marks.among(list(by_id)[:50]) == one & set(list(by_id)[:50])
    catalog.marks.invert(second, NOW)
    assert set(ids(catalog.marked())) == one ^ other
    assert catalog.marks.totals == totals_of(by_id[file_id] for file_id in one ^ other)
    catalog.marks.add(second, NOW)
    assert set(ids(catalog.marked())) == one | other


def lives(folder: Path, seed: int, *, rounds: int, new: int, queries: int) -> None:
    """Rounds of changes; the late indexes come in the middle, the words of later files not at all."""
    dice = random.Random(seed)
    files: dict[str, File] = {}
    with catalog_in(folder) as catalog:
        for at in range(rounds):
            live(catalog, dice, files, new)
            if at == rounds // 2:
                settle(catalog)
            known = [kept(file) for file in files.values()]
            for _ in range(queries):
                query = random_query(dice)
                compare(catalog, query, known, dice)
                compare_elsewhere(catalog, query, known, dice)
            compare_marks(catalog, random_query(dice), random_query(dice), known)
            recount(folder)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("seed", range(6))
def test_every_question_has_the_answer_of_a_list(tmp_path: Path, seed: int) -> None:
    lives(tmp_path, seed, rounds=5, new=200, queries=25)


def test_every_question_has_the_answer_of_a_list_with_thousands_of_files(tmp_path: Path) -> None:
    lives(tmp_path, 7, rounds=2, new=4_500, queries=10)
