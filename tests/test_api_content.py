"""Downloads as streams, and where a redirect may and may not lead."""

import gzip
import random
import ssl
import zlib
from typing import Any

import pytest

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, ConnectionFailed, NotFound, Refused, ServerError, TimedOut, Unreadable
from tests.wire import (
    CLOSE,
    KEY,
    RESET,
    Received,
    Reply,
    Step,
    answer,
    chunked,
    client_to,
    error_answer,
    json_answer,
    serving,
)

DATA = random.Random(7).randbytes(300_000)
CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BARE_HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)


def content_of(client: FilesClient) -> tuple[bytes, int | None, bool]:
    with client.content("file-1", abort=Abort()) as content:
        return b"".join(content.chunks), content.length, content.delimited


@pytest.mark.parametrize(
    ("reply", "length", "delimited"),
    [
        (answer(200, DATA), len(DATA), True),
        ([CHUNKED_HEAD, chunked(DATA[:7], DATA[7:200_000], DATA[200_000:])], None, True),
        ([BARE_HEAD, DATA, CLOSE], None, False),
        ([answer(200, DATA)[:1000], answer(200, DATA)[1000:]], len(DATA), True),
        (answer(200, DATA, {"content-encoding": "identity"}), len(DATA), True),
        (answer(206, DATA, {"content-range": f"bytes 0-{len(DATA) - 1}/{len(DATA)}"}), len(DATA), True),
        (answer(200, gzip.compress(DATA), {"content-encoding": "gzip"}), None, True),
    ],
)
def test_the_bytes_are_those_of_the_server(reply: Reply, length: int | None, delimited: bool) -> None:
    with serving([reply]) as server, client_to(server) as client:
        assert content_of(client) == (DATA, length, delimited)
    request = server.requests[0]
    assert (request.method, request.target) == ("GET", "/v1/files/file-1/content")
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert "range" not in request.headers


def test_an_empty_file() -> None:
    with serving([answer(200)]) as server, client_to(server) as client:
        assert content_of(client) == (b"", 0, True)


def test_a_body_byte_by_byte() -> None:
    with serving([[bytes([byte]) for byte in answer(200, b"slowly")]]) as server, client_to(server) as client:
        assert content_of(client) == (b"slowly", 6, True)


@pytest.mark.parametrize(
    "steps",
    [
        [answer(200, DATA)[:-1], CLOSE],
        [answer(200, DATA)[:-1], RESET],
        [CHUNKED_HEAD, chunked(DATA)[:-5], CLOSE],
        [CHUNKED_HEAD, chunked(DATA)[:-2], CLOSE],
        [CHUNKED_HEAD, b"zz\r\n", CLOSE],
        [answer(200, gzip.compress(DATA)[:-3], {"content-encoding": "gzip"})],
        [answer(200, DATA, {"content-length": str(len(DATA) + 9)}), CLOSE],
    ],
)
def test_a_cut_body_is_a_broken_connection(steps: list[Step]) -> None:
    with serving([steps]) as server, client_to(server) as client, pytest.raises(ConnectionFailed, match="broke"):
        content_of(client)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(DATA) + b"more"),
        ("gzip, gzip", gzip.compress(gzip.compress(DATA))),
        ("br", DATA),
        ("deflate", zlib.compress(DATA)),
    ],
    ids=["no gzip", "more behind it", "twice", "br", "deflate"],
)
def test_an_encoding_that_was_not_asked_for_or_is_broken(encoding: str, body: bytes) -> None:
    reply = answer(200, body, {"content-encoding": encoding})
    with serving([reply]) as server, client_to(server) as client, pytest.raises(Unreadable, match="encoded"):
        content_of(client)


def test_a_body_that_stops_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.wire.SILENCE_SECONDS", 0.05)
    with serving([[answer(200, DATA)[:-1]]]) as server, client_to(server) as client, pytest.raises(TimedOut):
        content_of(client)


def test_an_error_instead_of_content() -> None:
    replies = [error_answer(404, "No such File object: x")]
    with serving(replies) as server, client_to(server) as client, pytest.raises(NotFound, match="No such File"):
        content_of(client)


def test_what_the_reader_raises_is_left_alone() -> None:
    with serving([answer(200, DATA)]) as server, client_to(server) as client:
        with pytest.raises(OSError, match="disk full"), client.content("x", abort=Abort()):
            raise OSError(28, "disk full")
        server.closed()


