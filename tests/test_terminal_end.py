"""However the program ends, the terminal is usable, what is half done is remembered or gone, the key shown nowhere."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal import (
    COOKED,
    KEY,
    PROGRAM,
    Terminal,
    assert_left_usable,
    assert_no_secret,
    browsing,
    environment,
)
from tests.wire import Received, Reply, Step, answer, page_answer, serving

FILE = {"id": "file-1", "object": "file", "bytes": 1000, "filename": "big.bin", "purpose": "evals", "created_at": 1}


def slow_download(release: threading.Event) -> Callable[[Received], Reply]:
    """A server with one file whose second half waits."""

    def handler(request: Received) -> Reply:
        if request.target.endswith("/content"):
            return half_and_wait(release)
        return page_answer(FILE)

    return handler


def half_and_wait(release: threading.Event) -> Iterator[Step]:
    """Half a body, and the rest when told."""
    whole = answer(200, bytes(1000))
    yield whole[:-500]
    yield release
    yield whole[-500:]


def start_download(terminal: Terminal, work: Path) -> None:
    """Begin to download the one file and wait until its first half is here."""
    terminal.wait_for("1 file ·")
    terminal.keys("d")
    terminal.wait_for("Download big.bin")
    terminal.keys("enter")
    terminal.wait_for("50 %")
    assert [path.suffix for path in work.iterdir()] == [".part"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_during_a_transfer(tmp_path: Path, number: int) -> None:
    with (
        serving(slow_download(threading.Event())) as server,
        browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal,
    ):
        start_download(terminal, tmp_path / "work")
        terminal.signal(number)
        assert terminal.wait_exit() == 128 + number
        assert_left_usable(terminal)
        assert_no_secret(terminal)
        assert [path.suffix for path in (tmp_path / "work").iterdir()] == [".part"]  # to be gone on with
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_connection_that_breaks_ends_the_program_and_its_server(tmp_path: Path) -> None:
    with browsing(tmp_path, "--demo") as terminal:
        terminal.wait_for("259 files")
        children = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()
        assert len(children) == 1
        terminal.hang_up()
        assert terminal.wait_exit() == 129
        with pytest.raises(ProcessLookupError):
            os.kill(int(children[0]), 0)
    assert not list(tmp_path.rglob("crash-*.txt"))


def test_quitting_asks_while_a_transfer_runs(tmp_path: Path) -> None:
    release = threading.Event()
    with serving(slow_download(release)) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        work = tmp_path / "work"
        start_download(terminal, work)
        terminal.keys("q")
        terminal.wait_for("Quit? 1 transfer has not ended")
        terminal.keys("esc")
        terminal.wait_gone("Quit?")
        assert [path.suffix for path in work.iterdir()] == [".part"]
        terminal.keys("q")
        terminal.wait_for("give them up; nothing half done is left", "esc stays")
        terminal.keys("x")
        assert terminal.wait_exit() == 0
        assert list(work.iterdir()) == []
        assert_left_usable(terminal)


def test_quitting_while_the_server_is_silent(tmp_path: Path) -> None:
    never = threading.Event()
    with serving(lambda _: [never]) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        server.arrived()
        terminal.wait_for("Loading…")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert not never.is_set()
        assert_left_usable(terminal)


def test_ctrl_c_says_how_to_quit(tmp_path: Path) -> None:
    with (
        serving(lambda _: page_answer(FILE)) as server,
        browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal,
    ):
        terminal.wait_for("1 file ·")
        terminal.keys("ctrl+c")
        terminal.wait_for(lambda screen: "quit" in screen)
        terminal.keys("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("arguments", [["--demo"], []])
@pytest.mark.parametrize("missing", ["stdin", "stderr"])
def test_without_a_terminal_it_does_not_start(tmp_path: Path, missing: str, arguments: list[str]) -> None:
    words = tmp_path / "stderr"
    with open(os.devnull) as nothing, open(words, "wb") as stderr:
        given = {"stdin": nothing} if missing == "stdin" else {"stderr": stderr}
        with Terminal([*PROGRAM, *arguments], environment(tmp_path), **given) as terminal:
            assert terminal.wait_exit() == 2
            said = words.read_bytes() or terminal.raw
    assert said.replace(b"\r\n", b"\n") == b"files-tui: a terminal is needed on standard input and standard error\n"


def test_without_a_key_it_says_what_to_set(tmp_path: Path) -> None:
    with Terminal(PROGRAM, {**environment(tmp_path), "OPENAI_API_KEY": ""}) as terminal:
        assert terminal.wait_exit() == 2
        lines = terminal.raw.decode().split("\r\n")
    assert len(lines) == 3
    assert "set OPENAI_API_KEY, or try --demo" in lines[0]
    assert "export OPENAI_API_KEY=" in lines[1]
    assert "files-tui --demo" in lines[1]
    assert lines[2] == ""
    assert b"\x1b" not in terminal.raw


def test_output_to_a_pipe_is_no_hindrance(tmp_path: Path) -> None:
    command = ["sh", "-c", f"'{sys.executable}' -m files_tui > '{tmp_path}/out'"]
    with (
        serving(lambda _: page_answer(FILE)) as server,
        Terminal(command, environment(tmp_path, OPENAI_BASE_URL=server.base_url)) as terminal,
    ):
        terminal.wait_for("1 file ·")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert terminal.modes == COOKED
    assert (tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize("typed", ["xy", "xyyyy", "x\t\t\r", "xY", "x\r"])
def test_keys_typed_before_the_question_is_there_do_not_answer_it(tmp_path: Path, typed: str) -> None:
    """As from a paste without brackets, or on a slow line."""
    with (
        serving(lambda _: page_answer(FILE)) as server,
        browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal,
    ):
        terminal.wait_for("1 file ·", "big.bin")
        terminal.send(typed)
        if typed == "x\r":
            terminal.wait_for("1 file ·", lambda screen: "cannot be undone" not in screen)
        else:
            terminal.wait_for("cannot be undone", "Delete y")
        terminal.keys("n", "q")
        assert terminal.wait_exit() == 0
    assert {request.method for request in server.requests} == {"GET"}
