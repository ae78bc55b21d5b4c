"""Waiting for what is expected, instead of for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

DEADLINE = 20.0


def until(holds: Callable[[], object]) -> None:
    """Return as soon as it holds; fails when it never does."""
    deadline = time.monotonic() + DEADLINE
    tick = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "what was awaited did not come"
        tick.wait(0.005)
