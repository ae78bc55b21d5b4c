"""An upload that the server refuses, before or after it has all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.api.errors import (
    ApiError,
    AuthenticationFailed,
    QuotaExceeded,
    RateLimited,
    Refused,
    TooLarge,
)
from tests.test_api_upload import CONTENT, NAME, upload
from tests.wire import CLOSE, Received, Step, Take, client_to, error_answer, serving


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


REFUSALS = [
    (400, None, Refused),
    (401, None, AuthenticationFailed),
    (409, None, Refused),
    (413, None, TooLarge),
    (429, None, RateLimited),
    (429, "insufficient_quota", QuotaExceeded),
]


@pytest.mark.parametrize(("status", "code", "kind"), REFUSALS)
def test_a_refusal_is_final_and_needs_no_look_up(
    status: int, code: str | None, kind: type[ApiError], path: Path
) -> None:
    reply = error_answer(status, code=code, headers={"x-should-retry": "true", "retry-after": "0"})
    with serving([reply]) as server, client_to(server) as client:
        with pytest.raises(kind):
            upload(client, path)
        assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "code", "kind"), REFUSALS)
@pytest.mark.parametrize("taken", [0, 3 << 20])
def test_a_refusal_in_the_middle_of_the_body(
    status: int, code: str | None, kind: type[ApiError], taken: int, tmp_path: Path
) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(32 << 20)

    def reply(request: Received) -> Iterator[Step]:
        yield Take(taken)
        yield error_answer(status, code=code, headers={"connection": "close"})
        yield Take()
        yield CLOSE

    with serving(reply, read_body=False) as server, client_to(server) as client:
        with pytest.raises(kind):
            client.upload(big, name="big", purpose="batch")
        assert [request.method for request in server.requests] == ["POST"]
