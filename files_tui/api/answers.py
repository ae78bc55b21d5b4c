"""Answers made into values, and failures into the errors of this package."""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.errors import ApiError, ConnectionFailed, Refused, TimedOut, Unreadable, from_answer
from files_tui.settings import Secret
from files_tui.text import Safe, one_line

LARGEST_ANSWER = 32 << 20
LARGEST_ERROR = 65536

# A shorter one is a placeholder, and may well be part of a word.
SHORTEST_KEY = 8


class Progress(msgspec.Struct):
    """How far a request got: whether any byte of it can have reached the server, the silence that it puts up with
    (seconds), and the sockets that a cancel ends."""

    sending: bool = False
    patience: float = 0.0
    watched: list[socket.socket] = msgspec.field(default_factory=list)


@contextlib.contextmanager
def translated(abort: Abort, progress: Progress) -> Iterator[None]:
    """Failures of httpx as errors of this package."""
    try:
        yield
    except httpx.ConnectTimeout:
        abort.check()
        raise TimedOut("no connection could be made in time", reached_server=False) from None
    except httpx.TimeoutException:
        abort.check()
        silence = f"the server sent nothing for {progress.patience:.0f} s"
        raise TimedOut(silence, reached_server=progress.sending) from None
    except (httpx.TransportError, httpx.DecodingError, ssl.SSLError, OSError) as error:
        abort.check()
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError | ConnectionError):
            raise
        raise ConnectionFailed(_reason(error), reached_server=progress.sending) from None
    except (httpx.InvalidURL, httpx.StreamError) as error:
        raise Unreadable(f"the server's answer leads nowhere: {error}") from None
    except RuntimeError:
        abort.check()  # closed meanwhile: httpx speaks of a client that cannot be used any more
        raise


def _reason(error: Exception) -> str:
    words = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectError):
        return f"no connection: {words}"
    if isinstance(error, httpx.ProxyError):
        return f"the proxy refuses: {words}"
    return f"the connection broke: {words}"


def read_body(response: httpx.Response, key: Secret, until: float | None) -> bytes:
    """A whole body, but for a key that the server repeats in it.

    Raises `Unreadable` for one that is far too long, and `TimedOut` for one that still comes at the time `until`.
    """
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise Unreadable("the answer is far larger than this API's answers are", **marks(response))
        if until is not None and time.monotonic() > until:
            raise TimedOut("the answer comes too slowly", **marks(response))
    return without(bytes(content), key)


def error_of(response: httpx.Response, key: Secret) -> ApiError:
    """The error that an answer of 300 or more means."""
    if response.has_redirect_location:
        where = one_line(without(response.headers["location"].encode("utf-8", "replace"), key).decode(), 100)
        return Refused(f"the server redirects to {where}", advice="Use that address as base URL.", **marks(response))
    body = _start_of(response, key)
    try:
        document = _json(body)
    except ValueError:
        document = None
    error = from_answer(
        response.status_code,
        document,
        body.decode("utf-8", "replace"),
        request_id(response),
        retry.retry_after(response.headers),
    )
    error.should_retry = response.headers.get("x-should-retry")
    return error


def _start_of(response: httpx.Response, key: Secret) -> bytes:
    content = bytearray()
    with contextlib.suppress(httpx.HTTPError):
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > LARGEST_ERROR:
                break
    return without(bytes(content), key)


def decoded(response: httpx.Response, content: bytes) -> Any:
    """The JSON value of a body, None for an empty one; raises `Unreadable` for anything else."""
    if not content.strip():
        return None
    try:
        return _json(content)
    except ValueError:
        kind = one_line(response.headers.get("content-type", "no type"), 60)
        start = one_line(content[:200].decode("utf-8", "replace"), 60)
        raise Unreadable(f"expected JSON and got {kind}: {start}", **marks(response)) from None


def _json(content: bytes) -> Any:
    """Raises `ValueError` for what is no JSON."""
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return _lenient_json(content)


def _lenient_json(content: bytes) -> Any:
    """One broken character or endless number in one name must not hide all the other files."""
    import json

    try:
        value = json.loads(content.decode("utf-8", "replace"), parse_float=_finite, parse_constant=lambda _: None)
        return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError(str(error)) from None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def without(content: bytes, key: Secret) -> bytes:
    """A server's words, but for the key."""
    secret = key.reveal().encode()
    return content.replace(secret, b"[key]") if len(key) >= SHORTEST_KEY and secret in content else content


def marks(response: httpx.Response) -> dict[str, Any]:
    """What every error carries of its answer."""
    return {"status": response.status_code, "request_id": request_id(response)}


def request_id(response: httpx.Response) -> Safe | None:
    """The id by which the server's people find the request."""
    headers = response.headers
    found = headers.get("x-request-id") or headers.get("apim-request-id") or headers.get("x-ms-request-id")
    return one_line(found, 80) if found else None
