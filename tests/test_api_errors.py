"""What a failing answer becomes: its class, one safe line, marks and advice; and never an exception of another kind."""

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    NotFound,
    NotSupported,
    PermissionMissing,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerError,
    TimedOut,
    TooLarge,
    Unreadable,
)
from tests.wire import CLOSE, Received, Reply, Step, answer, client_to, error_answer, json_answer, serving


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)


def failure(reply: Reply, call: Callable[[FilesClient], object] | None = None) -> ApiError:
    """What `retrieve`, or another call, raises on this answer."""
    with serving([reply]) as server, client_to(server) as client, pytest.raises(ApiError) as caught:
        (call or (lambda client: client.retrieve("x")))(client)
    return caught.value


SCOPES = "You have insufficient permissions for this operation. Missing scopes: api.files.write. Check the role."
JSONL = (
    "Expected file to have JSONL format, where every line is a JSON dictionary. Line 1 is not a dictionary "
    '(HINT: line starts with: "\ufeff{"a": 1…").'
)


@pytest.mark.parametrize(
    ("status", "message", "code", "kind"),
    [
        (400, "'purpose' is a required property", None, Refused),
        (400, "'x' is not one of ['fine-tune', 'assistants'] - 'purpose'", None, Refused),
        (400, JSONL, None, Refused),
        (400, 'Invalid extension vb. Supported formats: "c","cpp"', None, Refused),
        (400, "File is too large.", None, TooLarge),
        (400, "You have exceeded your file storage quota. Contact us.", None, QuotaExceeded),
        (400, "Not allowed to download files of purpose: user_data", None, Refused),
        (400, "Invalid 'limit': integer below minimum value.", "integer_below_min_value", Refused),
        (401, "Incorrect API key provided: sk-…", "invalid_api_key", AuthenticationFailed),
        (401, SCOPES, None, PermissionMissing),
        (401, "Missing scopes: api.files.read", None, PermissionMissing),
        (401, "You have insufficient permissions for this operation.", None, PermissionMissing),
        (403, "Country, region, or territory not supported", "unsupported_country_region_territory", PermissionMissing),
        (404, "No such File object: file-x", None, NotFound),
        (405, "Method Not Allowed", None, NotSupported),
        (408, "too slow", None, TimedOut),
        (409, "conflict", None, Refused),
        (410, "gone", None, NotFound),
        (413, "The server had an error", "server_error", TooLarge),
        (418, "I'm a teapot", None, Refused),
        (422, "unprocessable", None, Refused),
        (429, "Rate limit reached", "rate_limit_exceeded", RateLimited),
        (429, "Slow down", "slow_down", RateLimited),
        (429, "You exceeded your current quota, please check your plan", "insufficient_quota", QuotaExceeded),
        (500, "The server had an error", "server_error", ServerError),
        (501, "not implemented", None, NotSupported),
        (502, "bad gateway", None, ServerError),
        (503, "overloaded", "server_is_overloaded", ServerError),
        (504, "gateway time-out", None, ServerError),
        (599, "odd", None, ServerError),
    ],
)
def test_every_row_of_the_error_table(status: int, message: str, code: str | None, kind: type[ApiError]) -> None:
    error = failure(error_answer(status, message, code=code, type="t", param=None, headers={"x-request-id": "req_7"}))
    assert type(error) is kind
    assert error.message == message.replace("\ufeff", "\\ufeff")
    assert (error.status, error.request_id, error.code) == (status, "req_7", code or "t")
    assert str(error) == f"{error.message} (HTTP {status}, req_7)"
    assert error.advice
    assert error.reached_server


