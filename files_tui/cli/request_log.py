"""A line for each request, in a file that the person names."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from files_tui.cli.words import say
from files_tui.settings import SettingsError
from files_tui.text import one_line, safe

if TYPE_CHECKING:
    from files_tui.api.models import Exchange


class RequestLog:
    """Appends a line for each request to a file that only its owner reads; `write` may be called from any thread."""

    def __init__(self, path: Path) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise SettingsError(f"cannot write {one_line(str(path))}: {error.strerror}") from None
        self._handle: int | None = handle
        self._failure: OSError | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> RequestLog:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
        if self._failure is not None:
            say(f"files-tui: the log file is not complete: {self._failure.strerror}")

    def write(self, exchange: Exchange) -> None:
        """Note a request: time, method, path, status, seconds, request id, earlier tries, and its error.

        A log that cannot be written must not make a request fail that did not; it is told of at the end.
        """
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(exchange.at))
        line = (
            f"{when} {exchange.method} {exchange.path} {exchange.status or '-'} {exchange.duration:.3f}s "
            f"{exchange.request_id or '-'} retries={exchange.retries}"
            f"{f' error={safe(exchange.error)}' if exchange.error else ''}\n"
        )
        with self._lock:
            if self._handle is not None and self._failure is None:
                try:
                    os.write(self._handle, line.encode())
                except OSError as error:
                    self._failure = error
