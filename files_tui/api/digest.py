"""A digest of bytes that pass by, which holds up nothing."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

BACKLOG = 4
"""So many pieces may wait; a line that is ahead by more is one within this machine, or next to it."""


class PassingDigest:
    """The SHA-256 of what is given to it, made in a thread of its own.

    Where pieces come faster than it gets on it is given up: made in time it would take half of the throughput to a
    server on the same machine, and over a network it has long been done when the next piece comes.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._worker = ThreadPoolExecutor(1, "digest")
        self._waiting: deque[Future[None]] = deque()
        self._is_given_up = False

    def update(self, piece: bytes) -> None:
        """Take the next piece; does not block."""
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()
        if len(self._waiting) >= BACKLOG:
            self._is_given_up = True
            self.close()
        if not self._is_given_up:
            self._waiting.append(self._worker.submit(self._hash.update, piece))

    def result(self) -> str | None:
        """The digest as `sha256:…`, once what waits is done; None where it was given up."""
        self._worker.shutdown()
        return None if self._is_given_up else f"sha256:{self._hash.hexdigest()}"

    def close(self) -> None:
        """Make no digest any more; does not block."""
        self._worker.shutdown(wait=False, cancel_futures=True)
