"""A digest of bytes that pass by, which holds up nothing."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar

BACKLOG = 4
"""So many pieces may wait."""

FASTEST = 300e6
"""Bytes a second of all that pass; what leaves faster goes to a server on this machine or next to it, and needs all
processors."""

FIRST = 5 << 20
"""So many bytes fit into what lies between here and there, and tell nothing of the pace."""


class PassingDigest:
    """The SHA-256 of what is given to it, made in a thread of its own.

    It is given up where pieces come faster than it gets on, or so fast that the processor is what limits them: there it
    would take up to half of the throughput. Over a network it has long been done when the next piece comes.
    """

    _open: ClassVar[set[PassingDigest]] = set()
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._worker = ThreadPoolExecutor(1, "digest")
        self._waiting: deque[Future[None]] = deque()
        self._is_given_up = False
        self._began = time.monotonic()
        self._passed = 0
        with self._opening:
            self._open.add(self)

    def update(self, piece: bytes) -> None:
        """Take the next piece; does not block."""
        self._passed += len(piece)
        if self._is_given_up:
            return
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft()
        if len(self._waiting) >= BACKLOG or (self._passed > FIRST and self._pace() > FASTEST):
            self._is_given_up = True
            self._worker.shutdown(wait=False, cancel_futures=True)
            return
        self._waiting.append(self._worker.submit(self._hash.update, piece))

    @classmethod
    def _pace(cls) -> float:
        """Bytes a second of all that pass at the moment, with a digest or since it was given up without one."""
        now = time.monotonic()
        with cls._opening:
            return sum(each._passed / max(now - each._began, 1e-9) for each in cls._open if each._passed > FIRST)

    def result(self) -> str | None:
        """The digest as `sha256:…`, once what waits is done; None where it was given up."""
        self._worker.shutdown()
        self.close()
        return None if self._is_given_up else f"sha256:{self._hash.hexdigest()}"

    def close(self) -> None:
        """Make no digest any more; does not block."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        with self._opening:
            self._open.discard(self)
