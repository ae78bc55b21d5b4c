"""Random schedules of faults by the thousand, see `tests.playing`.

    python -m tests.bench.schedules [--runs 10000] [--processes 1] [--first 0] [--minutes 60] [--show 3]

It prints what was played, how it ended, and how often each of what must never happen did, with the first schedules that
made it happen, made as simple as they can be. `--first` is the number of the first schedule; a number is always the
same schedule, though not with the same timing. After `--minutes` no more are begun.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.operations import hurried
from tests.playing import KINDS, Tally, Wrong, elsewhere, play, simplest
from tests.schedules import drawn
from tests.wire import serving

AT_ONCE = 50
Found = tuple[Tally, list[tuple[str, str]]]


def played(numbers: range) -> Found:
    """The schedules of these numbers; gives what came of them, and what must never happen with its schedule."""
    tally = Tally()
    wrong: list[tuple[str, str]] = []
    with pytest.MonkeyPatch.context() as monkeypatch, serving(elsewhere) as server:
        hurried(monkeypatch)
        for number in numbers:
            schedule = drawn(number, server.base_url.removesuffix("/v1"))
            with tempfile.TemporaryDirectory() as folder:
                try:
                    tally.add(play(schedule, Path(folder)))
                except Wrong as error:
                    tally.schedules += 1
                    least, again = simplest(schedule)
                    wrong.append((error.kind, f"{number}: {error}\n    {least}\n    {again or 'goes well alone'}"))
    return tally, wrong


def main() -> None:
    """Play, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--show", type=int, default=3)
    options = parser.parse_args()
    began = time.monotonic()
    tally, wrong = Tally(), Counter[str]()
    numbers = range(options.first, options.first + options.runs)
    parts = [numbers[place : place + AT_ONCE] for place in range(0, len(numbers), AT_ONCE)]
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for made, errors in pool.map(played, parts):
            tally.add(made)
            for kind, text in errors:
                wrong[kind] += 1
                if wrong[kind] <= options.show:
                    print(text, flush=True)
            if time.monotonic() - began > 60 * options.minutes:
                pool.shutdown(cancel_futures=True)
                break
    print(f"{tally.schedules} schedules in {time.monotonic() - began:.0f} s, {tally.requests} requests,")
    print(f"{tally.faults.total()} faults of {len(tally.faults)} kinds met\n")
    print("outcome".ljust(28), "jobs")
    for state, count in sorted(tally.states.items()):
        print(state.ljust(28), count)
    print("\nwhat must never happen".ljust(29), "schedules")
    for kind in KINDS:
        print(kind.ljust(28), wrong[kind])
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
