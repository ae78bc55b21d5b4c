"""An upload is sent once, whatever becomes of its answer, and its fate is then looked up."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from files_tui.api import retry
from files_tui.api.client import FilesClient, Uploaded
from files_tui.api.errors import (
    ApiError,
    ConnectionFailed,
    Refused,
    ServerError,
    TimedOut,
    Unreadable,
    UploadUnknown,
)
from files_tui.api.models import Answer
from tests.wire import (
    CLOSE,
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
    page_answer,
    serving,
)

CONTENT = b"hello world"
NAME = "notes.txt"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


def listed(file_id: str = "file-new", **changes: object) -> dict[str, object]:
    """The uploaded file as a list answer has it."""
    file = {"id": file_id, "filename": NAME, "bytes": len(CONTENT), "purpose": "batch", "created_at": int(time.time())}
    return {**file, **changes}


def upload(client: FilesClient, path: Path, **options: object) -> Answer[Uploaded]:
    return client.upload(path, name=NAME, purpose="batch", **options)  # type: ignore[arg-type]


def posts(server: Server) -> int:
    return sum(request.method == "POST" for request in server.requests)


LOST: dict[str, Reply] = {
    "closed": [CLOSE],
    "reset": [RESET],
    "cut head": [b"HTTP/1.1 200 OK\r\n", CLOSE],
    "cut body": [json_answer(listed())[:-5], CLOSE],
    "silent": [Take()],
    "silent in the middle": [json_answer(listed())[:-5]],
    "408": error_answer(408),
    "500": error_answer(500),
    "502 html": answer(502, b"<html>bad gateway"),
    "503 retry-after": error_answer(503, headers={"retry-after": "1", "x-should-retry": "true"}),
    "504": answer(504),
    "html": answer(200, b"<html>welcome"),
    "cut json": answer(200, b'{"id": "file-n'),
    "empty": answer(200),
    "no id": json_answer({"object": "file"}),
    "list": json_answer([]),
    "not http": [b"nonsense\r\n\r\n", CLOSE],
}


def lost(kind: str, *then: Reply) -> Callable[[Received], Reply]:
    """The answer to the upload is lost; `then` answers the looks, which may come before an upload that took long."""
    looks = list(then)
    return lambda request: LOST[kind] if request.method == "POST" else looks.pop(0)


@pytest.fixture
def _impatient(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "silent" in kind:
        monkeypatch.setattr("files_tui.api.client.SILENCE_SECONDS", 0.1)


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.usefixtures("_impatient")
def test_an_upload_without_an_answer_is_found_afterwards(kind: str, path: Path) -> None:
    with serving(lost(kind, page_answer(listed("other", filename="b"), listed()))) as server:
        with client_to(server) as client:
            answered = upload(client, path)
        assert answered.value.found
        assert answered.value.file.id == "file-new"
        server.arrived(2)
        assert sorted((each.method, each.complete) for each in server.requests) == [("GET", True), ("POST", True)]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.usefixtures("_impatient")
def test_an_upload_without_an_answer_that_is_not_found(kind: str, path: Path) -> None:
    """Only a server that says no and lists the time since the upload makes it safe to send the file again."""
    with serving(lost(kind, *[page_answer(listed("other", filename="b"))] * 3)) as server, client_to(server) as client:
        with pytest.raises(ApiError) as caught:
            upload(client, path)
        is_certain = kind.startswith(("500", "503"))  # others come from a relay, behind which it may be under way
        assert isinstance(caught.value, UploadUnknown) != is_certain
        assert ("can be sent again" if is_certain else "before you send it again") in caught.value.advice
        server.arrived(4)
        assert sorted(request.method for request in server.requests) == ["GET", "GET", "GET", "POST"]


def test_a_listing_that_does_not_reach_back_proves_nothing(path: Path) -> None:
    page = json_answer({"data": [listed("other", filename="b")], "has_more": True})
    replies = [error_answer(500), *[page] * 30]
    with serving(replies) as server, client_to(server) as client, pytest.raises(UploadUnknown, match="list yet"):
        upload(client, path)


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.usefixtures("_impatient")
def test_an_upload_without_an_answer_that_cannot_be_looked_up_is_unknown(kind: str, path: Path) -> None:
    with serving(lost(kind, error_answer(403, "not listed"))) as server, client_to(server) as client:
        with pytest.raises(UploadUnknown, match="not listed") as caught:
            upload(client, path)
        assert "before you send it again" in caught.value.advice
        server.arrived(2)
        assert posts(server) == 1


@pytest.mark.parametrize("reply", [answer(200), answer(200, b"<html>"), json_answer({}), [CLOSE]])
def test_a_look_up_without_a_list_proves_nothing(reply: Reply, path: Path) -> None:
    with serving([error_answer(500), *[reply] * 4]) as server, client_to(server) as client:
        with pytest.raises(UploadUnknown):
            upload(client, path)
        assert posts(server) == 1


def test_a_file_that_is_listed_late_is_found(path: Path) -> None:
    with serving([error_answer(500), page_answer(), page_answer(), page_answer(listed())]) as server:
        with client_to(server) as client:
            assert upload(client, path).value.file.id == "file-new"
        assert posts(server) == 1


def test_the_pauses_of_the_look_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    pauses: list[float] = []
    monkeypatch.setattr("files_tui.api.abort.Abort.wait", lambda abort, seconds: pauses.append(seconds))
    replies = [error_answer(500), *[page_answer()] * 3]
    with serving(replies) as server, client_to(server) as client, pytest.raises(ServerError):
        upload(client, path)
    assert pauses == [0.3, 1.0, 3.0]


@pytest.mark.parametrize(
    "changes",
    [
        {"filename": "other.txt"},
        {"bytes": len(CONTENT) + 1},
        {"purpose": "fine-tune", "filename": "other.txt"},
        {"created_at": int(time.time()) - 600},
        {"id": "known"},
    ],
)
def test_another_file_is_not_taken_for_the_uploaded_one(changes: dict[str, object], path: Path) -> None:
    replies = [error_answer(500), *[page_answer({**listed(), **changes})] * 3]
    with serving(replies) as server, client_to(server) as client, pytest.raises(ServerError):
        upload(client, path, claim=lambda file_id: file_id != "known")


@pytest.mark.parametrize("changes", [{"purpose": "retrieval"}, {"filename": ""}, {"filename": None, "bytes": None}])
def test_what_may_be_the_file_under_words_of_the_servers_own_is_not_sent_again(
    changes: dict[str, object], path: Path
) -> None:
    replies = [error_answer(500), *[page_answer({**listed(), **changes})] * 3]
    with serving(replies) as server, client_to(server) as client, pytest.raises(UploadUnknown):
        upload(client, path)


@pytest.mark.parametrize("changes", [{"bytes": None}, {"purpose": ""}, {"created_at": None}])
def test_what_a_server_leaves_out_does_not_hide_the_file(changes: dict[str, object], path: Path) -> None:
    old = listed("known")
    with serving([error_answer(500), page_answer(old, {**listed(), **changes})]) as server, client_to(server) as client:
        assert upload(client, path, claim=lambda file_id: file_id != "known").value.file.id == "file-new"


@pytest.mark.parametrize("skew", [-7200, 7200])
@pytest.mark.parametrize("when", ["before", "with the failure", "with the list"])
def test_a_server_clock_that_is_wrong(skew: int, when: str, path: Path) -> None:
    """Ages are told by the server's clock, which any of its answers shows."""

    def reply(request: Received) -> Reply:
        there = int(time.time()) + skew
        date = {"date": formatdate(time.time() + skew, usegmt=True)}
        if request.method == "POST":
            return error_answer(500, headers=date) if when == "with the failure" else [CLOSE]
        older, newer = listed("older", created_at=there - 60), listed("newer", created_at=there)
        is_first = len(server.requests) == 1
        return page_answer(older, newer, headers=date if is_first or when == "with the list" else None)

    with serving(reply) as server, client_to(server) as client:
        client.list_page(limit=1)
        if when != "before":
            client._wire.clock_offset = None
        assert upload(client, path).value.file.id == "newer"


