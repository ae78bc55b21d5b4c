"""Whose certificates are believed, and what a proxy sees."""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from files_tui.api import retry
from files_tui.api.errors import ConnectionFailed
from tests.wire import CLOSE, KEY, answer, client_to, page_answer, serving


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
        with pytest.raises(ConnectionFailed, match="certificate verify failed"):
            client.list_page(limit=1)
        assert server.requests == []


@pytest.mark.parametrize("file", ["nowhere.pem", "empty.pem"])
def test_a_file_of_certificates_that_holds_none_is_named(
    tls: ssl.SSLContext, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / file))
    with serving([], tls=tls) as server, client_to(server) as client:
        with pytest.raises(ConnectionFailed, match=f"no certificates in SSL_CERT_FILE .*{file}"):
            client.list_page(limit=1)
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
