"""One HTTP exchange: credentials, redirects, time-outs, the request log, and errors made into the tree of `errors`.

The client is synchronous and runs in threads: a download is quicker by blocking reads than by `asyncio`, and the
screen's own loop stays free.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from files_tui.api import retry as policy
from files_tui.api.abort import Abort, Deadlines, shut_down
from files_tui.api.answers import (
    Progress,
    check_values,
    decoded,
    error_of,
    marks,
    read_body,
    request_id,
    translated,
)
from files_tui.api.bodies import LARGEST_ANSWER
from files_tui.api.errors import ApiError, AuthenticationFailed, ConnectionFailed, Refused, TimedOut
from files_tui.api.guard import Guard
from files_tui.api.models import Exchange
from files_tui.api.requests import SILENCE_SECONDS, Body, Request, headers_for, origin_of
from files_tui.api.trust import LazyTrust
from files_tui.settings import Account, is_loopback, redacted
from files_tui.text import Safe, Untrusted, one_line

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""So long after a request has left, its answer must be there: all of it, or of content the head."""

REDIRECTS = 5

TOLD = ("openai-organization", "openai-project")


class Document(msgspec.Struct, frozen=True):
    """A decoded JSON answer and what came beside it; `value` is None for an empty body."""

    value: Any
    status: int
    request_id: Safe | None
    duration: float


