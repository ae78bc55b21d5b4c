"""The endpoints that tell where files are used, of which there is none that tells it of one file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from files_tui.api.abort import Abort
from files_tui.api.deletes import names
from files_tui.api.errors import ApiError, NotFound, Refused, Unproven, Unreadable, from_answer
from files_tui.api.guard import Guard
from files_tui.api.holders import Holder, HolderKind, id_of, read_holder
from files_tui.api.models import is_error, read_entries
from files_tui.api.requests import Request, segment_of
from files_tui.api.wire import Document, Wire
from files_tui.text import Safe, Untrusted

PAGE_SIZE = 100
"""The most that these lists give at once."""

LARGEST_PAGE = 8 << 20
"""Bytes of a page: a hundred batches with all that their requests may be marked with are far less."""

_BETA = {"OpenAI-Beta": "assistants=v2"}
"""What the official client sends where vector stores are asked for, and some servers insist on."""

_PATHS: dict[HolderKind, str] = {"batch": "/batches", "job": "/fine_tuning/jobs", "store": "/vector_stores"}


class Page(msgspec.Struct, frozen=True):
    """One page of holders, or of the files in a vector store; the next one comes behind the last of `ids`.

    `has_more` is None where the server does not say; `entries` counts all, those without an id too.
    """

    ids: list[str]
    entries: int
    has_more: bool | None
    holders: list[Holder] = []
    files: list[Untrusted] = []


class Uses:
    """Lists what holds files, newest first, and takes a file out of a vector store.

    Blocking; all raise the `ApiError` tree and `Aborted`.
    """

    def __init__(self, wire: Wire, guard: Guard) -> None:
        self._wire = wire
        self._guard = guard

    def holders(self, kind: HolderKind, after: str | None, *, abort: Abort) -> Page:
        """One page of holders of a kind, behind the id `after`."""
        document, values, has_more = self._page(_PATHS[kind], after, abort)
        holders = [holder for value in values if (holder := read_holder(kind, value))]
        if values and not holders:
            raise Unreadable("the answer holds nothing with an id", **_marks(document))
        return Page([holder.id.true for holder in holders], len(values), has_more, holders=holders)

    def members(self, store_id: str, after: str | None, *, abort: Abort) -> Page:
        """The ids of files in a vector store, one page of them."""
        _, values, has_more = self._page(f"{_PATHS['store']}/{segment_of(store_id)}/files", after, abort)
        ids = [found for value in values if (found := id_of(value, "id"))]
        files = [Untrusted(found) for value in values if (found := id_of(value, "file_id", "id"))]
        return Page(ids, len(values), has_more, files=files)

    def _page(self, path: str, after: str | None, abort: Abort) -> tuple[Document, list[object], bool | None]:
        query = {"limit": str(PAGE_SIZE)}
        if after is not None:
            query["after"] = after
        try:
            document = self._ask("GET", path, query, abort)
        except Refused as error:
            if error.status not in (400, 422) or after is not None:
                raise
            document = self._ask("GET", path, {}, abort)
        entries = read_entries(document.value)
        if entries is None and is_error(document.value):
            raise from_answer(document.status, document.value, "", document.request_id, None)
        if entries is None:
            raise Unreadable("the answer holds no list", **_marks(document))
        return document, entries.values, entries.has_more

    def _ask(self, method: str, path: str, query: Mapping[str, str], abort: Abort) -> Document:
        headers = _BETA if path.startswith(_PATHS["store"]) else {}
        return self._wire.ask(Request(method, path, query, headers=headers), abort=abort, limit=LARGEST_PAGE)

    def detach(self, store_id: str, file_id: str, *, abort: Abort) -> bool:
        """Take a file out of a vector store, which leaves the file; False when it was not in it.

        The store is asked for the file first, so that no delete goes to another API at that address: `Unproven` is
        raised where the answer is not about it.
        """
        path = f"{_PATHS['store']}/{segment_of(store_id)}/files/{segment_of(file_id)}"
        self._guard.permit("DELETE")
        if not self._is_member(path, file_id, abort):
            return False
        try:
            done = self._ask("DELETE", path, {}, abort)
        except NotFound as error:
            if not names(error, file_id):
                raise
            return False
        said = done.value if isinstance(done.value, dict) else {}
        if said.get("error"):
            raise from_answer(400, said, "", done.request_id, None)
        if said.get("deleted") is not True and self._is_member(path, file_id, abort):
            raise Refused("the server keeps the file in the vector store", **_marks(done))
        return True

    def _is_member(self, path: str, file_id: str, abort: Abort) -> bool:
        try:
            found = self._ask("GET", path, {}, abort)
        except NotFound as error:
            if names(error, file_id):
                return False
            why, marks = error.message, _marks(error)
        else:
            if id_of(found.value, "file_id", "id") == file_id:
                return True
            why, marks = Safe("what it answers is no file of a vector store"), _marks(found)
        raise Unproven(f"nothing was detached, since the server does not tell of the file: {why}", **marks)


def _marks(source: Document | ApiError) -> dict[str, Any]:
    return {"status": source.status, "request_id": source.request_id}
