"""What is sent again, how often and after how long; and the log of exchanges."""

import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import (
    ApiError,
    ConnectionFailed,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerError,
    TimedOut,
    Unreadable,
)
from files_tui.api.models import Exchange
from tests.wire import (
    CLOSE,
    KEY,
    RESET,
    Received,
    Reply,
    Server,
    Step,
    Take,
    answer,
    client_to,
    error_answer,
    json_answer,
    serving,
)

FILE = {"id": "x", "filename": "a.txt", "deleted": True}
GOOD = json_answer(FILE)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, none of which is made."""
    made: list[float] = []
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 1.0)
    monkeypatch.setattr(Abort, "wait", lambda abort, seconds: made.append(seconds))
    return made


CALLS: dict[str, Callable[[FilesClient], object]] = {
    "GET": lambda client: client.retrieve("x").value.id,
    "DELETE": lambda client: client.delete("x").value,
}


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_passing_trouble_is_tried_again(method: str, status: int, pauses: list[float]) -> None:
    with serving([error_answer(status), error_answer(status), GOOD]) as server, client_to(server) as client:
        assert CALLS[method](client) in ("x", True)
    assert [request.method for request in server.requests] == [method] * 3
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("ending", [CLOSE, RESET])
def test_a_broken_connection_is_tried_again(method: str, ending: Step, pauses: list[float]) -> None:
    replies: list[Reply] = [[ending], [b"HTTP/1.1 200 OK\r\nContent-Len", ending], [GOOD[:-3], ending], GOOD]
    with serving(replies) as server, client_to(server) as client:
        assert CALLS[method](client) in ("x", True)
    assert server.connections == 4
    assert pauses == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("method", CALLS)
def test_silence_is_told_of_at_once(method: str, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.wire.SILENCE_SECONDS", 0.05)
    with serving(lambda request: [Take(), b""]) as server, client_to(server) as client:
        with pytest.raises(TimedOut, match="sent nothing"):
            CALLS[method](client)
        server.arrived()
    assert len(server.requests) == 1
    assert pauses == []


def test_a_kept_connection_that_the_server_closed_is_no_failure(pauses: list[float]) -> None:
    def reply(request: Received) -> Reply:
        return [GOOD, CLOSE]

    with serving(reply) as server, client_to(server) as client:
        for count in range(1, 4):
            client.retrieve("x")
            server.closed(count)
    assert len(server.requests) == 3
    assert pauses == []


def test_the_attempts_end(pauses: list[float]) -> None:
    with serving([error_answer(500, f"no {count}") for count in range(4)]) as server, client_to(server) as client:
        with pytest.raises(ServerError, match="no 3"):
            client.retrieve("x")
        assert len(server.requests) == 1 + retry.RETRIES == 4
    assert pauses == [0.5, 1.0, 2.0]


def test_a_refused_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([GOOD], listening=False) as server, client_to(server) as client:

        def opening(low: float, high: float) -> float:
            server.listen()
            return 0.0

        monkeypatch.setattr("files_tui.api.retry.random.uniform", opening)
        assert client.retrieve("x").value.id == "x"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error_answer(400), Refused),
        (error_answer(401), ApiError),
        (error_answer(403), ApiError),
        (error_answer(422), Refused),
        (error_answer(501), ApiError),
        (error_answer(429, code="insufficient_quota"), QuotaExceeded),
        (error_answer(429, code="insufficient_quota", headers={"x-should-retry": "true"}), QuotaExceeded),
        (error_answer(500, headers={"x-should-retry": "false"}), ServerError),
        (error_answer(429, headers={"retry-after": "61"}), RateLimited),
        (error_answer(503, headers={"retry-after": "86400"}), ServerError),
        (error_answer(503, headers={"retry-after-ms": "60001"}), ServerError),
        (error_answer(503, headers={"retry-after": "inf"}), ServerError),
        (answer(200, b"<html>"), Unreadable),
        (answer(200, b'{"id":'), Unreadable),
        (answer(200, b"3"), Unreadable),
    ],
)
def test_what_another_attempt_would_not_help(reply: bytes, kind: type[ApiError], pauses: list[float]) -> None:
    with serving([reply]) as server, client_to(server) as client, pytest.raises(kind):
        client.retrieve("x")
    assert len(server.requests) == 1
    assert pauses == []


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        (429, {"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        (503, {"retry-after": "60"}, 60.0),
        (503, {"retry-after": "0.25"}, 0.25),
        (503, {"retry-after": "-3"}, 0.0),
        (503, {"retry-after": "0"}, 0.0),
        (503, {"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        (503, {"retry-after": "soon"}, 0.5),
        (503, {"retry-after": ""}, 0.5),
        (400, {"x-should-retry": "true"}, 0.5),
        (400, {"x-should-retry": "true", "retry-after": "2"}, 2.0),
    ],
)
def test_how_long_is_waited(status: int, headers: dict[str, str], pause: float, pauses: list[float]) -> None:
    with serving([error_answer(status, headers=headers), GOOD]) as server, client_to(server) as client:
        client.retrieve("x")
    assert pauses == [pause]


def test_a_date_is_waited_for(pauses: list[float]) -> None:
    headers = {"retry-after": formatdate(time.time() + 30, usegmt=True)}
    with serving([error_answer(503, headers=headers), GOOD]) as server, client_to(server) as client:
        client.retrieve("x")
    assert 20 < pauses[0] <= 30


def test_pauses_grow_up_to_a_limit_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, float]] = []

    def highest(low: float, high: float) -> float:
        asked.append((low, high))
        return high

    monkeypatch.setattr("files_tui.api.retry.random.uniform", highest)
    monkeypatch.setattr(retry, "RETRIES", 9)
    error = ServerError("no", status=500)
    assert [retry.delay(error, attempt) for attempt in range(10)] == [0.5, 1, 2, 4, 8, 8, 8, 8, 8, None]
    assert set(asked) == {(0.75, 1.0)}


def test_the_pause_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    with (
        serving([error_answer(429, headers={"retry-after": "50"}), GOOD]) as server,
        client_to(server) as client,
    ):
        monkeypatch.setattr(Abort, "wait", lambda abort, seconds: told.append(client.pause_left))
        assert client.pause_left == 0
        client.retrieve("x")
    assert 40 < told[0] <= 50


def test_the_log_of_exchanges(pauses: list[float]) -> None:
    log: list[Exchange] = []
    before = time.time()
    replies: list[Reply] = [
        error_answer(500, "first", headers={"x-request-id": "r1"}),
        [CLOSE],
        json_answer({"data": []}, headers={"x-request-id": "r3"}),
    ]
    query = {"api-version": "1", "secret": "s3cret"}
    with serving(replies) as server, client_to(server, log.append, query=query) as client:
        client.list_page(limit=5, after="a\x1b")
    assert [(entry.status, entry.retries, entry.request_id) for entry in log] == [
        (500, 0, "r1"),
        (None, 1, None),
        (200, 2, "r3"),
    ]
    assert {entry.method for entry in log} == {"GET"}
    assert {entry.path for entry in log} == {"/files?limit=5&order=desc&after=a\u241b"}
    assert log[0].error == "first"
    assert log[1].error is not None
    assert log[1].error.startswith("the connection broke")
    assert log[2].error is None
    assert all(entry.at >= before and entry.duration > 0 for entry in log)
    assert "s3cret" not in repr(log)
    assert KEY not in repr(log)
    assert "s3cret" in server.requests[0].target


def test_a_cut_answer_is_logged_with_its_status_and_its_failure(pauses: list[float]) -> None:
    log: list[Exchange] = []
    with serving([[GOOD[:-3], CLOSE], GOOD]) as server, client_to(server, log.append) as client:
        client.retrieve("x")
    assert [(entry.status, entry.error is None) for entry in log] == [(200, False), (200, True)]


def test_unreadable_and_timed_out_are_logged(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)
    log: list[Exchange] = []
    with serving([answer(200, b"<html>"), [b""]]) as server, client_to(server, log.append) as client:
        with pytest.raises(Unreadable):
            client.retrieve("x")
        monkeypatch.setattr("files_tui.api.wire.SILENCE_SECONDS", 0.05)
        with pytest.raises(TimedOut):
            client.retrieve("x")
    assert log[0].error is not None
    assert "expected JSON" in log[0].error
    assert log[1].error is not None
    assert "sent nothing" in log[1].error


def test_each_failure_of_a_connection_is_a_connection_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)

    def failing(server: Server) -> ApiError:
        with client_to(server) as client, pytest.raises(ApiError) as caught:
            client.retrieve("x")
        return caught.value

    endings: list[list[Step]] = [[CLOSE], [RESET], [GOOD[:-1], CLOSE], [GOOD[:-1], RESET], [GOOD[:20], CLOSE]]
    for steps in endings:
        with serving([steps]) as server:
            error = failing(server)
        assert type(error) is ConnectionFailed
        assert error.reached_server
        assert error.status is None
