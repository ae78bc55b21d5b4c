"""Random schedules of faults by the thousand, see `tests.schedules`.

    python -m tests.bench.schedules [--runs 10000] [--processes 1] [--seed 0] [--show 3]

It prints what was played, how it ended, and how often each of what must never happen did, with the first schedules that
made it happen. The same seed plays the same schedules, though not with the same timing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.operations import hurried
from tests.schedules import KINDS, Tally, Wrong, elsewhere, play, schedules
from tests.wire import serving

AT_ONCE = 50
Found = tuple[Tally, list[tuple[str, str]]]


def played(seed: int, runs: int) -> Found:
    """So many schedules of a seed; gives what came of them, and what must never happen with its schedule."""
    tally = Tally()
    wrong: list[tuple[str, str]] = []
    with pytest.MonkeyPatch.context() as monkeypatch, serving(elsewhere) as server:
        hurried(monkeypatch, silence=0.15)
        url = server.base_url.removesuffix("/v1")

        @hypothesis.seed(seed)
        @settings(
            max_examples=runs,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def plays(data: st.DataObject) -> None:
            schedule = data.draw(schedules(url))
            with tempfile.TemporaryDirectory() as folder:
                try:
                    tally.add(play(schedule, Path(folder)))
                except Wrong as error:
                    tally.schedules += 1
                    wrong.append((error.kind, f"{error}\n    {schedule}"))

        plays()
    return tally, wrong


def main() -> None:
    """Play, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=3)
    options = parser.parse_args()
    began = time.monotonic()
    tally, wrong = Tally(), Counter[str]()
    seeds = range(options.seed, options.seed + -(-options.runs // AT_ONCE))
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        for made, errors in pool.map(played, seeds, [AT_ONCE] * len(seeds)):
            tally.add(made)
            for kind, text in errors:
                wrong[kind] += 1
                if wrong[kind] <= options.show:
                    print(text, flush=True)
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