SECRETS = {"authorization", "api-key", "openai-organization", "openai-project", "x-own", "cookie"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("auth", ["bearer", "api-key"])
@pytest.mark.parametrize("elsewhere", ["another port", "another name"])
def test_nothing_that_identifies_the_account_goes_elsewhere(status: int, auth: str, elsewhere: str) -> None:
    def reply(request: Received) -> Reply:
        return answer(200, DATA) if request.target.startswith("/blob") else steered

    account: dict[str, Any] = {
        "organization": "org-1",
        "project": "proj_1",
        "headers": {"X-Own": "secret"},
        "query": {"q": "secret"},
    }
    with serving(reply) as other, serving(reply) as server, client_to(server, auth=auth, **account) as client:
        port = other.port if elsewhere == "another port" else server.port
        host = "localhost" if elsewhere == "another name" else "127.0.0.1"
        steered = answer(status, b"moved", {"location": f"http://{host}:{port}/blob?sig=1"})
        assert content_of(client)[0] == DATA
        first = server.requests[0]
        second = (other if elsewhere == "another port" else server).requests[-1]
    assert {"openai-organization", "openai-project", "x-own"} < set(first.headers)
    assert second.target == "/blob?sig=1"
    assert not SECRETS & set(second.headers)
    assert KEY not in repr(second)
    assert second.headers["accept-encoding"] == "identity"


def test_a_redirect_on_the_same_host_keeps_the_key() -> None:
    replies = [answer(302, headers={"location": "/moved?x=1"}), answer(307, headers={"location": "again"}), answer(200)]
    with serving(replies) as server, client_to(server) as client:
        content_of(client)
    assert [request.target for request in server.requests][1:] == ["/moved?x=1", "/again"]
    assert {request.headers.get("authorization") for request in server.requests} == {f"Bearer {KEY}"}


def test_a_redirect_back_home_carries_the_key_again() -> None:
    def reply(request: Received) -> Reply:
        return answer(200, b"home") if "home" in request.target else answer(302, headers={"location": away})

    with serving(reply) as server, client_to(server) as client:
        home = answer(302, headers={"location": f"{server.base_url}/home"})
        with serving(lambda request: home) as other:
            away = other.base_url
            assert content_of(client)[0] == b"home"
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in other.requests[0].headers


def test_too_many_redirects() -> None:
    with serving(lambda request: answer(302, headers={"location": "/again"})) as server, client_to(server) as client:
        with pytest.raises(Refused, match="more than 5 times"):
            content_of(client)
        assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_a_redirect_to_what_is_no_web_address_is_asked_for_once(location: str) -> None:
    words = "redirects to an address that is none"
    with (
        serving([answer(302, headers={"location": location})]) as server,
        client_to(server) as client,
        pytest.raises(Refused, match=words),
    ):
        content_of(client)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_delete_is_not_redirected(status: int) -> None:
    with serving([]) as other:
        reply = answer(status, headers={"location": other.base_url + "/files/x"})
        with serving([reply]) as server, client_to(server) as client, pytest.raises(Refused, match="redirects to"):
            client.delete("x")
        assert other.connections == 0
    assert len(server.requests) == 1


def test_a_list_follows_a_redirect() -> None:
    replies = [answer(308, headers={"location": "/v2/files"}), json_answer({"data": [{"id": "x"}]})]
    with serving(replies) as server, client_to(server) as client:
        assert client.list_page(limit=1).value.files[0].id == "x"


def test_https_with_the_certificates_of_the_environment(tls: ssl.SSLContext) -> None:
    with serving([answer(200, DATA)], tls=tls) as server, client_to(server) as client:
        assert content_of(client) == (DATA, len(DATA), True)


def test_an_unknown_certificate_is_refused(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving([], tls=tls) as server, client_to(server) as client:
        with pytest.raises(ConnectionFailed, match="certificate verify failed") as caught:
            content_of(client)
        assert not caught.value.reached_server


def test_a_redirect_from_https_to_http_is_refused(tls: ssl.SSLContext) -> None:
    with serving([]) as plain:
        reply = answer(302, headers={"location": plain.base_url, "x-request-id": "r"})
        with (
            serving([reply], tls=tls) as server,
            client_to(server) as client,
            pytest.raises(Refused, match="from https to http") as caught,
        ):
            content_of(client)
        assert (caught.value.status, caught.value.request_id) == (302, "r")
        assert plain.connections == 0


def test_a_download_over_tls_is_cancelled(tls: ssl.SSLContext) -> None:
    abort = Abort()

    def cancelled_at_the_first_bytes(client: FilesClient) -> None:
        with client.content("x", abort=abort) as content:
            for _ in content.chunks:
                abort.cancel()

    with serving([[answer(200, DATA)[:-1]]], tls=tls) as server, client_to(server) as client:
        with pytest.raises(Aborted):
            cancelled_at_the_first_bytes(client)
        server.closed()


def test_content_is_asked_for_again_until_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 3)
    replies = [error_answer(503, headers={"retry-after": "0"}), error_answer(429, headers={"retry-after-ms": "0"})]
    with serving([*replies, answer(200, b"abc")]) as server, client_to(server) as client:
        assert content_of(client)[0] == b"abc"
    assert len(server.requests) == 3


def test_who_tries_again_alone_is_told_of_each_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 3)
    with (
        serving([error_answer(503)]) as server,
        client_to(server) as client,
        pytest.raises(ServerError),
        client.content("x", retry=False, abort=Abort()),
    ):
        pass
    assert len(server.requests) == 1
