"""The endpoints for files that are sent in parts: what is asked, and which answers are none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import (
    Aborted,
    ApiError,
    ConnectionFailed,
    NotFound,
    NotSupported,
    RateLimited,
    Refused,
    ServerError,
    SourceChanged,
    Unreadable,
)
from files_tui.api.large import LIFE_SECONDS, Started
from files_tui.api.multipart import Slice
from tests.store_server import form_of
from tests.wire import KEY, RESET, Doing, Received, Reply, Take, answer, client_to, error_answer, json_answer, serving

FILE = {"id": "file-1", "filename": "a.txt", "bytes": 9}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789" * 10)
    return path


def start(client: FilesClient, name: str = "a.txt", expires_after: int | None = None) -> Started:
    return client.large.start(name=name, size=9, purpose="batch", expires_after=expires_after, abort=Abort())


def part(client: FilesClient, path: Path, upload_id: str = "up", abort: Abort | None = None) -> str:
    return client.large.add_part(upload_id, Slice(path, 20, 30), on_bytes=lambda _: None, abort=abort or Abort())


def complete(client: FilesClient, upload_id: str = "up") -> str:
    return client.large.complete(upload_id, ["p2", "p1"], md5="abc", size=9, abort=Abort()).id.true


def cancel(client: FilesClient, upload_id: str = "up") -> None:
    client.large.cancel(upload_id, abort=Abort())


def body_of(request: Received) -> object:
    return json.loads(bytes(request.body))


@pytest.mark.parametrize(("name", "kind"), [("ü.jsonl", None), ("a.pdf", "application/pdf")])
def test_the_beginning(name: str, kind: str | None) -> None:
    with serving([json_answer({"id": "upload_1"})] * 2) as server, client_to(server) as client:
        assert start(client, name, 3_600).id == "upload_1"
        start(client, name)
    first, second = (body_of(request) for request in server.requests)
    assert isinstance(first, dict)
    mime = first.pop("mime_type")
    assert mime == kind if kind else "/" in mime
    expiry = {"anchor": "created_at", "seconds": 3_600}
    assert first == {"filename": name, "purpose": "batch", "bytes": 9, "expires_after": expiry}
    assert isinstance(second, dict)
    assert "expires_after" not in second
    request = server.requests[0]
    assert (request.method, request.target) == ("POST", "/v1/uploads")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("times", "life"),
    [
        ({"created_at": 1_000, "expires_at": 1_500}, 500),
        ({"created_at": 1_000}, LIFE_SECONDS),
        ({"expires_at": 2_000_000_000}, LIFE_SECONDS),
        ({"created_at": "soon", "expires_at": []}, LIFE_SECONDS),
        ({}, LIFE_SECONDS),
    ],
)
def test_the_end_of_a_session_is_told_by_our_clock(times: dict[str, object], life: float) -> None:
    before = time.time()
    with serving([json_answer({"id": "u", **times})]) as server, client_to(server) as client:
        ends = start(client).ends
    assert before + life <= ends <= time.time() + life


def test_a_part_is_a_slice_of_the_file(path: Path) -> None:
    heard: list[int] = []
    with serving([json_answer({"id": "part_1"})]) as server, client_to(server) as client:
        piece = Slice(path, 20, 30)
        assert client.large.add_part("up", piece, on_bytes=heard.append, abort=Abort()) == "part_1"
    request = server.requests[0]
    assert (request.method, request.target) == ("POST", "/v1/uploads/up/parts")
    fields, _, content = form_of(request)
    assert (fields, content) == ({}, b"0123456789" * 3)
    assert b' name="data"' in request.body
    assert heard == [30]


def test_the_end_names_the_parts_in_their_order() -> None:
    with serving([json_answer({"id": "up", "status": "completed", "file": FILE})]) as server:
        with client_to(server) as client:
            assert complete(client) == "file-1"
        assert body_of(server.requests[0]) == {"part_ids": ["p2", "p1"], "md5": "abc"}
        assert server.requests[0].target == "/v1/uploads/up/complete"


def test_giving_up() -> None:
    with serving([json_answer({"id": "up"}), answer(200)]) as server, client_to(server) as client:
        cancel(client)
        cancel(client)
    assert [(request.method, request.target) for request in server.requests] == [("POST", "/v1/uploads/up/cancel")] * 2


@pytest.mark.parametrize(
    ("upload_id", "segment"), [("a/b", "a%2Fb"), ("..", "%2E%2E"), ("a?b#c", "a%3Fb%23c"), ("é", "%C3%A9")]
)
def test_an_id_stays_one_segment_of_the_path(upload_id: str, segment: str, path: Path) -> None:
    replies = [json_answer({"id": "x"}), json_answer({"file": FILE}), answer(200)]
    with serving(replies) as server, client_to(server) as client:
        part(client, path, upload_id)
        complete(client, upload_id)
        cancel(client, upload_id)
    assert [request.target for request in server.requests] == [
        f"/v1/uploads/{segment}/{action}" for action in ("parts", "complete", "cancel")
    ]


@pytest.mark.parametrize("reply", [error_answer(404), error_answer(405), error_answer(501), answer(404, b"<html>")])
def test_a_server_without_them(reply: Reply) -> None:
    with serving([reply]) as server, client_to(server) as client, pytest.raises(NotSupported) as caught:
        start(client)
    assert str(caught.value).startswith("this server takes no uploads in parts (HTTP ")
    assert "split the file" in caught.value.advice


CALLS: dict[str, Callable[[FilesClient, Path], object]] = {
    "start": lambda client, path: start(client),
    "part": part,
    "complete": lambda client, path: complete(client),
    "cancel": lambda client, path: cancel(client),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error_answer(400), Refused),
        (error_answer(429, headers={"retry-after": "0"}), RateLimited),
        (error_answer(500, headers={"x-should-retry": "true"}), ServerError),
        ([RESET], ConnectionFailed),
        (answer(307, headers={"location": "/elsewhere"}), Refused),
    ],
    ids=["400", "429", "500", "reset", "redirect"],
)
def test_nothing_is_sent_a_second_time(call: str, reply: Reply, kind: type[ApiError], path: Path) -> None:
    with serving([reply]) as server, client_to(server) as client, pytest.raises(kind):
        CALLS[call](client, path)
    assert len(server.requests) == 1


@pytest.mark.parametrize("call", ["start", "part", "complete"])
@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"id":""}', b'{"id":3}', b'{"file":{}}', b'{"id"'])
def test_an_answer_without_what_was_asked_for_is_unreadable(call: str, content: bytes, path: Path) -> None:
    with serving([answer(200, content)]) as server, client_to(server) as client, pytest.raises(Unreadable) as caught:
        CALLS[call](client, path)
    assert caught.value.status == 200


def test_a_session_that_is_gone_is_told_as_it_is(path: Path) -> None:
    reply = error_answer(404, "No such Upload")
    with serving([reply]) as server, client_to(server) as client, pytest.raises(NotFound, match="No such Upload"):
        part(client, path)


@pytest.mark.parametrize("stamp", [(101, 0), (100, 1)])
def test_a_part_of_a_file_that_is_another_by_now_does_not_arrive(stamp: tuple[int, int], path: Path) -> None:
    size, changed = stamp
    piece = Slice(path, 0, 50, (size, path.stat().st_mtime_ns + changed))
    with serving(lambda request: [Take()], read_body=False) as server, client_to(server) as client:
        with pytest.raises(SourceChanged, match=r"a\.txt changed"):
            client.large.add_part("up", piece, on_bytes=lambda _: None, abort=Abort())
        server.closed()
        assert not any(request.complete for request in server.requests)


def test_a_part_behind_the_end_of_the_file_does_not_arrive(path: Path) -> None:
    info = path.stat()
    piece = Slice(path, 90, 50, (info.st_size, info.st_mtime_ns))
    with (
        serving(lambda request: [Take()], read_body=False) as server,
        client_to(server) as client,
        pytest.raises(SourceChanged),
    ):
        client.large.add_part("up", piece, on_bytes=lambda _: None, abort=Abort())


def test_a_part_is_cancelled_while_the_server_is_silent(path: Path) -> None:
    abort = Abort()
    with serving([[b""]]) as server, client_to(server) as client:
        doing = Doing(lambda: part(client, path, abort=abort))
        server.arrived()
        abort.cancel()
        assert isinstance(doing.outcome, Aborted)
