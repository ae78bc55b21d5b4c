"""`files-tui upload`: every file once, and its id told, whatever happens."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.cli.words import say_failed
from files_tui.settings import state_dir
from tests.commands import Command
from tests.faults import RESET_DONE, RESET_UNDONE, Faulty, Rule
from tests.queues import Clock
from tests.store_server import Kept, Store
from tests.waiting import DEADLINE
from tests.wire import RESET, Handler, Received, Reply, Step, Take, error_answer, serving

CONTENT = b'{"messages": []}\n'
UPLOAD = ("upload", "--purpose", "fine-tune")


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0, 0.0))


def local(command: Command, name: str, content: bytes = CONTENT) -> str:
    """A file in the folder where commands run."""
    (command.folder / name).write_bytes(content)
    return name


def journaled() -> int:
    """How many jobs are kept for the next start."""
    bases = [sqlite3.connect(path) for path in state_dir().glob("*.journal")]
    try:
        return sum(base.execute("select count(*) from jobs").fetchone()[0] for base in bases)
    finally:
        for base in bases:
            base.close()


def test_ids_are_given_and_what_is_there_already_is_pointed_out(command: Command) -> None:
    store = Store()
    there = store.add("b.jsonl", CONTENT)
    names = [local(command, "a.jsonl"), local(command, "b.jsonl")]
    with serving(store) as server:
        done = command(server.base_url, *UPLOAD, "--expires-after", "3d", *names, "./a.jsonl")
        assert (done.code, sorted(done.lines)) == (0, ["file-2", "file-3"])
        assert done.said == [f"b.jsonl: there already under this name and size: {there.id}"]
        assert {(file.purpose, file.expires_after) for file in list(store.files.values())[1:]} == {
            ("fine-tune", "259200")
        }
        done = command(server.base_url, *UPLOAD, "--json", names[0])
        twin = next(file.id for file in store.files.values() if file.filename == "a.jsonl")
    assert (done.code, done.said) == (0, [f"a.jsonl: there already under this name and size: {twin}"])
    assert done.objects == [{"path": "a.jsonl", "id": "file-4", "file": store.files["file-4"].listed()}]
    assert journaled() == 0


def test_nothing_is_sent_unless_all_can_be(command: Command) -> None:
    names = [local(command, "a.jsonl"), local(command, "empty", b""), "\x1b[2Jnone", "."]
    with serving([]) as server:
        done = command(server.base_url, *UPLOAD, *names)
        assert (done.code, done.out) == (2, "")
        assert len(done.said) == 3
        assert all(line.endswith(" Nothing was sent.") for line in done.said)
        assert "\x1b" not in done.err
        done = command(server.base_url, *UPLOAD, "--read-only", names[0])
        assert (done.code, done.said) == (2, ["this session is read-only: nothing was sent"])
        done = command(server.base_url, *UPLOAD, "--expires-after", "31d", names[0])
        assert done.code == 2
        assert "a span from 1h to 30d is wanted" in done.err


def test_a_refused_file_does_not_hold_back_the_others(command: Command) -> None:
    store = Store()
    names = [local(command, name) for name in ("a", "b", "c")]
    refusing = Faulty(store, rules=[Rule(RESET_UNDONE, "POST /files", skip=1)])
    with serving(refusing, read_body=False) as server:
        done = command(server.base_url, *UPLOAD, *names)
    assert done.code == 1
    assert len(done.lines) == len(store.files) == 2
    assert len(done.said) == 1
    assert "the answer was lost" in done.said[0]


def test_a_server_that_lists_nothing_takes_a_file(command: Command) -> None:
    store = Store()
    store.before = lambda request: b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n" if request.method == "GET" else None
    with serving(store) as server:
        assert command(server.base_url, *UPLOAD, local(command, "a"))[:3] == (0, "file-1\n", "")


def test_a_lost_answer_is_looked_for(command: Command) -> None:
    store = Store()
    with serving(Faulty(store, rules=[Rule(RESET_DONE, "POST /files")]), read_body=False) as server:
        done = command(server.base_url, *UPLOAD, local(command, "a"))
    assert (done.code, done.lines, len(store.files)) == (0, ["file-1"], 1)
    assert done.said == ["a: the answer was lost, and the file was found on the server."]


def test_what_became_of_an_upload_is_found_by_the_same_command(command: Command) -> None:
    """As long as the list lags, nobody knows whether it arrived; sent again, there would be two of it."""
    store, hidden = Store(), Store()

    def lost(request: Received, reply: bytes) -> Reply:
        return [RESET] if request.method == "POST" else reply

    store.after = lost
    name = local(command, "a")
    with serving(lambda request: store(request) if request.method == "POST" else hidden(request)) as server:
        done = command(server.base_url, *UPLOAD, name)
        assert (done.code, done.out, len(done.said)) == (1, "", 1)
        assert "Look for the file in the list" in done.said[0]
        assert journaled() == 1
        hidden.files = store.files
        done = command(server.base_url, *UPLOAD, name)
    assert (done.code, done.lines, len(store.files)) == (0, ["file-1"], 1)
    assert done.said[0] == "a: an earlier upload of it was cut off, and is gone on with"
    assert journaled() == 0


def test_a_file_that_changed_since_is_an_upload_of_its_own(command: Command) -> None:
    store, hidden = Store(), Store()
    store.after = lambda request, reply: [RESET]
    name = local(command, "a")
    with serving(lambda request: store(request) if request.method == "POST" else hidden(request)) as server:
        assert command(server.base_url, *UPLOAD, name).code == 1
        store.after = lambda request, reply: reply
        local(command, "a", CONTENT.swapcase())
        later = (command.folder / "a").stat().st_mtime + 100
        os.utime(command.folder / "a", (later, later))
        done = command(server.base_url, *UPLOAD, name)
    assert (done.code, done.lines) == (0, ["file-2"])
    assert store.named("a") == [CONTENT, CONTENT.swapcase()]


def cut_off_by(number: int, store: Store, ended: threading.Event) -> Handler:
    """A handler that sends this process a signal in the middle of an upload's body, and takes the rest at the end."""

    def handler(request: Received) -> Iterator[Step]:
        if request.method == "POST":
            yield Take(1)
            os.kill(os.getpid(), number)
            yield ended  # or the rest could be there before the signal is heard
        yield Take()
        yield store.answer(request)

    return handler


