"""Reports of errors that are hard to describe."""

import stat
from pathlib import Path
from typing import NoReturn

import pytest

from files_tui import crash


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.crash.state_dir", lambda: tmp_path / "state")


class Unwilling:
    """Neither shown nor counted."""

    def __repr__(self) -> NoReturn:
        raise SystemExit("never")

    def __len__(self) -> NoReturn:
        raise RuntimeError("never")


class Wordless(Exception):
    def __str__(self) -> NoReturn:
        raise RuntimeError("never")


def raised(error: BaseException) -> BaseException:
    """The error with a traceback, and locals that are hard to show."""
    unwilling, huge = Unwilling(), "x" * 10**6
    try:
        raise error
    except BaseException as caught:
        assert unwilling is not None
        assert huge
        return caught


def test_what_cannot_be_shown_is_named() -> None:
    words = crash.noted(raised(ValueError("no")))
    assert words.startswith("ValueError: no; the report is ")
    report = Path(words.rpartition(" ")[2]).read_text()
    assert "unwilling = <Unwilling that cannot be shown" in report
    assert "huge = <str of 1000000>" in report


def test_an_error_without_words() -> None:
    assert crash.noted(raised(Wordless())).startswith("Wordless; the report is ")


def test_a_long_chain_of_errors() -> None:
    error: BaseException = ValueError("first")
    for number in range(3000):
        after = ValueError(str(number))
        after.__context__ = error
        error = after
    assert crash.noted(error).startswith("ValueError: 2999; ")


def test_the_working_folder_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PWD", "/a/folder/of/mine")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent.socket")
    monkeypatch.setenv("MYSQL_PWD", "hidden-0123")
    monkeypatch.setenv("DATABASE", "postgres://me:hidden-4567@db/x")
    found = crash.secrets()
    assert not {"/a/folder/of/mine", "/tmp/agent.socket"} & set(found)
    assert {"hidden-0123", "hidden-4567"} <= set(found)


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    for _ in range(crash.KEPT + 3):
        crash.write_report(raised(ValueError("no")))
    reports = list((tmp_path / "state").iterdir())
    assert len(reports) == crash.KEPT
    assert {stat.S_IMODE(report.stat().st_mode) for report in reports} == {0o600}
