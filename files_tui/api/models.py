"""Files as the servers describe them, read tolerantly (API reference, "What follows for one client")."""

from __future__ import annotations

import contextlib
import datetime
import math
from typing import Generic, Literal, TypeVar

import msgspec

from files_tui.text import Safe, Untrusted

T = TypeVar("T")

Kind = Literal["ready", "busy", "failed", "gone", "unknown"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("processed", "ok", "ready", "success", "succeeded", "available"), "ready"),
    **dict.fromkeys(("uploaded", "pending", "running", "checking", "processing"), "busy"),
    **dict.fromkeys(("error", "failed", "rejected"), "failed"),
    **dict.fromkeys(("deleting", "deleted"), "gone"),
}
_GOOD_CODES = frozenset(("0", "200", "20000", "ok", "success"))
Json = bytes

UPLOAD_PURPOSES = ("fine-tune", "batch", "assistants", "vision", "user_data", "evals")
"""Purposes that can be uploaded (API reference, "Upload")."""

PURPOSES = (
    "fine-tune",
    "batch",
    "batch_output",
    "assistants",
    "vision",
    "user_data",
    "evals",
    "fine-tune-results",
    "assistants_output",
)
"""All that the API knows, in the order in which people work with them; a server may have others."""

LARGEST_UPLOAD = 512 << 20
"""The largest file that `POST /files` takes, in bytes (API reference, "Upload"); a larger one goes in parts."""

LARGEST_IN_PARTS = 8 << 30
"""The largest file that `/uploads` takes, in bytes (API reference, "Large uploads")."""

NOTHING = Untrusted("")

LONGEST_ID = 64 << 10
LARGEST_ENTRY = 256 << 10
MOST_ENTRIES = 100_000

_MILLISECONDS = 10**12
_LARGEST = 2**63 - 1


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the listing. Times are unix seconds, sizes bytes; None where the server says nothing.

    `status` is the server's own word; `kind` is what it means. `raw` is the object as it came, as JSON.
    """

    id: Untrusted
    filename: Untrusted = NOTHING
    bytes: int | None = None
    created_at: int | None = None
    expires_at: int | None = None
    purpose: Untrusted = NOTHING
    status: Untrusted | None = None
    status_details: Untrusted | None = None
    kind: Kind = "unknown"
    raw: Json = b"{}"


class FilePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the listing. `has_more` is None where the server does not say; `unreadable` counts the entries
    that had no id and were left out. `total` is the number of all files, where the server tells; `continues` that it
    pages by a token of its own, and has more."""

    files: list[File]
    has_more: bool | None
    unreadable: int = 0
    total: int | None = None
    continues: bool = False


