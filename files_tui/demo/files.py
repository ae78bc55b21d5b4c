"""The five endpoints of /files."""

import asyncio
import time
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from files_tui.demo import errors, rules
from files_tui.demo.multipart import read_form
from files_tui.demo.store import Query, Store, StoredFile, new_id

FORM_FIELDS = ("purpose", "expires_after[anchor]", "expires_after[seconds]")
MAX_LIMIT = 10_000


class Content(FileResponse):
    """The bytes of a file, in chunks large enough that a thread for each costs little."""

    chunk_size = 256 * 1024


class Files:
    """Handlers for /files and what is below it."""

    def __init__(self, store: Store, processing_seconds: float) -> None:
        """A new file is busy for `processing_seconds`."""
        self._store = store
        self._processing_seconds = processing_seconds

    async def list(self, request: Request) -> Response:
        """One page of files (API reference, List files)."""
        self._store.sweep()
        files, has_more = self._store.page(self._query(request))
        now = time.time()
        return JSONResponse(
            {
                "object": "list",
                "data": [file.as_json(now) for file in files],
                "first_id": files[0].id if files else None,
                "last_id": files[-1].id if files else None,
                "has_more": has_more,
            }
        )

    async def create(self, request: Request) -> Response:
        """Takes an upload (API reference, Upload file)."""
        self._store.sweep()
        with self._store.incoming() as arrived:
            form = await read_form(request, "file", arrived, rules.MAX_FILE)
            unexpected = [repr(name) for name in form.fields if name not in FORM_FIELDS]
            if unexpected:
                verb = "was" if len(unexpected) == 1 else "were"
                raise errors.bad_request(
                    f"Additional properties are not allowed ({', '.join(unexpected)} {verb} unexpected)"
                )
            if form.filename is None:
                raise errors.bad_request("'file' is a required property")
            purpose = rules.check_purpose(form.fields.get("purpose"))
            seconds = rules.check_expiry(*(form.fields.get(name) for name in FORM_FIELDS[1:]))
            rules.check_name(purpose, form.filename)
            rules.check_size(purpose, form.size)
            file = await self.admit(arrived, form.filename, purpose, form.size, seconds)
        return JSONResponse(file.as_json(time.time()))

    async def retrieve(self, request: Request) -> Response:
        """One file (API reference, Retrieve file)."""
        return JSONResponse(self._file(request).as_json(time.time()))

    async def delete(self, request: Request) -> Response:
        """Removes a file (API reference, Delete file)."""
        identifier = self._file(request).id
        self._store.delete(identifier)
        return JSONResponse({"object": "file", "id": identifier, "deleted": True})

    async def content(self, request: Request) -> Response:
        """The bytes of a file, or the refusal of its purpose (API reference, Retrieve file content)."""
        file = self._file(request)
        if file.purpose in rules.HIDDEN_PURPOSES:
            raise errors.bad_request(f"Not allowed to download files of purpose: {file.purpose}")
        path = self._store.path(file.blob)
        return Content(path, media_type="application/octet-stream", filename=file.filename)

    async def admit(self, arrived: Path, filename: str, purpose: str, size: int, seconds: int | None) -> StoredFile:
        """Makes a file of bytes that arrived; `ApiError` if they are not what the purpose needs."""
        problem = await asyncio.to_thread(rules.check_content, purpose, arrived)
        now = time.time()
        life = rules.lifetime(purpose, seconds)
        file = StoredFile(
            id=new_id("file-"),
            filename=filename,
            purpose=purpose,
            bytes=size,
            created_at=int(now),
            expires_at=None if life is None else int(now) + life,
            ready_at=now + self._processing_seconds,
            problem=problem,
            blob=self._store.keep(arrived),
        )
        self._store.add([file])
        return file

    def _file(self, request: Request) -> StoredFile:
        identifier = request.path_params["file_id"]
        file = self._store.get(identifier)
        if file is None:
            raise errors.no_such("File", identifier)
        return file

    def _query(self, request: Request) -> Query:
        wanted = request.query_params
        order = wanted.get("order", "desc")
        if order not in ("asc", "desc"):
            message = f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'."
            raise errors.bad_request(message, "order", "invalid_value")
        after = None
        if "after" in wanted:
            after = self._store.get(wanted["after"])
            if after is None:
                raise errors.no_such("File", wanted["after"])
        limit = errors.checked_integer("limit", wanted.get("limit"), MAX_LIMIT, MAX_LIMIT)
        return Query(limit, order == "desc", wanted.get("purpose"), after)