def test_a_code_may_hide_in_the_type() -> None:
    assert type(failure(error_answer(429, "no", code=None, type="insufficient_quota"))) is QuotaExceeded


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":"plain words"}', "plain words"),
        (b'{"detail":"Not Found"}', "Not Found"),
        (b'{"message":"no Route matched"}', "no Route matched"),
        (b'{"error":{"message":"","detail":"inner"}}', "inner"),
        (b'{"error":{"message":{"a":1}}}', "{'a': 1}"),
        (b'{"error":null,"message":"second"}', "second"),
        (b'{"error":"","detail":"","message":"third"}', "third"),
        (b'{"detail":[{"loc":["body"],"msg":"field required"},{"msg":"bad"},"raw"]}', "field required; bad; raw"),
        (b'{"code":20015,"message":"purpose needed","data":null}', "purpose needed"),
        (b'"just a text"', "just a text"),
        (b"upstream connect error", "upstream connect error"),
        (b"  two\r\n lines\t here ", "two lines here"),
        (b"<html><head><style>b{c:d}</style><title>502 Bad</title></head><body>\n<p>sorry</p>", "502 Bad sorry"),
        (b"<script>var a = '<b>';</script><h1>Oops", "Oops"),
        (b"\xff\xfe broken", "\ufffd\ufffd broken"),
        (b'{"error":{"message":"bad \\u001b[31mred\\u0007 \\u202e"}}', "bad \u241b[31mred\u2407 \\u202e"),
        (b'{"error":', '{"error":'),
        (b"[1,2]", "[1,2]"),
        (b"{}", "{}"),
        (b"<p></p>", "the server answered with status 400 and no explanation"),
        (b"", "the server answered with status 400 and no explanation"),
    ],
)
def test_every_shape_of_an_error_body(body: bytes, message: str) -> None:
    error = failure(answer(400, body, {"content-type": "text/html"}))
    assert type(error) is Refused
    assert error.message == message


def test_a_long_message_is_cut() -> None:
    error = failure(error_answer(500, "long " * 100_000))
    assert 100 < len(error.message) <= 300


def test_an_error_body_that_is_cut_still_tells_its_status() -> None:
    error = failure([answer(404, b"<p>no such file", {"content-length": "999"}), CLOSE])
    assert type(error) is NotFound
    assert error.message == "no such file"


def test_a_rate_limit_says_how_long_to_wait() -> None:
    assert "45 s" in failure(error_answer(429, headers={"retry-after": "45"})).advice
    assert "1 s" in failure(error_answer(429, headers={"retry-after-ms": "20"})).advice


@pytest.mark.parametrize("value", ["inf", "1e999", "nan", "-5", "soon", "9" * 400, "Fri, 99 Foo 2026 99:99:99 GMT"])
@pytest.mark.parametrize("name", ["retry-after", "retry-after-ms"])
def test_an_odd_retry_after_is_no_crash(name: str, value: str) -> None:
    assert type(failure(error_answer(429, headers={name: value}))) is RateLimited


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b"<html><body>Sign in</body></html>", {"content-type": "text/html"}, "got text/html: <html><body>Sign in"),
        (b'{"id": "file-1", "byt', {"content-type": "application/json"}, "got application/json"),
        (b"\x1b]0;owned\x07", {}, "got no type: \u241b]0;owned\u2407"),
        (b"[" * 100_000, {}, "expected JSON"),
        (b'{"a":' * 100_000, {}, "expected JSON"),
    ],
)
def test_200_without_json_is_unreadable(body: bytes, headers: dict[str, str], words: str) -> None:
    error = failure(answer(200, body, {"x-request-id": "r", **headers}))
    assert type(error) is Unreadable
    assert words in error.message
    assert (error.status, error.request_id) == (200, "r")
    assert error.message.isprintable()


def test_a_huge_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure(answer(200, b" " * (2 << 20)))
    assert type(error) is Unreadable
    assert "far larger" in error.message


def test_an_answer_that_drips_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.wire.ANSWER_SECONDS", 0.05)
    whole = json_answer({"id": "x"})
    cut: list[list[Step]] = [[whole[:-1], threading.Event()], [whole[:9], threading.Event()]]
    for steps in cut:
        error = failure(steps)
        assert type(error) is TimedOut
        assert "did not end in time" in error.message


