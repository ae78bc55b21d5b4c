"""Deleting a file, and being sure of it: of whom is asked, and of what the answer means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from files_tui.api.abort import Abort
from files_tui.api.client import answer_with, path_of
from files_tui.api.errors import ApiError, NotFound, NotSupported, Refused, Unproven, Unreadable, from_answer
from files_tui.api.guard import Guard
from files_tui.api.models import Answer
from files_tui.api.requests import Request
from files_tui.api.wire import Document, Wire

if TYPE_CHECKING:
    from files_tui.api.client import FilesClient

NAMED = 100
"""So many characters of an id are enough to name a file."""


def delete(
    client: FilesClient, wire: Wire, guard: Guard, file_id: str, *, retry: bool, abort: Abort | None
) -> Answer[bool]:
    """See `FilesClient.delete`."""
    request = Request("DELETE", path_of(file_id), {})
    guard.permit(request.method)
    if not guard.has_shown_files and (gone := _proof(client, guard, file_id, retry=retry, abort=abort)):
        return _gone(gone)
    try:
        document = wire.ask(request, abort=abort, retry=retry)
    except NotFound as error:
        if _is_there(client, guard, file_id, abort, told=names(error, file_id)):
            raise NotSupported(f"the server keeps the file: {error.message}", **_marks(error)) from None
        return _gone(error)
    said = document.value if isinstance(document.value, dict) else {}
    if said.get("deleted") is False:
        raise Refused("the server says that it did not delete the file", **_marks(document))
    is_done = not said.get("error") and said.get("deleted") in (True, None)
    is_named = is_done and said.get("id", file_id) == file_id and ("id" in said or said.get("deleted") is True)
    if not is_named and _is_there(client, guard, file_id, abort):
        if "error" in said:
            raise from_answer(400, said, "", document.request_id, None)
        raise NotSupported("the server keeps the file, though it accepts the delete", **_marks(document))
    return answer_with(document, True)


def _proof(client: FilesClient, guard: Guard, file_id: str, *, retry: bool, abort: Abort | None) -> NotFound | None:
    """See whether this is a Files API; gives its word that the file is gone, if it is, and raises `Unproven`."""
    try:
        client.retrieve(file_id, retry=retry, abort=abort)
    except NotFound as error:
        if names(error, file_id):
            return error
        why: ApiError | None = error
    except (NotSupported, Refused, Unreadable) as error:
        why = error
    else:
        why = None
    if guard.has_shown_files:
        return None
    words = why.message if why else "what it answers is no file"
    raise Unproven(
        f"not deleted, since this server has not shown itself to be a Files API: {words}", **_marks(why) if why else {}
    )


def _is_there(client: FilesClient, guard: Guard, file_id: str, abort: Abort | None, *, told: bool = False) -> bool:
    """Whether a file is still there, unless the server has `told` already that it is not.

    A server without the operation to retrieve one answers as if there were no such file; where it has not shown that it
    has it, `Unproven` is raised.
    """
    try:
        client.retrieve(file_id, abort=abort)
    except (NotFound, NotSupported) as error:
        if told or (isinstance(error, NotFound) and (guard.has_retrieved or names(error, file_id))):
            return False
        raise Unproven(
            f"it is not certain that the file is gone: {error.message}",
            advice="The list tells.",
            **_marks(error),
        ) from None
    return True


def names(error: ApiError, file_id: str) -> bool:
    """Whether a refusal is about the file, and not about the address as a whole, which ends with the id, too.

    Its message is cut, so that the beginning of a long id is enough.
    """
    start = file_id[:NAMED]
    end = r"(?!\w)" if start == file_id else ""
    is_address = f"/{start}" in error.message or f"/{quote(start, safe='')}" in error.message
    return not is_address and re.search(rf"(?<!\w){re.escape(start)}{end}", error.message) is not None


def _gone(error: NotFound) -> Answer[bool]:
    return Answer(value=False, status=error.status or 404, request_id=error.request_id, duration=0.0)


def _marks(source: ApiError | Document) -> dict[str, Any]:
    return {"status": source.status, "request_id": source.request_id}
