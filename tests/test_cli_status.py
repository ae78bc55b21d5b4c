"""What a person is told while a command is at work, and that Ctrl-C ends each of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from files_tui.cli import status
from files_tui.cli.status import StatusLine, fitting, width
from files_tui.cli.words import say
from tests.commands import Command
from tests.listings import page
from tests.store_server import Store
from tests.waiting import DEADLINE
from tests.wire import Received, Step, Take, serving


class Drawn:
    """Every piece that was written of the line; `shown` is set when it shows a text."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
        self.pieces: list[str] = []
        self.shown = threading.Event()
        self._wanted = wanted
        monkeypatch.setattr(status, "_write", self._write)
        monkeypatch.setattr(status, "SECONDS", 0.001)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        monkeypatch.setenv("TERM", "xterm")

    def _write(self, sequence: str) -> None:
        self.pieces.append(sequence)
        if self._wanted in sequence:
            self.shown.set()


def test_the_line_gives_way_to_words_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = Drawn(monkeypatch, "43 %")
    with StatusLine(lambda: "43 %"):
        assert drawn.shown.wait(10)
        drawn.shown.clear()
        count = len(drawn.pieces)
        say("a word")
        assert "\r\x1b[K" in drawn.pieces[count : count + 2]
        assert drawn.shown.wait(10), "it comes again behind the words"
    assert drawn.pieces[-1] == "\r\x1b[K"
    assert capsys.readouterr().err == "a word\n"
    assert set(drawn.pieces) == {"\r43 %\x1b[K", "\r\x1b[K"}


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_where_nothing_can_be_drawn_there_is_no_line(monkeypatch: pytest.MonkeyPatch, term: str | None) -> None:
    drawn = Drawn(monkeypatch, "x")
    if term is None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    else:
        monkeypatch.setenv("TERM", term)
    with StatusLine(lambda: "x"):
        assert [thread.name for thread in threading.enumerate() if thread.name == "status line"] == []
    assert drawn.pieces == []


def test_a_line_is_no_longer_than_the_terminal_is_wide() -> None:
    assert fitting("会議.jsonl", 5) == "会議."
    assert fitting("会議.jsonl", 3) == "会"
    assert width("e\u0301會a") == 4


def test_a_silent_server_is_told_of(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.cli.server.LATE", 0.0)
    drawn = Drawn(monkeypatch, "the server has been silent for ")

    def handler(_: Received) -> Iterator[Step]:
        yield drawn.shown
        yield page("a")

    with serving(handler) as server:
        assert command(server.base_url, "list", "--json").code == 0


@pytest.mark.parametrize(
    ("words", "skip"),
    [
        (["list", "--json"], 1),
        (["get", "file-1"], 0),
        (["download", "file-1"], 1),
        (["download", "file-1", "--output", "-"], 1),
        (["delete", "--yes", "file-1"], 1),
    ],
)
def test_ctrl_c_ends_whatever_waits(
    command: Command,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    skip: int,
) -> None:
    monkeypatch.setattr("files_tui.transfers.queue.LEAVING_SECONDS", DEADLINE)
    store = Store()
    store.add("a", b"a")
    count = 0
    struck = threading.Event()

    def strike(*_: object) -> None:
        if not struck.is_set():
            struck.set()
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, strike)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))

    def handler(received: Received) -> Iterator[Step]:
        nonlocal count
        count += 1
        yield Take()
        if count > skip:
            while not struck.wait(0.01):  # one that comes just before the program waits does not end the wait
                os.kill(os.getpid(), signal.SIGINT)
            yield threading.Event()
        yield page("ab", more=True) if words[0] == "list" else store.answer(received)

    with serving(handler, read_body=False) as server:
        done = command(server.base_url, *words)
    assert done.code == 130
    assert os.listdir(command.folder) == []
    if words[0] == "list":
        assert done.out.startswith("[\n")
        assert not done.out.endswith("]\n")
