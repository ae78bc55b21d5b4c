"""Telling of jobs: many changes of one moment are one write and one message."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from files_tui.text import one_line
from files_tui.transfers.jobs import Change, Job, State
from files_tui.transfers.journal import Journal

BETWEEN = 0.05
"""Seconds from one telling to the next: 8 deletes at once end by the hundred in a second."""


class Outbox:
    """Hands changes to a listener and then to the journal, from a thread of its own.

    The journal forgets a job only after the listener has noted its end, so that nothing is lost in between.
    """

    def __init__(self, journal: Journal, listener: Callable[[list[Change]], None]) -> None:
        self._journal = journal
        self._listener = listener
        self._changed = threading.Condition()
        self._waiting: list[Change] = []
        self._closed = False
        self._thread: threading.Thread | None = None

    def put(self, job: Job, state: State) -> None:
        """Tell soon that a job went into a state."""
        with self._changed:
            self._waiting.append((job, state))
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="transfer-news", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Tell what is left, and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._tell()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
            self._tell()
            with self._changed:
                self._changed.wait_for(lambda: self._closed, BETWEEN)

    def _tell(self) -> None:
        with self._changed:
            changes, self._waiting = self._waiting, []
        if not changes:
            return
        try:
            self._listener(changes)
        except Exception as error:  # the listener's trouble is not the job's
            words = one_line(f"could not be noted: {type(error).__name__}: {error}")
            for job, state in changes:
                if state == "done":
                    job.advice = words
        with contextlib.suppress(OSError):
            self._journal.settle(changes)
