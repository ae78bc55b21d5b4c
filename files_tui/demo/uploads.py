"""The four endpoints of /uploads."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from files_tui.demo import errors, rules
from files_tui.demo.multipart import basename, read_form
from files_tui.demo.sessions import COMPLETING, Part, Sessions, Upload
from files_tui.demo.store import Store, StoredFile

MAX_JSON = 8 * rules.MIB
COPY_CHUNK = rules.MIB
CREATE_TYPES = {"filename": str, "purpose": str, "bytes": int, "mime_type": str}
TYPE_NAMES = {str: "a string", int: "an integer", list: "an array", dict: "an object"}

Admit = Callable[[Path, str, str, int, int | None], Awaitable[StoredFile]]


class Uploads:
    """Handlers for /uploads and what is below it."""

    def __init__(self, store: Store, admit: Admit) -> None:
        """`admit` makes a file of joined bytes: path, name, purpose, size, lifetime in seconds."""
        self._store = store
        self._sessions = Sessions(store)
        self._admit = admit

    async def create(self, request: Request) -> Response:
        """Starts a large upload (API reference, Create upload)."""
        body = await _json_object(request, {*CREATE_TYPES, "expires_after"})
        for name, kind in CREATE_TYPES.items():
            _value(body, name, kind)
        purpose = rules.check_purpose(body["purpose"])
        filename = basename(body["filename"].encode("utf-8", "replace").decode())
        size = body["bytes"]
        if size < 1:
            raise errors.below_minimum("bytes", 1, size)
        if size > rules.MAX_LARGE_UPLOAD:
            raise errors.above_maximum("bytes", rules.MAX_LARGE_UPLOAD, size)
        rules.check_name(purpose, filename)
        rules.check_size(purpose, size, rules.MAX_LARGE_UPLOAD)
        expiry = _value(body, "expires_after", dict) if body.get("expires_after") is not None else {}
        _only(expiry, {"anchor", "seconds"}, "expires_after.")
        lifetime = rules.check_expiry(expiry.get("anchor"), expiry.get("seconds"))
        return JSONResponse(self._sessions.start(filename, purpose, size, lifetime).as_json())

    async def add_part(self, request: Request) -> Response:
        """Takes one part (API reference, Add upload part)."""
        upload = self._pending(request)
        with self._store.incoming() as arrived:
            form = await read_form(request, "data", arrived, rules.MAX_PART)
            if form.filename is None:
                raise errors.bad_request("'data' is a required property")
            if form.size == 0:
                raise errors.bad_request("Part is empty.")
            self._pending(request)
            identifier = self._sessions.add_part(upload, arrived)
        return JSONResponse(
            {
                "id": identifier,
                "object": "upload.part",
                "created_at": int(time.time()),
                "upload_id": upload.id,
            }
        )

    async def complete(self, request: Request) -> Response:
        """Joins the parts in the order given (API reference, Complete upload)."""
        body = await _json_object(request, {"part_ids", "md5"})
        wanted = _value(body, "part_ids", list)
        md5 = _value(body, "md5", str) if body.get("md5") is not None else ""
        upload = self._pending(request)
        parts = _in_order(wanted, self._sessions.parts(upload))
        total = sum(part.bytes for part in parts)
        if total != upload.bytes:
            raise errors.bad_request(
                f"The parts of the upload have {total} bytes in all, but {upload.bytes} were declared.",
                "part_ids",
            )
        with self._sessions.completing(upload), self._store.incoming() as joined:
            digest = hashlib.md5(usedforsecurity=False) if md5 else None
            await _join(parts, joined, digest)
            if digest and md5.lower() != digest.hexdigest():
                raise errors.bad_request(f"The md5 of the upload is {digest.hexdigest()}, not {md5}.", "md5")
            file = await self._admit(joined, upload.filename, upload.purpose, total, upload.lifetime)
            self._sessions.end(upload, "completed")
        done = replace(upload, status="completed")
        return JSONResponse(done.as_json(file.as_json(time.time())))

    async def cancel(self, request: Request) -> Response:
        """Gives a large upload up (API reference, Cancel upload)."""
        upload = self._pending(request)
        self._sessions.end(upload, "cancelled")
        return JSONResponse(replace(upload, status="cancelled").as_json())

    def _pending(self, request: Request) -> Upload:
        identifier = request.path_params["upload_id"]
        upload = self._sessions.get(identifier)
        if upload is None:
            raise errors.no_such("Upload", identifier)
        if upload.status == COMPLETING:
            raise errors.bad_request(f"Upload {identifier} is being completed.")
        if upload.status != "pending":
            raise errors.bad_request(f"Upload {identifier} is {upload.status}.")
        return upload


async def _json_object(request: Request, allowed: set[str]) -> dict[str, Any]:
    text = bytearray()
    async for chunk in request.stream():
        text += chunk
        if len(text) > MAX_JSON:
            raise errors.bad_request("The JSON body of your request is too long.")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise errors.bad_request("We could not parse the JSON body of your request.")
    _only(body, allowed)
    return body


def _only(body: dict[str, Any], allowed: set[str], prefix: str = "") -> None:
    for name in body:
        if name not in allowed:
            name = prefix + name
            raise errors.bad_request(f"Unknown parameter: '{name}'.", name, "unknown_parameter")


def _value(body: dict[str, Any], name: str, kind: type) -> Any:
    if name not in body:
        message = f"Missing required parameter: '{name}'."
        raise errors.bad_request(message, name, "missing_required_parameter")
    value = body[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        message = f"Invalid type for '{name}': expected {TYPE_NAMES[kind]}."
        raise errors.bad_request(message, name, "invalid_type")
    return value


def _in_order(wanted: list[Any], parts: dict[str, Part]) -> list[Part]:
    ordered = []
    for identifier in wanted:
        part = parts.pop(identifier, None) if isinstance(identifier, str) else None
        if part is None:
            raise errors.bad_request(f"No such Part: {identifier}", "part_ids")
        ordered.append(part)
    return ordered


async def _join(parts: list[Part], target: Path, digest: "hashlib._Hash | None") -> None:
    """Writes the parts into one file, and into `digest` if there is one.

    One thread per part, so that the end of the server waits for no more than one.
    """

    def append(source: Path, file: BinaryIO) -> None:
        with source.open("rb") as part:
            while chunk := part.read(COPY_CHUNK):
                file.write(chunk)
                if digest:
                    digest.update(chunk)

    with target.open("wb") as file:
        for part in parts:
            await asyncio.to_thread(append, part.path, file)
