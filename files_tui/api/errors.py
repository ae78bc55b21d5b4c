"""What can go wrong on the wire, as a small tree.

ApiError
├── ConnectionFailed    no connection, or it broke
├── TimedOut            no byte came for too long
├── AuthenticationFailed    401: the key is not accepted
├── PermissionMissing   401 with missing scopes, 403
├── NotFound            404
├── NotSupported        405, 501: this server has no such operation
├── TooLarge            413, or 400 "File is too large."
├── QuotaExceeded       storage or money is used up
├── RateLimited         429; `retry_after` in seconds
├── Refused             any other 4xx
├── ServerError         5xx
├── Unreadable          an answer that is none of this API's
├── ReadOnly            nothing was sent, since this session changes nothing
├── Unproven            nothing was deleted, since the server has not shown itself to be a Files API
└── UploadUnknown       the answer to an upload was lost, and so is whether it arrived
Aborted                 the person cancelled; not an error of the server
SourceChanged           the local file changed while it was being read
"""

from __future__ import annotations

import re

from files_tui.settings import redacted
from files_tui.text import Safe, one_line, span


class Aborted(Exception):
    """The request was cancelled on this side."""


class SourceChanged(Exception):
    """A local file shrank, grew or was written to while it was being uploaded."""


class ApiError(Exception):
    """A request that failed; `str` gives the whole message on one safe line.

    `advice` says what to do next. `status` is the HTTP status, None when there was no answer. `retry_after` is the
    number of seconds that the server asked to wait, `should_retry` its `x-should-retry`. `reached_server` is False
    when the request cannot have arrived, `is_api_like` tells that the API itself has answered, and no relay before it.
    No secret of this run is in any of its words.
    """

    advice = ""
    is_api_like = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        reached_server: bool = True,
        advice: str | None = None,
        should_retry: str | None = None,
    ) -> None:
        self.message: Safe = one_line(redacted(message)) or one_line(type(self).__name__)
        self.status = status
        self.code = code
        self.request_id: Safe | None = one_line(request_id, 80) if request_id else None
        self.retry_after = retry_after
        self.reached_server = reached_server
        self.should_retry = should_retry
        if advice is not None:
            self.advice = advice
        super().__init__(self.message)

    def __str__(self) -> str:
        marks = [f"HTTP {self.status}" if self.status else "", self.request_id or ""]
        tail = ", ".join(mark for mark in marks if mark)
        return f"{self.message} ({tail})" if tail else self.message


class ConnectionFailed(ApiError):
    advice = "Check the network and the base URL, then try again."


class TimedOut(ApiError):
    advice = "The server is silent. Try again in a moment."


class AuthenticationFailed(ApiError):
    advice = "Check the key: its variable, its project, and whether it was revoked."


class PermissionMissing(ApiError):
    advice = "Give the key the missing permission, or use another key or region."


class NotFound(ApiError):
    advice = "It is gone, or it belongs to another project."


class NotSupported(ApiError):
    advice = "This server has no such operation."


class TooLarge(ApiError):
    advice = "Split the file; one upload holds at most 512 MB."


class QuotaExceeded(ApiError):
    advice = "Delete what is stale, or raise the limit in the account."


class RateLimited(ApiError):
    advice = "Wait a moment, then try again."


class Refused(ApiError):
    advice = "The server refused it; its message says why."


class ServerError(ApiError):
    advice = "The server has a problem of its own. Try again later."


class Unreadable(ApiError):
    advice = "This does not look like a Files API: check the base URL."


class ReadOnly(ApiError):
    advice = "Start without --read-only, or with a key that may write."


class Unproven(ApiError):
    advice = "Check the base URL: another API may live at this address."


class UploadUnknown(ApiError):
    advice = "Look for the file in the list before you send it again."


# Each alternative stops at the next opening of its kind, so that a flood of "<" does not take the square of the time.
_TAG = re.compile(r"<(script|style)\b(?:(?!<\1).)*?</\1>|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def from_answer(
    status: int, document: object, text: str, request_id: str | None, retry_after: float | None
) -> ApiError:
    """The error that an answer of 400 or more means (API reference, "Errors").

    `document` is the decoded JSON body, None when it was no JSON; `text` is the body as it came, perhaps cut.
    """
    message, code = _message_of(document)
    if message is None:
        message = one_line(_TAG.sub(" ", text)) or f"the server answered with status {status} and no explanation"
    kind = _kind(status, code, message.lower())
    advice = None
    if kind is RateLimited and retry_after:
        advice = f"The server asks to wait {span(max(1, retry_after))}; then try again."
    error = kind(message, status=status, code=code, request_id=request_id, retry_after=retry_after, advice=advice)
    error.is_api_like = isinstance(document, dict) and bool(document.get("error"))
    return error


def _kind(status: int, code: str | None, message: str) -> type[ApiError]:
    if code == "insufficient_quota" or "storage quota" in message or "storage limit" in message:
        return QuotaExceeded
    if "missing scopes" in message or "insufficient permissions" in message or status == 403:
        return PermissionMissing
    if status == 413 or "file is too large" in message:
        return TooLarge
    kinds: dict[int, type[ApiError]] = {
        401: AuthenticationFailed,
        404: NotFound,
        405: NotSupported,
        408: TimedOut,
        410: NotFound,
        429: RateLimited,
        501: NotSupported,
    }
    return kinds.get(status) or (ServerError if status >= 500 else Refused)


def _message_of(document: object) -> tuple[str | None, str | None]:
    """The message and code of an error body in any of its dialects, None where it has none."""
    if isinstance(document, str) and document.strip():
        return document, None
    if not isinstance(document, dict):
        return None, None
    error = document.get("error") or document.get("detail") or document.get("message")
    if isinstance(error, dict):
        code = error.get("code") or error.get("type")
        return _text(error.get("message") or error.get("detail")), _text(code)
    if isinstance(error, list):
        error = "; ".join(str(e.get("msg", e)) if isinstance(e, dict) else str(e) for e in error[:5])
    return _text(error), _text(document.get("code"))


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)
