"""A long body read straight from its connection.

What limits a download through httpx is what it does to every 64 KiB: four copies by way of h11's buffer, a chain of
generators, a `settimeout`, and over TLS all of it again for every record of 16 KiB. Beside `curl -o` that made 0.8 of
the throughput for one file and 0.6 for four at once, 0.65 and 0.44 over TLS. Reads of up to 256 KiB into a buffer of
one's own make 1.1 to 1.3, and over TLS 0.9 to 1.0; larger ones only take more memory.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

import httpx

# Sixteen TLS records: more was measured to bring nothing.
BUFFER = 256 << 10


def raw_chunks(response: httpx.Response) -> Iterator[bytes]:
    """What `response.iter_raw()` gives, in larger pieces and with the same errors.

    A body that is not of known length, or that comes through TLS within TLS, is left to httpx. After any other the
    connection is of no use for a second request.
    """
    chunks = response.iter_raw()
    first = next(chunks, None)
    if first is None:
        return
    yield first
    # The parser hands on all that it holds at once, so that whatever follows is still in the connection. Had it kept
    # something back, the body would end up too short, which is an error and never a wrong file.
    left = _length(response) - len(first)
    connection = _connection(response)
    if left > 0 and connection is not None:
        yield from _rest(response, connection, left)
    else:
        yield from chunks


def _length(response: httpx.Response) -> int:
    """The body's length as the HTTP parser counts it, 0 where the end is marked in another way."""
    length = response.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and "transfer-encoding" not in response.headers else 0


def _connection(response: httpx.Response) -> socket.socket | None:
    """The socket that gives the body itself, None where something else stands between."""
    stream = response.extensions.get("network_stream")
    if stream is None or response.http_version not in ("HTTP/1.1", "HTTP/1.0"):
        return None
    connection, layer = stream.get_extra_info("socket"), stream.get_extra_info("ssl_object")
    if not isinstance(connection, socket.socket) or isinstance(layer, ssl.SSLObject):
        return None  # within the TLS of a proxy, the socket gives what is still encrypted
    return connection


def _rest(response: httpx.Response, connection: socket.socket, left: int) -> Iterator[bytes]:
    patience = response.request.extensions.get("timeout", {}).get("read")
    buffer = memoryview(bytearray(min(BUFFER, left)))
    while left:
        try:
            count = _fill(connection, buffer[:left], patience)
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=response.request) from error
        except (OSError, ValueError) as error:  # the latter from a TLS socket that is being closed meanwhile
            raise httpx.ReadError(str(error), request=response.request) from error
        if not count:
            words = f"peer closed connection without sending complete message body ({left} bytes are missing)"
            raise httpx.RemoteProtocolError(words, request=response.request)
        left -= count
        yield bytes(buffer[:count])  # a copy, since whoever keeps a piece must not see it change


def _fill(connection: socket.socket, buffer: memoryview, patience: float | None) -> int:
    """Wait for bytes and take all that are there; gives their number, 0 at the end."""
    connection.settimeout(patience)
    count = connection.recv_into(buffer)
    if count == 0 or not isinstance(connection, ssl.SSLSocket):
        return count
    # TLS gives a record at a time; those that are already there are taken, too, and nothing is held back to wait.
    connection.settimeout(0)
    with contextlib.suppress(OSError):  # there are no more yet, or something broke that the next call meets again
        while count < len(buffer) and (more := connection.recv_into(buffer[count:])):
            count += more
    return count