class Wire:
    """Connections to one account. All methods may be called from any thread."""

    def __init__(self, account: Account, guard: Guard, on_exchange: Callable[[Exchange], None]) -> None:
        self._account = account
        self._guard = guard
        self._on_exchange = on_exchange
        self._origin = origin_of(httpx.URL(account.base_url))
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._kept: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._aborts: set[Abort] = set()
        self._lock = threading.Lock()
        self._closed = False
        self.clock_offset: float | None = None
        self.told: dict[str, Untrusted] = {}
        self._pauses: list[float] = []
        self._deadlines = Deadlines()
        trust = LazyTrust(ssl.PROTOCOL_TLS_CLIENT)
        proxies = not is_loopback(urlsplit(account.base_url).hostname or "")
        # A transfer takes a fresh connection: a kept one may close under an upload and leave its fate in doubt,
        # and its socket is then known, so that a cancel wakes the thread at once.
        fresh = httpx.Limits(max_keepalive_connections=0)
        self._unusable: ConnectionFailed | None = None
        try:
            self._calls = httpx.Client(verify=trust, trust_env=proxies)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            # What is no address may be a password with a "#" or a "/" in it, of which an error shows a part.
            why = "its address is none" if isinstance(error, httpx.InvalidURL) else str(error)
            self._unusable = ConnectionFailed(
                f"the proxy that the environment names cannot be used: {why}",
                reached_server=False,
                should_retry="false",
                advice="Look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name this host in NO_PROXY.",
            )
            proxies = False
            self._calls = httpx.Client(verify=trust, trust_env=proxies)
        self._transfers = httpx.Client(verify=trust, trust_env=proxies, limits=fresh)
        for client in (self._calls, self._transfers):
            client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))  # the API has none

    def close(self) -> None:
        """End every request at once and close the connections."""
        with self._lock:
            self._closed = True
            aborts, sockets = list(self._aborts), list(self._sockets)
        for abort in aborts:
            abort.cancel()
        for connection in sockets:
            shut_down(connection)
        self._calls.close()
        self._transfers.close()

    def ask(
        self,
        request: Request,
        *,
        body: Body | None = None,
        abort: Abort | None = None,
        read: Callable[[bytes | bytearray], Any] | None = None,
        limit: int = LARGEST_ANSWER,
        retry: bool = True,
    ) -> Document:
        """Send a request and read its JSON answer; with `retry`, GET and DELETE are sent again where that may help.

        `read` may make a value of the body, of at most `limit` bytes, itself; where it gives None the body is decoded
        as any JSON. Raises `ApiError`, whose `reached_server` tells whether any of the body can have arrived, and
        `Aborted`.
        """
        abort = abort or Abort()
        attempt = 0
        while True:
            try:
                return self._ask_once(request, body, abort, attempt, read, limit)
            except ApiError as error:
                if not retry:
                    raise
                self._pause_or_raise(request, error, attempt, abort)
            attempt += 1

    @contextlib.contextmanager
    def open_stream(self, request: Request, abort: Abort, *, retry: bool) -> Iterator[httpx.Response]:
        """An answer of 2xx whose body is read inside the `with`; with `retry` asked for again until one begins."""
        for attempt in itertools.count():
            with contextlib.ExitStack() as stack:
                try:
                    response = stack.enter_context(self.stream(request, abort=abort, attempt=attempt, transfer=True))
                except ApiError as error:
                    if not retry:
                        raise
                    self._pause_or_raise(request, error, attempt, abort)
                    continue
                yield response
                return

    def _pause_or_raise(self, request: Request, error: ApiError, attempt: int, abort: Abort) -> None:
        """Wait before the next attempt; raises the error when there is to be none."""
        pause = policy.delay(error, attempt)
        # Another half minute of silence would only keep the person waiting for the news.
        is_silent = isinstance(error, TimedOut) and error.status is None and error.reached_server
        if pause is None or is_silent or (request.method == "POST" and error.reached_server):
            raise error
        until = time.monotonic() + pause
        with self._watched(abort):
            self._pauses.append(until)
            try:
                abort.wait(pause)
            finally:
                self._pauses.remove(until)

    @property
    def pause_left(self) -> float:
        """Seconds until the last of the requests that wait now is tried again; 0 when none waits."""
        return max(0.0, max(list(self._pauses), default=0.0) - time.monotonic())

    def _ask_once(
        self,
        request: Request,
        body: Body | None,
        abort: Abort,
        attempt: int,
        read: Callable[[bytes | bytearray], Any] | None,
        limit: int,
    ) -> Document:
        started = time.monotonic()
        with self.stream(request, body=body, abort=abort, attempt=attempt) as response:
            content = read_body(response, self._account.key, limit)
            value = None
            if read is not None:
                check_values(response, content)
                value = read(content)
            value = decoded(response, content) if value is None else value
            return Document(value=value, duration=time.monotonic() - started, **marks(response))

    @contextlib.contextmanager
    def stream(
        self,
        request: Request,
        *,
        body: Body | None = None,
        abort: Abort,
        attempt: int = 0,
        transfer: bool = False,
    ) -> Iterator[httpx.Response]:
        """An answer of 2xx whose body is yet to be read; every failure inside becomes an `ApiError` or `Aborted`."""
        self._guard.permit(request.method)
        if self._unusable is not None:
            raise self._unusable
        began, clock = time.time(), time.monotonic()
        response: httpx.Response | None = None
        failure: Safe | None = Safe("cancelled")
        progress = Progress()
        try:
            with self._watched(abort), translated(abort, progress):
                response = self._open(request, body, abort, progress, transfer or body is not None)
                try:
                    self._note(response)
                    if response.status_code >= 300:
                        error = error_of(response, self._account.secrets)
                        abort.check()  # since an error whose text is cut by a cancel is none of the server's
                        self._explain(error)
                        raise error
                    if transfer:
                        self._deadlines.clear(progress)
                    yield response
                finally:
                    response.close()
            failure = None
        except ApiError as error:
            failure = error.message
            self._guard.learn(error)
            raise
        except Exception as error:
            failure = one_line(str(error)) or one_line(type(error).__name__)
            raise
        finally:
            self._deadlines.clear(progress)
            abort.unwatch(progress.watched)
            self._on_exchange(
                Exchange(
                    at=began,
                    method=request.method,
                    path=request.label,
                    status=response.status_code if response else None,
                    duration=time.monotonic() - clock,
                    request_id=request_id(response) if response else None,
                    retries=attempt,
                    error=failure,
                )
            )

    def _open(
        self, request: Request, body: Body | None, abort: Abort, progress: Progress, transfer: bool
    ) -> httpx.Response:
        alone = transfer or request.alone
        client = self._transfers if alone else self._calls
        base = httpx.URL(self._account.base_url)
        target = httpx.URL(
            str(base).rstrip("/") + request.path, params={**self._account.sent_query, **request.query} or None
        )
        for _ in range(REDIRECTS + 1):
            abort.check()
            progress.patience = body.answer_seconds if body else SILENCE_SECONDS
            try:
                sent = client.build_request(
                    request.method,
                    target,
                    content=body.chunks if body else None,
                    headers=headers_for(self._account, request, target, body, raw=transfer),
                    timeout=httpx.Timeout(
                        connect=CONNECT_SECONDS, read=progress.patience, write=SILENCE_SECONDS, pool=None
                    ),
                    extensions={"trace": self._trace(abort, progress, kept=not alone, ahead=request.ahead)},
                )
                response = client.send(sent, stream=True)
            except UnicodeError as error:  # a host name with an empty or overlong label, or letters in a header
                raise ConnectionFailed(f"no connection: {error}", reached_server=False) from None
            if not response.has_redirect_location or request.method != "GET":
                return response
            following = target.join(response.headers["location"])
            if not transfer and origin_of(following) != self._origin:
                return response  # another server's listing is not this account's
            response.close()
            if following.scheme not in ("http", "https"):
                raise Refused("the server redirects to an address that is none", **marks(response))
            if target.scheme == "https" and following.scheme != "https":
                raise Refused("the server redirects from https to http: not followed", **marks(response))
            target = following
        raise Refused(f"the server redirects more than {REDIRECTS} times")

    def _explain(self, error: ApiError) -> None:
        if isinstance(error, AuthenticationFailed) and not self._account.is_private:
            error.advice = "The key is not sent over plain http: use https."

    def _trace(
        self, abort: Abort, progress: Progress, *, kept: bool, ahead: int | None
    ) -> Callable[[str, Mapping[str, Any]], None]:
        fresh = False

        def watch(connection: socket.socket) -> None:
            progress.watched.append(connection)
            abort.watch(connection)

        def trace(event: str, info: Mapping[str, Any]) -> None:
            nonlocal fresh
            if event.endswith((".connect_tcp.complete", ".start_tls.complete")):  # a proxy's events, too
                fresh = True
                connection = info["return_value"].get_extra_info("socket")
                with self._lock:
                    self._sockets.add(connection)
                    if kept:
                        self._kept.add(connection)
                watch(connection)
                if ahead is not None and event.endswith(".connect_tcp.complete"):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ahead)
                if event.endswith(".start_tls.complete"):  # what was sent so far only asked a proxy for the way
                    self._deadlines.clear(progress)
                    progress.sending = False
            elif event == "http11.send_request_body.complete":
                longer = progress.patience - SILENCE_SECONDS
                self._deadlines.set(progress, ANSWER_SECONDS + longer, progress.end)
            elif event == "http11.send_request_headers.started":
                progress.sending = True
                if kept and not fresh:
                    # Nothing tells which kept connection this is: a cancel ends them all, and other calls try again.
                    with self._lock:
                        connections = list(self._kept)
                    for connection in connections:
                        watch(connection)

        return trace

    @contextlib.contextmanager
    def _watched(self, abort: Abort) -> Iterator[None]:
        with self._lock:
            if self._closed:
                abort.cancel()
            self._aborts.add(abort)
        try:
            yield
        finally:
            with self._lock:
                self._aborts.discard(abort)

    def _note(self, response: httpx.Response) -> None:
        self.told.update(
            (name, Untrusted(redacted(response.headers[name]))) for name in TOLD if name in response.headers
        )
        with contextlib.suppress(KeyError, ValueError, TypeError, OverflowError):
            self.clock_offset = parsedate_to_datetime(response.headers["date"]).timestamp() - time.time()
