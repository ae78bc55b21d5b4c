"""What may be sent: no change in a read-only session, and no delete before the server has shown what it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from files_tui.api.errors import ApiError, PermissionMissing, ReadOnly
from files_tui.api.models import File, is_like_a_file
from files_tui.text import Safe

_WRITE_SCOPE = "api.files.write"


class Guard:
    """Of one session; any thread may use it.

    `on_read_only` hears once, with the reason, that the server takes no changes from this key.
    """

    def __init__(self, *, read_only: bool, on_read_only: Callable[[Safe], None]) -> None:
        self.read_only = read_only
        self.has_shown_files = False
        """Whether the server has shown itself to be a Files API: another one may live at the same address."""
        self.has_retrieved = False
        """Whether it has ever told of a single file, so that its word that there is none can be believed."""
        self._on_read_only = on_read_only
        self._lock = threading.Lock()

    def permit(self, method: str) -> None:
        """Raise `ReadOnly` for a change that must not be asked for."""
        if self.read_only and method != "GET":
            raise ReadOnly("this session is read-only: nothing was sent", reached_server=False)

    def learn(self, error: ApiError) -> None:
        """Change nothing any more once the key turns out to be one that may not (API reference, "Errors")."""
        if isinstance(error, PermissionMissing) and _WRITE_SCOPE in error.message:
            with self._lock:
                was_known, self.read_only = self.read_only, True
            if not was_known:
                self._on_read_only(error.message)

    def saw(self, files: Iterable[File]) -> None:
        """Take note of what the server answered with."""
        self.has_shown_files = self.has_shown_files or any(is_like_a_file(file) for file in files)
