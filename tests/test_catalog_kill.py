"""A program that is killed while it writes leaves a catalog that is whole."""

import random
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest

from files_tui.catalog.query import Query
from tests.catalog_model import FILE, catalog_in, ids, recount, settle
from tests.files import a_file
from tests.waiting import until

BATCH = 300
OLD = 1_000

WRITER = f"""
import sys
from pathlib import Path
from tests.files import a_file
from files_tui.catalog.catalog import Catalog
catalog = Catalog(Path(sys.argv[1]))
run = catalog.begin_sync()
for batch in range(1_000):
    names = [f"{{sys.argv[2]}}-{{batch}}-{{n}}" for n in range({BATCH})]
    catalog.upsert([a_file(id=name, filename=name, bytes=7, created_at=n) for n, name in enumerate(names)], run=run)
    if batch % 3 == 2:
        catalog.upsert([a_file(id=name, filename="renamed", bytes=8) for name in names[::2]], run=run)
    if batch % 4 == 3:
        catalog.remove(names[:10])
    if batch % 5 == 4:
        catalog.settle()
    print(batch, flush=True)
"""


def killed(folder: Path, name: str, dice: random.Random) -> int:
    """Start a writer, kill it while its log is at a size by chance, and give the number of finished batches."""
    log = folder / f"{FILE}-wal"
    command = [sys.executable, "-c", WRITER, str(folder / FILE), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        enough = log.stat().st_size + dice.randrange(4_000_000)

        def is_time() -> bool:
            with suppress(FileNotFoundError):
                return log.stat().st_size >= enough or writer.poll() is not None
            return True

        until(is_time)
        writer.kill()
        return 1 + len(writer.stdout.read().split())


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_program_leaves_a_whole_catalog(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    with catalog_in(tmp_path) as catalog:
        catalog.upsert(a_file(id=f"old-{n}", filename=f"name-{n}", bytes=n) for n in range(OLD))
    for name in "abcd":
        finished = killed(tmp_path, name, dice)

        with catalog_in(tmp_path) as catalog:
            with closing(sqlite3.connect(tmp_path / FILE)) as connection:
                assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            recount(tmp_path)
            found = ids(catalog.page(Query(sort="name"), 1_000_000))
            assert len(found) == catalog.totals(Query()).files
            batches = Counter(tuple(file_id.split("-")[:2]) for file_id in found if file_id.startswith(f"{name}-"))
            assert len(batches) >= finished
            assert set(batches.values()) <= {BATCH, BATCH - 10}, "a batch was written in part"
            assert sum(file_id.startswith("old-") for file_id in found) == OLD
            assert catalog.noted("synced_at") is None


def test_a_catalog_goes_on_where_a_killed_program_left_it(tmp_path: Path) -> None:
    killed(tmp_path, "a", random.Random(5))
    with catalog_in(tmp_path) as catalog:
        before = catalog.totals(Query()).files
        run = catalog.begin_sync()
        catalog.upsert([a_file(id="a-0-0", filename="found"), a_file(id="new", filename="found")], run=run)
        assert catalog.finish_sync(run) == before - 1
        settle(catalog)
        assert set(ids(catalog.page(Query(text="FOUND"), 10))) == {"a-0-0", "new"}
    recount(tmp_path)
