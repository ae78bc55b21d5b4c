"""Answers made into values, and failures into the errors of this package."""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import httpx
import msgspec

from files_tui.api import retry
from files_tui.api.abort import Abort, shut_down
from files_tui.api.bodies import LARGEST_ERROR, TooLong, read_up_to, without
from files_tui.api.errors import ApiError, ConnectionFailed, Refused, TimedOut, Unreadable, from_answer
from files_tui.settings import SHORTEST_SECRET, Secret, redacted
from files_tui.text import Safe, one_line

# A value of JSON takes up to 60 bytes by itself, and 120 in an object of its own: with these bounds on their number no
# answer takes more than 64 MiB. A listing has ten values a file.
MOST_LISTED = 1_000_000
MOST_DECODED = 400_000
LONGEST_LENIENT = 4 << 20


_TRUST = {
    "CERTIFICATE_VERIFY_FAILED": "Check the base URL and the clock; SSL_CERT_FILE names certificates to trust.",
    "SSL_CERT_": "Set the variable to certificates to trust, or unset it.",
}
"""What to do about a certificate, by what tells in the error that it is one."""


class Progress(msgspec.Struct, eq=False):
    """How far a request got: whether any byte of it can have reached the server, the silence that it puts up with
    (seconds), the sockets that a cancel ends, and whether its time was over."""

    sending: bool = False
    patience: float = 0.0
    watched: list[socket.socket] = msgspec.field(default_factory=list)
    is_late: bool = False

    def end(self) -> None:
        """End the request from another thread, since its time is over."""
        self.is_late = True
        for connection in list(self.watched):
            shut_down(connection)


@contextlib.contextmanager
def translated(abort: Abort, progress: Progress) -> Iterator[None]:
    """Failures of httpx as errors of this package."""
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError, ssl.SSLError, OSError, Unreadable) as error:
        abort.check()
        if progress.is_late:
            raise TimedOut("the answer did not end in time", reached_server=progress.sending) from None
        raise _meaning(error, progress) from None
    except (httpx.InvalidURL, httpx.StreamError) as error:
        raise Unreadable(f"the server's answer leads nowhere: {error}") from None
    except RuntimeError:
        abort.check()  # closed meanwhile: httpx speaks of a client that cannot be used any more
        raise


def _meaning(error: Exception, progress: Progress) -> Exception:
    if isinstance(error, httpx.ConnectTimeout):
        return TimedOut("no connection could be made in time", reached_server=False)
    if isinstance(error, httpx.TimeoutException):
        silence = f"the server sent nothing for {progress.patience:.0f} s"
        return TimedOut(silence, reached_server=progress.sending)
    if isinstance(error, Unreadable):
        return error
    if isinstance(error, httpx.RemoteProtocolError) and "location header" in str(error):
        return Refused("the server redirects to an address that is none")
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError | ConnectionError):
        return error  # of the local file that is being sent
    words = _reason(error)
    about_trust = next((advice for sign, advice in _TRUST.items() if sign in words), None)
    return ConnectionFailed(
        words,
        reached_server=progress.sending,
        advice=about_trust,
        should_retry="false" if about_trust else None,  # since another try changes nothing
    )


def _reason(error: Exception) -> str:
    words = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectError):
        return f"no connection: {words}"
    if isinstance(error, httpx.ProxyError):
        return f"the proxy refuses: {words}"
    return f"the connection broke: {words}"


def read_body(response: httpx.Response, key: Secret, limit: int) -> bytes | bytearray:
    """A whole body, but for a key that the server repeats in it; raises `Unreadable` for one that is far too long."""
    content = bytearray()
    try:
        read_up_to(response, limit, content)
    except TooLong:
        raise _far_too_large(response) from None
    return without(content, [key.reveal().encode()]) if len(key) >= SHORTEST_SECRET else content


def error_of(response: httpx.Response, secrets: Sequence[str]) -> ApiError:
    """The error that an answer of 300 or more means, without secrets that the server repeats in it."""
    hidden = [secret.encode("utf-8", "replace") for secret in secrets]
    if response.has_redirect_location:
        location = response.headers["location"].partition("?")[0]
        where = one_line(without(location.encode("utf-8", "replace"), hidden).decode("utf-8", "replace"), 100)
        return Refused(f"the server redirects to {where}", advice="Use that address as base URL.", **marks(response))
    body = _start_of(response, hidden)
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


def _start_of(response: httpx.Response, secrets: Iterable[bytes]) -> bytes | bytearray:
    content = bytearray()
    with contextlib.suppress(httpx.HTTPError, Unreadable, TooLong):
        read_up_to(response, LARGEST_ERROR, content)
    return without(content, secrets)


def decoded(response: httpx.Response, content: bytes | bytearray) -> Any:
    """The JSON value of a body, None for an empty one; raises `Unreadable` for anything else."""
    if not content or content.isspace():
        return None
    try:
        return _json(content)
    except OverflowError:
        raise _far_too_large(response) from None
    except ValueError:
        kind = one_line(redacted(response.headers.get("content-type", "no type")), 60)
        start = one_line(content[:200].decode("utf-8", "replace"), 60)
        raise Unreadable(f"expected JSON and got {kind}: {start}", **marks(response)) from None


def check_values(response: httpx.Response, content: bytes | bytearray) -> None:
    """Raise `Unreadable` for a listing of so many values that it would take far more memory than it is long."""
    if _values_in(content) > MOST_LISTED:
        raise _far_too_large(response)


def _far_too_large(response: httpx.Response) -> Unreadable:
    return Unreadable("the answer is far larger than this API's answers are", **marks(response))


def _values_in(content: bytes | bytearray) -> int:
    """How many values a JSON text can hold at most."""
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def _json(content: bytes | bytearray) -> Any:
    """Raises `ValueError` for what is no JSON, `OverflowError` for what would take too much memory."""
    if _values_in(content) > MOST_DECODED:
        raise OverflowError
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        if len(content) > LONGEST_LENIENT:
            raise ValueError("broken") from None
        return _lenient_json(content)


def _lenient_json(content: bytes | bytearray) -> Any:
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


def marks(response: httpx.Response) -> dict[str, Any]:
    """What every error carries of its answer."""
    return {"status": response.status_code, "request_id": request_id(response)}


def request_id(response: httpx.Response) -> Safe | None:
    """The id by which the server's people find the request."""
    headers = response.headers
    found = headers.get("x-request-id") or headers.get("apim-request-id") or headers.get("x-ms-request-id")
    return one_line(redacted(found), 80) if found else None
