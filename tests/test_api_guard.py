"""What is never sent: changes in a read-only session, deletes to who knows whom, the key to who listens."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError, AuthenticationFailed, PermissionMissing, ReadOnly, Refused, Unproven
from files_tui.settings import Account, Secret, is_loopback
from files_tui.text import Safe
from tests.wire import KEY, Received, Reply, answer, client_to, error_answer, json_answer, page_answer, serving

FILE = {"id": "x", "object": "file", "filename": "a.txt", "bytes": 1, "purpose": "batch", "created_at": 1}
DELETED = json_answer({"id": "x", "deleted": True})
NO_SCOPE = error_answer(401, "You have insufficient permissions for this operation. Missing scopes: api.files.write.")


def methods(requests: list[Received]) -> list[str]:
    return [request.method for request in requests]


def changes(path: Path) -> dict[str, Callable[[FilesClient], object]]:
    """Every call that changes something on the server."""
    path.write_bytes(b"x")
    return {
        "upload": lambda client: client.upload(path, name="a", purpose="batch"),
        "delete": lambda client: client.delete("x"),
        "start": lambda client: client.large.start(
            name="a", size=1, purpose="batch", expires_after=None, abort=Abort()
        ),
        "cancel": lambda client: client.large.cancel("u", abort=Abort()),
        "complete": lambda client: client.large.complete("u", [], md5="", size=1, abort=Abort()),
    }


@pytest.mark.parametrize("change", ["upload", "delete", "start", "cancel", "complete"])
def test_a_read_only_client_sends_no_change(change: str, tmp_path: Path) -> None:
    with serving([page_answer(FILE)]) as server:
        account = Account(base_url=server.base_url, key=Secret(KEY))
        client = FilesClient(account, read_only=True)
        client.list_page(limit=1)
        with pytest.raises(ReadOnly, match="nothing was sent") as caught:
            changes(tmp_path / "a")[change](client)
        client.close()
    assert not caught.value.reached_server
    assert methods(server.requests) == ["GET"]


@pytest.mark.parametrize("change", ["upload", "delete", "start"])
def test_a_key_without_the_scope_to_write_makes_the_client_read_only(change: str, tmp_path: Path) -> None:
    told: list[Safe] = []
    with serving([page_answer(FILE), NO_SCOPE]) as server:
        client = FilesClient(Account(base_url=server.base_url, key=Secret(KEY)), on_read_only=told.append)
        client.list_page(limit=1)
        for error in (PermissionMissing, ReadOnly, ReadOnly):
            with pytest.raises(error):
                changes(tmp_path / "a")[change](client)
        assert client.read_only
        client.close()
    assert len(told) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize("reply", [error_answer(403), error_answer(401), error_answer(400, "api.files.write")])
def test_another_refusal_does_not(reply: Reply) -> None:
    with serving([reply]) as server, client_to(server) as client:
        with pytest.raises(ApiError):
            client.delete("x")
        assert not client.read_only


@pytest.mark.parametrize(
    "proof",
    [
        page_answer(FILE),
        json_answer([{"id": "y", "name": "b", "size": 3}]),
        json_answer({"code": 0, "data": {"data": [{"id": "y", "purpose": "batch", "created_at": 5}]}}),
    ],
)
def test_a_listing_of_files_is_proof_enough_to_delete(proof: Reply) -> None:
    with serving([proof, DELETED]) as server, client_to(server, proven=False) as client:
        client.list_page(limit=1)
        assert client.delete("x").value
    assert methods(server.requests) == ["GET", "DELETE"]


def test_an_upload_is_proof_enough_to_delete(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with serving([json_answer(FILE), DELETED]) as server, client_to(server, proven=False) as client:
        client.upload(tmp_path / "a", name="a.txt", purpose="batch")
        assert client.delete("x").value
    assert methods(server.requests) == ["POST", "DELETE"]


def test_without_proof_the_file_is_asked_for_first() -> None:
    replies = [page_answer(), json_answer(FILE), DELETED, DELETED]
    with serving(replies) as server, client_to(server, proven=False) as client:
        client.list_page(limit=1)
        assert client.delete("x").value
        assert client.delete("x").value
    assert methods(server.requests) == ["GET", "GET", "DELETE", "DELETE"]


def test_a_refusal_that_names_the_file_says_that_it_is_gone() -> None:
    replies = [page_answer(), error_answer(404, "No such File object: file-77")]
    with serving(replies) as server, client_to(server, proven=False) as client:
        client.list_page(limit=1)
        assert client.delete("file-77").value is False
    assert methods(server.requests) == ["GET", "GET"]


@pytest.mark.parametrize(
    "message",
    [
        "Invalid URL (DELETE /v1/files/file-77)",
        "Cannot GET /v1/files/file-77",
        "The requested URL /files/file-77 was not found on this server, nor was file-77",
    ],
)
def test_a_refusal_that_names_the_address_says_nothing_of_the_file(message: str) -> None:
    refused = error_answer(404, message)
    with serving([page_answer(FILE), refused, refused]) as server, client_to(server, proven=False) as client:
        client.list_page(limit=1)
        with pytest.raises(Unproven, match="not certain"):
            client.delete("file-77")
    with serving([refused]) as server, client_to(server, proven=False) as client, pytest.raises(Unproven):
        client.delete("file-77")


@pytest.mark.parametrize("file_id", ["a", "404", "found", "ile"])
def test_a_refusal_that_only_seems_to_name_the_file(file_id: str) -> None:
    replies = [error_answer(404, "Not Found, no file at v1/files2 (404x)")]
    with serving(replies) as server, client_to(server, proven=False) as client, pytest.raises(Unproven):
        client.delete(file_id)
    assert methods(server.requests) == ["GET"]


@pytest.mark.parametrize(
    "listing", [page_answer(), json_answer([]), json_answer([{"id": "x"}]), json_answer([{"id": "x", "name": "job"}])]
)
@pytest.mark.parametrize(
    "look",
    [
        error_answer(404),
        answer(405),
        answer(200, b"<html>"),
        answer(204),
        json_answer({"id": "x"}),
        json_answer({**FILE, "id": "y"}),
        json_answer([FILE]),
        answer(302, headers={"location": "http://127.0.0.1:1/"}),
    ],
)
def test_another_api_at_this_address_is_sent_no_delete(listing: Reply, look: Reply) -> None:
    with serving([listing, look, look]) as server, client_to(server, proven=False) as client:
        client.list_page(limit=1)
        for _ in range(2):
            with pytest.raises(Unproven, match="not shown itself to be a Files API") as caught:
                client.delete("x")
            assert caught.value.advice
    assert methods(server.requests) == ["GET"] * 3


def test_the_key_is_not_sent_over_plain_http_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real("127.0.0.1", *rest, **more))
    query = {"code": "query-0123456789", "api-version": "2024-10-21"}
    account: dict[str, Any] = {"query": query, "organization": "org", "project": "proj", "headers": {"X-Gateway": KEY}}
    with serving([page_answer(FILE), error_answer(401, "no key"), page_answer(FILE)]) as server:
        with client_to(server, base_url=server.base_url.replace("127.0.0.1", "elsewhere.test"), **account) as client:
            client.list_page(limit=1)
            with pytest.raises(AuthenticationFailed) as caught:
                client.list_page(limit=1)
        with client_to(server, **account) as client:
            client.list_page(limit=1)
    assert "plain http" in caught.value.advice
    first, _, private = server.requests
    names = {"authorization", "openai-organization", "openai-project", "x-gateway"}
    assert not names & first.headers.keys()
    assert KEY not in repr(first)
    assert "api-version=2024-10-21" in first.target
    assert "query-0123456789" not in first.target
    assert "code=query-0123456789" in private.target
    assert names <= private.headers.keys()


@pytest.mark.parametrize("host", ["localhost", "files.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "10.0.0.1", "0.0.0.0", "notlocalhost", "::", "127.0.0.1.x"])
def test_another_machine(host: str) -> None:
    assert not is_loopback(host)


def test_a_listing_is_not_taken_from_another_server() -> None:
    with serving([page_answer()]) as other:
        replies = [answer(status, headers={"location": f"{other.base_url}/files"}) for status in (301, 302, 307, 308)]
        with serving(replies) as server, client_to(server) as client:
            for _ in replies:
                with pytest.raises(Refused, match="the server redirects to"):
                    client.list_page(limit=1)
    assert other.requests == []
