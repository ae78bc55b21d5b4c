"""Speed and time left, with a clock of the test's own."""

import threading
from collections.abc import Iterable

import pytest

from files_tui.transfers.rate import WINDOW, Meter, Rate


def rate_of(*readings: tuple[float, int]) -> Rate:
    """A rate that read these counters at these times."""
    times: Iterable[float] = iter([at for at, _ in readings])
    rate = Rate(clock=lambda: next(iter(times)))
    for _, moved in readings:
        rate.read(moved)
    return rate


def test_nothing_is_known_at_first() -> None:
    for rate in (Rate(), rate_of((0, 0)), rate_of((1, 0), (1, 500))):
        assert rate.speed is None
        assert rate.left(0, 100) is None


def test_speed_and_time_left() -> None:
    rate = rate_of((10, 0), (11, 100), (12, 300))
    assert rate.speed == 150
    assert rate.left(300, 900) == 4
    assert rate.left(900, 900) == 0
    assert rate.left(1_000, 900) == 0
    assert rate.left(300, None) is None


def test_only_the_last_seconds_count() -> None:
    assert WINDOW == 5
    readings = [(float(second), 1_000_000 if second else 0) for second in range(3)]
    readings += [(float(second), 1_000_000 + 10 * (second - 2)) for second in range(3, 20)]
    assert rate_of(*readings).speed == 10


def test_a_stalled_transfer_has_no_end() -> None:
    rate = rate_of(*((float(second), 500) for second in range(10)))
    assert rate.speed == 0
    assert rate.left(500, 1_000) is None


@pytest.mark.parametrize("gap", [6, 3_600])
def test_rare_readings_still_give_a_speed(gap: int) -> None:
    assert rate_of((0, 0), (gap, gap * 7), (2 * gap, gap * 21)).speed == 14


def test_what_all_have_moved_is_counted_by_many_threads() -> None:
    meter = Meter()

    def add() -> None:
        for _ in range(5_000):
            meter.add(3)
            meter.add(-1)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.moved == 80_000
