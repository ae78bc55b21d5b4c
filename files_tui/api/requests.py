"""What is asked of a server, and what is told it about who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

import httpx
import msgspec

from files_tui import __version__
from files_tui.settings import Account
from files_tui.text import Safe, one_line

SILENCE_SECONDS = 30.0

LEAST_AHEAD = 8 << 10
"""Bytes, which a kernel doubles: a window that is smaller still would make a page of text wait for its packets."""


class Request(msgspec.Struct, frozen=True):
    """What to ask: a path below the base URL, a query and headers of its own; of a body the bytes `start` to `end`.

    With `alone` it takes a connection of its own, where nothing that a server sent too much of before can be taken for
    its answer.
    """

    method: str
    path: str
    query: Mapping[str, str]
    start: int = 0
    end: int | None = None
    alone: bool = False
    headers: Mapping[str, str] = {}

    @property
    def ahead(self) -> int | None:
        """How much of a body that goes on behind its `end` may come before it is closed; None where nobody minds."""
        return None if self.end is None else max(LEAST_AHEAD, (self.end - self.start) // 8)

    @property
    def label(self) -> Safe:
        """The path with its own query, as the log shows it; the account's query may hold a secret."""
        query = "&".join(f"{key}={value}" for key, value in self.query.items())
        return one_line(f"{self.path}?{query}" if query else self.path, 200)


class Body(msgspec.Struct, frozen=True):
    """What is sent: headers that give its type and length, and its chunks."""

    headers: Mapping[str, str]
    chunks: Iterable[bytes]
    answer_seconds: float = SILENCE_SECONDS


def segment_of(identifier: str) -> str:
    """An id of any characters as one segment of a path."""
    segment = quote(identifier.encode("utf-8", "replace"), safe="")
    return segment if segment.strip(".") else segment.replace(".", "%2E")


def headers_for(
    account: Account, request: Request, target: httpx.URL, body: Body | None, *, raw: bool
) -> httpx.Headers:
    """The headers of a request to `target`; with `raw` for a body as it is.

    What identifies the account goes to the host that it is meant for, and to no one who listens on the way.
    """
    headers = httpx.Headers({"User-Agent": f"files-tui/{__version__}", "Accept": "*/*" if raw else "application/json"})
    if origin_of(target) == origin_of(httpx.URL(account.base_url)) and account.is_private:
        headers.update(account.headers)
        if account.auth == "bearer":
            headers["Authorization"] = f"Bearer {account.key.reveal()}"
        else:
            headers["api-key"] = account.key.reveal()
        if account.organization:
            headers["OpenAI-Organization"] = account.organization
        if account.project:
            headers["OpenAI-Project"] = account.project
    # These come last: a type, length or encoding of the account's own would break what is sent, or what comes.
    headers["Accept-Encoding"] = "identity" if raw else "gzip"
    headers.update(request.headers)
    if request.start or request.end is not None:
        headers["Range"] = f"bytes={request.start}-{'' if request.end is None else request.end - 1}"
    if body:
        headers.update(body.headers)
    return headers


def origin_of(url: httpx.URL) -> tuple[str, bytes, int]:
    """Scheme, host and port, which two addresses of one server share."""
    # The raw host: a punycode that decodes to nothing raises when asked for as text.
    return url.scheme, url.raw_host, url.port or (443 if url.scheme == "https" else 80)
