"""The pause that a server asks for, kept by all jobs together."""

from __future__ import annotations

import threading
import time


class Pace:
    """Until when no request is to be sent; any thread may ask and tell."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Seconds until requests may be sent again."""
        return max(0.0, self._until - time.monotonic())

    def pause(self, seconds: float) -> bool:
        """Send nothing for so long; False when a pause is under way, which this one may make longer."""
        with self._lock:
            now = time.monotonic()
            is_new = self._until <= now
            self._until = max(self._until, now + seconds)
            return is_new
