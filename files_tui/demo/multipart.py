"""Multipart forms as they arrive: small fields in memory, one file straight to disk."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from files_tui.demo.errors import ApiError, bad_request
from files_tui.demo.rules import too_large

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM_OVERHEAD = 1024 * 1024
MAX_FIELD = 64 * 1024
BATCH = 1024 * 1024
PARAMETER = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"|;\s*(name|filename)=([^";]*)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
PERCENT = re.compile(r"%(22|[01][0-9A-Fa-f]|7[Ff])")


@dataclass(frozen=True, slots=True)
class Form:
    """A form that has arrived."""

    fields: Mapping[str, str]
    filename: str | None
    """Name that came with the file; None: the form had no file."""
    size: int
    """Bytes of the file."""


async def read_form(request: Request, file_field: str, target: Path, limit: int) -> Form:
    """Reads the form; the bytes of `file_field` go to `target`.

    `ApiError` if it is no form, or if its file is larger than `limit` bytes, which is said as soon as it is
    known. `starlette.requests.ClientDisconnect` if the client goes away.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise bad_request(
            f"Unsupported content type: '{request.headers.get('content-type', '')}'. "
            "This API method only accepts 'multipart/form-data' requests.",
            code="unsupported_content_type",
        )
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit + FORM_OVERHEAD:
        raise too_large()
    with target.open("wb") as file:
        spool = _Spool(file)
        reader = _Reader(file_field, spool, limit)
        try:
            parser = MultipartParser(options[b"boundary"], reader.callbacks())
            async for chunk in request.stream():
                parser.write(chunk)
                await spool.advance()
        except FormParserError:
            raise _malformed() from None
        finally:
            await spool.finish()
    if not reader.complete:
        raise _malformed()
    return Form(reader.fields, reader.filename, reader.size)


class _Spool:
    """Writes behind: one batch goes to disk in a thread while the next one arrives."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._batch: list[memoryview] = []
        self._size = 0
        self._writing: asyncio.Future[None] | None = None

    def add(self, data: memoryview) -> None:
        self._batch.append(data)
        self._size += len(data)

    async def advance(self) -> None:
        if self._size >= BATCH:
            await self._write()

    async def finish(self) -> None:
        await self._write()
        await self._write()

    async def _write(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing
        if self._batch:
            loop = asyncio.get_running_loop()
            self._writing = loop.run_in_executor(None, self._file.writelines, self._batch)
            self._batch, self._size = [], 0


class _Reader:
    def __init__(self, file_field: str, spool: _Spool, limit: int) -> None:
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.size = 0
        self.complete = False
        self._file_field = file_field
        self._spool = spool
        self._limit = limit
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._disposition = ""
        self._name = ""
        self._value = bytearray()

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_more,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self._disposition = ""
        self._value.clear()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_more(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        if len(self._header_value) > MAX_FIELD:
            raise _malformed()

    def _header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value.decode("utf-8", "replace")
        self._header_name.clear()
        self._header_value.clear()

    def _headers_finished(self) -> None:
        parameters = _parameters(self._disposition)
        self._name = parameters.get("name", "")
        if self._name == self._file_field:
            if self.filename is not None:
                raise bad_request(f"Only one '{self._file_field}' can be uploaded at a time.")
            self.filename = basename(parameters.get("filename", ""))

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name != self._file_field:
            self._value += data[start:end]
            if len(self._value) > MAX_FIELD:
                raise bad_request(f"The form field '{self._name}' is too long.")
            return
        self.size += end - start
        if self.size > self._limit:
            raise too_large()
        self._spool.add(memoryview(data)[start:end])

    def _part_end(self) -> None:
        if self._name != self._file_field:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self.complete = True


def basename(filename: str) -> str:
    """The last part of a name, or `upload` if nothing is left of it."""
    return filename.rpartition("/")[2] or "upload"


def _parameters(disposition: str) -> dict[str, str]:
    """`name` and `filename` of a Content-Disposition header, as browsers and the official clients write them."""
    found = {}
    for match in PARAMETER.finditer(disposition):
        quoted = ESCAPED.sub(r"\1", match[2] or "")
        value = match[4].strip() if match[3] else PERCENT.sub(lambda code: chr(int(code[1], 16)), quoted)
        found[match[1] or match[3]] = value
    return found


def _malformed() -> ApiError:
    return bad_request("Could not parse multipart form.")
