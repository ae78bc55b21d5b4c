"""Whose certificates are believed, and what a proxy sees."""

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.api import retry
from files_tui.api.errors import ConnectionFailed
from tests.waiting import until
from tests.wire import CLOSE, KEY, Doing, Received, Reply, Take, answer, client_to, json_answer, page_answer, serving


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)


@pytest.fixture
def everywhere_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads to this machine."""
    real = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)


def test_a_certificate_that_is_trusted_by_the_environment(tls: ssl.SSLContext) -> None:
    with serving([page_answer()], tls=tls) as server, client_to(server) as client:
        client.list_page(limit=1)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_folder_of_trusted_certificates(
    tls: ssl.SSLContext, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with serving([], tls=tls) as server, client_to(server) as client:
        with pytest.raises(ConnectionFailed, match="certificate verify failed") as caught:
            client.list_page(limit=1)
        assert "SSL_CERT_FILE" in caught.value.advice
        assert caught.value.should_retry == "false"
        assert server.requests == []


@pytest.mark.parametrize("file", ["nowhere.pem", "empty.pem"])
def test_a_file_of_certificates_that_holds_none_is_named(
    tls: ssl.SSLContext, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / file))
    with serving([], tls=tls) as server, client_to(server) as client:
        with pytest.raises(
            ConnectionFailed, match=f"no connection: no certificates in SSL_CERT_FILE .*{file}"
        ) as caught:
            client.list_page(limit=1)
        assert "unset" in caught.value.advice
        assert server.requests == []


def test_a_folder_of_certificates_that_is_none_is_named(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    with (
        serving([], tls=tls) as server,
        client_to(server) as client,
        pytest.raises(ConnectionFailed, match="SSL_CERT_DIR is no folder: /nowhere"),
    ):
        client.list_page(limit=1)


@pytest.mark.usefixtures("everywhere_here")
def test_a_certificate_of_another_host_is_refused(tls: ssl.SSLContext) -> None:
    with serving([], tls=tls) as server:
        elsewhere = server.base_url.replace("127.0.0.1", "elsewhere.test")
        with client_to(server, base_url=elsewhere) as client, pytest.raises(ConnectionFailed, match="verify failed"):
            client.list_page(limit=1)
        assert server.requests == []


def test_a_proxy_is_asked_for_a_tunnel_and_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([[answer(403), CLOSE]]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url.removesuffix("/v1"))
        with client_to(proxy, base_url="https://files.test/v1") as client, pytest.raises(ConnectionFailed):
            client.list_page(limit=1)
    (request,) = proxy.requests
    assert (request.method, request.target) == ("CONNECT", "files.test:443")
    assert KEY not in repr(request)


def test_a_proxy_for_plain_http_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([page_answer()]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        with client_to(proxy, base_url="http://files.test/v1") as client:
            client.list_page(limit=1)
    (request,) = proxy.requests
    assert request.target.startswith("http://files.test/v1/files?")
    assert KEY not in repr(request)


def test_a_host_that_needs_no_proxy(monkeypatch: pytest.MonkeyPatch, everywhere_here: None) -> None:
    with serving([]) as proxy, serving([page_answer()]) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", "files.test")
        with client_to(server, base_url=server.base_url.replace("127.0.0.1", "files.test")) as client:
            client.list_page(limit=1)
    assert proxy.requests == []


def test_this_machine_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving([]) as proxy, serving([page_answer()]) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.base_url.removesuffix("/v1"))
        with client_to(server) as client:
            client.list_page(limit=1)
    assert proxy.requests == []


@contextlib.contextmanager
def tunnel(port: int) -> Iterator[str]:
    """The address of a proxy that leads every tunnel to a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = [listener]

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with contextlib.suppress(OSError):
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            ends.extend((near, far))
            while b"\r\n\r\n" not in near.recv(65536):
                pass
            near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threads = [threading.Thread(target=pump, args=pair, daemon=True) for pair in ((near, far), (far, near))]
            for thread in threads:
                thread.start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for end in ends:
        end.close()


def test_an_upload_through_a_proxy_takes_as_long_as_it_takes(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline of an answer begins when all has left, and not when the proxy was asked for the way."""
    path, gate = tmp_path / "a", threading.Event()
    path.write_bytes(os.urandom(32 << 20))  # more than the buffers on the way
    reply = json_answer({"id": "x", "filename": "a", "bytes": 32 << 20})

    def handler(request: Received) -> Reply:
        return [gate, Take(), reply]

    with serving(handler, read_body=False, tls=tls) as server, tunnel(int(server.base_url.split(":")[2][:-3])) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy)
        base_url = server.base_url.replace("127.0.0.1", "files.test")
        with client_to(server, base_url=base_url) as client:
            upload = Doing(lambda: client.upload(path, name="a", purpose="b"))
            until(lambda: server.requests)
            assert client._wire._deadlines._due == {}
            gate.set()
            outcome = upload.outcome
    assert not isinstance(outcome, Exception), outcome


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://a:hidden#1@b:3128", "ftp://a:hidden@127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_an_error_with_advice(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with serving([]) as server, client_to(server, base_url="https://files.test/v1") as client:
        for _ in range(2):
            with pytest.raises(ConnectionFailed, match="proxy that the environment names cannot be used") as caught:
                client.list_page(limit=1)
            assert "HTTPS_PROXY" in caught.value.advice
            assert "hidden" not in str(caught.value)
            assert caught.value.should_retry == "false"  # since another try changes nothing


def test_cookies_are_not_kept() -> None:
    replies = [page_answer(headers={"set-cookie": f"c{n}={'x' * 3000}; Path=/"}) for n in range(3)]
    with serving(replies) as server, client_to(server) as client:
        for _ in replies:
            client.list_page(limit=1)
    assert not any("cookie" in request.headers for request in server.requests)