@pytest.mark.parametrize(
    "reply",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\n\x00: y\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 999 \xff\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 300 Many\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 None\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_hardly_http_is_an_api_error(reply: bytes) -> None:
    assert failure([reply, CLOSE]).message.isprintable()


LOCATIONS = [
    b"",
    b"http://",
    b"http:///x",
    b"//",
    b"http://[::1",
    b"http://127.0.0.1:99999/",
    b"http://127.0.0.1:0/",
    b"http://127.0.0.1:x/",
    b"http://a..b/",
    b"http://" + b"a" * 70 + b"/",
    b"http://xn--a/",
    b"http://xn--zzzzzzzzz99999/",
    b"http://\xff\xfe/",
    b"ftp://127.0.0.1/",
    b"file:///etc/passwd",
    b"javascript:alert(1)",
    b"data:,x",
    b"http://127.0.0.1:1/\x7f\t",
    b"/" * 70_000,
    b"x:y",
]


@pytest.mark.parametrize("location", LOCATIONS, ids=lambda location: location[:30].decode("latin-1"))
def test_a_redirect_to_nowhere_is_an_api_error(location: bytes) -> None:
    def reply(request: Received) -> Reply:
        return b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"

    with serving(reply) as server, client_to(server) as client, pytest.raises(ApiError) as caught:
        client.retrieve("x")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "base", ["http://a..b/v1", "http://" + "a" * 70 + "/v1", "http://127.0.0.1:1/v1", "http://xn--a/v1"]
)
def test_a_base_url_that_leads_nowhere_is_an_api_error(base: str) -> None:
    with serving([]) as server, client_to(server, base_url=base) as client, pytest.raises(ApiError):
        client.list_page(limit=1)


def odd_value(dice: random.Random, depth: int = 0) -> object:
    plain: list[object] = [None, True, False, 0, -1, 1.5, "", "x", "\x1b[2J", "\u202e", "é" * 400, 10**25, [], {}]
    if depth > 3 or dice.random() < 0.4:
        return dice.choice(plain)
    keys = ["error", "detail", "message", "code", "type", "data", "id", "has_more", "deleted", "msg", "status"]
    if dice.random() < 0.3:
        return [odd_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {dice.choice(keys): odd_value(dice, depth + 1) for _ in range(dice.randrange(5))}


def odd_body(dice: random.Random) -> bytes:
    text = json.dumps(odd_value(dice)).encode()
    kind = dice.randrange(7)
    if kind == 0:
        return dice.randbytes(dice.randrange(300))
    if kind == 1:
        return text[: dice.randrange(len(text) + 1)]
    if kind == 2:
        return b"<html>" + dice.choice([b"<", b"<script", b"<style><", b"</", b"&<b>", b"\r\n"]) * 8_000
    if kind == 3:
        return b'{"error":{"message":' + b"[" * dice.randrange(700) + text
    if kind == 4:
        return b'{"error":{"message":' + b"9" * dice.choice([30, 4_000, 5_000]) + b"}}"
    return text


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_is_an_api_error_or_an_answer(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    path = tmp_path / "a"
    path.write_bytes(b"abc")

    def reply(request: Received) -> Reply:
        status = dice.choice([200, 201, 202, 299, 300, 302, 304, 400, 401, 404, 409, 413, 422, 429, 500, 503, 599, 999])
        headers = {}
        if dice.random() < 0.3:
            headers["location"] = dice.choice(LOCATIONS).decode("latin-1")
        if dice.random() < 0.1:
            headers["content-encoding"] = dice.choice(["gzip", "deflate", "br", "odd"])
        return answer(status, b"" if status == 304 else odd_body(dice), headers)

    calls: list[Callable[[FilesClient], object]] = [
        lambda client: client.list_page(limit=3),
        lambda client: client.retrieve("x"),
        lambda client: client.delete("x"),
        lambda client: client.upload(path, name="a", purpose="b"),
        content_of,
    ]
    failures: list[ApiError] = []
    with serving(reply) as server, client_to(server) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr("files_tui.api.lost.PAUSES", (0.0,))
        for _ in range(60):
            try:
                dice.choice(calls)(client)
            except ApiError as error:
                failures.append(error)
    assert len(failures) > 30
    for failed in failures:
        assert str(failed).isprintable()
        assert len(str(failed)) < 1000
        assert failed.advice


def content_of(client: FilesClient) -> bytes:
    with client.content("x", abort=Abort()) as content:
        return b"".join(content.chunks)


def test_the_cause_of_a_refused_connection_is_named() -> None:
    with serving([], listening=False) as server, client_to(server) as client:
        with pytest.raises(ConnectionFailed, match="no connection: ") as caught:
            client.list_page(limit=1)
        assert caught.value.reached_server is False
        assert caught.value.status is None


def test_a_header_beyond_ascii_is_no_crash() -> None:
    with serving([json_answer([])]) as server, client_to(server, organization="Zürich") as client:
        client.list_page(limit=1)
    assert server.requests[0].headers["openai-organization"].encode("latin-1").decode() == "Zürich"
