"""A scripted HTTP/1.1 server on a real socket: what it answers, and how it breaks, is written down per request.

    with serving(lambda request: json_answer({"data": []})) as server, client_to(server) as client:
        client.list_page(limit=10)
        assert server.requests[0].target == "/v1/files?limit=10&order=desc"

A handler is called for every request and returns a reply: bytes that go out as they are, or steps, one after another:

    bytes       is sent
    Event       is waited for
    Take(n)     reads n more bytes of the request's body (all of it without a number)
    CLOSE       closes the connection
    RESET       resets the connection

A generator function makes steps with code between them. Instead of a handler, a list gives one reply per request; a
request that the list has no reply for fails the test. A connection is kept for the next request unless it is closed.
The whole body is read before the reply, unless `read_body=False` leaves that to the steps.
"""

from __future__ import annotations

import contextlib
import http
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from files_tui.api.client import FilesClient
from files_tui.api.models import Exchange
from files_tui.settings import Account, Secret

KEPT_BODY = 1 << 20
PATIENCE = 20.0
KEY = "sk-test-0123456789abcdef"


@dataclass(frozen=True)
class Take:
    """A step that reads this many more bytes of the request's body, or all that is left."""

    count: int | None = None


class Ending:
    """A step that ends the connection: `CLOSE` or `RESET`."""


CLOSE: Final = Ending()
RESET: Final = Ending()

Step = bytes | threading.Event | Take | Ending
Reply = bytes | Iterable[Step]


@dataclass
class Received:
    """One request as it arrived. `body` keeps the first MiB; `body_length` counts all bytes that came."""

    method: str
    target: str
    headers: dict[str, str]
    connection: int
    body: bytearray = field(default_factory=bytearray)
    body_length: int = 0

    @property
    def announced(self) -> int:
        """The length that the request's header gives."""
        return int(self.headers.get("content-length", "0"))

    @property
    def complete(self) -> bool:
        """Whether the whole body came."""
        return self.body_length >= self.announced


Handler = Callable[[Received], Reply]


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer; a `content-length` in `headers` replaces the true one, an empty one leaves it out."""
    given = {"content-length": str(len(body)), **{name.lower(): value for name, value in (headers or {}).items()}}
    if not given["content-length"]:
        del given["content-length"]
    try:
        reason = http.HTTPStatus(status).phrase
    except ValueError:
        reason = "Unusual"
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """An answer with a JSON body."""
    return answer(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})


def page_answer(*files: Mapping[str, object], headers: Mapping[str, str] | None = None) -> bytes:
    """A list answer with these files."""
    return json_answer({"object": "list", "data": list(files), "has_more": False}, headers=headers)


def error_answer(status: int, message: str = "no", *, headers: Mapping[str, str] | None = None, **more: Any) -> bytes:
    """An error in the API's own envelope; `more` are further fields of it, such as `code`."""
    return json_answer({"error": {"message": message, **more}}, status=status, headers=headers)


