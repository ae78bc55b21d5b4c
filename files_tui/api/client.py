"""The Files API, one method per endpoint (API reference, "Endpoints")."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from files_tui.api.abort import Abort
from files_tui.api.answers import marks
from files_tui.api.bodies import LARGEST_LISTING, is_encoded, unpacked
from files_tui.api.errors import ApiError, NotFound, Refused, Unreadable, from_answer
from files_tui.api.guard import Guard
from files_tui.api.models import Answer, Exchange, File, FilePage, is_error, read_file, read_listing, read_page
from files_tui.api.requests import SILENCE_SECONDS, Body, Request, segment_of
from files_tui.api.streams import raw_chunks
from files_tui.api.wire import Document, Wire
from files_tui.settings import Account
from files_tui.text import Safe, Untrusted

if TYPE_CHECKING:
    from files_tui.api.large import LargeUploads
    from files_tui.api.lost import Lost
    from files_tui.api.uses import Uses

T = TypeVar("T")

# A relay may pass the whole body on before it answers; at this pace of bytes a second it is still given time.
RELAY_PACE = 2_000_000


class Uploaded(msgspec.Struct, frozen=True):
    """A file that arrived. `found` is True when the answer was lost and the file was found on the server.

    `stamp` is the size (bytes) and modification time (ns) of the local file when it was sent, `digest` what its bytes
    were as `sha256:…`, None where they left too fast to be looked at.
    """

    file: File
    stamp: tuple[int, int]
    digest: str | None
    found: bool = False


class Content(msgspec.Struct, frozen=True):
    """A file's bytes on their way, from `start` on, which is 0 where the server does not send parts of files.

    `end` is where the part ends that comes, None where it is the whole file. `length` is that of the whole file, as the
    server announced it, None where it did not; `delimited` tells that the end of the body is marked, so that a cut one
    cannot look whole, and `is_page` that it calls itself a web page.
    """

    chunks: Iterator[bytes]
    start: int
    end: int | None
    length: int | None
    delimited: bool
    is_page: bool


class FilesClient:
    """One account on one server. Blocking; every method may be called from any thread.

    All raise the `ApiError` tree; those that take an `Abort` raise `Aborted` once it is cancelled. With `read_only`,
    nothing that changes anything is ever sent: `ReadOnly` is raised instead. It becomes so by itself, and tells
    `on_read_only` why, when the server says that the key may not write.
    """

    def __init__(
        self,
        account: Account,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        *,
        read_only: bool = False,
        on_read_only: Callable[[Safe], None] = lambda _: None,
    ) -> None:
        self.account = account
        self._guard = Guard(read_only=read_only, on_read_only=on_read_only)
        self._wire = Wire(account, self._guard, on_exchange)

    @property
    def read_only(self) -> bool:
        """Whether nothing is changed in this session."""
        return self._guard.read_only

    def close(self) -> None:
        """End every request under way."""
        self._wire.close()

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the server's clock is ahead of ours; None before its first answer."""
        return self._wire.clock_offset

    @property
    def told(self) -> Mapping[str, Untrusted]:
        """What the server said of whom its files belong to: `openai-organization`, `openai-project`."""
        return self._wire.told

    @property
    def pause_left(self) -> float:
        """Seconds until a request is tried again that the server did not want yet; 0 when none waits."""
        return self._wire.pause_left

    def list_page(
        self,
        *,
        limit: int,
        after: str | None = None,
        purpose: str | None = None,
        retry: bool = True,
        abort: Abort | None = None,
    ) -> Answer[FilePage]:
        """Files, newest first, that come behind the id `after` (API reference, "List"); `limit` is 1 to 10,000.

        Without `retry` every failure is raised at once.
        """
        query = {"limit": str(limit), "order": "desc"}
        if purpose is not None:
            query["purpose"] = purpose
        if after is not None:
            query["after"] = after
        try:
            document = self._wire.ask(
                Request("GET", "/files", query, alone=True),
                abort=abort,
                read=read_listing,
                limit=LARGEST_LISTING,
                retry=retry,
            )
        except NotFound as error:
            error.advice = "There is no listing at this address: check the base URL."
            raise
        page = document.value if isinstance(document.value, FilePage) else read_page(document.value)
        if page is None and is_error(document.value):
            raise from_answer(document.status, document.value, "", document.request_id, None)
        if page is None or (after is None and page.unreadable and not page.files):  # a list of other things is none
            raise Unreadable(
                "the answer holds no list of files", status=document.status, request_id=document.request_id
            )
        self._guard.saw(page.files)
        return answer_with(document, page)

    def retrieve(self, file_id: str, *, retry: bool = True, abort: Abort | None = None) -> Answer[File]:
        """One file as it is now."""
        document = self._wire.ask(Request("GET", path_of(file_id), {}), abort=abort, retry=retry)
        file = file_in(document)
        if file.id == file_id:
            self._guard.has_retrieved = True
            self._guard.saw([file])
        return answer_with(document, file)

    def delete(self, file_id: str, *, retry: bool = True, abort: Abort | None = None) -> Answer[bool]:
        """Delete a file; the value is False when it was gone already (API reference, "Delete").

        Without `retry` every failure is raised at once. Nothing is sent before the server has shown itself to be a
        Files API: it is asked for the file first, and `Unproven` is raised where that gives none, or at least a
        refusal that names it. A 404 alone is no proof that a file is gone, nor a 2xx that names neither the file nor
        what was done.
        """
        from files_tui.api.deletes import delete

        return delete(self, self._wire, self._guard, file_id, retry=retry, abort=abort)

    @contextlib.contextmanager
    def content(
        self, file_id: str, *, start: int = 0, end: int | None = None, retry: bool = True, abort: Abort
    ) -> Iterator[Content]:
        """A file's bytes, as a stream that is read inside the `with` (API reference, "Content").

        With `start` the bytes before it are asked to be left out, with `end` those from there on, which a server need
        not do: with `end` little more is taken from the line than is read. Without `retry` every failure is raised at
        once.
        """
        request = Request("GET", path_of(file_id) + "/content", {}, start, end)
        with self._wire.open_stream(request, abort, retry=retry) as response:
            if response.status_code not in (200, 203, 206):
                raise Unreadable("the server sends no content", **marks(response))
            encoded = is_encoded(response)
            extent = _extent(response.status_code, response.headers, start, end, encoded=encoded)
            if extent is None or extent.start not in (0, start):
                raise Unreadable("the server sends another part of the file than was asked for", **marks(response))
            yield Content(
                chunks=unpacked(response) if encoded else raw_chunks(response),
                start=extent.start,
                end=extent.end,
                length=extent.length,
                delimited="content-length" in response.headers
                or "chunked" in response.headers.get("transfer-encoding", ""),
                is_page=response.headers.get("content-type", "").lower().startswith("text/html"),
            )

    def upload(
        self,
        path: Path,
        *,
        name: str,
        purpose: str,
        expires_after: int | None = None,
        on_bytes: Callable[[int], None] = lambda _: None,
        on_sent: Callable[[], None] = lambda: None,
        claim: Callable[[str], bool] = lambda _: True,
        is_contested: Callable[[Collection[str]], bool] = lambda _: False,
        retry: bool = True,
        abort: Abort | None = None,
    ) -> Answer[Uploaded]:
        """Send a file under a name (API reference, "Upload"); `expires_after` is seconds from its creation.

        `on_bytes` hears how many bytes of the file have left, `on_sent` that the last of them is about to. The request
        is never sent twice once it can have arrived: when its answer is lost, the file is looked for, and `claim` and
        `is_contested` say whether a file that is found can be this one (see `Lost`). Raises `UploadUnknown` when that
        cannot be told, `OSError` for an unreadable file, `SourceChanged` for one that changes meanwhile.
        """
        from files_tui.api.multipart import Slice, UploadForm

        self._guard.permit("POST")
        fields = {"purpose": purpose}
        if expires_after is not None:
            fields["expires_after[anchor]"] = "created_at"
            fields["expires_after[seconds]"] = str(expires_after)
        abort = abort or Abort()

        def report(sent: int) -> None:
            abort.check()
            on_bytes(sent)

        form = UploadForm(
            Slice(path), field="file", name=name, fields=fields, on_bytes=report, on_sent=on_sent, hashes=True
        )
        started = time.time()
        try:
            body = Body(form.headers, form, patience_for(form.size))
            document = self._wire.ask(Request("POST", "/files", {}), body=body, abort=abort, retry=retry)
            uploaded = answer_with(document, Uploaded(file_in(document), form.stamp, form.digest))
        except ApiError as error:
            refused = error.status is not None and 300 <= error.status < 500 and error.status not in (303, 408)
            if refused or not error.reached_server:
                raise
            from files_tui.api.lost import Lost

            sent = time.time() if form.is_sent else None
            lost = Lost(name, form.size, purpose, started, sent, claim, error, is_contested)
            found = self.look_for(lost, abort)
            if found is None:
                error.advice = "The file is not in the list, so it can be sent again."
                raise
            return Answer(
                value=Uploaded(found, form.stamp, form.digest, found=True),
                status=error.status or 0,
                request_id=error.request_id,
                duration=time.time() - started,
            )
        finally:
            form.close()
        self._guard.saw([uploaded.value.file])
        claim(uploaded.value.file.id.true)
        return uploaded

    def look_for(self, lost: Lost, abort: Abort) -> File | None:
        """What became of an upload without an answer: its file, None when it certainly did not arrive.

        Raises `UploadUnknown` when that cannot be told.
        """
        from files_tui.api.lost import look_for

        return look_for(self, lost, abort)

    @property
    def large(self) -> LargeUploads:
        """The endpoints for files that are sent in parts."""
        from files_tui.api.large import LargeUploads

        return LargeUploads(self._wire)

    @property
    def uses(self) -> Uses:
        """The endpoints that tell where files are used."""
        from files_tui.api.uses import Uses

        return Uses(self._wire, self._guard)


