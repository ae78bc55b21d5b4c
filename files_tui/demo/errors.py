"""Refusals and the JSON envelope they travel in."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

ERROR_TYPE = "invalid_request_error"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an answer says when it refuses (API reference, Error codes)."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    type: str = ERROR_TYPE

    def answer(self, headers: dict[str, str] | None = None) -> JSONResponse:
        """The refusal as an HTTP answer."""
        return JSONResponse(self.body(), self.status, headers)

    def body(self) -> dict[str, Any]:
        """The envelope `{"error": {message, type, param, code}}`."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


class ApiError(Exception):
    """A request that is refused; carries its `Refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def bad_request(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """A 400 with this text."""
    return ApiError(Refusal(400, message, param, code))


def no_such(kind: str, identifier: str) -> ApiError:
    """A 404 for a `File` or `Upload` that is not there."""
    return ApiError(Refusal(404, f"No such {kind} object: {identifier}", "id"))


def not_found(message: str) -> ApiError:
    """A 404 with this text."""
    return ApiError(Refusal(404, message))


def not_an_integer(param: str) -> ApiError:
    """A 400 for a value that should have been an integer."""
    message = f"Invalid type for '{param}': expected an integer, but got a string instead."
    return bad_request(message, param, "invalid_type")


def below_minimum(param: str, minimum: int, value: int) -> ApiError:
    """A 400 for an integer that is too small (API reference, List files)."""
    message = f"Invalid '{param}': integer below minimum value. Expected a value >= {minimum}, but got {value} instead."
    return bad_request(message, param, "integer_below_min_value")


def above_maximum(param: str, maximum: int, value: int) -> ApiError:
    """A 400 for an integer that is too large (API reference, List files)."""
    message = f"Invalid '{param}': integer above maximum value. Expected a value <= {maximum}, but got {value} instead."
    return bad_request(message, param, "integer_above_max_value")


def checked_integer(param: str, text: str | None, usual: int, maximum: int) -> int:
    """The integer from 1 to `maximum` of a query, `usual` where there is none; `ApiError` for anything else."""
    if text is None:
        return usual
    try:
        value = int(text)
    except ValueError:
        raise not_an_integer(param) from None
    if value < 1:
        raise below_minimum(param, 1, value)
    if value > maximum:
        raise above_maximum(param, maximum, value)
    return value


def unknown_url(request: Request) -> Refusal:
    """The 404 of a path that does not exist."""
    return Refusal(404, f"Invalid URL ({request.method} {request.url.path})")


def wrong_method(request: Request) -> Refusal:
    """The 405 of a path that exists for other methods."""
    message = (
        f"Not allowed to {request.method} on {request.url.path}. "
        "(HINT: Perhaps you meant to use a different HTTP method?)"
    )
    return Refusal(405, message, code="method_not_supported")


def missing_key() -> Refusal:
    """The 401 of a request without a key."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from "
        "https://platform.openai.com/account/api-keys."
    )
    return Refusal(401, message)


def wrong_key(key: str) -> Refusal:
    """The 401 of a request with another key, which is masked."""
    hint = "You can find your API key at https://platform.openai.com/account/api-keys."
    return Refusal(401, f"Incorrect API key provided: {mask(key)}. {hint}", code="invalid_api_key")


def mask(key: str) -> str:
    """The key with all but its prefix and last four characters starred; a short one keeps its prefix only."""
    ends = (8, 4) if len(key) >= 20 else (3, 0)
    tail = key[len(key) - ends[1] :]
    return key[: ends[0]] + "*" * max(len(key) - sum(ends), 4) + tail
