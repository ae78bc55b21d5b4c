"""Bodies of answers, read with a bound on what they can become: what is a few kilobytes on the wire may unpack to
gigabytes, and what is a few megabytes of JSON may be a hundred times that as objects."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterable, Iterator

import httpx

from files_tui.api.errors import ConnectionFailed, Unreadable

LARGEST_LISTING = 32 << 20
LARGEST_ANSWER = 1 << 20
LARGEST_ERROR = 64 << 10

_PIECE = 256 << 10
_GZIP = 31


class TooLong(Exception):
    """A body is longer than what was to be read of it."""


def is_encoded(response: httpx.Response) -> bool:
    """Whether a body is to be unpacked."""
    return _encoding(response) != ""


def unpacked(response: httpx.Response) -> Iterator[bytes]:
    """A body in pieces of bounded size; raises `Unreadable` for an encoding that nobody asked for and for a broken one,
    `ConnectionFailed` for one that is cut."""
    encoding = _encoding(response)
    if not encoding:
        yield from response.iter_raw()
        return
    if encoding not in ("gzip", "x-gzip"):
        raise Unreadable(f"the answer is encoded as '{encoding}', which was not asked for")
    inflate = zlib.decompressobj(_GZIP)
    try:
        for chunk in response.iter_raw():
            while chunk:
                yield inflate.decompress(chunk, _PIECE)
                if inflate.eof and inflate.unused_data:
                    raise Unreadable("the encoded answer goes on behind its end")
                chunk = inflate.unconsumed_tail
    except zlib.error as error:
        raise Unreadable(f"the answer is encoded in a broken way: {error}") from None
    if not inflate.eof:
        raise ConnectionFailed("the connection broke: the encoded answer ends too early")


def _encoding(response: httpx.Response) -> str:
    name: str = response.headers.get("content-encoding", "").strip().lower()
    return "" if name == "identity" else name


def read_up_to(response: httpx.Response, limit: int, content: bytearray) -> None:
    """Append a whole body, but for a byte order mark; raises `TooLong` once there are more bytes than the limit."""
    for piece in unpacked(response):
        content += piece
        if len(content) > limit:
            raise TooLong
    if content.startswith(codecs.BOM_UTF8):
        del content[: len(codecs.BOM_UTF8)]


def without(content: bytes | bytearray, secrets: Iterable[bytes]) -> bytes | bytearray:
    """A server's words, but for what it should not repeat."""
    for secret in secrets:
        if secret in content:
            content = content.replace(secret, b"[key]")
    return content
