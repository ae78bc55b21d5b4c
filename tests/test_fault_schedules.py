"""Random faults, in random order, against jobs that run at once: nothing is lost, doubled or left half-written.

`python -m tests.bench.schedules --runs 10000` plays more of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.operations import hurried
from tests.schedules import Tally, elsewhere, play, schedules
from tests.wire import serving

EXAMPLES = 80


@pytest.fixture(scope="module")
def elsewhere_url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as monkeypatch, serving(elsewhere) as server:
        hurried(monkeypatch, silence=0.15)
        yield server.base_url.removesuffix("/v1")


def test_whatever_happens_nothing_is_lost_doubled_or_half_written(elsewhere_url: str) -> None:
    tally = Tally()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def plays(data: st.DataObject) -> None:
        schedule = data.draw(schedules(elsewhere_url))
        with tempfile.TemporaryDirectory() as folder:
            tally.add(play(schedule, Path(folder)))

    plays()
    assert tally.schedules == EXAMPLES
    assert len(tally.faults) > EXAMPLES / 2
    assert {state.split()[1] for state in tally.states} >= {"done", "failed", "unknown", "cancelled"}
