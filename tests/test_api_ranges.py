"""The rest of a file, asked for from a byte on, and what is not what was asked for."""

from __future__ import annotations

import random

import pytest

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.errors import Refused, Unreadable
from tests.wire import Reply, answer, chunked, client_to, serving

DATA = random.Random(7).randbytes(300_000)
CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)


@pytest.mark.parametrize(
    ("reply", "start", "length"),
    [
        (answer(206, DATA[100:], {"content-range": "bytes 100-299999/300000"}), 100, 300_000),
        (answer(206, DATA, {"content-range": "bytes 0-299999/300000"}), 0, 300_000),
        (answer(200, DATA), 0, 300_000),
        ([CHUNKED_HEAD, chunked(DATA)], 0, None),
        (
            [
                b"HTTP/1.1 206 OK\r\nContent-Range: bytes 100-299999/300000\r\nTransfer-Encoding: chunked\r\n\r\n",
                chunked(DATA[100:]),
            ],
            100,
            300_000,
        ),
    ],
    ids=["rest", "all as a part", "all", "all in chunks", "rest in chunks"],
)
def test_the_rest_of_a_file(reply: Reply, start: int, length: int | None) -> None:
    with serving([reply]) as server, client_to(server) as client:
        with client.content("file-1", start=100, abort=Abort()) as content:
            assert b"".join(content.chunks) == DATA[start:]
        assert (content.start, content.length, content.delimited) == (start, length, True)
    assert server.requests[0].headers["range"] == "bytes=100-"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-range": "bytes 99-299999/300000"},
        {"content-range": "bytes 100-299999/*"},
        {"content-range": "bytes 100-299999"},
        {"content-range": "bytes */300000"},
        {"content-range": "items 100-299999/300000"},
        {"content-range": "bytes 100-299999/300000", "content-encoding": "gzip"},
        {"content-range": "bytes 100-299999/299999"},
    ],
)
@pytest.mark.parametrize("start", [0, 100])
def test_another_part_than_was_asked_for_is_unreadable(headers: dict[str, str], start: int) -> None:
    reply = answer(206, DATA[100:], headers)
    with (
        serving([reply]) as server,
        client_to(server) as client,
        pytest.raises(Unreadable, match="another part") as caught,
        client.content("x", start=start, abort=Abort()),
    ):
        pass
    assert caught.value.status == 206


def test_a_range_goes_with_a_redirect() -> None:
    replies = [answer(302, headers={"location": "/moved"}), answer(416)]
    with (
        serving(replies) as server,
        client_to(server) as client,
        pytest.raises(Refused),
        client.content("x", start=7, abort=Abort()),
    ):
        pass
    assert [request.headers["range"] for request in server.requests] == ["bytes=7-"] * 2
