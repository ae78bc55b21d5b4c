"""Looking after files that are not ready yet."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable

from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted
from files_tui.api.models import File

FIRST_LOOK, LONGEST_LOOK, SLOWER = 2.0, 30.0, 1.5
"""Seconds from look to look, at first and at most, and by how much each is longer than the one before."""

FOLLOWED = 200
"""So many busy files are followed, the newest of them; the next refresh tells of the others."""

AT_ONCE = 10


class Follower:
    """Asks for busy files until their status is final, `AT_ONCE` of them in turn, slower as time passes without news.

    `look` asks for one file and gives whether it is still busy.
    """

    def __init__(self, look: Callable[[str], bool], closing: Abort) -> None:
        self._look = look
        self._closing = closing
        self._lock = threading.Lock()
        self._busy: deque[str] = deque()
        self._turn: list[str] = []
        self._pause = FIRST_LOOK
        self._waits: float | None = None
        self._round = 0

    def follow(self, files: Iterable[File]) -> None:
        """Look after those of these files that are busy; a new one does not wait for the long pause of an old one."""
        with self._lock:
            known = {*self._busy, *self._turn}
            new = [file.id.true for file in files if file.kind == "busy" and file.id not in known]
            if not new:
                return
            self._busy.extendleft(reversed(new))
            self._pause = FIRST_LOOK
            if self._waits is None or self._waits > FIRST_LOOK:
                self._round += 1
                self._waits = FIRST_LOOK
                threading.Thread(target=self._run, args=(self._round,), name="follow", daemon=True).start()

    def _run(self, number: int) -> None:
        """One round, until there is nothing to look after, or a new round has begun."""
        with contextlib.suppress(Aborted):
            while self._take_turn(number):
                busy = [file_id for file_id in self._turn if self._look(file_id)]
                with self._lock:
                    if len(busy) < len(self._turn):
                        self._pause = FIRST_LOOK
                    self._busy.extend(busy)
                    self._turn = []
                    if number != self._round:
                        return
                    self._waits = self._pause if self._busy else None
                    if not self._busy:
                        return

    def _take_turn(self, number: int) -> bool:
        """Wait, then take the next files; False when another round has begun meanwhile."""
        self._closing.wait(self._waits or FIRST_LOOK)
        with self._lock:
            if number != self._round:
                return False
            self._waits = FIRST_LOOK  # what comes while it looks waits no longer than that
            self._pause = min(self._pause * SLOWER, LONGEST_LOOK)
            self._turn = [self._busy.popleft() for _ in range(min(AT_ONCE, len(self._busy)))]
            return True
