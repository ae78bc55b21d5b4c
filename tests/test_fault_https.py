"""A server that is reached by https, and sends its clients away from it."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest

from tests.bench.raw_server import certificate
from tests.dialects import OPENAI
from tests.fault_list import OPERATIONS, PAGE
from tests.faults import RESET_DONE, Rule, elsewhere
from tests.operations import hurried, world
from tests.wire import serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    hurried(monkeypatch)
    monkeypatch.setenv("SSL_CERT_FILE", str(made[0]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*made)
    return context


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each != PAGE])
def test_nothing_follows_a_redirect_to_http(operation: str, status: int, tls: ssl.SSLContext, tmp_path: Path) -> None:
    with serving([]) as plain, world(OPENAI, tmp_path, tls) as there:
        away = elsewhere("to http", f"{plain.base_url.removesuffix('/v1')}{{path}}", status)
        told = there.do(operation, lambda route: [Rule(away, route, times=None)])
        assert told.word in ("Refused", "failed")
        assert "redirects" in told.message
        assert plain.connections == 0


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_lost_answer_over_https(operation: str, tls: ssl.SSLContext, tmp_path: Path) -> None:
    with world(OPENAI, tmp_path, tls) as there:
        assert there.do(operation, lambda route: [Rule(RESET_DONE, route)]).is_done
