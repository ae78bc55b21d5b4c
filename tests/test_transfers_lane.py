"""Who is next in a line, how many run at once, and the pause that all keep; with a clock of the test's own."""

from __future__ import annotations

import pytest

from files_tui.transfers.jobs import Batch, Job
from files_tui.transfers.lane import GROWTH, Lane
from files_tui.transfers.pace import Pace
from tests.queues import Clock, deleting


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def lined_up(lane: Lane, *names: str) -> list[Job]:
    """Jobs of one batch at the end of the line."""
    jobs: list[Job] = [deleting(name) for name in names]
    Batch(jobs)
    for job in jobs:
        lane.add(job)
    return jobs


def taken(lane: Lane) -> list[str]:
    """The names of those that the lane gives now, each of which begins."""
    names = []
    while (job := lane.next()) is not None:
        lane.busy += 1
        job.enter("running")
        names.append(job.title.removesuffix(".txt"))
    return names


def put_off(lane: Lane, job: Job, until: float) -> None:
    """Let a running job be tried again at a time."""
    job.enter("retrying")
    job.retry_at = until
    lane.busy -= 1
    lane.add_later(job)


def test_jobs_of_one_batch_run_in_their_order() -> None:
    lane = Lane("x", 9)
    lined_up(lane, "a", "b", "c")
    assert taken(lane) == ["a", "b", "c"]
    assert lane.next() is None


def test_no_more_than_its_width_run_at_once() -> None:
    lane = Lane("x", 3)
    lined_up(lane, *"abcdefg")
    assert taken(lane) == ["a", "b", "c"]
    lane.busy -= 2
    assert taken(lane) == ["d", "e"]


def test_batches_take_turns() -> None:
    lane = Lane("x", 100)
    lined_up(lane, "a1", "a2", "a3", "a4", "a5")
    lined_up(lane, "b1", "b2")
    lined_up(lane, "c1")
    assert taken(lane) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5"]


def test_a_batch_that_comes_late_waits_for_one_of_a_large_one() -> None:
    lane = Lane("x", 1)
    lined_up(lane, *(f"big{n}" for n in range(1_000)))
    assert taken(lane) == ["big0"]
    lined_up(lane, "small")
    order = []
    for _ in range(3):
        lane.busy -= 1
        order += taken(lane)
    assert order == ["big1", "small", "big2"]


def test_cancelled_jobs_are_passed_over_and_cost_no_turn() -> None:
    lane = Lane("x", 100)
    first = lined_up(lane, "a1", "a2", "a3")
    lined_up(lane, "b1")
    for job in first[:2]:
        job.enter("cancelled")
    assert taken(lane) == ["b1", "a3"]


def test_a_job_that_is_tried_again_goes_first_when_its_time_has_come(clock: Clock) -> None:
    lane = Lane("x", 1)
    jobs = lined_up(lane, "a", "b", "c")
    assert taken(lane) == ["a"]
    put_off(lane, jobs[0], clock.now + 5)
    assert lane.due() == clock.now + 5
    assert taken(lane) == ["b"]
    clock.now += 5
    assert taken(lane) == []
    lane.busy -= 1
    assert taken(lane) == ["a"]
    assert lane.due() is None


def test_the_earliest_is_tried_again_first(clock: Clock) -> None:
    lane = Lane("x", 3)
    jobs = lined_up(lane, "a", "b", "c")
    assert taken(lane) == ["a", "b", "c"]
    for job, wait in zip(jobs, (3, 1, 2), strict=True):
        put_off(lane, job, clock.now + wait)
    assert taken(lane) == []
    clock.now += 3
    assert taken(lane) == ["b", "c", "a"]


def test_a_job_that_was_cancelled_while_it_was_put_off_does_not_come(clock: Clock) -> None:
    lane = Lane("x", 1)
    (job,) = lined_up(lane, "a")
    assert taken(lane) == ["a"]
    put_off(lane, job, clock.now)
    job.enter("cancelled")
    assert taken(lane) == []


def test_the_time_of_before_a_cancel_counts_no_more(clock: Clock) -> None:
    """It was put off, cancelled, tried again, and put off once more for longer."""
    lane = Lane("x", 1)
    (job,) = lined_up(lane, "a")
    assert taken(lane) == ["a"]
    put_off(lane, job, clock.now + 1)
    job.enter("cancelled")
    job.enter("waiting")
    Batch([job])
    lane.add(job)
    assert taken(lane) == ["a"]
    put_off(lane, job, clock.now + 50)
    clock.now += 10
    assert taken(lane) == []
    clock.now += 40
    assert taken(lane) == ["a"]


def test_a_lane_is_halved_and_never_closed() -> None:
    lane = Lane("x", 8)
    widths = []
    for _ in range(5):
        lane.narrow()
        widths.append(lane.limit)
    assert widths == [4, 2, 1, 1, 1]
    lined_up(lane, "a", "b")
    assert taken(lane) == ["a"]


def test_a_lane_grows_slowly_and_not_beyond_its_width() -> None:
    lane = Lane("x", 4)
    for _ in range(100):
        lane.succeeded()
    assert lane.limit == 4
    lane.narrow()
    counts = []
    for _ in range(2):
        before, successes = lane.limit, 0
        while lane.limit == before:
            lane.succeeded()
            successes += 1
        counts.append(successes)
    assert counts == [2 * GROWTH, 3 * GROWTH]
    for _ in range(100):
        lane.succeeded()
    assert lane.limit == 4


def test_successes_of_before_a_halving_do_not_count() -> None:
    lane = Lane("x", 4)
    lane.narrow()
    for _ in range(2 * GROWTH - 1):
        lane.succeeded()
    lane.narrow()
    lane.succeeded()
    assert lane.limit == 1


def test_a_pause_is_one_for_all(clock: Clock) -> None:
    pace = Pace()
    assert pace.left == 0
    assert pace.pause(10)
    assert pace.left == 10
    assert not pace.pause(4)
    assert pace.left == 10
    assert not pace.pause(15)
    clock.now += 6
    assert pace.left == 9
    clock.now += 20
    assert pace.left == 0
    assert pace.pause(1)
