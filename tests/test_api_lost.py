"""Finding out what became of an upload: what is asked of the one who sends it, and when it is certain."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.api import lost as room
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import (
    Aborted,
    ApiError,
    ConnectionFailed,
    RateLimited,
    ServerError,
    UploadUnknown,
    from_answer,
)
from files_tui.api.lost import LONGEST_LAG, PAGES, Lost
from tests.wire import (
    RESET,
    Received,
    Reply,
    Step,
    Take,
    client_to,
    error_answer,
    json_answer,
    page_answer,
    serving,
)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PAUSES", (0.0, 0.0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    return path


def listed(file_id: str, **changes: object) -> dict[str, object]:
    file = {"id": file_id, "filename": "a.txt", "bytes": 3, "purpose": "batch", "created_at": int(time.time())}
    return {**file, **changes}


def lost(error: ApiError | None = None, **changes: Any) -> Lost:
    """An upload that was sent just now."""
    values = {
        "name": "a.txt",
        "size": 3,
        "purpose": "batch",
        "started": time.time(),
        "sent": time.time(),
        "claim": lambda file_id: True,
        "error": error or ConnectionFailed("it broke"),
    }
    return Lost(**{**values, **changes})


def test_the_one_who_sends_hears_when_the_last_of_it_leaves(path: Path) -> None:
    heard: list[str] = []

    def claim(file_id: str) -> bool:
        heard.append(f"claim {file_id}")
        return True

    def handler(request: Received) -> Iterator[Step]:
        yield Take()
        heard.append("arrived")
        yield json_answer(listed("new"))

    with serving(handler, read_body=False) as server, client_to(server) as client:
        client.upload(
            path,
            name="a.txt",
            purpose="batch",
            on_bytes=lambda count: heard.append(f"{count} bytes"),
            on_sent=lambda: heard.append("sent"),
            claim=claim,
        )
    assert heard == ["3 bytes", "sent", "arrived", "claim new"]


def test_what_did_not_leave_to_its_end_is_not_looked_for(tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(32 << 20)

    def claim(file_id: str) -> bool:
        raise AssertionError("nothing is to be claimed")

    with serving(lambda _: [Take(1 << 20), RESET], read_body=False) as server, client_to(server) as client:
        with pytest.raises(ConnectionFailed) as caught:
            client.upload(big, name="a.txt", purpose="batch", claim=claim)
        assert len(server.requests) == 1
    assert "can be sent again" in caught.value.advice


@pytest.mark.parametrize("kind", [error_answer(429, headers={"retry-after": "0"}), error_answer(503)])
def test_without_tries_of_our_own_each_failure_is_told_at_once(kind: bytes, path: Path) -> None:
    with serving([kind, *[page_answer()] * 2]) as server, client_to(server) as client:
        with pytest.raises((RateLimited, ServerError)):
            client.upload(path, name="a.txt", purpose="batch", retry=False)
        assert [request.method for request in server.requests].count("POST") == 1


def test_the_first_that_can_be_claimed_is_taken() -> None:
    asked: list[str] = []

    def claim(file_id: str) -> bool:
        asked.append(file_id)
        return file_id == "b"

    page = page_answer(listed("x", filename="x"), listed("a"), listed("b"), listed("c"))
    with serving([page]) as server, client_to(server) as client:
        found = client.look_for(lost(claim=claim), Abort())
    assert found is not None
    assert (found.id.true, asked) == ("b", ["a", "b"])


def test_a_file_that_may_be_that_of_another_is_not_claimed() -> None:
    asked: list[list[str]] = []

    def contested(file_ids: Collection[str]) -> bool:
        asked.append(list(file_ids))
        return len(asked) < 3

    def claim(file_id: str) -> bool:
        return len(asked) == 3

    upload = lost(claim=claim, is_contested=contested, started=time.time() - LONGEST_LAG - 9, sent=1.0)
    page = page_answer(listed("a"), listed("b"))
    with serving([page] * 3) as server, client_to(server) as client:
        with pytest.raises(UploadUnknown, match="may be another file of that name and size"):
            client.look_for(upload, Abort())
        found = client.look_for(upload, Abort())
    assert found is not None
    assert found.id == "a"
    assert asked == [["a", "b"]] * 3


def cut_page(**changes: object) -> bytes:
    """A page that is not the last one."""
    return json_answer({"data": [listed("x", filename="x", **changes)], "has_more": True})


def refusal(status: int) -> ApiError:
    """What the API itself says."""
    return from_answer(status, {"error": {"message": "no"}}, "", None, None)


@pytest.mark.parametrize(
    ("error", "ago", "page", "certain"),
    [
        (refusal(500), 0, page_answer(), True),
        (refusal(503), 0, page_answer(listed("x", filename="x")), True),
        (ServerError("no", status=504), 0, page_answer(), False),
        (ServerError("no", status=503), 0, page_answer(), False),
        (ServerError("no", status=524), LONGEST_LAG + 1, page_answer(), True),
        (ConnectionFailed("no"), 0, page_answer(), False),
        (ConnectionFailed("no"), LONGEST_LAG - 60, page_answer(), False),
        (ConnectionFailed("no"), LONGEST_LAG + 1, page_answer(), True),
        (
            refusal(500),
            999,
            json_answer({"data": [listed("x", filename="x")], "has_more": True}),
            False,
        ),
        (
            refusal(500),
            0,
            json_answer({"data": [listed("x", filename="x", created_at=9)], "has_more": True}),
            True,
        ),
    ],
)
def test_when_it_is_certain_that_it_did_not_arrive(error: ApiError, ago: float, page: bytes, certain: bool) -> None:
    sent = time.time() - ago
    with serving(lambda _: page) as server, client_to(server) as client:
        upload = lost(error, started=sent - 1, sent=sent)
        if certain:
            assert client.look_for(upload, Abort()) is None
        else:
            with pytest.raises(UploadUnknown, match=r"the answer was lost \(no.*the file is not in the list yet"):
                client.look_for(upload, Abort())


def test_what_was_not_sent_to_its_end_needs_no_look() -> None:
    with serving([]) as server, client_to(server) as client:
        assert client.look_for(lost(sent=None), Abort()) is None


def test_only_so_many_pages_are_looked_at() -> None:
    pages = itertools.count()

    def handler(request: Received) -> Reply:
        number = next(pages) % PAGES
        files = [{"id": f"f{number}-{n}", "filename": "x", "created_at": 2**33} for n in range(3)]
        return json_answer({"data": files, "has_more": True})

    with serving(handler) as server, client_to(server) as client:
        with pytest.raises(UploadUnknown):
            client.look_for(lost(sent=1.0), Abort())
        assert len(server.requests) == PAGES * len(room.PAUSES)
        targets = [request.target for request in server.requests[:PAGES]]
    assert [target.partition("&after=")[2] for target in targets] == ["", "f0-2", "f1-2", "f2-2", "f3-2"]


def test_looking_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    abort = Abort()
    abort.cancel()
    with serving([]) as server, client_to(server) as client, pytest.raises(Aborted):
        client.look_for(lost(), abort)


def test_a_file_from_before_the_upload_is_another(path: Path) -> None:
    def look(client: FilesClient) -> object:
        return client.look_for(lost(refusal(500)), Abort())

    old, new = listed("old", created_at=int(time.time()) - 400), listed("new")
    with serving([page_answer(old), page_answer(old), page_answer(new, old)]) as server, client_to(server) as client:
        assert look(client) is None
        assert look(client) is not None


def test_a_list_that_begins_with_the_oldest_is_read_to_its_end(tmp_path: Path) -> None:
    """What is older than the upload says nothing there about what is on the next page."""
    then = int(time.time()) - 900
    old = [{"id": f"f{n}", "filename": "o", "bytes": 1, "purpose": "batch", "created_at": then + n} for n in range(3)]
    new = {"id": "new", "filename": "x", "bytes": 3, "purpose": "batch", "created_at": int(time.time())}
    replies = [json_answer({"data": old, "has_more": True}), json_answer({"data": [new], "has_more": False})]
    lost = Lost("x", 3, "batch", time.time(), time.time(), lambda _: True, refusal(500))
    with serving(replies) as server, client_to(server) as client:
        found = client.look_for(lost, Abort())
    assert found is not None
    assert found.id == "new"
