"""The endpoints for files that are sent in parts (API reference, "Large uploads")."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from files_tui.api.abort import Abort
from files_tui.api.client import file_in, patience_for
from files_tui.api.errors import NotFound, NotSupported, Unreadable
from files_tui.api.models import File, read_time
from files_tui.api.multipart import Slice, UploadForm, media_type
from files_tui.api.requests import Body, Request, segment_of
from files_tui.api.wire import Document, Wire

PART_SIZE = 64 << 20

LIFE_SECONDS = 3600.0
"""A large upload dies so long after it began, where the server names no time."""


class Started(msgspec.Struct, frozen=True):
    """A large upload that was begun, and when the server ends it, by this machine's clock (unix seconds)."""

    id: str
    ends: float


class LargeUploads:
    """Begin, add parts, complete, cancel. Blocking; all raise the `ApiError` tree and `Aborted`.

    Nothing is sent a second time here: the one who calls knows what may be.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def start(self, *, name: str, size: int, purpose: str, expires_after: int | None, abort: Abort) -> Started:
        """Begin a large upload of `size` bytes; raises `NotSupported` where the server has none."""
        wanted: dict[str, object] = {
            "filename": name,
            "purpose": purpose,
            "bytes": size,
            "mime_type": media_type(name),
        }
        if expires_after is not None:
            wanted["expires_after"] = {"anchor": "created_at", "seconds": expires_after}
        began = time.time()
        try:
            document = self._post("/uploads", wanted, abort)
        except (NotFound, NotSupported) as error:
            raise NotSupported(
                "this server takes no uploads in parts",
                status=error.status,
                request_id=error.request_id,
                advice="One request holds at most 512 MiB: split the file.",
            ) from None
        value = document.value if isinstance(document.value, dict) else {}
        if not isinstance(value.get("id"), str) or not value["id"]:
            raise Unreadable("the answer holds no upload", status=document.status, request_id=document.request_id)
        created, ends = read_time(value.get("created_at")), read_time(value.get("expires_at"))
        life = ends - created if created is not None and ends is not None else LIFE_SECONDS
        return Started(value["id"], began + life)

    def add_part(self, upload_id: str, piece: Slice, *, on_bytes: Callable[[int], None], abort: Abort) -> str:
        """Send a slice of a file; gives the part's id. A part that is sent twice and named once does no harm."""

        def report(sent: int) -> None:
            abort.check()
            on_bytes(sent)

        form = UploadForm(piece, field="data", name="part", fields={}, on_bytes=report)
        try:
            body = Body(form.headers, form, patience_for(form.size))
            request = Request("POST", f"{_path_of(upload_id)}/parts", {})
            document = self._wire.ask(request, body=body, abort=abort, retry=False)
        finally:
            form.close()
        part = document.value.get("id") if isinstance(document.value, dict) else None
        if not isinstance(part, str) or not part:
            raise Unreadable("the answer holds no part", status=document.status, request_id=document.request_id)
        return part

    def complete(self, upload_id: str, part_ids: Sequence[str], *, md5: str, size: int, abort: Abort) -> File:
        """Join the parts in this order; `md5` is that of the whole file, of `size` bytes."""
        wanted = {"part_ids": list(part_ids), "md5": md5}
        document = self._post(f"{_path_of(upload_id)}/complete", wanted, abort, patience_for(size))
        return file_in(document, document.value.get("file") if isinstance(document.value, dict) else None)

    def cancel(self, upload_id: str, *, abort: Abort) -> None:
        """Give a large upload up, with all of its parts."""
        self._post(f"{_path_of(upload_id)}/cancel", {}, abort)

    def _post(self, path: str, value: object, abort: Abort, patience: float | None = None) -> Document:
        content = msgspec.json.encode(value)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        body = Body(headers, [content], patience or patience_for(0))
        return self._wire.ask(Request("POST", path, {}), body=body, abort=abort, retry=False)


def _path_of(upload_id: str) -> str:
    return f"/uploads/{segment_of(upload_id)}"
