"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from files_tui.api.errors import ApiError, ConnectionFailed, QuotaExceeded, TimedOut

RETRIES = 3
LONGEST_WAIT = 60.0
_NEVER = 1e9
_STATUSES = frozenset({408, 409, 425, 429})


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the server asks to wait: `retry-after-ms`, else `retry-after` as a number or an HTTP date."""
    try:
        return min(max(0.0, float(headers["retry-after-ms"]) / 1000), _NEVER)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after", "")
    try:
        return min(max(0.0, float(value)), _NEVER)
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def delay(error: ApiError, attempt: int, *, retries: int | None = None, longest: float = LONGEST_WAIT) -> float | None:
    """Seconds to wait before attempt number `attempt + 1`, or None when the error is final.

    The server's `x-should-retry` wins over everything but an empty purse, too many attempts and a wait that nobody
    would sit through.
    """
    if (
        attempt >= (RETRIES if retries is None else retries)
        or isinstance(error, QuotaExceeded)
        or error.should_retry == "false"
    ):
        return None
    transient = (
        isinstance(error, ConnectionFailed | TimedOut)
        if error.status is None
        else error.status in _STATUSES or (error.status >= 500 and error.status != 501)
    )
    if not transient and error.should_retry != "true":
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= longest else None
    return min(0.5 * 2.0**attempt, 8.0) * random.uniform(0.75, 1.0)
