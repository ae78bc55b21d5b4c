"""`files-tui delete`: only what was meant, after a question, and only from a Files API."""

from __future__ import annotations

import os
import pty
import threading
from collections.abc import Callable

import pytest

from tests.commands import Command, Done
from tests.store_server import Store
from tests.wire import Received, error_answer, serving

Ask = Callable[..., tuple[Done, str]]


@pytest.fixture
def store() -> Store:
    """Twelve files."""
    store = Store()
    for number in range(12):
        store.add(f"name-{number}\x1b", b"x")
    return store


@pytest.fixture
def ask(command: Command, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command beside a terminal on which someone answers the question, and has typed `ahead` before it."""

    def asked(base_url: str, answer: str, *words: str, ahead: str = "", stdin: str = "") -> tuple[Done, str]:
        ours, theirs = pty.openpty()
        monkeypatch.setattr("files_tui.cli.deletes.TERMINAL", os.ttyname(theirs))
        os.write(ours, ahead.encode())
        shown = b""

        def person() -> None:
            nonlocal shown
            while b"anything else to keep: " not in shown:
                shown += os.read(ours, 4096)
            os.write(ours, answer.encode())

        thread = threading.Thread(target=person, daemon=True)
        thread.start()
        try:
            done = command(base_url, "delete", *words, stdin=stdin)
            thread.join(10)
        finally:
            os.close(theirs)
            os.close(ours)
        return done, shown.decode()

    return asked


def test_a_question_names_account_number_and_names(ask: Ask, store: Store) -> None:
    with serving(store) as server:
        done, shown = ask(server.base_url, "\n", "file-1", "file-2", "nope", ahead="y\n")
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
        assert f"Delete 3 files from {host} · default:" in shown
        assert "file-1  name-0␛  1 B" in shown
        assert "nope  No such File object: nope" in shown
        assert "\x1b" not in shown
        assert (done.code, done.out, done.said) == (1, "", ["nothing was deleted"])
        assert len(store.files) == 12
        done, _ = ask(server.base_url, "Y\n", "-", "file-1", stdin="file-2\tready\t1\nfile-1\n")
        assert (done.code, sorted(done.lines), done.err) == (0, ["file-1", "file-2"], "")
        assert len(store.files) == 10


def test_for_more_than_ten_the_number_is_typed(ask: Ask, store: Store) -> None:
    ids = list(store.files)[:11]
    with serving(store) as server:
        assert ask(server.base_url, "y\n", *ids)[0].code == 1
        assert len(store.files) == 12
        assert ask(server.base_url, "11\n", *ids)[0].code == 0
        assert list(store.files) == ["file-12"]


def test_without_a_terminal_only_yes_deletes(command: Command, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.cli.deletes.TERMINAL", "/dev/no-terminal")
    with serving(store) as server:
        done = command(server.base_url, "delete", "file-1")
        assert (done.code, done.out, done.said) == (
            2,
            "",
            ["no terminal to ask on: --yes deletes without a question"],
        )
        done = command(server.base_url, "delete", "--yes", "--read-only", "file-1")
        assert (done.code, done.said) == (2, ["this session is read-only: nothing was sent"])
        for bad in ('["file-1"]', '"file-1"', "[\n{", "two ids", "two\x1cids", "two\u2028ids"):
            done = command(server.base_url, "delete", "--yes", "-", stdin=f"file-1\n{bad}\n")
            assert (done.code, done.said[0][:36]) == (2, "line 2 of standard input is no id: " + bad[0])
        assert not server.requests
        done = command(server.base_url, "delete", "--yes", "-")
        assert (done.code, done.out, done.err) == (0, "", "")
        assert not server.requests
        done = command(server.base_url, "delete", "--yes", "--json", "file-1", "nope", "file-1")
        assert done.code == 0
        assert sorted(done.objects, key=str) == [
            {"id": "file-1", "outcome": "deleted"},
            {"id": "nope", "outcome": "already gone"},
        ]


def test_the_others_go_where_one_is_kept(command: Command, store: Store) -> None:
    def refuse(request: Received) -> bytes | None:
        words = f"{request.method} {request.target}"
        return error_answer(409, "in use") if words == "DELETE /v1/files/file-2" else None

    store.before = refuse
    with serving(store) as server:
        done = command(server.base_url, "delete", "--yes", "file-1", "file-2", "file-3")
    assert (done.code, sorted(done.lines)) == (1, ["file-1", "file-3"])
    assert done.said == ["file-2: in use (HTTP 409). The server refused it; its message says why."]


def test_nothing_is_deleted_from_what_is_no_files_api(command: Command) -> None:
    with serving(lambda _: error_answer(404, "no such page")) as server:
        done = command(server.base_url, "delete", "--yes", "file-1")
        assert {request.method for request in server.requests} == {"GET"}
    assert (done.code, done.out) == (1, "")
    assert "this server has not shown itself to be a Files API" in done.said[0]
