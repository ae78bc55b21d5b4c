"""The file of a journal: who may read it, and what becomes of one that is no use."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui.settings import Account, Secret
from files_tui.transfers import journal as room
from files_tui.transfers.journal import Journal, journal_path, open_journal
from tests.queues import bench, deleting
from tests.test_transfers_journal import written
from tests.wire import error_answer, serving

ACCOUNT = Account(base_url="https://h.example/v1", key=Secret("sk-0123456789abcdef"))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(room, "state_dir", lambda: tmp_path / "state")
    return tmp_path / "state"


def test_nobody_else_may_read_it(state: Path) -> None:
    old = os.umask(0)
    try:
        journal, note = open_journal(ACCOUNT, keep=True)
        written(journal, deleting("a"))
    finally:
        os.umask(old)
    assert note is None
    assert {file.stat().st_mode & 0o777 for file in state.iterdir()} == {0o600}
    assert state.stat().st_mode & 0o777 == 0o700
    journal.close()


def test_each_account_has_a_journal_of_its_own(state: Path) -> None:
    other = Account(base_url=ACCOUNT.base_url, key=Secret("sk-another"))
    assert journal_path(ACCOUNT) == journal_path(ACCOUNT) != journal_path(other)


def spoilt(path: Path) -> None:
    path.write_bytes(b"this is no database, but it is long enough for one." * 200)


def cut(path: Path) -> None:
    Journal(path).close()
    content = path.read_bytes()
    path.write_bytes(b"\xff" * 100 + content[100:])


@pytest.mark.parametrize("damage", [spoilt, cut])
def test_a_damaged_file_is_set_aside(damage: Callable[[Path], None], state: Path) -> None:
    path = journal_path(ACCOUNT)
    damage(path)
    content = path.read_bytes()
    journal, note = open_journal(ACCOUNT, keep=True)
    aside = path.with_suffix(".aside")
    assert note == f"the list of interrupted transfers was damaged and is set aside as {aside.name}"
    assert aside.read_bytes() == content
    written(journal, deleting("a"))
    journal.close()
    journal, note = open_journal(ACCOUNT, keep=True)
    assert (note, [job.title for job in journal.left_over()]) == (None, ["a.txt"])
    journal.close()


def test_a_file_of_a_newer_program_is_left_alone(state: Path) -> None:
    path = journal_path(ACCOUNT)
    base = sqlite3.connect(path)
    base.execute("pragma user_version = 9")
    base.close()
    journal, note = open_journal(ACCOUNT, keep=True)
    assert note == "transfers cannot be gone on with after a crash: it is of version 9"
    written(journal, deleting("a"))
    assert journal.left_over() == []
    journal.close()
    base = sqlite3.connect(path)
    assert base.execute("select count(*) from sqlite_master").fetchone() == (0,)
    base.close()


def test_where_nothing_can_be_written_it_ends_with_the_program(state: Path) -> None:
    state.write_text("this is no folder")
    journal, note = open_journal(ACCOUNT, keep=True)
    assert note == "transfers cannot be gone on with after a crash: File exists"
    with serving(lambda _: error_answer(400)) as server, bench(server.base_url) as on:
        assert on.run(deleting("a")).state == "failed"
    journal.close()


def test_what_is_not_to_be_kept_leaves_nothing(state: Path) -> None:
    journal, note = open_journal(ACCOUNT, keep=False)
    written(journal, deleting("a"))
    assert (note, journal.left_over(), state.exists()) == (None, [], False)
    journal.close()
