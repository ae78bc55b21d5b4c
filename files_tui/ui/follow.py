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
        self._thread: threading.Thread | None = None
        self._pause = FIRST_LOOK

    def follow(self, files: Iterable[File]) -> None:
        """Look after those of these files that are busy."""
        with self._lock:
            new = [file.id for file in files if file.kind == "busy" and file.id not in self._busy]
            if not new:
                return
            self._busy.extendleft(reversed(new))
            self._pause = FIRST_LOOK
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="follow", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(Aborted):
            while True:
                self._closing.wait(self._pause)
                with self._lock:
                    self._pause = min(self._pause * SLOWER, LONGEST_LOOK)
                    turn = [self._busy.popleft() for _ in range(min(AT_ONCE, len(self._busy)))]
                busy = [file_id for file_id in turn if self._look(file_id)]
                with self._lock:
                    if len(busy) < len(turn):
                        self._pause = FIRST_LOOK
                    self._busy.extend(busy)
                    if not self._busy:
                        self._thread = None
                        return