class Answer(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A value with what came beside it: HTTP status, request id, and the seconds from request to answer."""

    value: T
    status: int
    request_id: Safe | None
    duration: float


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request for the log: when it began (unix seconds), what it was, how it ended, and how long it took.

    `status` is None where no answer came; `error` then says why. `retries` counts the attempts before this one.
    """

    at: float
    method: str
    path: Safe
    status: int | None
    duration: float
    request_id: Safe | None
    retries: int
    error: Safe | None = None


def is_like_a_file(file: File) -> bool:
    """Whether an object says enough for it to come from a Files API; another API's would have an id alone."""
    said = (bool(file.filename), file.bytes is not None, bool(file.purpose), file.created_at is not None)
    return sum(said) >= 2


def kind_of(status: str | None) -> Kind:
    """What a status word means (API reference, "Status")."""
    return _KINDS.get(status.lower(), "unknown") if status else "unknown"


def read_file(raw: object, json: Json | None = None) -> File | None:
    """A file from an object of any dialect, or None when it has no id to speak of it by, or is far too large."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not 0 < len(raw["id"]) <= LONGEST_ID:
        return None
    json = msgspec.json.encode(raw) if json is None else json
    if len(json) > LARGEST_ENTRY:
        return None
    status = _word(raw.get("status"))
    if status is None and isinstance(raw.get("Processed"), bool):
        status = "processed" if raw["Processed"] else "processing"
    size = read_count(raw.get("bytes"))
    details = _word(raw.get("status_details"))
    return File(
        id=Untrusted(raw["id"]),
        filename=Untrusted(_word(raw.get("filename")) or _word(raw.get("name")) or ""),
        bytes=read_count(raw.get("size")) if size is None else size,
        created_at=read_time(raw.get("created_at")),
        expires_at=read_time(raw.get("expires_at")),
        purpose=Untrusted(_word(raw.get("purpose")) or ""),
        status=None if status is None else Untrusted(status),
        status_details=None if details is None else Untrusted(details),
        kind=kind_of(status),
        raw=json,
    )


class _Listing(msgspec.Struct):
    """A list answer in the API's own form."""

    data: list[msgspec.Raw]
    has_more: bool | None = None
    total: int | None = None
    pagination_token: object = None


_listing = msgspec.json.Decoder(_Listing)
_entry = msgspec.json.Decoder()


def read_listing(content: bytes | bytearray) -> FilePage | None:
    """A page from the body of a list answer, None where that is in a form of its own, for `read_page`, or too large.

    One entry after the other is read: a page of ten thousand at once would take five times the memory.
    """
    try:
        listing = _listing.decode(content)
        if not listing.data:
            return None  # which may be how an error looks
        if len(listing.data) > MOST_ENTRIES:
            return None
        files = [
            file
            for raw in listing.data
            if len(raw) <= LARGEST_ENTRY and (file := read_file(_entry.decode(raw), bytes(raw)))
        ]
    except (ValueError, RecursionError):  # other forms, and broken characters
        return None
    return FilePage(
        files=files,
        has_more=listing.has_more,
        unreadable=len(listing.data) - len(files),
        total=read_count(listing.total),
        continues=bool(listing.pagination_token),
    )


def is_error(document: object) -> bool:
    """Whether an answer with a good status is an error: one without data that says so in one of the ways of gateways.

    Taken for an empty list, it would make every file seem to be gone.
    """
    if not isinstance(document, dict) or document.get("data"):
        return False
    return (
        bool(document.get("error"))
        or document.get("success") is False
        or document.get("status") is False
        or document.get("object") == "error"
        or (document.get("data") is None and bool(document.get("message") or document.get("detail")))
        or str(document.get("code") or 0).lower() not in _GOOD_CODES
    )


class Entries(msgspec.Struct, frozen=True):
    """The entries of a list answer as they came, with what it says of others (see `FilePage`)."""

    values: list[object]
    has_more: bool | None
    total: int | None
    continues: bool


def read_entries(document: object) -> Entries | None:
    """What a list answer of any dialect holds, or None when it holds no list."""
    has_more: bool | None = None
    total: int | None = None
    continues = False
    if document is None:
        return None  # an empty body is not an empty list: taken for one, every file would seem to be gone
    for _ in range(3):  # SiliconFlow wraps the list answer in another object of the same key
        if not isinstance(document, dict):
            break
        if isinstance(document.get("has_more"), bool):
            has_more = document["has_more"]
        total = read_count(document.get("total")) if total is None else total
        continues = continues or bool(document.get("pagination_token"))
        if "data" not in document or is_error(document):
            return None
        document = document["data"]
    entries = [] if document is None else document
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        return None
    return Entries(entries, has_more, total, continues)


def read_page(document: object) -> FilePage | None:
    """A page from a list answer of any dialect, or None when it holds no list."""
    entries = read_entries(document)
    if entries is None:
        return None
    files = [file for entry in entries.values if (file := read_file(entry))]
    return FilePage(
        files=files,
        has_more=entries.has_more,
        unreadable=len(entries.values) - len(files),
        total=entries.total,
        continues=entries.continues,
    )


def _word(value: object) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def read_count(value: object) -> int | None:
    """A number of bytes or of things in any dialect, None for what is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) else None
    return value if isinstance(value, int) and 0 <= value <= _LARGEST else None


def read_time(value: object) -> int | None:
    """Unix seconds of a time in any dialect, None for what is no time."""
    if isinstance(value, str) and not value.isdigit():
        value = _parsed_time(value)
    number = read_count(value)
    return number // 1000 if number is not None and number >= _MILLISECONDS else number


def _parsed_time(text: str) -> float | None:
    with contextlib.suppress(ValueError):
        return float(text)
    try:
        parsed = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=datetime.UTC)
    return aware.timestamp()
