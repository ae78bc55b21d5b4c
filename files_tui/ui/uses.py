"""Looking at what uses files, beside all else that a session does."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted
from files_tui.catalog import capabilities
from files_tui.catalog.errors import CatalogFailed
from files_tui.text import Safe, Untrusted, count
from files_tui.ui.messages import UsesChanged

if TYPE_CHECKING:
    from files_tui.api.holders import HolderKind
    from files_tui.ui.session import Session


class UsesLooker:
    """Fills the catalog of a session with what uses files, once at a time, and tells of each page by `post`.

    `words` say how far that is, None while nothing is looked for.
    """

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post
        self._lock = threading.Lock()
        self._looking: Abort | None = None
        self._is_closed = False
        self.words: Safe | None = None

    def look(self, *, again: bool) -> None:
        """Look at everything that uses files, unless that is under way; blocking.

        With `again`, a server that did not tell of some of it before is asked once more.
        """
        from files_tui.catalog.holders import UsesLook
        from files_tui.catalog.uses import KINDS, NAMES

        with self._lock:
            if self._looking is not None or self._is_closed:
                return
            self._looking = abort = Abort()
        catalog = self._session.catalog

        def news(kind: HolderKind, seen: int) -> None:
            so_far = f" {count(seen)} so far" if seen else ""
            self.words = Safe(f"looking at {NAMES[kind][1]}…{so_far}")
            self._post(UsesChanged())

        try:
            if again:
                capabilities.forget(catalog, *KINDS)
            UsesLook(self._session.client, catalog, abort, news).run()
        except Aborted:
            pass
        except CatalogFailed as error:
            self._session.catalog_failed(catalog, error)
        finally:
            self.words = self._looking = None
            self._post(UsesChanged())

    def stop(self) -> None:
        """End a look that is under way; what it has found stays."""
        with self._lock:
            if self._looking is not None:
                self._looking.cancel()

    def close(self) -> None:
        """End for good."""
        self._is_closed = True
        self.stop()

    def detach(self, store_id: Untrusted, file_id: Untrusted, abort: Abort) -> bool:
        """Take a file out of a vector store; blocking. False where it was not in it. Raises `ApiError`, `Aborted`."""
        was_there = self._session.client.uses.detach(store_id.true, file_id.true, abort=abort)
        with contextlib.suppress(CatalogFailed):  # the next look tells
            self._session.catalog.uses.detached(store_id, file_id)
        self._post(UsesChanged())
        return was_there
