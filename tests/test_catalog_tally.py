"""What is kept up as files come and go equals a count of the files, and spans of it are sums of the right files."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from files_tui.catalog import tally
from files_tui.catalog.query import NEVER, Query, Range, Span, Totals
from tests.catalog_model import DAY, FILE, NOW, answer, catalog_in, kept, random_file, recount, totals_of
from tests.files import a_file

EDGES = (0, 1, 9, 10, 11, 19, 20, 99, 100, 101, 999, 1000, 12_345, 2 * 10**6, 10**12)


@pytest.mark.parametrize("seed", range(4))
def test_all_sums_equal_a_recount_after_every_change(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    known: list[str] = []
    with catalog_in(tmp_path) as catalog:
        for number in range(12):
            run = catalog.begin_sync()
            new = [random_file(dice, number * 100 + n) for n in range(60)]
            again = dice.sample(known, len(known) * 2 // 3)
            changed = [a_file(id=file_id, filename="other", bytes=dice.randrange(10**6)) for file_id in again[::2]]
            catalog.upsert([*new, *changed], run=run)
            recount(tmp_path)
            catalog.upsert(catalog.get(again[1::2]), run=run)
            recount(tmp_path)
            if number % 3:
                assert catalog.finish_sync(run) == len(known) - len(again)
                known = again
                recount(tmp_path)
            known += [file.id.true for file in new]
            catalog.remove(known[::7])
            del known[::7]
            recount(tmp_path)
        assert catalog.totals(Query()).files == len(known)
        catalog.remove(known)
        recount(tmp_path)
        assert catalog.totals(Query()) == Totals(0, 0)
        assert catalog.totals(Query(size=Span())) == Totals(0, 0)


VALUES = {
    "created": (-1, *EDGES, NOW),
    "expires": (*EDGES, NOW, NEVER),
    "size": (-1, *EDGES, 2**63 - 1),
}


@pytest.mark.parametrize("column", VALUES)
def test_a_value_is_in_the_same_bucket_for_sql_and_python(column: str) -> None:
    axis = tally.AXES[column]
    with closing(sqlite3.connect(":memory:")) as connection:
        for value in VALUES[column]:
            (bucket,) = connection.execute(f"select {axis.sql} from (select ? as {column})", (value,)).fetchone()
            assert bucket == axis.bucket(value)
            assert axis.start(bucket) <= value < axis.start(bucket + 1)


def test_a_span_of_sizes_is_summed_to_the_byte(tmp_path: Path) -> None:
    sizes = [edge + more for edge in EDGES for more in (0, 1, 7)]
    files = [a_file(id=f"f{n}", bytes=size, purpose="a" if n % 3 else "b") for n, size in enumerate(sizes)]
    files.append(a_file(id="unknown"))
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(files)
        for least in (None, *EDGES):
            for below in (None, *EDGES):
                query = Query(size=Span(least, below))
                assert catalog.totals(query) == totals_of(answer(query, files))


@pytest.mark.parametrize("column", ["age", "expires"])
def test_a_span_of_time_is_counted_to_the_second(tmp_path: Path, column: str) -> None:
    midnight = NOW // DAY * DAY
    offsets = (0, 1, DAY - 1, DAY, DAY + 1, 10 * DAY)
    moments = [None, 0, NOW, *(midnight + sign * offset for offset in offsets for sign in (1, -1))]
    files = [a_file(id=f"f{n}", bytes=1, created_at=at, expires_at=at) for n, at in enumerate(moments)]
    spans = (None, 0, 1, NOW - midnight, NOW - midnight + 1, NOW - midnight + DAY, 20 * DAY)
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(files)
        for least in spans:
            for below in spans:
                span = Span(least, below)
                query = Query(age=span) if column == "age" else Query(expires=span)
                assert catalog.totals(query) == totals_of(answer(query, files))
        assert catalog.totals(Query(expires="never")) == Totals(1, 1)


def test_a_total_of_a_range_reads_the_sums(tmp_path: Path) -> None:
    """Proven by a sum that is wrong: only the days at both ends are counted file by file."""
    files = [a_file(id=f"f{n}", created_at=NOW - n * 3600, bytes=1, purpose="p") for n in range(500)]
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(files)
        with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            connection.execute("update tally set files = 1000 * files where axis = 'created'")
        query = Query(age=Span(3 * DAY, 10 * DAY))
        wrong = catalog.totals(query).files
    ends = {NOW - 3 * DAY, NOW - 10 * DAY}
    right = answer(query, [kept(file) for file in files])
    counted = [file for file in right if (file.created_at or 0) // DAY in {end // DAY for end in ends}]
    assert 0 < len(counted) < len(right)
    assert wrong == len(counted) + 1000 * (len(right) - len(counted))


def test_a_range_is_one_value_of_the_query() -> None:
    """What the sums are asked for is what the pages are narrowed by."""
    query = Query(age=Span(60, 3600), expires=Span(0, 60), size=Span(1, 2))
    assert query.ranges(NOW + 0.9) == [
        Range("created", NOW - 3599, NOW - 59),
        Range("expires", NOW, NOW + 60),
        Range("size", 1, 2),
    ]
