"""What every test runs under, and the servers that many of them share."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests.demo_server import LIVE, running_demo

# The suite tries the same few examples everywhere. A long search is one command, with as many as there is time for:
#     HYPOTHESIS_PROFILE=long FUZZ_EXAMPLES=100000 python -m pytest tests/test_fuzz_*.py
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / f"files-tui-hypothesis-{os.getuid()}")  # not in the repository
_alike = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("suite", _alike, max_examples=150, derandomize=True)
settings.register_profile("long", _alike, max_examples=int(os.environ.get("FUZZ_EXAMPLES", "20000")))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_collection_finish() -> None:
    """As seldom as the program itself looks for garbage: the heap of a test run is large, and full of what stays."""
    gc.set_threshold(200_000, 20, 20)


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
