"""Cancelling a request from another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable

from files_tui.api.errors import Aborted


class Abort:
    """A switch that ends a request, or any work, of another thread.

    A thread that waits for the network looks at no flag, so `cancel` also shuts the watched sockets down.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """End the work; may be called from any thread, and again."""
        with self._lock:
            self._event.set()
            for watched in self._sockets:
                shut_down(watched)

    def watch(self, connection: socket.socket) -> None:
        """Shut this socket down too when cancelled."""
        with self._lock:
            self._sockets.append(connection)
            if self._event.is_set():
                shut_down(connection)

    def unwatch(self, connections: Iterable[socket.socket]) -> None:
        """Leave these sockets alone from now on: another request may come to use them."""
        with self._lock:
            for connection in connections:
                self._sockets.remove(connection)

    def check(self) -> None:
        """Raise `Aborted` once cancelled."""
        if self._event.is_set():
            raise Aborted

    def wait(self, seconds: float) -> None:
        """Pause for so many seconds; raises `Aborted` as soon as cancelled."""
        if self._event.wait(seconds):
            raise Aborted


def shut_down(connection: socket.socket) -> None:
    """End a connection under the thread that uses it; closing alone would not wake that thread."""
    with contextlib.suppress(OSError):
        # The base method, since that of an SSLSocket takes the TLS layer away from the thread that reads.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Deadlines:
    """Calls `end` for work whose time is over: a server that drips is never silent for long."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[object, tuple[float, Callable[[], None]]] = {}
        self._is_watched = False

    def set(self, work: object, seconds: float, end: Callable[[], None]) -> None:
        """Give it so long from now on, in place of what it was given before."""
        with self._changed:
            self._due[work] = (time.monotonic() + seconds, end)
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
            self._changed.notify()

    def clear(self, work: object) -> None:
        """It has ended, or may take as long as it likes."""
        with self._changed:
            self._due.pop(work, None)

    def _watch(self) -> None:
        with self._changed:
            while self._due:
                now = time.monotonic()
                for work, (at, end) in list(self._due.items()):
                    if at <= now:
                        del self._due[work]
                        end()
                next_one = min((at for at, _ in self._due.values()), default=now)
                self._changed.wait(max(0.0, next_one - now))
            self._is_watched = False