def answer_with(document: Document, value: T) -> Answer[T]:
    return Answer(value=value, status=document.status, request_id=document.request_id, duration=document.duration)


def file_in(document: Document, value: object = ...) -> File:
    """The file that an answer is, or that its `value` is; raises `Unreadable` for anything else."""
    file = read_file(document.value if value is ... else value)
    if file is None:
        raise Unreadable("the answer holds no file", status=document.status, request_id=document.request_id)
    return file


def patience_for(size: int) -> float:
    """Seconds of silence to put up with after so many bytes were sent."""
    return SILENCE_SECONDS + size / RELAY_PACE


class _Extent(NamedTuple):
    """Where in the file a body begins and ends, and how long the whole file is; None where that is not said."""

    start: int
    end: int | None
    length: int | None


def _extent(status: int, headers: Mapping[str, str], start: int, end: int | None, *, encoded: bool) -> _Extent | None:
    """What a body is of the file, None where it is none of what was asked for.

    Without an `end` that is all that there is from `start` on; with one, it may be less.
    """
    told = headers.get("content-length", "")
    length = int(told) if told.isascii() and told.isdigit() else None
    if status == 206:
        found = re.fullmatch(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)", headers.get("content-range", ""))
        if found is None or encoded:
            return None
        first, last, total = int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3])
        if last < first or not (end is not None or last + 1 == total or (start and total is not None)):
            return None
        if total is not None and last >= total:
            return None
        if end is not None and length not in (None, last + 1 - first):
            return None  # the body is something else; the rest of a file is judged by its length at its end
        return _Extent(first, last + 1, total)
    return _Extent(0, None, None if encoded else length)


def path_of(file_id: str) -> str:
    """The path of a file; an id of any characters stays one segment of it."""
    segment = segment_of(file_id)
    if not segment:
        raise Refused("a file without an id cannot be asked for", reached_server=False)
    return f"/files/{segment}"
