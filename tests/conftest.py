"""What every test runs under, and the servers that many of them share."""

import gc
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.commands import Command
from tests.demo_server import LIVE, running_demo

# The suite tries the same few examples everywhere. A long search is one command, with as many as there is time for:
#     HYPOTHESIS_PROFILE=long FUZZ_EXAMPLES=100000 python -m pytest tests/test_fuzz_*.py
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / f"files-tui-hypothesis-{os.getuid()}")  # not in the repository
_ALIKE: dict[str, Any] = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("suite", max_examples=100, derandomize=True, **_ALIKE)
settings.register_profile("long", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "20000")), **_ALIKE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_collection_finish() -> None:
    """As seldom as the program itself looks for garbage, and never at the modules and tests, which all stay."""
    gc.set_threshold(200_000, 20, 20)
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A name that is the same in every process, also for an answer that holds a time."""
    return argname if isinstance(val, bytes) and len(val) > 40 else None


@pytest.fixture(scope="session")
def samples() -> Iterator[str]:
    """The sample files; for tests that only read."""
    with running_demo(*LIVE) as base_url:
        yield base_url


@pytest.fixture(scope="session")
def hundred() -> Iterator[str]:
    """A hundred files of one kind and another; for tests that only read."""
    with running_demo("--bulk", "100") as base_url:
        yield base_url


@pytest.fixture(scope="session")
def shared_empty() -> Iterator[str]:
    with running_demo("--empty", *LIVE) as base_url:
        yield base_url


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 and files.test, in one file."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    options = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [
            openssl,
            *options.split(),
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:files.test",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


@pytest.fixture
def tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, whose certificate the environment tells to trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Runs a command of the program in this process; see `tests.commands`."""
    return Command(tmp_path, monkeypatch, capfdbinary)