def test_without_a_clock_a_file_of_the_last_minutes_may_be_it(path: Path) -> None:
    slow = listed(created_at=int(time.time()) - 60)
    with serving([error_answer(500), page_answer(slow)]) as server, client_to(server) as client:
        assert upload(client, path).value.found


def test_a_refused_connection_is_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([json_answer(listed(), status=201)], listening=False) as server, client_to(server) as client:

        def opening(low: float, high: float) -> float:
            server.listen()
            return 0.0

        monkeypatch.setattr("files_tui.api.retry.random.uniform", opening)
        answered = upload(client, path)
        assert (answered.status, answered.value.found) == (201, False)
        assert CONTENT in server.requests[0].body
        assert len(server.requests) == 1


def test_a_server_that_is_never_there_needs_no_look_up(path: Path) -> None:
    log: list[str] = []
    with (
        serving([], listening=False) as server,
        client_to(server, lambda entry: log.append(entry.method)) as client,
        pytest.raises(ConnectionFailed) as caught,
    ):
        upload(client, path)
    assert not caught.value.reached_server
    assert log == ["POST"] * (1 + retry.RETRIES)


def test_a_connection_reset_in_the_middle_of_the_body_is_looked_up(tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(32 << 20)

    def reply(request: Received) -> Iterator[Step]:
        if request.method == "GET":
            yield page_answer()
        else:
            yield Take(1 << 20)
            yield RESET

    with serving(reply, read_body=False) as server, client_to(server) as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.upload(big, name="big", purpose="batch")
        assert "can be sent again" in caught.value.advice
        assert posts(server) == 1


def test_an_upload_that_is_answered_elsewhere_is_looked_for(path: Path) -> None:
    replies = [answer(303, headers={"location": "/v1/files/x"}), *[page_answer()] * 3]
    with serving(replies) as server, client_to(server) as client, pytest.raises(UploadUnknown):
        upload(client, path)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_an_upload_is_not_redirected(status: int, path: Path) -> None:
    with serving([]) as other:
        reply = answer(status, headers={"location": other.base_url + "/files"})
        with serving([reply]) as server, client_to(server) as client, pytest.raises(Refused) as caught:
            upload(client, path)
        assert other.connections == 0
    assert caught.value.status == status
    assert "base URL" in caught.value.advice
    assert len(server.requests) == 1


def test_the_answer_of_an_upload(path: Path) -> None:
    reply = json_answer(listed(), status=201, headers={"x-request-id": "r"})
    with serving([reply]) as server, client_to(server) as client:
        answered = upload(client, path)
    assert (answered.status, answered.request_id, answered.value.found) == (201, "r", False)
    assert answered.duration > 0
    assert answered.value.file.filename == NAME


@pytest.mark.parametrize("error", [TimedOut, Unreadable])
def test_the_error_keeps_what_happened(error: type[ApiError], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if error is TimedOut:
        monkeypatch.setattr("files_tui.api.client.SILENCE_SECONDS", 0.05)
    first: Reply = [Take()] if error is TimedOut else answer(200, b"<html>", {"x-request-id": "r"})

    def reply(request: Received) -> Reply:
        return first if request.method == "POST" else page_answer()

    with serving(reply) as server, client_to(server) as client, pytest.raises(UploadUnknown) as caught:
        upload(client, path)
    assert caught.value.status == (None if error is TimedOut else 200)
    assert ("sent nothing" if error is TimedOut else "expected JSON") in str(caught.value)


def test_a_missing_file_is_no_request(tmp_path: Path) -> None:
    with serving([]) as server, client_to(server) as client:
        with pytest.raises(FileNotFoundError):
            upload(client, tmp_path / "none")
        with pytest.raises(IsADirectoryError):
            upload(client, tmp_path)
    assert server.connections == 0
