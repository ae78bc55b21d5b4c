"""How fast a transfer is, and how long it still takes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW = 5.0


class Rate:
    """Bytes a second over the last seconds, from readings of a counter at any times."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._readings: deque[tuple[float, int]] = deque()

    def read(self, moved: int) -> None:
        """Note how far the counter is now."""
        now = self._clock()
        self._readings.append((now, moved))
        while len(self._readings) > 2 and now - self._readings[0][0] > WINDOW:
            self._readings.popleft()

    @property
    def speed(self) -> float | None:
        """Bytes a second; None until two readings are there."""
        if len(self._readings) < 2:
            return None
        (first, low), (last, high) = self._readings[0], self._readings[-1]
        return (high - low) / (last - first) if last > first else None

    def left(self, moved: int, total: int | None) -> float | None:
        """Seconds until `total` bytes have moved; None when that cannot be told."""
        speed = self.speed
        if not speed or total is None:
            return None
        return max(0.0, (total - moved) / speed)


class Meter:
    """Bytes that have moved in all; threads add to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.moved = 0

    def add(self, count: int) -> None:
        """So many bytes more have moved."""
        with self._lock:
            self.moved += count