def chunked(*parts: bytes) -> bytes:
    """The parts in chunked transfer coding, with its end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


class Server:
    """The running server; use `serving`. `requests` grows as requests arrive, `connections` counts them."""

    def __init__(self, handler: Handler | Sequence[Reply], *, read_body: bool, tls: ssl.SSLContext | None) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self._handler = handler
        self._read_body = read_body
        self._tls = tls
        self._changed = threading.Condition()
        self._closing = False
        self._open: set[socket.socket] = set()
        self._awaited: list[threading.Event] = []
        self._threads: list[threading.Thread] = []
        self._failures: list[Exception] = []
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.base_url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/v1"

    def listen(self) -> None:
        """Accept connections, which are refused before."""
        self._listener.listen(64)
        self._start(self._accept)

    def arrived(self, count: int = 1) -> Received:
        """Wait for so many requests and give the last of them."""
        self.wait_for(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Wait until something holds that a request, or a part of its body, brings about."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), "it never happened"

    def closed(self, count: int = 1) -> None:
        """Wait until so many connections came and none of them is open any more."""
        self.wait_for(lambda: self.connections >= count and not self._open)

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    def close(self) -> None:
        """End all connections and threads; raises what went wrong in a handler."""
        with self._changed:
            self._closing = True
            for event in self._awaited:
                event.set()
            for connection in (self._listener, *self._open):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a thread of the scripted server did not end"
        if self._failures:
            raise self._failures[0]

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                if self._closing:
                    connection.close()
                    return
                self.connections += 1
                self._open.add(connection)
                self._changed.notify_all()
                self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        plain = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                with self._changed:
                    self._open.add(connection)
            link = _Link(self, connection, number)
            while link.one_request():
                pass
        except OSError:
            pass  # the client went away, or the server closes
        except Exception as error:
            self._failures.append(error)
        finally:
            connection.close()
            with self._changed:
                self._open -= {plain, connection}
                self._changed.notify_all()

    def reply_to(self, request: Received) -> Reply:
        """What the handler says to a request, which is recorded."""
        with self._changed:
            self.requests.append(request)
            number = len(self.requests)
            self._changed.notify_all()
        if callable(self._handler):
            return self._handler(request)
        if number > len(self._handler):
            raise AssertionError(f"request {number} has no reply: {request.method} {request.target}")
        return self._handler[number - 1]

    def took(self, request: Received, part: bytes) -> None:
        """Record a part of a request's body."""
        with self._changed:
            request.body += part[: KEPT_BODY - len(request.body)]
            request.body_length += len(part)
            self._changed.notify_all()

    def await_event(self, event: threading.Event) -> None:
        """Wait for a step's event, or for the end of the server."""
        with self._changed:
            self._awaited.append(event)
            if self._closing:
                return
        event.wait()


class _Link:
    """One connection."""

    def __init__(self, server: Server, connection: socket.socket, number: int) -> None:
        self._server = server
        self._connection = connection
        self._number = number
        self._buffer = b""

    def one_request(self) -> bool:
        """Read a request and play the reply; False when the connection is over."""
        while b"\r\n\r\n" not in self._buffer:
            if not (data := self._connection.recv(65536)):
                return False
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers: dict[str, str] = {}
        for name, _, value in pairs:
            name = name.strip().lower()
            headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
        request = Received(method, target, headers, self._number)
        if self._server._read_body:
            self._take(request, None)
        reply = self._server.reply_to(request)
        for step in (reply,) if isinstance(reply, bytes) else reply:
            if isinstance(step, bytes):
                self._connection.sendall(step)
            elif isinstance(step, threading.Event):
                self._server.await_event(step)
            elif isinstance(step, Take):
                self._take(request, step.count)
            else:
                if step is RESET:
                    self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        return True

    def _take(self, request: Received, count: int | None) -> None:
        left = request.announced - request.body_length
        left = left if count is None else min(count, left)
        while left:
            data = self._buffer or self._connection.recv(min(left, 1 << 18))
            part, self._buffer = data[:left], data[left:]
            if not part:
                raise ConnectionError("the body was cut")
            self._server.took(request, part)
            left -= len(part)


@contextlib.contextmanager
def serving(
    handler: Handler | Sequence[Reply],
    *,
    read_body: bool = True,
    listening: bool = True,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """Run a scripted server; with `listening=False` it refuses connections until `listen()` is called."""
    server = Server(handler, read_body=read_body, tls=tls)
    if listening:
        server.listen()
    try:
        yield server
    except BaseException:
        with contextlib.suppress(Exception):
            server.close()
        raise
    server.close()


@contextlib.contextmanager
def client_to(
    server: Server, log: Callable[[Exchange], None] = lambda _: None, *, proven: bool = True, **account: Any
) -> Iterator[FilesClient]:
    """A client of that server; `account` are fields of `Account`, `log` hears its exchanges.

    Unless it is not `proven`, the server passes for one that has shown itself to be a Files API.
    """
    client = FilesClient(Account(**{"base_url": server.base_url, "key": Secret(KEY), **account}), log)
    client._guard.has_shown_files = proven
    try:
        yield client
    finally:
        client.close()


class Doing:
    """A call in a thread of its own, for what another thread ends; `outcome` waits for its result or its error."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._outcome: object = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._outcome = self._call()
        except BaseException as error:
            self._outcome = error

    @property
    def outcome(self) -> object:
        """What the call returned or raised."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the call did not end"
        return self._outcome
