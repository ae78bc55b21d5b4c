"""The catalog from a hundred files to a million: syncs, pages, searches, sums, memory, disk and start.

    python -m tests.bench.catalog [--sizes 100 1000 10000 100000 1000000]

Syncs run against the embedded server, beside `json.loads` of the same pages fetched one after the other; the rest runs
on generated files, which have more kinds than the server's. It prints three tables; times are medians, where not said
otherwise, of one run on one machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, get_args

from msgspec.structs import replace

from files_tui.catalog.cache import catalog_path
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import BEGINNING, END, Place, Query, Sort, Span
from files_tui.settings import Account, Secret
from files_tui.text import DAY, Untrusted
from tests.bench.files import generated
from tests.bench.startup import first_rows
from tests.demo_server import RunningDemo
from tests.terminal import browsing

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
ROWS = 40
ROUNDS, MANY = 5, 100_000
NOWHERE = "http://127.0.0.1:9/v1"
KEY = "sk-bench"
BASE = 1_000
FILTERS: dict[str, Query] = {
    "none": Query(),
    "purpose": Query(purpose=Untrusted("batch")),
    "failed": Query(kinds=frozenset({"failed"})),
    "purpose, busy": Query(purpose=Untrusted("batch"), kinds=frozenset({"busy"})),
    "expires < 7 d": Query(expires=Span(0, 7 * DAY)),
    "never expires": Query(expires="never"),
    "age > 30 d": Query(age=Span(30 * DAY, None)),
    "age < 30 d": Query(age=Span(None, 30 * DAY)),
    "size > 1 MB": Query(size=Span(1_000_000, None)),
    "size < 10 kB": Query(size=Span(None, 10_000)),
    "purpose, age, size": Query(purpose=Untrusted("batch"), age=Span(30 * DAY, None), size=Span(100_000, None)),
}
SEARCHES = {3: ("run", "001", "x7q"), 8: ("eval-001", "frames-9", "file-a9b")}


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def flips(catalog: Catalog, query: Query) -> list[float]:
    """Milliseconds for turning pages forth and back, from the beginning, the end and places between; a query's first
    page is not a flip."""
    catalog.page(query, ROWS)
    times: list[float] = []
    for start, backward in ((BEGINNING, False), (END, True)):
        page = catalog.page(query, ROWS, start)
        for _ in range(5):
            if not page:
                break
            key = query.key(page[0] if backward else page[-1])
            began = time.perf_counter()
            page = catalog.page(query, ROWS, Place(key, backward=backward))
            taken = (time.perf_counter() - began) * 1000
            if len(page) == ROWS:  # a shorter page is less work, and no measure for a longer one
                times.append(taken)
    return times


def questions(catalog: Catalog) -> dict[str, Any]:
    """What the catalog takes for each kind of question, in milliseconds."""
    table: dict[str, list[float]] = {}
    first = 0.0
    for name, narrowed in FILTERS.items():
        for sort in get_args(Sort):
            for descending in (True, False):
                query = replace(narrowed, sort=sort, descending=descending)
                first = max(first, timed(partial(catalog.page, query, ROWS)))
                table.setdefault(name, []).append(median(flips(catalog, query) or [0.0]))
    return {
        "flips": table,
        "first page": first,
        "totals": max(median(timed(partial(catalog.totals, q)) for _ in range(3)) for q in FILTERS.values()),
        "purposes": median(timed(catalog.purposes) for _ in range(5)),
        **{
            f"search {length}": max(timed(partial(catalog.page, Query(text=w), ROWS)) for w in words)
            for length, words in SEARCHES.items()
        },
    }


@contextlib.contextmanager
def kept(files: int, folder: Path) -> Iterator[tuple[Path, Catalog]]:
    """A catalog of generated files where the program looks for it when `folder` is the home folder."""
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    path = catalog_path(Account(base_url=NOWHERE, key=Secret(KEY)))
    with contextlib.closing(Catalog(path)) as catalog:
        run = catalog.begin_sync()
        for some in generated(files):
            catalog.upsert(some, run=run)
        catalog.finish_sync(run)
        while catalog.settle():
            pass
        yield path, catalog


def program(folder: Path) -> tuple[float, float]:
    """Milliseconds from start to the first rows of the kept catalog, the best of several, and MiB after some use."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "TERM": "xterm-256color",
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": NOWHERE,
    }
    command = [str(Path(sys.executable).with_name("files-tui"))]
    start = median(first_rows(command, b"jsonl", environment) for _ in range(9))
    with browsing(
        folder, XDG_CACHE_HOME=str(folder / "cache"), OPENAI_BASE_URL=NOWHERE, OPENAI_API_KEY=KEY
    ) as terminal:
        terminal.wait_for("offline")
        for keys, shown in (
            ("n" * 5, "page "),
            ("s", "Sort by"),
            ("n", "Name ▴"),
            ("/", "part of"),
            ("run-0", "run-0"),
        ):
            terminal.send(keys)
            terminal.wait_for(shown)
        memory = resident(terminal.pid)
    return start, memory


