"""A cancel, or the end of the client, wakes the thread that waits, wherever it waits."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.api import requests
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted
from files_tui.api.models import Exchange
from tests.wire import (
    Doing,
    Received,
    Reply,
    Step,
    Take,
    answer,
    client_to,
    error_answer,
    json_answer,
    page_answer,
    serving,
)

MIB = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is too large for the buffers between two processes."""
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(64 * MIB)
    return path


def silence(request: Received) -> Reply:
    return [Take()]


def end(how: str, abort: Abort, client: FilesClient) -> None:
    if how == "cancel":
        abort.cancel()
    else:
        client.close()


HOW = pytest.mark.parametrize("how", ["cancel", "close"])


@HOW
@pytest.mark.parametrize("call", ["list_page", "retrieve", "delete"])
@pytest.mark.parametrize("kept", [False, True], ids=["fresh connection", "kept connection"])
def test_a_call_to_a_silent_server(how: str, call: str, kept: bool) -> None:
    def reply(request: Received) -> Reply:
        return json_answer({"id": "first"}) if request.target.endswith("/first") else [Take()]

    abort = Abort()
    log: list[Exchange] = []
    with serving(reply) as server, client_to(server, log.append) as client:
        if kept:
            client.retrieve("first", abort=abort)
        calls = {
            "list_page": lambda: client.list_page(limit=9, abort=abort),
            "retrieve": lambda: client.retrieve("x", abort=abort),
            "delete": lambda: client.delete("x", abort=abort),
        }
        doing = Doing(calls[call])
        server.arrived(1 + kept)
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)
        if server.connections == 1:
            server.closed()
        assert server.connections == (2 if kept and call == "list_page" else 1)
        assert len(server.requests) == 1 + kept
    assert log[-1].error == "Aborted"


@HOW
@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_call_whose_answer_stops_in_the_middle(how: str, status: int) -> None:
    begun = threading.Event()
    abort = Abort()

    def reply(request: Received) -> Iterator[Step]:
        yield answer(status, b'{"id": "x"}')[:-4]
        begun.set()

    with serving(reply) as server, client_to(server) as client:
        doing = Doing(lambda: client.retrieve("x", abort=abort))
        begun.wait()
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)
        assert len(server.requests) == 1


@HOW
def test_an_upload_that_waits_for_its_answer(how: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    abort = Abort()
    with serving(silence) as server, client_to(server) as client:
        doing = Doing(lambda: client.upload(path, name="a", purpose="b", abort=abort))
        server.arrived()
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)
        assert len(server.requests) == 1


@HOW
def test_an_upload_whose_server_stops_reading(how: str, path: Path) -> None:
    abort = Abort()
    stuck = threading.Event()

    def reply(request: Received) -> Iterator[Step]:
        yield Take(MIB)
        yield stuck

    with serving(reply, read_body=False) as server, client_to(server) as client:
        doing = Doing(lambda: client.upload(path, name="a", purpose="b", abort=abort))
        server.wait_for(lambda: bool(server.requests) and server.requests[0].body_length >= MIB)
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)
        assert len(server.requests) == 1


def test_an_upload_that_is_cancelled_between_two_chunks(path: Path) -> None:
    abort = Abort()
    with serving([]) as server, client_to(server) as client:
        with pytest.raises(Aborted):
            client.upload(path, name="a", purpose="b", abort=abort, on_bytes=lambda count: abort.cancel())
        server.closed()
    assert server.requests == []


@HOW
def test_an_upload_whose_fate_is_being_looked_up(how: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    abort = Abort()

    def reply(request: Received) -> Reply:
        return error_answer(500) if request.method == "POST" else [Take()]

    with serving(reply) as server, client_to(server) as client:
        doing = Doing(lambda: client.upload(path, name="a", purpose="b", abort=abort))
        server.arrived(2)
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)


@HOW
def test_a_download_in_the_middle(how: str) -> None:
    abort = Abort()
    some = threading.Event()

    def download(client: FilesClient) -> None:
        with client.content("x", abort=abort) as content:
            for _ in content.chunks:
                some.set()

    with serving([[answer(200, b"x" * MIB)[:-1]]]) as server, client_to(server) as client:
        doing = Doing(lambda: download(client))
        some.wait()
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)
        server.closed()


@HOW
def test_a_pause_before_another_attempt(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    abort = Abort()
    pausing = threading.Event()
    wait = Abort.wait

    def told(self: Abort, seconds: float) -> None:
        pausing.set()
        wait(self, seconds)

    monkeypatch.setattr(Abort, "wait", told)
    with serving([error_answer(503, headers={"retry-after": "59"})]) as server, client_to(server) as client:
        doing = Doing(lambda: client.retrieve("x", abort=abort))
        pausing.wait()
        end(how, abort, client)
        assert isinstance(doing.outcome, Aborted)


def test_nothing_is_asked_once_cancelled_or_closed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    abort = Abort()
    abort.cancel()
    abort.cancel()
    assert abort.cancelled
    with serving([]) as server, client_to(server) as client:
        for _ in ("cancelled", "closed"):
            with pytest.raises(Aborted):
                client.list_page(limit=1, abort=abort)
            with pytest.raises(Aborted):
                client.upload(path, name="a", purpose="b", abort=abort)
            with pytest.raises(Aborted), client.content("x", abort=abort):
                pass
            client.close()
            abort = Abort()
        with pytest.raises(Aborted):
            client.delete("x")
    assert server.connections == 0


def test_a_cancel_after_the_request_leaves_the_kept_connection_alone() -> None:
    gate = threading.Event()
    first, second = Abort(), Abort()
    with (
        serving([json_answer({"id": "y"}), [gate, json_answer({"id": "x", "deleted": True})]]) as server,
        client_to(server) as client,
    ):
        client.retrieve("y", abort=first)
        doing = Doing(lambda: client.delete("x", abort=second).value)
        server.arrived(2)
        first.cancel()
        gate.set()
        assert doing.outcome is True
        assert server.connections == 1


def test_a_cancel_of_one_transfer_leaves_the_others_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    gate = threading.Event()

    def reply(request: Received) -> Reply:
        return [gate, json_answer({"id": "x"})] if request.method == "POST" else [Take()]

    abort, other = Abort(), Abort()
    with serving(reply) as server, client_to(server) as client:
        upload = Doing(lambda: client.upload(path, name="a", purpose="b", abort=other).value.found)
        server.arrived(1)
        listing = Doing(lambda: client.list_page(limit=1, abort=abort))
        server.arrived(2)
        abort.cancel()
        assert isinstance(listing.outcome, Aborted)
        gate.set()
        assert upload.outcome is False


@pytest.mark.parametrize("answers", [3, 40, 200])
def test_a_close_among_many_calls_ends_them_all(answers: int) -> None:
    enough = threading.Event()
    count = iter(range(10**9))

    def reply(request: Received) -> Reply:
        if next(count) >= answers:
            enough.set()
        return page_answer()

    def work() -> None:
        while True:
            client.list_page(limit=1)

    with serving(reply) as server, client_to(server) as client:
        workers = [Doing(work) for _ in range(6)]
        enough.wait()
        client.close()
        assert [type(worker.outcome) for worker in workers] == [Aborted] * 6


def test_a_close_just_before_a_request_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([]) as server, client_to(server) as client:
        headers = requests.headers_for

        def closing(*args: Any, **options: Any) -> Any:
            client.close()
            return headers(*args, **options)

        monkeypatch.setattr("files_tui.api.wire.headers_for", closing)
        with pytest.raises(Aborted):
            client.list_page(limit=1)
