"""Stopped and continued, the program draws its screen again and answers."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import PROGRAM, Terminal, assert_left_usable, browsing, environment
from tests.wire import Server, page_answer, serving

NAMES = [f"result-{number}.jsonl" for number in range(5)]


@pytest.fixture
def server() -> Iterator[Server]:
    files = [{"id": f"file-{name}", "filename": name, "bytes": 5, "created_at": 9} for name in NAMES]
    with serving(lambda _: page_answer(*files)) as server:
        yield server


def assert_drawn_and_alive(terminal: Terminal, start: int) -> None:
    """All that the screen shows was drawn behind `start`, and keys change it."""
    for name in NAMES:
        terminal.wait_fresh(name, start)
    terminal.wait_fresh("copy id", start)
    terminal.wait_raw(b"\x1b[?1049h", start)
    terminal.wait_raw(b"\x1b[?25l", start)
    terminal.keys("space")
    terminal.wait_for("1 marked")
    terminal.keys("esc")
    terminal.wait_gone("1 marked")


BASH = ["bash", "--norc", "--noprofile", "-i"]


@contextlib.contextmanager
def in_a_shell(folder: Path, server: Server, line: str, shell: list[str] = BASH) -> Iterator[Terminal]:
    """A shell that runs a line, up to the first picture of the program in it."""
    environ = environment(folder, OPENAI_BASE_URL=server.base_url, PS1="ready> ", HISTFILE="/dev/null")
    with Terminal(shell, environ) as terminal:
        terminal.wait_for("ready>")
        terminal.send(f"{line}\r")
        terminal.wait_for("5 files ·")
        yield terminal


@pytest.mark.parametrize("shell", [BASH, ["sh", "-i"]])
@pytest.mark.parametrize("how", ["key", "signal"])
def test_stop_and_fg_in_a_shell(tmp_path: Path, server: Server, shell: list[str], how: str) -> None:
    with in_a_shell(tmp_path, server, " ".join(PROGRAM), shell) as terminal:
        terminal.keys("j")
        for _ in range(2):
            start = terminal.mark
            if how == "key":
                terminal.keys("ctrl+z")
            else:
                os.killpg(terminal.foreground, signal.SIGTSTP)
            terminal.wait_raw(b"ready> ", start)
            assert b"\x1b[?1049l" in terminal.raw[start:]
            assert b"\x1b[?1000l" in terminal.raw[start:]
            assert b"\x1b[?25h" in terminal.raw[start:]
            terminal.send("echo $((6 * 7))\r")
            terminal.wait_raw(b"42\r\n", start)
            start = terminal.mark
            terminal.send("fg\r")
            assert_drawn_and_alive(terminal, start)
        start = terminal.mark
        terminal.keys("q")
        terminal.wait_raw(b"ready> ", start)
        terminal.send("echo rc=$?; exit\r")
        terminal.wait_raw(b"rc=0\r\n", start)
        terminal.wait_exit()
        assert_left_usable(terminal)


def test_a_script_stops_with_it_and_so_it_does_in_a_dialog(tmp_path: Path, server: Server) -> None:
    with in_a_shell(tmp_path, server, f"sh -c '{' '.join(PROGRAM)}; echo over'") as terminal:
        terminal.keys("O")
        terminal.wait_for("Open by id")
        start = terminal.mark
        terminal.keys("ctrl+z")
        terminal.wait_raw(b"ready> ", start)
        terminal.send("fg\r")
        terminal.wait_fresh("Open by id", start)
        terminal.keys("esc")
        terminal.wait_gone("Open by id")
        terminal.keys("q")
        terminal.wait_raw(b"over\r\n", start)


def test_it_does_not_stop_where_no_shell_could_go_on_with_it(tmp_path: Path, server: Server) -> None:
    with in_a_shell(tmp_path, server, f"echo chosen=$({' '.join(PROGRAM)} --pick)") as terminal:
        terminal.keys("ctrl+z")
        terminal.wait_for("It is not stopped")
        start = terminal.mark
        terminal.keys("enter")
        terminal.wait_raw(b"chosen=file-result-", start)


def test_sigstop_and_sigcont(tmp_path: Path, server: Server) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for("5 files ·")
        for _ in range(2):
            terminal.signal(signal.SIGSTOP)
            start = terminal.mark
            terminal.signal(signal.SIGCONT)
            assert_drawn_and_alive(terminal, start)
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_left_usable(terminal)