def resident(pid: int, what: str = "VmRSS") -> float:
    """A process's memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what))


def synced(files: int) -> dict[str, float]:
    """A sync from the embedded server, beside the same pages by `json.loads`, each in a process of its own."""
    with RunningDemo("--bulk", str(files), timeout=120) as demo:

        def once(way: str) -> dict[str, float]:
            child = [sys.executable, "-m", "tests.bench.sync_once", way, demo.base_url]
            found: dict[str, float] = json.loads(subprocess.run(child, stdout=subprocess.PIPE, check=True).stdout)
            return found

        rounds = [once("pages") | once("sync") for _ in range(ROUNDS if files <= MANY else 1)]
        best = min(rounds, key=lambda found: found["whole"] / found["pages"])
        middle = sorted(found["whole"] / found["pages"] for found in rounds)[len(rounds) // 2]
        return best | once("screen") | {"ratio": middle}


def beside(here: float, there: float) -> str:
    """Milliseconds, and how many times the other ones they are."""
    return f"{here:>8.2f} " + (f"({here / there:.1f})" if there else "( – )")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    asked: dict[int, dict[str, Any]] = {}
    heads = ("pages s", "sync s", "ratio", "sure s", "settled s", "pause ms", "peak MiB")
    print(f"{'files':>10}" + "".join(f"{head:>10}" for head in heads))
    for files in sizes:
        once = synced(files)
        columns = ("pages", "whole", "ratio", "sure", "settled", "pause", "peak")
        print(f"{files:>10,}" + "".join(f"{once[name]:>10.2f}" for name in columns), flush=True)
    print(
        f"\n{'files':>10}{'disk MB':>9}{'first rows ms':>15}{'MiB':>6}{'first page':>12}{'flip':>7}"
        f"{'search 3':>10}{'search 8':>10}{'totals':>8}{'purposes':>10}   (worst ms)"
    )
    for files in sorted({BASE, *sizes}):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with kept(files, folder) as (path, catalog):
                asked[files] = questions(catalog)
            start, memory = program(folder)
            size = path.stat().st_size / 1e6
        found = asked[files]
        flip = max(max(times) for times in found["flips"].values())
        print(
            f"{files:>10,}{size:>9.1f}{start:>15.0f}{memory:>6.0f}{found['first page']:>12.1f}{flip:>7.2f}"
            f"{found['search 3']:>10.1f}{found['search 8']:>10.1f}{found['totals']:>8.2f}{found['purposes']:>10.2f}",
            flush=True,
        )
    largest = max(sizes)
    orders = [f"{sort} {arrow}" for sort in get_args(Sort) for arrow in "▾▴"]
    print(f"\nms a page flip at {largest:,} files (times the same at {BASE:,})")
    print(f"{'':<20}" + "".join(f"{order:>14}" for order in orders))
    for name, times in asked[largest]["flips"].items():
        print(f"{name:<20}" + "".join(map(beside, times, asked[BASE]["flips"][name])))


if __name__ == "__main__":
    main()
