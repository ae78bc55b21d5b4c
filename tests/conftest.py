"""What every test runs under, and the servers that many of them share."""

import gc
from collections.abc import Iterator

import pytest

from tests.demo_server import LIVE, running_demo


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