@pytest.mark.parametrize(
    ("number", "kept", "words"),
    [
        (signal.SIGINT, 0, ["a: cancelled."]),
        (signal.SIGTERM, 1, ["a: not ended, and kept", "the same command goes on with what was kept"]),
        (signal.SIGHUP, 1, ["a: not ended, and kept", "the same command goes on with what was kept"]),
    ],
)
def test_a_signal_in_the_middle(
    command: Command,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kept: int,
    words: list[str],
) -> None:
    monkeypatch.setattr("files_tui.transfers.queue.LEAVING_SECONDS", DEADLINE)
    store, ended = Store(), threading.Event()
    name = local(command, "a", b"x" * (8 << 20))
    before = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    request.addfinalizer(lambda: signal.signal(number, before))
    usual = signal.getsignal(number)
    with serving(cut_off_by(number, store, ended), read_body=False) as server:
        done = command(server.base_url, *UPLOAD, name)
        ended.set()
        server.closed()
    assert (done.code, done.out, len(store.files)) == (128 + number, "", 0)
    assert [said[: len(word)] for said, word in zip(done.said, words, strict=True)] == words
    assert signal.getsignal(number) == usual
    assert journaled() == kept


def test_large_files_go_in_parts(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.transfers.jobs.LARGEST_UPLOAD", 10)
    store = Store()
    with serving(store) as server:
        done = command(server.base_url, *UPLOAD, local(command, "big.jsonl"))
    assert (done.code, done.lines, done.err) == (0, ["file-1"], "")
    assert [session.status for session in store.sessions.values()] == ["completed"]
    assert store.named("big.jsonl") == [CONTENT]


def test_a_file_that_arrived_short_is_no_success(command: Command) -> None:
    store = Store()
    store.after = lambda request, reply: reply.replace(b'"bytes": 17', b'"bytes": 16')
    with serving(store) as server:
        done = command(server.base_url, *UPLOAD, local(command, "a"))
    assert (done.code, done.lines) == (1, ["file-1"])
    assert done.said == ["a: the server says that it has 16 B of 17 B."]


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        (
            {"status": "error", "status_details": "line 1\x1b[2J"},
            1,
            "it arrived, and the server calls it failed: line 1␛[2J",
        ),
        ({"expires_at": None}, 0, "the server names no time at which it expires: it may stay for ever"),
    ],
)
@pytest.mark.parametrize("in_parts", [False, True])
def test_a_file_that_is_not_as_wanted_is_told_of(
    command: Command, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], code: int, words: str, in_parts: bool
) -> None:
    if in_parts:
        monkeypatch.setattr("files_tui.transfers.jobs.LARGEST_UPLOAD", 10)
    store = Store()
    monkeypatch.setattr(Kept, "listed", lambda kept, plain=Kept.listed: {**plain(kept), **changes})
    with serving(store) as server:
        done = command(server.base_url, *UPLOAD, "--expires-after", "1d", local(command, "a"))
    assert (done.code, done.lines, done.said) == (code, ["file-1"], [f"a: {words}."])


def test_names_of_files_and_ids_are_shown_safe(command: Command) -> None:
    store = Store(name=lambda number: f"file-\x1b[2J\u202e{number}")
    name = local(command, "a\x1b]0;x\x07\nb")
    store.add(name, CONTENT)
    with serving(store) as server:
        done = command(server.base_url, *UPLOAD, name)
        as_json = command(server.base_url, *UPLOAD, name, "--json")
    assert done.lines == ["file-␛[2J\\u202e2"]
    assert "\x1b" not in done.out + done.err
    assert as_json.objects[0]["id"] == "file-\x1b[2J\u202e3"
    assert Path(as_json.objects[0]["path"]).read_bytes() == CONTENT


def test_what_a_busy_server_puts_off_is_told_and_tried_again(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is still put off when it is told of is said to be, so that no time passes before."""
    clock = Clock(monkeypatch)

    def say_failed_and_go_on(*words: Any) -> None:
        say_failed(*words)
        clock.now += 1

    monkeypatch.setattr("files_tui.cli.moving.say_failed", say_failed_and_go_on)
    store, refusals = Store(), [error_answer(429, "slow down", headers={"retry-after-ms": "50"})]
    store.before = lambda request: refusals.pop() if request.method == "POST" and refusals else None
    with serving(store) as server:
        done = command(server.base_url, *UPLOAD, local(command, "a"))
    assert (done.code, done.lines, len(store.files)) == (0, ["file-1"], 1)
    assert done.said == ["a: slow down (HTTP 429). It is tried again."]
