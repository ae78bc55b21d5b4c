"""The key appears on the wire and nowhere else."""

import copy
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from files_tui.api import retry
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, ApiError, SourceChanged
from files_tui.api.models import Exchange
from tests.wire import CLOSE, KEY, RESET, Reply, Take, answer, client_to, error_answer, json_answer, serving


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))


def everything_shown(error: BaseException) -> str:
    """A crash report as full as Python makes it, of the error and of all that led to it."""
    shown = []
    seen: BaseException | None = error
    while seen is not None:
        report = traceback.TracebackException.from_exception(seen, capture_locals=True)
        shown += [*report.format(), repr(seen), str(seen), repr(vars(seen))]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(shown)


def download(client: FilesClient) -> None:
    with client.content("x", abort=Abort()) as content:
        list(content.chunks)


def upload(client: FilesClient, path: Path, on_bytes: Callable[[int], None] = lambda count: None) -> None:
    client.upload(path, name="a", purpose="b", on_bytes=on_bytes)


@pytest.mark.parametrize("auth", ["bearer", "api-key"])
@pytest.mark.parametrize("call", ["list", "delete", "download", "upload"])
@pytest.mark.parametrize(
    "reply",
    [
        error_answer(401, "Incorrect API key provided: sk-…"),
        error_answer(500),
        answer(200, b"<html>"),
        answer(302, headers={"location": "http://127.0.0.1:1/"}),
        answer(302, headers={"location": "http://a..b/"}),
        [CLOSE],
        [RESET],
        [Take()],
        [b"nonsense\r\n\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", CLOSE],
    ],
)
def test_no_failure_shows_the_key(
    auth: str, call: str, reply: Reply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reply == [Take()]:
        for module in ("wire", "client"):
            monkeypatch.setattr(f"files_tui.api.{module}.SILENCE_SECONDS", 0.05)
    path = tmp_path / "a"
    path.write_bytes(b"x")
    log: list[Exchange] = []
    calls: dict[str, Callable[[FilesClient], object]] = {
        "list": lambda client: client.list_page(limit=1),
        "delete": lambda client: client.delete("x"),
        "download": download,
        "upload": lambda client: upload(client, path),
    }
    with serving(lambda request: reply) as server, client_to(server, log.append, auth=auth) as client:
        try:
            calls[call](client)
        except ApiError as error:
            shown = everything_shown(error)
        else:
            shown = "no failure"
        server.arrived()
    assert "list_page" in shown or call != "list"
    assert KEY not in shown
    assert KEY not in repr(log)
    assert log
    sent = server.requests[0].headers
    assert KEY in (sent.get("authorization", "") + sent.get("api-key", ""))


@pytest.mark.parametrize("auth", ["bearer", "api-key"])
def test_no_failure_of_this_side_shows_the_key(auth: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")

    def changing(count: int) -> None:
        path.write_bytes(b"longer")

    def failing(count: int) -> None:
        raise RuntimeError("of the caller")

    def cancelling(count: int) -> None:
        raise Aborted

    for on_bytes, kind in ((changing, SourceChanged), (failing, RuntimeError), (cancelling, Aborted)):
        with serving([]) as server, client_to(server, auth=auth) as client, pytest.raises(kind) as caught:
            upload(client, path, on_bytes)
        assert "on_bytes" in everything_shown(caught.value)
        assert KEY not in everything_shown(caught.value)


def test_nothing_that_is_printed_shows_the_key() -> None:
    log: list[Exchange] = []
    with serving([json_answer({"id": "x"})]) as server, client_to(server, log.append) as client:
        answered = client.retrieve("x")
        things = [
            client,
            client.account,
            client.account.key,
            client._wire,
            vars(client),
            vars(client._wire),
            answered,
            log,
        ]
        for thing in things:
            assert KEY not in f"{thing!r} {thing!s}"
        with pytest.raises(TypeError):
            pickle.dumps(client.account)
        with pytest.raises(TypeError):
            copy.deepcopy(client.account.key)


@pytest.mark.parametrize(
    "reply",
    [
        error_answer(401, f"Incorrect API key provided: {KEY}"),
        answer(502, f"<html>Authorization: Bearer {KEY}</html>".encode()),
        answer(200, f"hello {KEY}".encode()),
        answer(302, headers={"location": f"http://127.0.0.1:1/{KEY}"}),
        answer(401, "".join(f"\\u{ord(char):04x}" for char in KEY).join(('"', '"')).encode()),
        error_answer(401, headers={"x-request-id": f"{'r' * 70}{KEY}"}),
        answer(200, b"hello", {"content-type": f"text/{KEY}"}),
        [f"HTTP/1.1 {KEY}\r\n\r\n".encode(), CLOSE],
    ],
)
def test_a_key_that_the_server_repeats_is_taken_out(reply: Reply) -> None:
    log: list[Exchange] = []
    with serving([reply]) as server, client_to(server, log.append) as client, pytest.raises(ApiError) as caught:
        client.delete("x", retry=False)
    assert "[key]" in str(caught.value) or "[secret]" in str(caught.value)
    assert KEY[:8] not in str(caught.value) + repr(log)


HEADER, QUERY = "gateway-0123456789", "que/ry 0123456789"


@pytest.mark.parametrize("secret", [KEY, HEADER, QUERY, "que%2Fry%200123456789", "que%2Fry+0123456789"])
def test_no_secret_of_the_account_is_shown_when_the_server_repeats_it(secret: str) -> None:
    log: list[Exchange] = []
    replies = [
        error_answer(400, f"no {secret} here"),
        answer(502, f"<p>{secret}</p>".encode()),
        answer(307, headers={"location": f"http://127.0.0.1:1/{secret.replace(' ', '%20')}/files?code={QUERY[:3]}"}),
        answer(307, headers={"location": "http://127.0.0.1:1/files?code=que%2Fry%200123456789"}),
    ]
    account: dict[str, Any] = {"headers": {"X-Gateway": HEADER}, "query": {"code": QUERY}}
    with serving(replies) as server, client_to(server, log.append, **account) as client:
        for _ in replies:
            with pytest.raises(ApiError) as caught:
                client.retrieve("x")
            assert secret not in str(caught.value)
            assert "0123456789" not in str(caught.value)
    assert "0123456789" not in repr(log)
