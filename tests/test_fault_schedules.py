"""Random faults, in random order, against jobs that run at once: nothing is lost, doubled or left half-written.

`python -m tests.bench.schedules --runs 10000` plays more of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations import hurried
from tests.playing import Tally, Wrong, elsewhere, play, simplest
from tests.schedules import drawn
from tests.wire import serving

SCHEDULES = 64


@pytest.fixture(scope="module")
def elsewhere_url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as monkeypatch, serving(elsewhere) as server:
        hurried(monkeypatch)
        yield server.base_url.removesuffix("/v1")


def test_whatever_happens_nothing_is_lost_doubled_or_half_written(elsewhere_url: str) -> None:
    tally = Tally()
    for number in range(SCHEDULES):
        schedule = drawn(number, elsewhere_url)
        with tempfile.TemporaryDirectory() as folder:
            try:
                tally.add(play(schedule, Path(folder)))
            except Wrong as wrong:
                pytest.fail(f"schedule {number}: {wrong}\n{simplest(schedule)}")
    assert tally.schedules == SCHEDULES
    assert len(tally.faults) > SCHEDULES / 2
    assert {state.split()[1] for state in tally.states} >= {"done", "failed", "unknown", "cancelled"}
